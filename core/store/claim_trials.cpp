// claim_trials.cpp: reads the columns of a cohort once, hands out rows of them.
#include "store/claim_trials.hpp"

#include <map>
#include <numeric>

#include "store/store.hpp"

namespace attnlab {
namespace {

// One cohort, shared by its trials.
class Cohort {
 public:
  Cohort(const Results& results, std::string path) : results_(results), path_(std::move(path)) {}

  std::optional<RecordedArray> row(const std::string& name, Index row) {
    const std::string dataset = path_ + "/" + name;
    const std::vector<Index> sizes = results_.shape(dataset);
    if (sizes.empty() || results_.is_text(dataset)) return std::nullopt;
    RecordedArray out{{sizes.begin() + 1, sizes.end()}, {}};
    const Index n =
        std::accumulate(out.shape.begin(), out.shape.end(), Index{1}, std::multiplies<>());
    constexpr Index most = Index{1} << 23;  // numbers that are kept of one series
    if (n * sizes.front() > most) {
      auto one = results_.numbers(dataset, row, 1);
      if (!one) return std::nullopt;
      out.values = std::move(one->values);
      return out;
    }
    auto [kept, is_new] = kept_.try_emplace(name);
    if (is_new) {
      auto all = results_.numbers(dataset);
      if (all) kept->second = std::move(all->values);
    }
    if (static_cast<Index>(kept->second.size()) < (row + 1) * n) return std::nullopt;
    const auto first = kept->second.begin() + row * n;
    out.values.assign(first, first + n);
    return out;
  }

  std::vector<double> scale(const std::string& axis) const {
    const std::string dataset = path_ + "/" + axis;
    if (!results_.has(dataset) || results_.is_text(dataset)) return {};
    const auto numbers = results_.numbers(dataset);
    return numbers ? numbers->values : std::vector<double>{};
  }

  std::vector<std::string> labels(const std::string& axis) const {
    const std::string dataset = path_ + "/" + axis;
    if (!results_.is_text(dataset)) return {};
    const auto texts = results_.texts(dataset);
    return texts ? *texts : std::vector<std::string>{};
  }

 private:
  const Results& results_;
  std::string path_;
  std::map<std::string, std::vector<double>> kept_;
};

class StoredRecords : public TrialRecords {
 public:
  StoredRecords(Index number, bool done, Settings settings, std::shared_ptr<Cohort> cohort,
                Index row, std::filesystem::path landscape)
      : number_(number),
        done_(done),
        settings_(std::move(settings)),
        cohort_(std::move(cohort)),
        row_(row),
        landscape_(std::move(landscape)) {}
  Index number() const override { return number_; }
  bool done() const override { return done_; }
  const Settings& settings() const override { return settings_; }
  std::optional<RecordedArray> series(const std::string& name) const override {
    if (name.starts_with(of_landscape)) return of_slice(name.substr(of_landscape.size()));
    return cohort_ ? cohort_->row(name, row_) : std::nullopt;
  }
  std::vector<double> scale(const std::string& axis) const override {
    return cohort_ ? cohort_->scale(axis) : std::vector<double>{};
  }
  std::vector<std::string> labels(const std::string& axis) const override {
    return cohort_ ? cohort_->labels(axis) : std::vector<std::string>{};
  }

 private:
  static constexpr std::string_view of_landscape = "landscape_";

  std::optional<RecordedArray> of_slice(const std::string& name) const {
    std::error_code ignored;
    if (landscape_.empty() || !std::filesystem::is_regular_file(landscape_, ignored))
      return std::nullopt;
    const auto file = Results::open(landscape_);
    if (!file) return std::nullopt;
    auto numbers = file->numbers("/landscape/" + name);
    if (!numbers) return std::nullopt;
    return RecordedArray{std::move(numbers->shape), std::move(numbers->values)};
  }

  Index number_;
  bool done_;
  Settings settings_;
  std::shared_ptr<Cohort> cohort_;
  Index row_;
  std::filesystem::path landscape_;  // may not exist
};

}  // namespace

Result<std::vector<std::unique_ptr<TrialRecords>>> claim_trials(
    const Results& results, const ParseSettings& parse, const std::filesystem::path& landscapes) {
  const auto number = results.numbers("/trials/trial"), status = results.numbers("/trials/status");
  const auto cohort = results.numbers("/trials/cohort"), row = results.numbers("/trials/row");
  const auto id = results.texts("/trials/id");
  for (const auto* column : {&number, &status, &cohort, &row})
    if (!*column) return column->errors();
  if (!id) return id.errors();
  std::map<Index, std::shared_ptr<Cohort>> cohorts;
  std::map<Index, std::vector<std::string>> settings;
  std::vector<std::unique_ptr<TrialRecords>> out;
  for (std::size_t i = 0; i < number->values.size(); ++i) {
    const auto c = static_cast<Index>(cohort->values[i]), r = static_cast<Index>(row->values[i]);
    Settings of_trial = Settings::object();
    if (c >= 0 && !cohorts.contains(c)) {
      const std::string path = "/cohorts/c" + std::to_string(c);
      cohorts[c] = std::make_shared<Cohort>(results, path);
      auto texts = results.texts(path + "/settings");
      if (!texts) return texts.errors();
      settings[c] = *std::move(texts);
    }
    if (c >= 0) of_trial = parse(settings[c].at(static_cast<std::size_t>(r)));
    const auto how = static_cast<TrialStatus>(static_cast<int>(status->values[i]));
    const std::string slice = "landscape-" + (*id)[i] + ".h5";
    out.push_back(std::make_unique<StoredRecords>(
        static_cast<Index>(number->values[i]), how == TrialStatus::done, std::move(of_trial),
        c >= 0 ? cohorts[c] : nullptr, r, landscapes.empty() ? landscapes : landscapes / slice));
  }
  return out;
}

}  // namespace attnlab
