// sandbox.hpp: children that take the blow of foreign code, and the small process that starts them.
//
// A process with threads or MPI must not fork. Therefore a small process is forked off while there
// is neither; it forks the children when asked to. All of them die with the process that started
// the Sandbox, however that dies.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace attnlab {

// What a while of listening to a child brought.
struct Heard {
  enum class What {
    nothing,  // it is still at work
    answer,   // the whole answer to the question
    garbage,  // something wrote into the channel, or closed it
    death     // the child is no more
  };
  What what = What::nothing;
  std::string answer;
  int status = 0;  // of a death, as waitpid tells it; SIGKILL too if the small process died
};

// One child, in a process group of its own, as its owner sees it. One thread at a time.
class SandboxChild {
 public:
  struct Ends;  // of the channels
  explicit SandboxChild(std::unique_ptr<Ends> ends);
  SandboxChild(const SandboxChild&) = delete;
  SandboxChild& operator=(const SandboxChild&) = delete;
  ~SandboxChild();  // ends it and whatever it started

  bool ask(std::string_view question);  // false: it is gone; no answer will come
  // Until the answer is complete, the child is gone, or this long. What the child writes to stdout
  // and stderr goes to our stderr meanwhile.
  Heard listen(std::chrono::milliseconds longest);
  void kill();
  std::string last_words() const;  // what it wrote since the last question, the last 4 KB
  int process() const;

 private:
  std::unique_ptr<Ends> ends_;
};

class Sandbox {
 public:
  // Runs in a child, question by question; what it keeps in mind is the child's own.
  using Work = std::function<std::string(std::string_view question)>;

  // Only while the process has one thread.
  static Result<std::unique_ptr<Sandbox>> start(const Work& work);
  explicit Sandbox(int control, int process);
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;
  ~Sandbox();  // ends the small process and all children

  // A new child that may use `memory` bytes beyond what it begins with (0: any number), after
  // which allocations fail. Any thread. Fails if the machine has no room for it or the small
  // process is gone.
  Result<std::unique_ptr<SandboxChild>> child(std::uint64_t memory);
  bool is_alive() const;  // the small process; without it there are no more children
  int process() const { return process_; }

 private:
  int control_;
  int process_;
};

}  // namespace attnlab
