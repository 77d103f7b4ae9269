// hand_out.cpp: under mpirun, ranks hand out trials that take no time, by the real messages. Prints
// one line of JSON: microseconds a trial, messages, and the time of one question and answer where
// nobody else asks.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <thread>

#include "comm/mpi_comm.hpp"
#include "schedule/coordinator.hpp"
#include "schedule/leader.hpp"
#include "schedule/worker.hpp"

namespace {
using namespace attnlab;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// As core/run/training does it, without the training.
std::int64_t hand_out(Comm& comm, const WorkList& work, const Nodes& nodes) {
  Coordinator coordinator(work, comm.size(), nodes);
  Worker worker(work, comm.rank(), comm.size(), nodes);
  std::optional<Leader> leader;
  if (nodes.leads(comm.rank())) leader.emplace(work, comm.rank(), nodes);
  Tally tally;
  std::int64_t n_messages = 0;
  bool said_goodbye = false;
  while (!worker.released()) {
    while (const auto message = comm.poll()) {
      ++n_messages;
      std::vector<Letter> letters;
      switch (role_of(*message)) {
        case Role::coordinator: letters = coordinator.on(*message); break;
        case Role::leader: letters = leader->on(*message); break;
        case Role::worker: worker.on(*message); break;
      }
      for (const Letter& letter : letters) send(comm, letter);
    }
    while (worker.next()) ++tally.counts[0];
    if (const auto letter = worker.ask(1)) send(comm, *letter);
    if (worker.exhausted() && !said_goodbye) {
      said_goodbye = true;
      send(comm, worker.letter(Word::goodbye, tally.words()));
    }
    std::this_thread::yield();
  }
  if (comm.rank() == 0 && coordinator.tally().counts[0] != work.size()) {
    std::fprintf(stderr, "a trial was lost or given twice\n");
    std::exit(1);
  }
  return n_messages;
}

// Ranks 0 and 1 by turns: seconds from a question to its answer, both looking for mail all the
// time.
double question_seconds(Comm& comm) {
  constexpr int n = 20000;
  if (comm.size() < 2) return 0;
  const double began = now();
  const std::vector<std::int64_t> words{1, 2};
  for (int i = 0; i < n && comm.rank() < 2; ++i) {
    if (comm.rank() == 0) comm.send(1, 1, words);
    while (!comm.poll()) std::this_thread::yield();
    if (comm.rank() == 1) comm.send(0, 1, words);
  }
  return (now() - began) / n;
}

}  // namespace

// hand_out TRIALS REPETITIONS [RANKS_PER_LEADER]
int main(int argc, char** argv) {
  auto comm = MpiComm::start(argc, argv);
  if (!comm || argc < 3) return 2;
  const auto n = static_cast<std::size_t>(std::atoll(argv[1]));
  const int n_each = argc > 3 ? std::atoi(argv[3]) : 0;
  std::vector<std::int64_t> machines;
  for (int r = 0; r < (*comm)->size(); ++r) machines.push_back(n_each > 0 ? r / n_each : 0);
  const Nodes nodes = choose_nodes(machines, n_each > 0);
  std::vector<Index> trials(n);
  std::iota(trials.begin(), trials.end(), Index{0});
  const WorkList work(trials, std::vector<double>(n, 1e6));
  double best = 1e9;
  std::int64_t n_messages = 0;
  for (int i = 0; i < std::atoi(argv[2]); ++i) {
    (*comm)->maximum(0);
    const double began = now();
    n_messages = hand_out(**comm, work, nodes);
    (*comm)->maximum(0);
    best = std::min(best, now() - began);
  }
  double question = 1e9;
  for (int i = 0; i < 3; ++i) question = std::min(question, question_seconds(**comm));
  (*comm)->maximum(0);
  if ((*comm)->rank() == 0) {
    std::printf(
        "{\"ranks\": %d, \"trials\": %zu, \"us_a_trial\": %.4f, \"messages_of_rank_0\": %lld, "
        "\"us_a_question\": %.3f}\n",
        (*comm)->size(), n, best / static_cast<double>(n) * 1e6, static_cast<long long>(n_messages),
        question * 1e6);
  }
  return 0;
}
