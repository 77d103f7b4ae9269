// outline_of_plan.cpp: the one place of this room that looks into a Plan.
#include "plan/plan.hpp"
#include "store/outline.hpp"
#include "store/store.hpp"

namespace attnlab {

Outline outline_of(const Plan& plan) {
  const Grid& grid = plan.grid();
  Outline out;
  out.name = grid.name;
  out.description = grid.description;
  out.file = grid.file;
  out.text = grid.text;
  out.folder = grid.folder;
  out.overrides = grid.overrides;
  out.claims = grid.claims;
  out.swept_paths = plan.swept_paths();
  for (Index n = 0; n < plan.size(); ++n) {
    out.ids.push_back(plan.trial(n).id);
    out.swept.push_back(plan.trial(n).swept);
  }
  if (plan.size() > 0) out.first = plan.settings(0);
  return out;
}

Result<RunDirectory> RunDirectory::open(const std::filesystem::path& dir, const Plan& plan,
                                        bool fresh, Share share) {
  return open(dir, outline_of(plan), fresh, share);
}

Result<Done> RunDirectory::may_open(const std::filesystem::path& dir, const Plan& plan) {
  return may_open(dir, outline_of(plan));
}

Result<Done> merge(const std::filesystem::path& dir, const Plan& plan, const RunFacts& facts,
                   const Judge& judge) {
  return merge(dir, outline_of(plan), facts, judge);
}

}  // namespace attnlab
