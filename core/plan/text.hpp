// text.hpp: a plan as people and scripts read it.
#pragma once

#include <iosfwd>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "plan/plan.hpp"

namespace attnlab {

enum class PlanFormat { table, json, csv };
Result<PlanFormat> plan_format(std::string_view word);

// All trials of `plan` with number, id, swept values, and estimates (one a trial, or none at all:
// their columns are left out).
//   table: aligned columns for people, then the totals
//   csv:   the same columns with a header (RFC 4180); counts in full
//   json:  {"name", "description", "n_trials", "swept_paths", "totals": {...}, "trials": [{
//          "number", "id", "swept": {path: value}, "parameters", "flops", "working_bytes",
//          "result_bytes", "settings": complete and resolved}]}
void write_plan(std::ostream& out, const Plan& plan, std::span<const Estimate> estimates,
                PlanFormat format, const Settings& prediction = {});

}  // namespace attnlab
