// message.hpp: what ranks say to each other while trials are handed out. Only numbers of trials travel, never results.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>
#include <vector>

#include "comm/comm.hpp"

namespace attnlab {

enum class Word : int {
  ask = 1,      // worker -> coordinator: I am about to run out
  chunk = 2,    // coordinator -> worker: begin, end; empty: nothing is left
  stop = 3,     // either way: train no more; the word is the reason
  tally = 4,    // worker -> coordinator: counts per status so far
  goodbye = 5,  // worker -> coordinator: my segments are closed; final counts
  release = 6,  // coordinator -> worker: everyone has said goodbye
};

struct Letter {  // a message that wants to be sent
  int to = 0;
  Word word = Word::ask;
  std::vector<std::int64_t> words;
};

inline Word word_of(const Message& message) { return static_cast<Word>(message.tag); }
inline void send(Comm& comm, const Letter& letter) {
  comm.send(letter.to, static_cast<int>(letter.word), letter.words);
}

// Trials that ended, by status; the index is TrialStatus.
struct Tally {
  std::array<std::int64_t, 5> counts{};
  std::int64_t total() const { return std::accumulate(counts.begin(), counts.end(), std::int64_t{0}); }
  std::int64_t failures() const { return total() - counts[0]; }
  bool operator==(const Tally&) const = default;
};

}  // namespace attnlab
