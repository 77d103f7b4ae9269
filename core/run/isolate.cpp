// isolate.cpp: the rank's side: asks a child, watches it, and judges how it ended.
#include "run/isolate.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <sstream>
#include <thread>

#include "run/child_end.hpp"
#include "run/machine.hpp"
#include "run/speak.hpp"
#include "store/files.hpp"

namespace attnlab {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr double mebi = 1024.0 * 1024.0;
constexpr int most_kills_without_a_step = 20;

// One line; without the lines that this program wrote itself.
std::string quoted_words(const std::string& words) {
  std::istringstream lines(clean_utf8(words));
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with("attnlab: ") || line.starts_with("warning: ")) continue;
    out += (out.empty() ? "" : "; ") + line;
  }
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return out.empty() ? "" : "; it wrote: " + out;
}

// Counts only time in which this process was awake, so that a suspended job has no hanging trials.
class AwakeClock {
 public:
  double seconds() {
    const double now = steady_seconds();
    awake_ += std::min(now - seen_, 1.0);
    seen_ = now;
    return awake_;
  }

 private:
  double seen_ = steady_seconds();
  double awake_ = 0;
};

// A trial that makes no step for very long hangs: five minutes, or a hundred of its longest steps.
// Before the first step it may be reading: our own tasks have half an hour for that, and whoever
// gives a trial a limit gives it that time.
class HangWatch {
 public:
  HangWatch(double limit, bool is_foreign)
      : patience_(std::max(std::isfinite(limit) ? limit : 0, is_foreign ? few : 1800.0)) {}

  bool hangs(std::int64_t step, double now) {
    if (step != step_) {
      if (step_ >= 0) longest_ = std::max(longest_, now - since_);
      step_ = step;
      since_ = now;
    }
    return now - since_ > (step_ < 0 ? patience_ : std::max(few, 100.0 * longest_));
  }
  double seconds(double now) const { return now - since_; }

 private:
  static constexpr double few = 300;  // seconds
  double patience_;
  std::int64_t step_ = -1;
  double since_ = 0;
  double longest_ = 0;
};

// As errors of an instance name it.
std::string who(const std::pair<PluginKind, std::string>& plugin) {
  return to_string(plugin.first) + " plugin '" + plugin.second + "'";
}

void end(SandboxChild& child) {
  child.kill();
  const double until = steady_seconds() + 5;
  while (steady_seconds() < until) {
    if (child.listen(milliseconds(50)).what == Heard::What::death) return;
  }
}

}  // namespace

struct Isolation::Outcome {
  enum class What { answered, timed_out, killed, crashed };
  What what = What::answered;
  Attempt attempt;
  std::string how;  // "crashed with SIGSEGV"
};

PluginNames foreign_plugins(const Catalogue& catalogue, const fs::path& own_tree) {
  std::error_code failed;
  const fs::path tree = fs::canonical(own_tree, failed);
  PluginNames names;
  for (const PluginDescription& plugin : catalogue) {
    const fs::path file = plugin.file;
    const bool inside = !failed && std::ranges::mismatch(tree, file).in1 == tree.end();
    if (!inside) names.emplace(plugin.kind, plugin.name);
  }
  return names;
}

Result<Examined> Forgiveness::operator()(Result<Examined> examined, const Settings& trial) {
  if (examined) return examined;
  const PluginNames used = plugins_of(trial);
  const auto own_fault = [&](const Error& error) {
    if (error.blame != Blame::user) return false;
    return std::ranges::any_of(foreign_, [&](const auto& plugin) {
      return used.contains(plugin) && (error.where.empty() || error.where == who(plugin));
    });
  };
  if (!std::ranges::all_of(examined.errors(), own_fault)) return examined;
  for (const Error& error : examined.errors()) {
    const std::string told = sentence(error);
    if (told_.insert(told).second) warn(told + " (its trials are tried nevertheless)");
  }
  return Examined{};
}

PluginNames plugins_of(const Settings& trial) {
  const auto name = [&](const char* path) {
    const Settings* const found = find(trial, path);
    return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
  };
  return {{PluginKind::task, name("task.plugin")},
          {PluginKind::kernel, name("model.attention.kernel.plugin")},
          {PluginKind::optimizer, name("optimizer.plugin")}};
}

// Twice its part of the share, as estimates are estimates, and room for what threads reserve
// without using it.
std::uint64_t memory_of_child(double share, const Width& width) {
  const double part = std::min(share, std::max(2 * share / width.trials_at_once, 1024 * mebi));
  return static_cast<std::uint64_t>(part + (256 + 192.0 * (width.threads_each + 1)) * mebi);
}

Isolation::Isolation(const TrialSlots& slots, Isolate which, PluginNames foreign)
    : slots_(slots), which_(which), foreign_(std::move(foreign)) {}

Result<std::unique_ptr<Isolation>> Isolation::begin(const std::vector<fs::path>& folders,
                                                    const Plugins& plugins, const TrialSlots& slots,
                                                    Isolate which, PluginNames foreign) {
  auto sandbox = Sandbox::start(work_of_child(folders, plugins, slots));
  if (!sandbox) return sandbox.errors();
  std::unique_ptr<Isolation> out(new Isolation(slots, which, std::move(foreign)));
  out->sandbox_ = *std::move(sandbox);
  return out;
}

void Isolation::equip(Workshop workshop, std::uint64_t memory, std::vector<fs::path> folders,
                      fs::path marks) {
  workshop_ = std::move(workshop);
  memory_ = memory;
  folders_ = std::move(folders);
  marks_ = std::move(marks);
  examiner_.reset();  // with what it has read
}

// Without a note the next run would not know, and try once more.
void Isolation::note_crash(TrialId trial, std::int64_t step, const std::string& how) {
  const std::scoped_lock lock(mutex_);
  const auto noted = add_crash_mark(marks_, crash_mark(trial, step, how));
  if (!noted && !std::exchange(complained_of_marks_, true)) {
    warn(sentence(noted.errors().front()));
  }
}

bool Isolation::isolates(const Settings& trial) const {
  return which_ == Isolate::foreign ? is_foreign(trial) : which_ == Isolate::always;
}

bool Isolation::is_foreign(const Settings& trial) const {
  return std::ranges::any_of(plugins_of(trial),
                             [&](const auto& plugin) { return foreign_.contains(plugin); });
}

bool Isolation::suspects(const PastCrashes& past) const {
  if (which_ != Isolate::never) return past.certain + past.near > 0;
  return past.certain == 0 && past.near > 0;
}

Errors Isolation::lost() const {
  const std::scoped_lock lock(mutex_);
  return lost_;
}

// One that waits, or a new one; null when the slot says stop, or when there never will be one.
std::unique_ptr<SandboxChild> Isolation::take_child(const TrialSlot& slot) {
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      auto child = std::move(idle_.back());
      idle_.pop_back();
      return child;
    }
  }
  while (!slot.stop) {
    auto child = sandbox_->child(memory_);
    if (child) return *std::move(child);
    {
      const std::scoped_lock lock(mutex_);
      if (!sandbox_->is_alive()) {
        lost_ = child.errors();
        break;
      }
      if (!std::exchange(complained_, true)) {
        complain(child.errors());
        warn("trials wait until a child can be started");
      }
    }
    std::this_thread::sleep_for(milliseconds(200));
  }
  return nullptr;
}

Isolation::Outcome Isolation::try_once(SandboxChild& child, const std::string& question,
                                       const TrialSlot& slot, bool is_foreign) {
  using What = Outcome::What;
  const long kills_before = memory_kills();
  const double limit = workshop_.limit + std::max(1.0, 0.05 * workshop_.limit);
  if (!child.ask(question)) return {What::killed, {}, "was gone"};
  AwakeClock clock;
  HangWatch watch(workshop_.limit, is_foreign);
  for (;;) {
    Heard heard = child.listen(milliseconds(100));
    const double now = clock.seconds();
    switch (heard.what) {
      case Heard::What::answer: {
        auto attempt = decode_attempt(heard.answer);
        if (attempt) return {What::answered, *std::move(attempt), ""};
        end(child);
        return {What::crashed, {}, "gave an answer that is none"};
      }
      case Heard::What::garbage:
        end(child);
        return {What::crashed, {}, "wrote into the channel of this program, or closed it"};
      case Heard::What::death: {
        ChildEnd end = end_of_child(heard.status, kills_before);
        return {end.crashed ? What::crashed : What::killed, {}, std::move(end.how)};
      }
      case Heard::What::nothing: break;
    }
    const bool late = now > limit;
    if (late || watch.hangs(slot.step, now)) {
      char text[64];
      std::snprintf(text, sizeof text, "made no step for %.0f s", watch.seconds(now));
      end(child);
      return {What::timed_out, {}, late ? over_limit(workshop_.limit) : text};
    }
  }
}

Attempt Isolation::train(const Trial& trial, const Settings& settings, int slot_number,
                         int crashes) {
  TrialSlot& slot = slots_[slot_number];
  const std::string question =
      encode(Question{Question::Wish::train, workshop_, folders_, slot_number, trial, settings});
  const int before = crashes;
  int kills = 0;
  std::int64_t step_of_kill = -1;
  Attempt out;
  const auto ended = [&](TrialStatus status, std::string why) {
    out.status = status;
    out.error = std::move(why);
    return out;
  };
  for (int tries = 1;; ++tries) {
    slot.step = -1;
    out.attempts = before + tries;
    auto child = take_child(slot);
    if (!child) break;
    Outcome outcome = try_once(*child, question, slot, is_foreign(settings));
    const std::int64_t step = slot.step;
    const std::string words = quoted_words(child->last_words());
    switch (outcome.what) {
      case Outcome::What::answered: {
        const std::scoped_lock lock(mutex_);
        idle_.push_back(std::move(child));
        outcome.attempt.attempts = std::max(outcome.attempt.attempts, out.attempts);
        return std::move(outcome.attempt);
      }
      case Outcome::What::timed_out:
        return ended(TrialStatus::timed_out, outcome.how + ", " + at_step(step) + words);
      case Outcome::What::crashed:
        note_crash(trial.id, step, outcome.how);
        if (++crashes < most_crashes) break;
        return ended(TrialStatus::crashed, crash_sentence(outcome.how, step, crashes) + words);
      case Outcome::What::killed:
        kills = step > step_of_kill ? 1 : kills + 1;
        step_of_kill = step;
        if (kills >= most_kills_without_a_step) {
          return ended(TrialStatus::failed, "its process " + outcome.how + " " +
                                                std::to_string(kills) + " times " + at_step(step));
        }
        for (int i = 0; i < std::min(1 << kills, 50) && !slot.stop; ++i)
          std::this_thread::sleep_for(milliseconds(20));
        break;
    }
    if (slot.stop) break;
  }
  out.stopped = true;
  return out;
}

}  // namespace attnlab
