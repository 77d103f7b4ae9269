// replay_verb.cpp: `attnlab replay DIR TRIAL`: trains one trial alone and compares every bit.
#include <algorithm>
#include <cstdio>
#include <future>
#include <set>

#include "observe/recorder.hpp"
#include "run/compare.hpp"
#include "run/isolate.hpp"
#include "run/machine.hpp"
#include "run/speak.hpp"
#include "run/stored_trial.hpp"
#include "run/table.hpp"
#include "run/temporary_folder.hpp"
#include "run/verbs.hpp"
#include "store/store.hpp"
#include "train/train.hpp"

namespace attnlab {
namespace {

namespace fs = std::filesystem;

FinishedTrial train_alone(const Settings& settings, const Plugins& plugins, const fs::path& folder,
                          int n_threads) {
  fix_arithmetic();
  FinishedTrial trial;
  trial.id = id_of(settings);
  trial.settings = settings;
  std::promise<void> ended;
  const std::atomic<bool> stop{false};
  Workers workers(n_threads);
  workers.start([&] {
    Recorder recorder;
    const Ending ending = train(settings, plugins, folder, n_threads, stop, recorder);
    trial.status = ending.status;
    trial.error = ending.error;
    trial.records = recorder.take(ending);
    ended.set_value();
  });
  ended.get_future().wait();
  return trial;
}

// Through the same files as those it is compared with, so that reading and writing are tried too.
Result<StoredTrial> store_alone(const fs::path& dir, FinishedTrial trial) {
  std::error_code code;
  for (const char* folder : {"segments", "journal"}) fs::create_directory(dir / folder, code);
  auto writer = SegmentWriter::create(dir, 0, 1);
  if (!writer) return writer.errors();
  const std::string id = to_string(trial.id);
  if (auto added = writer->add(std::move(trial)); !added) return added.errors();
  if (auto safe = writer->commit(); !safe) return safe.errors();
  for (const auto& entry : fs::directory_iterator(dir / "segments", code)) {
    auto file = Results::open(entry.path());
    if (!file) return file.errors();
    const auto cohort = file->numbers("trials/cohort");
    if (!cohort) return cohort.errors();
    return StoredTrial{*std::move(file), id, 0, cohort->values[0] < 0 ? "" : "cohorts/c0", 0, {}};
  }
  return Error{dir.string(), "the new segment is not there", "", Blame::machine};
}

Result<Compared> compare_at(const std::string& shown, const StoredTrial& a, const StoredTrial& b,
                            const std::string& path_a, const std::string& path_b,
                            std::optional<Index> row_a, std::optional<Index> row_b) {
  if (!a.file.has(path_a)) return Compared{shown, 0, "only in the replay"};
  if (!b.file.has(path_b)) return Compared{shown, 0, "only in the stored records"};
  const auto left = column(a.file, path_a, row_a);
  if (!left) return left.errors();
  const auto right = column(b.file, path_b, row_b);
  if (!right) return right.errors();
  return compare(shown, *left, *right);
}

// What the table says of the trial itself, then every dataset of its cohort. Datasets named as an
// axis of `records` are scales: they have no row for each trial.
Result<std::vector<Compared>> compare_trials(const StoredTrial& stored, const StoredTrial& replayed,
                                             const std::set<std::string>& scales) {
  std::vector<Compared> all;
  Errors errors;
  const auto keep = [&](Result<Compared> one) {
    if (one) {
      all.push_back(*std::move(one));
    } else {
      errors.insert(errors.end(), one.errors().begin(), one.errors().end());
    }
  };
  for (const char* name :
       {"status", "error", "seed", "steps", "parameters", "final_loss", "final_accuracy"}) {
    const std::string path = std::string("trials/") + name;
    keep(compare_at(name, stored, replayed, path, path, stored.table_row, replayed.table_row));
  }
  std::vector<std::string> names = stored.file.members(stored.cohort);
  for (const std::string& name : replayed.file.members(replayed.cohort)) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  for (const std::string& name : names) {
    if (name == "trial") continue;  // its number in the plan
    const bool is_scale = scales.contains(name);
    const auto row = [&](const StoredTrial& of) {
      return is_scale ? std::nullopt : std::optional(of.row);
    };
    keep(compare_at(name, stored, replayed, stored.cohort + "/" + name,
                    replayed.cohort + "/" + name, row(stored), row(replayed)));
  }
  std::vector<std::pair<std::string, std::string>> both;
  for (const std::string& name : names) {
    const std::string in_stored = stored.cohort + "/" + name,
                      in_replayed = replayed.cohort + "/" + name;
    if (stored.file.has(in_stored) && replayed.file.has(in_replayed))
      both.emplace_back(in_stored, in_replayed);
  }
  keep(compare_attributes(stored.file, replayed.file, both));
  if (!errors.empty()) return errors;
  return all;
}

// The plugins of a trial that are not there; of one whose file was refused, why.
Errors missing(const Plugins& plugins, const Settings& settings) {
  Errors errors;
  for (const auto& [kind, name] : plugins_of(settings)) {
    if (name.empty() || plugins.entry(kind, name) != nullptr) continue;
    const Error* refused = plugins.refusal(kind, name);
    errors.push_back(refused != nullptr
                         ? *refused
                         : Error{to_string(kind),
                                 "no " + to_string(kind) + " plugin is called '" + name + "'",
                                 "--plugins DIR says where it is"});
  }
  return errors;
}

int tell(const std::string& id, const std::vector<Compared>& all) {
  std::vector<std::vector<std::string>> rows = {{"dataset", "values", "verdict"}};
  for (const Compared& one : all) {
    rows.push_back({one.dataset, std::to_string(one.n),
                    one.difference.empty() ? "equal" : "DIFFERENT " + one.difference});
  }
  std::fputs(columns(rows).c_str(), stdout);
  const Index n = n_different(all);
  if (n == 0) {
    std::printf("\ntrial %s: every bit is the same\n", id.c_str());
    return 0;
  }
  std::printf("\ntrial %s: %td of %zu differ (stored value first)\n", id.c_str(), n, all.size());
  return exit_failures;
}

}  // namespace

int replay_verb(const Options& options) {
  const fs::path dir = options.path;
  const auto stored = find_stored(dir, options.name);
  if (!stored) return complain(stored.errors());
  if (stored->cohort.empty()) {
    note("error: trial " + stored->id +
         " has no records that could be compared; `attnlab explain " + quoted(options.path) + " " +
         stored->id + "` says why");
    return exit_user;
  }
  const auto origin = read_origin(dir);
  if (!origin) return complain(origin.errors());
  const auto plugins = Plugins::scan(plugin_folders(options.plugin_folders, installed_plugins()));
  if (!plugins) return complain(plugins.errors());
  if (const Errors gone = missing(*plugins, stored->settings); !gone.empty()) return complain(gone);
  auto folder = TemporaryFolder::make();
  if (!folder) return complain(folder.errors());
  FinishedTrial trial = train_alone(stored->settings, *plugins, origin->folder,
                                    options.threads > 0 ? options.threads : 1);
  const std::string why = trial.error;
  std::set<std::string> scales;
  for (const RecordAxis& axis : trial.records.axes) scales.insert(axis.name);
  const auto replayed = store_alone(folder->path(), std::move(trial));
  if (!replayed) return complain(replayed.errors());
  if (replayed->cohort.empty()) {
    note("error: trial " + stored->id + " cannot be trained again: " + why);
    return exit_user;
  }
  const auto all = compare_trials(*stored, *replayed, scales);
  if (!all) return complain(all.errors());
  return tell(stored->id, *all);
}

}  // namespace attnlab
