// isolate.hpp: trials in children, so that a crash, a hang or an exit in a plugin costs its own
// trial and nothing else.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "host/sandbox.hpp"
#include "run/attempt.hpp"
#include "run/examine.hpp"
#include "run/options.hpp"
#include "schedule/width.hpp"
#include "store/crash_marks.hpp"

namespace attnlab {

using PluginNames = std::set<std::pair<PluginKind, std::string>>;

// The plugins whose files do not lie below `own_tree`.
PluginNames foreign_plugins(const Catalogue& catalogue, const std::filesystem::path& own_tree);
// The three plugins of a trial.
PluginNames plugins_of(const Settings& trial);

// What a foreign plugin does wrong in a look at a trial (it answers an error, throws, describes
// data that cannot be) costs its own trials, not the run: a warning, each once, and nothing is
// known of the trial. Files that the program's own tasks cannot read, and models that do not fit,
// stay mistakes.
class Forgiveness {
 public:
  explicit Forgiveness(PluginNames foreign) : foreign_(std::move(foreign)) {}
  Result<Examined> operator()(Result<Examined> examined, const Settings& trial);

 private:
  PluginNames foreign_;
  std::set<std::string> told_;
};

// Bytes that one child may use, when a rank may fill `share` and trains `width` trials.
std::uint64_t memory_of_child(double share, const Width& width);

class Isolation {
 public:
  // Only while the process has one thread. Which trials are isolated: every one, those that use
  // `foreign` plugins, or none but suspects. All references must outlive the Isolation.
  static Result<std::unique_ptr<Isolation>> begin(const std::vector<std::filesystem::path>& folders,
                                                  const Plugins& plugins, const TrialSlots& slots,
                                                  Isolate which, PluginNames foreign);

  // Before the first trial: what all share, how much memory a child may use, and where plugins are
  // (rank 0 may have told others than `begin` was given).
  // `marks`: where crashes are noted.
  void equip(Workshop workshop, std::uint64_t memory, std::vector<std::filesystem::path> folders,
             std::filesystem::path marks);

  // A look at a trial before the run, by a child that has `memory` bytes; before `equip`. If it
  // crashes, or takes longer than `limit` seconds, that is a warning, and nothing is known of the
  // trial. Errors are those of examine_one, or that there can be no child.
  Result<Examined> examine(const Settings& settings, const std::filesystem::path& folder,
                           const std::vector<std::filesystem::path>& plugin_folders,
                           std::uint64_t memory, double limit);

  bool isolates(const Settings& trial) const;
  // Is a trial with this past to be isolated, whatever its plugins are? `never` isolates only those
  // that crashed beside others, to find out whose fault it was.
  bool suspects(const PastCrashes& past) const;

  // Trains `trial` in a child; any thread, and the thread sleeps meanwhile. The numbers are those
  // of `attempt`. A child that crashes is replaced and the trial tried again, most_crashes times in
  // all (`crashes` of them before); a child killed from outside is replaced without counting. A
  // trial that outlives its limit within one step, or makes no step for very long, is killed and
  // timed_out.
  // What happened to it before is in `crashes`; every crash is noted on the disk.
  // Without any hope for a child it is left as it is: see `lost`.
  Attempt train(const Trial& trial, const Settings& settings, int slot, int crashes);

  // Why there will be no children any more; empty: there will. Any thread.
  Errors lost() const;

 private:
  struct Outcome;
  Isolation(const TrialSlots& slots, Isolate which, PluginNames foreign);
  std::unique_ptr<SandboxChild> take_child(const TrialSlot& slot);
  void note_crash(TrialId trial, std::int64_t step, const std::string& how);
  bool is_foreign(const Settings& trial) const;  // does it use a plugin from outside the tree?
  Outcome try_once(SandboxChild& child, const std::string& question, const TrialSlot& slot,
                   bool is_foreign);

  const TrialSlots& slots_;
  Isolate which_;
  PluginNames foreign_;
  Workshop workshop_;
  std::uint64_t memory_ = 0;
  std::vector<std::filesystem::path> folders_;
  std::filesystem::path marks_;
  std::unique_ptr<Sandbox> sandbox_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<SandboxChild>> idle_;  // after sandbox_: they end first
  std::unique_ptr<SandboxChild> examiner_;
  Errors lost_;
  bool hung_ = false;  // a look did not come to an end
  bool complained_ = false;
  bool complained_of_marks_ = false;
};

// What a child is asked, and what it does.
struct Question {
  enum class Wish : std::int32_t { train, examine };
  Wish wish = Wish::train;
  Workshop workshop;
  std::vector<std::filesystem::path> folders;
  int slot = 0;
  Trial trial;
  Settings settings;
};
std::string encode(const Question& question);
std::string encode(const Result<Examined>& examined);  // the answer to `examine`
std::optional<Result<Examined>> decode_examined(std::string_view bytes);
Sandbox::Work work_of_child(const std::vector<std::filesystem::path>& folders,
                            const Plugins& plugins, const TrialSlots& slots);

}  // namespace attnlab
