// hand_out.cpp: under mpirun, ranks hand out trials that take no time, by the real messages. Prints
// one line of JSON: microseconds a trial, messages, how long a message keeps rank 0 busy, and the
// time of one question and answer where nobody else asks: both sides looking for mail all the time,
// and both resting between looks as a run does.
#include <algorithm>
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

struct Heard {
  std::int64_t n_messages = 0, n_questions = 0;
  double answering = 0;  // seconds, of the coordinator
};

// As core/run/training does it, without the training.
Heard hand_out(Comm& comm, const WorkList& work, const Nodes& nodes) {
  Coordinator coordinator(work, comm.size(), nodes);
  Worker worker(work, comm.rank(), comm.size(), nodes);
  std::optional<Leader> leader;
  if (nodes.leads(comm.rank())) leader.emplace(work, comm.rank(), nodes);
  Tally tally;
  Heard heard;
  bool said_goodbye = false;
  while (!worker.released()) {
    while (const auto message = comm.poll()) {
      ++heard.n_messages;
      const double began = now();
      std::vector<Letter> letters;
      switch (role_of(*message)) {
        case Role::coordinator: letters = coordinator.on(*message); break;
        case Role::leader: letters = leader->on(*message); break;
        case Role::worker: worker.on(*message); break;
      }
      for (const Letter& letter : letters) send(comm, letter);
      if (role_of(*message) != Role::coordinator) continue;
      ++heard.n_questions;
      heard.answering += now() - began;
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
  return heard;
}

// Looks for mail until there is some; resting: with pauses of 50 us, then twice as long up to 1 ms,
// as core/run/training makes them.
void wait_for_mail(Comm& comm, bool resting) {
  std::chrono::microseconds pause{50};
  while (!comm.poll()) {
    if (resting) {
      std::this_thread::sleep_for(pause);
      pause = std::min(pause * 2, std::chrono::microseconds(1000));
    } else {
      std::this_thread::yield();
    }
  }
}

// Ranks 0 and 1 by turns: seconds from a question to its answer. The one who asks was busy for a
// while before, so that the other one has long been waiting.
double question_seconds(Comm& comm, bool resting) {
  if (comm.size() < 2) return 0;
  const int n = resting ? 300 : 20000;
  const std::vector<std::int64_t> words{1, 2};
  double sum = 0;
  for (int i = 0; i < n && comm.rank() < 2; ++i) {
    if (comm.rank() == 0) {
      if (resting) std::this_thread::sleep_for(std::chrono::microseconds(3000 + 37 * (i % 27)));
      const double began = now();
      comm.send(1, 1, words);
      wait_for_mail(comm, resting);
      sum += now() - began;
    } else {
      wait_for_mail(comm, resting);
      comm.send(0, 1, words);
    }
  }
  return sum / n;
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
  Heard heard;
  for (int i = 0; i < std::atoi(argv[2]); ++i) {
    (*comm)->maximum(0);
    const double began = now();
    heard = hand_out(**comm, work, nodes);
    (*comm)->maximum(0);
    best = std::min(best, now() - began);
  }
  double question = 1e9;
  for (int i = 0; i < 3; ++i) question = std::min(question, question_seconds(**comm, false));
  const double resting = question_seconds(**comm, true);
  (*comm)->maximum(0);
  if ((*comm)->rank() == 0) {
    std::printf(
        "{\"ranks\": %d, \"trials\": %zu, \"us_a_trial\": %.4f, \"messages_of_rank_0\": %lld, "
        "\"us_an_answer\": %.3f, \"us_a_question\": %.3f, \"us_a_resting_question\": %.1f}\n",
        (*comm)->size(), n, best / static_cast<double>(n) * 1e6,
        static_cast<long long>(heard.n_messages),
        heard.answering / static_cast<double>(std::max<std::int64_t>(heard.n_questions, 1)) * 1e6,
        question * 1e6, resting * 1e6);
  }
  return 0;
}
