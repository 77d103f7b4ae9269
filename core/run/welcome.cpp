// welcome.cpp: a line a rank; where ranks are many, one line for all.
#include "run/welcome.hpp"

#include <algorithm>

#include "base/number_text.hpp"
#include "run/machine.hpp"
#include "run/speak.hpp"

namespace attnlab {
namespace {

std::string text(std::int64_t number) { return std::to_string(number); }

struct RankCores {
  std::int64_t allowed;
  std::int64_t present;
};

RankCores unpack_cores(std::int64_t word) { return {word >> 20, word & 0xfffff}; }

void print_cores(const std::vector<std::int64_t>& words) {
  constexpr std::size_t few = 8;
  if (words.size() <= few) {
    for (std::size_t r = 0; r < words.size(); ++r) {
      const RankCores cores = unpack_cores(words[r]);
      note("attnlab: rank " + std::to_string(r) + " may use " + text(cores.allowed) + " of " +
           text(cores.present) + " cores");
    }
    return;
  }
  const auto by_allowed = [](std::int64_t a, std::int64_t b) {
    return unpack_cores(a).allowed < unpack_cores(b).allowed;
  };
  const auto [least, most] = std::ranges::minmax_element(words, by_allowed);
  note("attnlab: " + std::to_string(words.size()) + " ranks, each may use " +
       text(unpack_cores(*least).allowed) + " to " + text(unpack_cores(*most).allowed) + " of " +
       text(unpack_cores(*most).present) + " cores");
}

void warn_of_binding(const std::vector<std::int64_t>& words, int threads) {
  const auto narrow = std::ranges::count_if(
      words, [&](std::int64_t word) { return unpack_cores(word).allowed < threads; });
  if (narrow > 0) {
    warn("--threads " + std::to_string(threads) + " is more than the cores that " + text(narrow) +
         (narrow == 1 ? " rank is" : " ranks are") +
         " bound to; `mpirun --bind-to none` or `--map-by ppr:R:package:PE=" +
         std::to_string(threads) + "` gives them more");
    return;
  }
  const RankCores first = unpack_cores(words.front());
  if (threads == 0 && first.allowed == 1 && first.present >= 2 * ranks_here()) {
    warn(
        "ranks are bound to one core each and some cores stay idle; `mpirun --bind-to none` shares "
        "them");
  }
}

}  // namespace

void welcome(Comm& comm, const Prepared& prepared, const Options& options) {
  const Cores mine = cores();
  const auto words = comm.gather((static_cast<std::int64_t>(mine.allowed) << 20) | mine.present);
  if (comm.rank() != 0) return;
  if (prepared.work.size() > 0) {
    print_cores(words);
    warn_of_binding(words, options.threads);
    if (prepared.nodes.has_leaders()) {
      note("attnlab: " + text(static_cast<std::int64_t>(prepared.nodes.leaders().size())) +
           " nodes: ranks ask the leader of their node for trials");
    }
  }
  std::string line =
      "attnlab: " + prepared.plan.grid().name + ": " + counted(prepared.plan.size(), "trial");
  if (!prepared.share.is_whole()) line += ", share " + to_string(prepared.share);
  if (prepared.n_finished > 0)
    line += ", " + std::to_string(prepared.n_finished) + " finished before";
  if (prepared.work.size() == 0) {
    line += "; nothing to train";
  } else {
    line += "; " + std::to_string(prepared.work.size()) + " to train, " +
            std::to_string(prepared.width.trials_at_once) + " at once with " +
            counted(prepared.width.threads_each, "thread") + " each on every rank";
  }
  note(line);
}

}  // namespace attnlab
