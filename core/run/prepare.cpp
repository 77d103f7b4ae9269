// prepare.cpp: rank 0 decides and tells; the others follow and check that they came to the same
// plan.
#include "run/prepare.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <map>

#include "base/hash.hpp"
#include "claims/claim.hpp"
#include "run/examine.hpp"
#include "run/machine.hpp"
#include "run/pack.hpp"
#include "run/read_plan.hpp"
#include "run/speak.hpp"

namespace attnlab {
namespace {

namespace fs = std::filesystem;

// What all ranks must agree on before they train.
std::string fingerprint(const Plan& plan, const Plugins& plugins) {
  std::string text;
  for (Index i = 0; i < plan.size(); ++i) text += to_string(plan.trial(i).id);
  for (const PluginDescription& plugin : plugins.catalogue()) text += plugin.sha256;
  return hex(sha256(text));
}

Result<Done> check_out(const fs::path& out) {
  std::error_code code;
  const fs::file_status status = fs::status(out, code);
  if (fs::exists(status) && !fs::is_directory(status)) {
    return Error{out.string(), "is a file, not a folder",
                 "name a folder that does not exist yet, or one of an earlier run"};
  }
  return Done{};
}

// The trials that a look at the journal leaves; the run directory itself is opened when nothing can
// go wrong any more.
std::vector<Index> waiting_trials(const Plan& plan, const Share& share,
                                  const std::map<TrialId, JournalEntry>& finished) {
  std::vector<Index> waiting;
  for (Index i = 0; i < plan.size(); ++i) {
    if (share.holds(i) && !finished.contains(plan.trial(i).id)) waiting.push_back(i);
  }
  return waiting;
}

std::map<TrialId, JournalEntry> finished_so_far(const Options& options) {
  std::error_code code;
  std::vector<std::string> warnings;
  if (options.fresh || !fs::is_directory(options.out, code)) return {};
  auto journal = read_journal(options.out, warnings);
  return journal ? *std::move(journal) : std::map<TrialId, JournalEntry>{};
}

// Once for each assumption that some trial leaves, with the claims that the grid names; the first
// trials of a large grid speak for all.
void warn_of_assumptions(const Plan& plan) {
  constexpr Index most = 1000;
  std::vector<std::string> said;
  for (Index i = 0; i < std::min(plan.size(), most); ++i) {
    const Settings settings = plan.settings(i);
    for (const std::string& name : plan.grid().claims) {
      const Claim* const claim = find_claim(name);
      if (!claim || !claim->outside) continue;
      for (const std::string& sentence : claim->outside(settings)) {
        if (std::ranges::find(said, sentence) != said.end()) continue;
        said.push_back(sentence);
        warn("outside the assumptions of " + claim->name + " in trial " + std::to_string(i) +
             (plan.size() > 1 ? " and maybe others: " : ": ") + sentence);
      }
    }
  }
}

// The same on every rank. ATTNLAB_RANKS_PER_LEADER=n makes nodes of n ranks, whatever machines they
// are on, and gives them leaders.
Nodes nodes_of(Comm& comm) {
  const char* forced = std::getenv("ATTNLAB_RANKS_PER_LEADER");
  const int n_each = comm.rank() == 0 && forced != nullptr ? std::max(0, std::atoi(forced)) : 0;
  const Sha256 host = sha256(this_host());
  std::int64_t word = 0;
  std::memcpy(&word, host.data(), sizeof word);
  auto machines = comm.gather(word);
  for (std::size_t r = 0; n_each > 0 && r < machines.size(); ++r) {
    machines[r] = static_cast<std::int64_t>(r) / n_each;
  }
  const Nodes nodes = choose_nodes(machines, n_each > 0);
  std::string text(nodes.leader_of.size() * sizeof(int), '\0');
  // Without leaders both are empty, and memcpy takes no null pointer.
  if (!text.empty()) std::memcpy(text.data(), nodes.leader_of.data(), text.size());
  text = comm.broadcast(text);
  Nodes told{std::vector<int>(text.size() / sizeof(int))};
  if (!text.empty()) std::memcpy(told.leader_of.data(), text.data(), text.size());
  return told;
}

class Preparing {
 public:
  Preparing(Comm& comm, const Options& options, Early& early)
      : comm_(comm), options_(options), early_(early) {}

  Preparation play() {
    if (agree(comm_.rank() == 0 ? read() : 0) != 0) return {std::nullopt, code_};
    const auto told = unpack(comm_.broadcast(comm_.rank() == 0 ? what_to_read() : ""));
    if (agree(comm_.rank() == 0 ? examine_and_open() : follow(told)) != 0)
      return {std::nullopt, code_};
    const auto work = unpack(comm_.broadcast(comm_.rank() == 0 ? what_to_train() : ""));
    const Width chosen = width(work);
    const fs::path marks = crash_marks_file(told[5], comm_.rank());
    if (early_.isolation) {
      early_.isolation->equip(
          {plan_->grid().folder, told[5], chosen.threads_each, options_.trial_limit},
          memory_of_child(share_of_memory(), chosen), folders_, marks);
    }
    return {Prepared{*std::move(plugins_), *std::move(plan_), told[5], std::move(ownership_),
                     options_.share, std::stoll(work[1]), WorkList::decode(work[0]), chosen,
                     nodes_of(comm_), crashes_from(work[3]), marks},
            0};
  }

 private:
  int agree(int code) {
    code_ = code_of_severity(static_cast<int>(comm_.maximum(severity(code))));
    return code_;
  }

  int read() {
    if (auto fine = check_out(options_.out); !fine) return complain(fine.errors());
    folders_ = early_.folders;
    if (!early_.plugins) return complain(early_.plugins.errors());
    auto opened = read_plan(options_.grid, options_.overrides, *std::move(early_.plugins));
    if (!opened) return complain(opened.errors());
    for (const Error& refused : opened->plugins.refused()) warn(sentence(refused));
    plugins_ = std::move(opened->plugins);
    plan_ = std::move(opened->plan);
    return 0;
  }

  std::string what_to_read() const {
    const Grid& grid = plan_->grid();
    std::vector<std::string> folders;
    for (const fs::path& folder : folders_) folders.push_back(folder.string());
    return pack({grid.text, grid.file, grid.folder.string(), pack(grid.overrides), pack(folders),
                 fs::absolute(options_.out).lexically_normal().string(),
                 fingerprint(*plan_, *plugins_)});
  }

  int follow(const std::vector<std::string>& told) {
    for (const std::string& folder : unpack(told[4])) folders_.emplace_back(folder);
    // Other folders than ours are rare: the environment of one machine differs from another's.
    auto plugins = folders_ == early_.folders ? std::move(early_.plugins) : Plugins::scan(folders_);
    if (!plugins) return complain(plugins.errors());
    auto grid =
        grid_from(told[0], told[1], told[2], unpack(told[3]), plugins->catalogue(), claim_names());
    if (!grid) return complain(grid.errors());
    auto plan = Plan::make(*std::move(grid), plugins->catalogue());
    if (!plan) return complain(plan.errors());
    if (fingerprint(*plan, *plugins) != told[6]) {
      return complain(
          {Error{this_host(),
                 "rank " + std::to_string(comm_.rank()) +
                     " finds other plugins or another plan than rank 0",
                 "give every machine the same program and the same plugin files", Blame::machine}});
    }
    plugins_ = *std::move(plugins);
    plan_ = *std::move(plan);
    return 0;
  }

  int examine_and_open() {
    const double memory = memory_bytes();
    std::vector<Index> waiting = waiting_trials(*plan_, options_.share, finished_so_far(options_));
    auto examined = examine(waiting, memory);
    if (!examined) return complain(examined.errors());
    auto directory = RunDirectory::open(options_.out, *plan_, options_.fresh, options_.share);
    if (!directory) return complain(directory.errors());
    for (const std::string& warning : directory->warnings()) warn(warning);
    warn_of_assumptions(*plan_);
    ownership_ = *std::move(directory);
    tell();
    const std::vector<Index> open_trials =
        waiting_trials(*plan_, options_.share, ownership_->finished());
    if (open_trials != waiting) {  // a damaged segment gave trials back
      waiting = open_trials;
      examined = examine(waiting, memory);
      if (!examined) return complain(examined.errors());
    }
    n_finished_ = share_size() - static_cast<Index>(waiting.size());
    const std::vector<TrialCost> costs = costs_of(*examined);
    std::vector<double> flops;
    for (const TrialCost& cost : costs) flops.push_back(cost.flops);
    work_ = WorkList(waiting, flops);
    // Every rank has its own threads; what a trial is like is the same for all.
    const int many = std::numeric_limits<int>::max();
    const Width shape = choose_width(costs, many, comm_.size(), share_of_memory(), 0);
    at_once_ = shape.trials_at_once;
    return 0;
  }

  // Foreign plugins are looked at in a child: one that crashes costs its own trials.
  Result<std::vector<Examined>> examine(const std::vector<Index>& waiting, double memory) {
    TaskCache cache;
    Forgiveness forgive(foreign_plugins(plugins_->catalogue(), installed_plugins()));
    const fs::path& folder = plan_->grid().folder;
    return examine_all(*plan_, waiting, memory, [&](const Settings& settings) {
      if (!early_.isolation || !early_.isolation->isolates(settings)) {
        auto examined = examine_one(settings, *plugins_, folder, cache);
        if (examined) hear(task_report(settings, *plugins_, folder, cache));
        return forgive(std::move(examined), settings);
      }
      return forgive(early_.isolation->examine(settings, folder, folders_,
                                               static_cast<std::uint64_t>(share_of_memory()),
                                               options_.trial_limit),
                     settings);
    });
  }

  // What was read from files: a wrong path or column shows there. Each report is told once.
  void hear(const std::string& report) {
    if (!report.empty() && std::ranges::find(reports_, report) == reports_.end()) {
      reports_.push_back(report);
    }
  }
  void tell() const {
    constexpr std::size_t few = 4;
    for (std::size_t i = 0; i < std::min(reports_.size(), few); ++i) {
      std::string_view rest = reports_[i];
      while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        note("attnlab: data: " + std::string(rest.substr(0, end)));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      }
    }
    if (reports_.size() > few) {
      note("attnlab: data: and " + std::to_string(reports_.size() - few) + " more reports");
    }
  }

  Index share_size() const {
    const Share& share = options_.share;
    return (plan_->size() + share.of - share.number) / share.of;
  }

  std::string what_to_train() const {
    return pack({work_.encode(), std::to_string(n_finished_), std::to_string(at_once_),
                 crash_marks_text(ownership_->path())});
  }

  Width width(const std::vector<std::string>& told) const {
    const int threads =
        options_.threads > 0 ? options_.threads : default_threads(cores(), ranks_here());
    if (options_.trials_at_once > 0)
      return choose_width({}, threads, 1, 0, options_.trials_at_once);
    const int at_once = std::clamp(std::stoi(told[2]), 1, threads);
    return {at_once, threads / at_once};
  }

  static double share_of_memory() { return 0.8 * memory_bytes() / ranks_here(); }

  Comm& comm_;
  const Options& options_;
  Early& early_;
  int code_ = 0;
  std::vector<fs::path> folders_;
  std::optional<Plugins> plugins_;
  std::optional<Plan> plan_;
  std::optional<RunDirectory> ownership_;
  std::vector<std::string> reports_;  // of tasks
  Index n_finished_ = 0;
  WorkList work_;
  int at_once_ = 1;
};

}  // namespace

Preparation prepare(Comm& comm, const Options& options, Early& early) {
  return Preparing(comm, options, early).play();
}

}  // namespace attnlab
