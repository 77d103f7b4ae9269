// measure_attention_mass.cpp: how much weight a query gives away in all, and how much of it to one
// key.
//
//   row_mass = mean over the valid queries of sum_j S_ij      (1 for row-stochastic kernels)
//   row_top  = mean over the valid queries of max_j S_ij
//
// over the samples of the attention snapshots. A Gaussian kernel whose queries left the keys has
// mass near 0, a saturated softmax top near 1 (Song et al. 2024; papers/c_kernels 7).
#include <algorithm>
#include <cmath>
#include <numeric>

#include "observe/measure_list.hpp"

namespace attnlab {
namespace {

class AttentionMass : public Measure {
 public:
  void begin(const TrialView& trial) override {
    heads_ = trial.model.layers * trial.model.heads;
    keys_ = trial.task.max_tokens;
    queries_ = trial.model.last_query_only ? 1 : keys_;
    const Settings& attention = trial.settings.at("record").at("attention");
    Index n = attention.value("samples", Index{8});
    if (trial.task.n_train > 0) n = std::min(n, trial.task.n_train);
    samples_.resize(static_cast<std::size_t>(n));
    std::iota(samples_.begin(), samples_.end(), Index{0});
  }

  void at(StepView& view, MeasureRow& row) override {
    const std::vector<float> weights = view.attention(samples_);
    const auto n = static_cast<Index>(samples_.size());
    std::vector<double> mass, top;
    for (Index h = 0; h < heads_; ++h) {
      double sum = 0, most = 0;
      Index n_valid = 0;
      for (Index q = 0; q < n * queries_; ++q) {
        const auto first = weights.begin() + (h * n * queries_ + q) * keys_;
        if (std::isnan(*first) && std::isnan(*(first + keys_ - 1))) continue;  // padding
        sum += std::accumulate(first, first + keys_, 0.0);
        most += static_cast<double>(*std::max_element(first, first + keys_));
        ++n_valid;
      }
      mass.push_back(sum / static_cast<double>(n_valid));
      top.push_back(most / static_cast<double>(n_valid));
    }
    row.put("row_mass", mass);
    row.put("row_top", top);
  }

 private:
  Index heads_ = 0, queries_ = 0, keys_ = 0;
  std::vector<Index> samples_;
};

}  // namespace

MeasureKind attention_mass_measure() {
  return {"attention_mass",
          "row_mass, row_top: sum and largest of a query's attention weights (Song et al. 2024)",
          false,
          [](const MeasureContext&) { return std::string(); },
          [](const MeasureContext&, Planner& planner) {
            planner.series("row_mass", {"record", "layer", "head"},
                           "mean sum of the attention weights of a query");
            planner.series("row_top", {"record", "layer", "head"},
                           "mean largest attention weight of a query");
          },
          [] { return std::unique_ptr<Measure>(std::make_unique<AttentionMass>()); }};
}

}  // namespace attnlab
