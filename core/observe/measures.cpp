// measures.cpp: the list of all measures, and which of them a trial takes.
#include <algorithm>

#include "base/nearest.hpp"
#include "observe/measure.hpp"
#include "observe/measure_list.hpp"
#include "observe/measure_names.hpp"

namespace attnlab {

const std::vector<MeasureKind>& measure_kinds() {
  static const std::vector<MeasureKind> kinds = {attention_mass_measure(),  cooccurrence_measure(),
                                                 flow_invariants_measure(), kernel_matrix_measure(),
                                                 jacobian_measure(),        scan_snap_measure(),
                                                 text_attention_measure(),  sharpness_measure()};
  return kinds;
}

Errors unknown_measures(const Settings& trial) {
  const Settings* wanted = find(trial, "record.measures");
  Errors errors;
  if (wanted == nullptr || !wanted->is_array()) return errors;
  std::vector<std::string> names;
  for (const MeasureKind& kind : measure_kinds()) names.push_back(kind.name);
  for (const Settings& name : *wanted) {
    if (std::ranges::find(names, name.get<std::string>()) == names.end()) {
      errors.push_back({"record.measures", "'" + name.get<std::string>() + "' is not a measure",
                        suggestion(name.get<std::string>(), names)});
    }
  }
  return errors;
}

Result<std::vector<const MeasureKind*>> chosen_measures(const MeasureContext& context) {
  std::vector<const MeasureKind*> out;
  const Settings* wanted = find(context.trial, "record.measures");
  const bool automatic = wanted == nullptr || !wanted->is_array();
  for (const MeasureKind& kind : measure_kinds()) {
    const bool named = !automatic && std::any_of(wanted->begin(), wanted->end(),
                                                 [&](const Settings& w) { return w == kind.name; });
    if (automatic ? kind.automatic && kind.unfit(context).empty() : named) out.push_back(&kind);
  }
  if (automatic) return out;
  Errors errors = unknown_measures(context.trial);
  for (const MeasureKind* kind : out) {
    const std::string why = kind->unfit(context);
    if (!why.empty())
      errors.push_back({"record.measures", "'" + kind->name + "' cannot be taken: " + why,
                        "leave it out, or exclude these trials from the sweep"});
  }
  if (!errors.empty()) return errors;
  return out;
}

}  // namespace attnlab
