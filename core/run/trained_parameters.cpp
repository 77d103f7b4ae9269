// trained_parameters.cpp: reads the matrices, or trains again and keeps what the last step shows.
#include "run/trained_parameters.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>

namespace attnlab {
namespace {

class LastParameters : public Observer {
 public:
  explicit LastParameters(std::vector<double>& into) : into_(into) {}
  void begin(const TrialView& trial) override {
    layout_ = trial.layout;
    into_.assign(static_cast<std::size_t>(layout_.n), 0.0);
  }
  bool wants(std::int64_t) const override { return false; }
  void at(StepView& view) override {
    for (const ParameterBlock& block : layout_.blocks)
      std::ranges::copy(view.parameter(block), into_.begin() + block.offset);
  }

 private:
  ParameterLayout layout_;
  std::vector<double>& into_;
};

std::optional<std::vector<double>> recorded(const StoredTrial& stored,
                                            const ParameterLayout& layout) {
  const auto steps = stored.file.numbers("trials/steps", stored.table_row, 1);
  const std::string scale = stored.cohort + "/parameter_step";
  if (!steps || !stored.file.has(scale)) return std::nullopt;
  const auto kept = stored.file.numbers(scale);
  if (!kept || kept->values.empty() || kept->values.back() != steps->values[0]) return std::nullopt;
  std::vector<double> out(static_cast<std::size_t>(layout.n));
  for (const ParameterBlock& block : layout.blocks) {
    const std::string series = stored.cohort + "/parameter_" + block.name;
    if (!stored.file.has(series)) return std::nullopt;
    const auto all = stored.file.numbers(series, stored.row, 1);
    const auto expected = static_cast<Index>(kept->values.size()) * block.size();
    if (!all || static_cast<Index>(all->values.size()) != expected) return std::nullopt;
    std::copy(all->values.end() - block.size(), all->values.end(), out.begin() + block.offset);
  }
  return out;
}

}  // namespace

Result<TrainedParameters> trained_parameters(const StoredTrial& stored,
                                             const ParameterLayout& layout, const Plugins& plugins,
                                             const std::filesystem::path& folder, int n_threads) {
  if (auto values = recorded(stored, layout)) return TrainedParameters{*values, "stored records"};
  TrainedParameters out{{}, "training again"};
  std::promise<Ending> ended;
  const std::atomic<bool> stop{false};
  Workers workers(n_threads);
  workers.start([&] {
    LastParameters observer(out.values);
    ended.set_value(train(stored.settings, plugins, folder, n_threads, stop, observer));
  });
  const Ending ending = ended.get_future().get();
  if (ending.status == TrialStatus::done) return out;
  return Error{"trial " + stored.id, "cannot be trained again: " + ending.error,
               "record its matrices, `record: {parameters: {steps: [last]}}`"};
}

}  // namespace attnlab
