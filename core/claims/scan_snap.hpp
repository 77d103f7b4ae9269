// scan_snap.hpp: a trial of the task token_classes as its claims see it (Tian et al. 2023).
#pragma once

#include <string>
#include <vector>

#include "claims/claim.hpp"

namespace attnlab {

// Fidelity (papers/b_scan_and_snap 0): theory: the decoder is slaved; flow: Y and Z together,
// endless sequences; sampled: drawn sequences.
enum class Level { theory, flow, sampled };

struct ScanTrial {
  explicit ScanTrial(const TrialRecords& trial);

  // [record][class][class_token]
  double attention(Index s, Index n, Index e) const { return c.at(s, n * width + e); }
  double logit(Index s, Index n, Index e) const { return z.at(s, n * width + e); }
  double mean_common(Index s) const;        // over classes
  double mean_entropy(Index s) const;       // of distinct tokens
  double moved(Index s, Index r) const;     // sum over classes of |c(s) - c(r)|_1
  Index best() const { return width - 1; }  // the distinct token with the largest P
  Index last() const { return c.rows() - 1; }

  Level level;
  Index classes, shared, unique, width, queries, vocabulary;
  double rate_Y, rate_Z, t0;  // t0 = 2 K ln M / eta_Y
  std::vector<double> time;   // of each record, in steps or flow time
  std::vector<double> p;      // P(l|n) [class_token]
  RecordedArray c, z, common, entropy;
};

extern const std::vector<std::string> scan_series;  // what every claim needs
bool has_scan_series(const TrialRecords& trial);    // and it is done
Level level_of(const TrialRecords& trial);
double matrix_rate(const Settings& trial, const std::string& matrix);  // its learning rate

// Where a trial leaves the assumptions of the paper, a sentence each (scan_snap_outside.cpp): in
// general, for the order of frequencies, for Theorem 4.
std::vector<std::string> outside_scan(const Settings& trial);
std::vector<std::string> outside_scan_order(const Settings& trial);
std::vector<std::string> outside_theorem_4(const Settings& trial);

// One finding a trial that has the series of scan_snap and `more`.
std::vector<Finding> for_each_scan(const Trials& trials, double bound,
                                   Finding (*judge)(const TrialRecords&, const ScanTrial&),
                                   const std::vector<std::string>& more = {});
Finding endless_only(double bound);  // what is said of drawn sequences

std::vector<Claim> scan_claims();        // claims_scan.cpp
std::vector<Claim> scan_order_claims();  // claims_scan_order.cpp; among scan_claims
std::vector<Claim> snap_claims();        // claims_snap.cpp
std::vector<Finding> rate_symmetry(const Trials& trials);  // claims_scan_symmetry.cpp
std::vector<Claim> scan_rate_claims();                     // claims_scan_rates.cpp

}  // namespace attnlab
