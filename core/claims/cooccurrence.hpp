// cooccurrence.hpp: the course of one trial of word co-occurrence (Yang et al. 2024, arXiv
// 2410.09605) and the times that separate its phases.
//
// G1, G2, G3 = G(mu_1), G(mu_2), G(mu_3); gs_k = (1/n) sum_{i in I_k} g_i; A[key, query] changes
// from the start are C. A prime is a time derivative along the gradient flow.
#pragma once

#include <array>
#include <functional>
#include <optional>

#include "claims/judging.hpp"

namespace attnlab {

struct Course {
  Index n = 0;                        // records
  std::vector<double> time;           // flow time, else learning rate x step
  std::vector<double> loss;           // mean training loss
  RecordedArray group_loss;           // [record, 4]: I1 (both), I2, I3, I4
  RecordedArray output, output_rate;  // G, G' [record, 3]
  std::vector<double> random_output;  // max |G| of random tokens
  RecordedArray score, score_rate;    // A, A' [record, 9]: key * 3 + query
  RecordedArray value_rate;           // B' [record, 6]: 11 12 13 22 23 33
  RecordedArray gs, spread;           // [record, 4]
  RecordedArray gain;                 // [record, 2] least and most growth of margins
  std::vector<double> least_margin, neuron_sum, attention_change;
  std::vector<double> power;        // -dL/dt = sum of squared norms of the gradients
  std::vector<double> score_power;  // the part of W_Q and W_K
  std::vector<double> value_power;  // of W_V

  // First records after which it always holds; n: never.
  Index overtaken = 0;   // T_0.5: -G3' >= max(G1', G2')
  Index classified = 0;  // T_cls: least margin > 0
  Index second = 0;      // T1, the start of phase 2: least margin >= 0.1
  Index structured = 0;  // T_struct: and G1, G2, -G3, G1+G2+G3, -(G1+G3), -(G2+G3) >= 0.1

  double end_time() const { return time.back(); }
  double g(Index record, Index token) const { return output.at(record, token); }
  // C[key, query], tokens counted from 1 as in the paper.
  double change(Index record, Index key, Index query) const {
    const Index place = (key - 1) * 3 + query - 1;
    return score.at(record, place) - score.at(0, place);
  }
  double rate(Index record, Index key, Index query) const {
    return score_rate.at(record, (key - 1) * 3 + query - 1);
  }
  double phi(Index record) const;     // C21 + C12 - C31 - C32
  double psi(Index record) const;     // sum_k |G_k - G_k(0)|
  double ratio(Index record) const {  // R = (gs_2 + gs_3 + gs_4 - gs_1) / (gs_1 - gs_2)
    return (gs.at(record, 1) + gs.at(record, 2) + gs.at(record, 3) - gs.at(record, 0)) /
           (gs.at(record, 0) - gs.at(record, 1));
  }
};

// Sizes and variances of the paper, from the settings: n L d m m1.
struct PaperSizes {
  double n, length, vocabulary, width, hidden;
  bool distinct;  // no random token occurs twice
  static PaperSizes of(const Settings& trial);
};

// One finding a trial whose course has at least ten records, with Needs::second_phase three of them
// in phase 2.
enum class Needs { records, second_phase };
std::vector<Finding> for_each_course(
    const Trials& trials, Needs needs, double bound,
    const std::function<Finding(const Course&, const TrialRecords&)>& judge);

Finding at_most(double measured, double bound, const std::string& what);
Finding at_least(double measured, double bound, const std::string& what);

// Where this trial leaves the assumptions of the paper, a sentence each.
std::vector<std::string> outside_cooccurrence(const Settings& trial);

std::vector<Claim> cooccurrence_first_phase();   // claims_cooccurrence_first.cpp
std::vector<Claim> cooccurrence_second_phase();  // claims_cooccurrence_second.cpp
std::vector<Claim> cooccurrence_balance();       // claims_cooccurrence_balance.cpp
std::vector<Claim> cooccurrence_end();           // claims_cooccurrence_end.cpp
std::vector<Claim> cooccurrence_exact();         // claims_cooccurrence_exact.cpp

}  // namespace attnlab
