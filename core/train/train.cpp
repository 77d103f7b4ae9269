// train.cpp: a trial from its settings to its end, and whether it can be trained at all.
#include "train/train.hpp"

#include <algorithm>
#include <exception>

#include "host/sizes.hpp"
#include "train/parts.hpp"
#include "train/trial.hpp"

namespace attnlab {
namespace {

Ending failed(const Errors& errors) {
  Ending end;
  end.status = TrialStatus::failed;
  for (const Error& error : errors) end.error += (end.error.empty() ? "" : ". ") + sentence(error);
  return end;
}

bool is_float32(const Settings& settings) {
  return settings.at("training").at("precision") == "float32";
}

template <class S>
Ending run(const Settings& settings, Parts& parts, int n_threads, const std::atomic<bool>& stop,
           Observer& observer, CheckpointPlace* place) {
  auto trial = RunningTrial<S>::make(settings, parts, n_threads, stop);
  return trial ? (*trial)->run(observer, place) : failed(trial.errors());
}

}  // namespace

// A plugin is foreign code: what it throws, against the rules of the border, costs its own trial.
Ending train(const Settings& settings, const Plugins& plugins, const std::filesystem::path& folder,
             int n_threads, const std::atomic<bool>& stop, Observer& observer, TaskCache* cache,
             CheckpointPlace* place) try {
  auto parts = make_parts(settings, plugins, folder, cache);
  if (!parts) return failed(parts.errors());
  return is_float32(settings) ? run<float>(settings, **parts, n_threads, stop, observer, place)
                              : run<double>(settings, **parts, n_threads, stop, observer, place);
} catch (const std::bad_alloc&) {
  return failed({Error{"", "there is not enough memory for this trial",
                       "make the model or the batch smaller", Blame::machine}});
} catch (const std::exception& e) {
  return failed({Error{"", std::string("the trial threw: ") + e.what(), ""}});
} catch (...) {
  return failed({Error{"", "a plugin threw something that is not a std::exception", ""}});
}

Result<Estimate> examine(const Settings& settings, const Plugins& plugins,
                         const std::filesystem::path& folder, TaskCache* cache) try {
  auto made = make_parts(settings, plugins, folder, cache);
  if (!made) return made.errors();
  const Parts& parts = **made;
  const TaskShape& task = parts.source->task().shape();
  const Settings& training = settings.at("training");
  const bool full = training.at("batch").is_string();
  const Index wanted = full ? task.n_train : training.at("batch").get<Index>();
  const double n_samples =
      static_cast<double>(task.n_train > 0 ? std::min(wanted, task.n_train) : wanted);
  const double number = is_float32(settings) ? 4 : 8;
  const double n_trained = static_cast<double>(parts.layout.n_trained),
               n = static_cast<double>(parts.layout.n);
  const TrialSize size = trial_size(parts.shape, parts.layout, task);
  const double n_kept = n_samples + static_cast<double>(task.n_train + task.n_validation);
  const double sample_bytes =
      static_cast<double>(task.max_tokens) *
      (16 + number * static_cast<double>(task.input_dim +
                                         (task.target == TargetKind::real ? task.outputs : 0)));
  const double state =
      parts.optimizer
          ? static_cast<double>(state_bytes_of(*parts.optimizer, static_cast<std::int64_t>(number)))
          : 0;
  const auto n_blocks = static_cast<double>(
      n_blocks_of(static_cast<Index>(n_samples), size.flops_per_sample, parts.layout.n_trained));
  Estimate out;
  out.parameters = parts.layout.n;
  out.flops = size.flops_per_sample * n_samples * (training.at("steps").get<double>() + 1);
  const double checkpoint_bytes = number * n_trained + state;
  out.working_bytes = n_kept * sample_bytes + number * (2 * n + n_trained * n_blocks) + state +
                      checkpoint_bytes + size.workspace_bytes;
  return out;
} catch (const std::exception& e) {
  return Error{"", std::string("the trial cannot be examined: ") + e.what(), ""};
} catch (...) {
  return Error{
      "", "the trial cannot be examined: a plugin threw something that is not a std::exception",
      ""};
}

}  // namespace attnlab
