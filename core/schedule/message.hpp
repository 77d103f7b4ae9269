// message.hpp: what ranks say to each other while trials are handed out. Only numbers of trials travel, never results.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>
#include <vector>

#include "comm/comm.hpp"

namespace attnlab {

// One rank may play several parts; a message says which one it is for.
enum class Role : int { worker = 0, leader = 1, coordinator = 2 };

struct Address {
  int rank = 0;
  Role role = Role::coordinator;
  bool operator==(const Address&) const = default;
};

// Up: from a worker to its leader or the coordinator, from a leader to the coordinator. Down: back.
enum class Word : int {
  ask = 1,      // up: I am about to run out; a leader adds how many ranks it has, and how many wait
  chunk = 2,    // down: begin, end; empty: nothing is left
  stop = 3,     // up: everyone is to stop; the word is the reason
  tally = 4,    // up: counts per status so far
  goodbye = 5,  // up: my segments are closed; final counts
  release = 6,  // down: everyone has said goodbye
  halt = 7,     // down: train no more; the word is the reason
};

struct Letter {  // a message that wants to be sent
  Address to{};
  Word word = Word::ask;
  std::vector<std::int64_t> words{};
};

inline constexpr int n_words = 16;  // room for words in a tag, the role stands above
inline int tag_of(Role role, Word word) {
  return static_cast<int>(role) * n_words + static_cast<int>(word);
}
inline Word word_of(const Message& message) { return static_cast<Word>(message.tag % n_words); }
inline Role role_of(const Message& message) { return static_cast<Role>(message.tag / n_words); }
inline void send(Comm& comm, const Letter& letter) {
  comm.send(letter.to.rank, tag_of(letter.to.role, letter.word), letter.words);
}

// Trials that ended, by status; the index is TrialStatus.
struct Tally {
  std::array<std::int64_t, 5> counts{};
  std::int64_t total() const { return std::accumulate(counts.begin(), counts.end(), std::int64_t{0}); }
  std::int64_t failures() const { return total() - counts[0]; }
  std::vector<std::int64_t> words() const { return {counts.begin(), counts.end()}; }
  bool operator==(const Tally&) const = default;
};

}  // namespace attnlab
