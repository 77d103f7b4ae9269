// claims.cpp: the list of all claims.
#include <algorithm>

#include "base/nearest.hpp"
#include "claims/claim.hpp"
#include "claims/claim_list.hpp"
#include "claims/scan_snap.hpp"

namespace attnlab {

const std::vector<Claim>& all_claims() {
  static const std::vector<Claim> claims = [] {
    std::vector<Claim> out;
    for (const auto& of_paper :
         {cooccurrence_claims(), scan_claims(), snap_claims(), scan_rate_claims(),
          wikitext_claims(), kernel_claims(), lra_claims()})
      out.insert(out.end(), of_paper.begin(), of_paper.end());
    return out;
  }();
  return claims;
}

const Claim* find_claim(const std::string& name) {
  const auto& claims = all_claims();
  const auto found = std::ranges::find(claims, name, &Claim::name);
  return found == claims.end() ? nullptr : &*found;
}

std::vector<std::string> claim_names() {
  std::vector<std::string> names;
  for (const Claim& claim : all_claims()) names.push_back(claim.name);
  return names;
}

Result<std::vector<ClaimFinding>> judge_claims(std::span<const std::string> names,
                                               const Trials& trials) {
  std::vector<ClaimFinding> out;
  Errors errors;
  const std::vector<std::string> known = claim_names();
  for (const std::string& name : names) {
    const Claim* const claim = find_claim(name);
    if (!claim) {
      errors.push_back({name, "is not a claim that this program knows", suggestion(name, known)});
      continue;
    }
    if (trials.empty()) continue;
    for (Finding& finding : claim->judge(trials)) out.push_back({claim, std::move(finding)});
  }
  if (!errors.empty()) return errors;
  return out;
}

}  // namespace attnlab
