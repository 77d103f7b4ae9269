// task.cpp: an instance of a task plugin; what it says and the samples it makes are checked before
// anybody indexes with them.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "host/admit.hpp"
#include "host/instance.hpp"
#include "host/plugins.hpp"

namespace attnlab {
namespace {

std::string wrong_shape(const attnlab_task_shape& s) {
  if (s.input != ATTNLAB_INPUT_TOKENS && s.input != ATTNLAB_INPUT_DENSE) return "input";
  if (s.target < ATTNLAB_TARGET_SIGN || s.target > ATTNLAB_TARGET_REAL) return "target";
  if (s.max_tokens < 1) return "max_tokens";
  if (s.input == ATTNLAB_INPUT_TOKENS && s.vocabulary < 1) return "vocabulary";
  if (s.input == ATTNLAB_INPUT_DENSE && s.input_dim < 1) return "input_dim";
  if (s.outputs < 1) return "outputs";
  if (s.target == ATTNLAB_TARGET_SIGN && s.outputs != 1) return "outputs";
  if (std::ranges::any_of(s.n_samples, [](std::int64_t n) { return n < 0; })) return "n_samples";
  if (s.weighted != 0 && s.input != ATTNLAB_INPUT_TOKENS) return "weighted";
  if (s.n_groups < 0 || (s.n_groups > 0 && s.groups == nullptr)) return "groups";
  return "";
}

TaskShape plain(const attnlab_task_shape& from) {
  TaskShape to;
  to.input = from.input == ATTNLAB_INPUT_TOKENS ? InputKind::tokens : InputKind::dense;
  to.target = static_cast<TargetKind>(from.target - 1);
  to.target_per_token = from.target_per_token != 0 || from.target == ATTNLAB_TARGET_TOKEN;
  to.padded = from.padded != 0;
  to.weighted = from.weighted != 0;
  to.max_tokens = from.max_tokens;
  to.vocabulary = from.vocabulary;
  to.input_dim = from.input_dim;
  to.outputs = from.outputs;
  to.n_train = from.n_samples[ATTNLAB_SPLIT_TRAIN];
  to.n_validation = from.n_samples[ATTNLAB_SPLIT_VALIDATION];
  to.n_test = from.n_samples[ATTNLAB_SPLIT_TEST];
  for (std::int32_t i = 0; i < from.n_groups; ++i) to.groups.push_back(clean_text(from.groups[i]));
  to.report = clean_text(from.report);
  return to;
}
static_assert(static_cast<int>(TargetKind::real) + 1 == ATTNLAB_TARGET_REAL);

bool outside(std::span<const std::int32_t> numbers, Index low, Index high) {
  return std::ranges::any_of(numbers, [&](Index x) { return x < low || x > high; });
}

// What of the sample would lead its readers out of bounds; "" if nothing does.
std::string out_of_bounds(const TaskShape& shape, const attnlab_sample& s) {
  const Index least = shape.padded ? 1 : shape.max_tokens;
  if (s.n_tokens < least || s.n_tokens > shape.max_tokens) {
    return std::to_string(s.n_tokens) + " tokens";
  }
  const auto n = static_cast<std::size_t>(s.n_tokens);
  const auto n_groups = static_cast<Index>(shape.groups.size());
  if (s.group < -1 || s.group >= n_groups) return "the group " + std::to_string(s.group);
  if (s.positions != nullptr && outside({s.positions, n}, 0, shape.max_tokens - 1)) {
    return "a position that no token has";
  }
  if (s.tokens != nullptr && shape.input == InputKind::tokens &&
      outside({s.tokens, n}, 0, shape.vocabulary - 1)) {
    return "a token id outside of its vocabulary";
  }
  const auto is_weight = [](double w) { return std::isfinite(w) && w >= 0; };
  if (shape.weighted && s.weights != nullptr && !std::all_of(s.weights, s.weights + n, is_weight)) {
    return "a weight that is no number from 0 on";
  }
  if (s.target_ids == nullptr || shape.target == TargetKind::real) return "";
  const std::span<const std::int32_t> targets(s.target_ids, shape.target_per_token ? n : 1);
  switch (shape.target) {
    case TargetKind::sign:
      return std::ranges::all_of(targets, [](int t) { return t == 1 || t == -1; })
                 ? ""
                 : "a target that is neither -1 nor +1";
    case TargetKind::klass:
      return outside(targets, 0, shape.outputs - 1) ? "a class that it does not have" : "";
    case TargetKind::token:
      return outside(targets, INT32_MIN, shape.outputs - 1) ? "a target token it does not have"
                                                            : "";
    case TargetKind::real: break;
  }
  return "";
}

}  // namespace

Result<Task> Task::create(const Plugins& plugins, const Settings& settings, std::uint64_t seed,
                          const std::filesystem::path& folder) {
  auto prepared = prepare(plugins, PluginKind::task, settings, folder);
  if (!prepared) return prepared.errors();
  const auto& [name, entry, voice, options] = *prepared;

  Task task;
  task.name_ = name;
  task.voice_ = voice;
  task.table_ = static_cast<const attnlab_task*>(entry->table);
  void* self = nullptr;
  const bool made = voice->succeeds([&, host = voice->host(), values = std::span(options.values)] {
    return task.table_->create(host, values.data(), std::ssize(values), seed, &self);
  });
  if (!made) return voice->failure("create");
  task.self_ = owned(self, task.table_->destroy, voice, 0);

  attnlab_task_shape shape{};
  shape.struct_size = sizeof shape;
  const bool told = voice->succeeds([&] {
    task.table_->shape(self, &shape);
    return ATTNLAB_OK;
  });
  if (!told) return voice->failure("shape");
  if (const std::string wrong = wrong_shape(shape); !wrong.empty()) {
    return Error{"task plugin '" + name + "'", "its shape has an impossible '" + wrong + "'",
                 "a defect of the plugin"};
  }
  task.shape_ = plain(shape);
  return task;
}

Result<Done> Task::sample(int split, Index index, attnlab_sample& out) const {
  out.struct_size = sizeof out;
  out.group = -1;
  out.n_tokens = shape_.max_tokens;
  if (out.positions != nullptr) std::iota(out.positions, out.positions + shape_.max_tokens, 0);
  const bool made =
      voice_->succeeds([&] { return table_->sample(self_.get(), split, index, &out); });
  if (!made) return voice_->failure("sample");
  if (const std::string wrong = out_of_bounds(shape_, out); !wrong.empty()) {
    return Error{
        "task plugin '" + name_ + "'",
        "sample " + std::to_string(index) + " of split " + std::to_string(split) + " has " + wrong,
        "a defect of the plugin"};
  }
  return Done{};
}

std::string Task::token_name(Index id) const {
  const std::string number = std::to_string(id);
  if (table_->token_name == nullptr) return number;
  std::string text(64, '\0');
  for (int attempt = 0; attempt < 2; ++attempt) {
    std::int64_t length = -1;
    voice_->succeeds([&] {
      length =
          table_->token_name(self_.get(), id, text.data(), static_cast<std::int64_t>(text.size()));
      return ATTNLAB_OK;
    });
    if (length < 0 || length > 1 << 20) return number;
    const auto needed = static_cast<std::size_t>(length) + 1;
    if (needed <= text.size()) {
      text.back() = '\0';
      return clean_text(text.c_str());
    }
    text.assign(needed, '\0');
  }
  return number;
}

}  // namespace attnlab
