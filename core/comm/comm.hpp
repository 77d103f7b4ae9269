// comm.hpp: ranks as mailboxes. MpiComm is the real one; LocalComm connects several in one process for tests.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace attnlab {

struct Message {
  int from = 0;
  int tag = 0;
  std::vector<std::int64_t> words;
};

class Comm {
 public:
  virtual ~Comm() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  virtual void send(int to, int tag, std::span<const std::int64_t> words) = 0;  // returns at once
  virtual std::optional<Message> poll() = 0;                                    // a message that is here, or none
  virtual std::string broadcast(std::string text) = 0;                          // rank 0's text, on every rank
  virtual std::vector<std::int64_t> gather(std::int64_t word) = 0;              // rank 0: one word a rank; others: empty
  virtual std::int64_t maximum(std::int64_t word) = 0;                          // over all ranks, on every rank
};

}  // namespace attnlab
