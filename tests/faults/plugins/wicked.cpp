// wicked.cpp: gradient descent that does something terrible before a chosen step. For tests of
// what a plugin may cost.
#include <unistd.h>

#include <attnlab/optimizer.hpp>
#include <cfenv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

namespace {
using namespace attnlab;

constexpr std::array options{
    option::text("act", "\"none\"",
                 "segfault, abort, fpe, overflow, loop, devour, exit, _exit, garbage, close, "
                 "shout, throw, kill, thread, round, refuse, none"),
    option::integer("at", "3", -1, option::infinity, "1",
                    "step before which it is done; -1: while it is being made"),
    option::integer("sleep_ms", "0", 0, 60000, "ms", "time that every step takes"),
    option::text("once", "\"\"",
                 "a file: what is done is done only while it is not there, and makes it"),
};

[[gnu::noinline]] int overflow(int depth) {
  volatile char room[4096];
  room[0] = static_cast<char>(depth);
  return depth < 0 ? 0 : overflow(depth + 1) + room[0];
}

void throw_something() { throw std::runtime_error("out of bounds"); }
void throw_where_nobody_may() noexcept { throw_something(); }

void write_everywhere() {
  const std::string garbage(997, 'x');
  for (int descriptor = 3; descriptor < 1024; ++descriptor)
    [[maybe_unused]] const auto n = ::write(descriptor, garbage.data(), garbage.size());
}

// Memory that is used, not only asked for. Gives up above 64 GiB, where there is no limit at work.
void devour() {
  constexpr std::size_t piece = std::size_t{64} << 20;
  for (int i = 0; i < 1024; ++i) {
    auto* const memory = static_cast<volatile char*>(std::malloc(piece));
    for (std::size_t at = 0; at < piece; at += 4096) memory[at] = 1;  // no check, as in bad code
  }
}

void do_it(const std::string& act) {
  if (act == "none") return;
  std::fprintf(stderr, "wicked does %s\n", act.c_str());
  if (act == "segfault") {
    volatile int* volatile nowhere = nullptr;
    *nowhere = 1;
  } else if (act == "abort") {
    std::abort();
  } else if (act == "fpe") {
    std::raise(SIGFPE);
  } else if (act == "overflow") {
    overflow(0);
  } else if (act == "loop") {
    for (volatile bool forever = true; forever;) continue;
  } else if (act == "devour") {
    devour();
  } else if (act == "exit") {
    std::exit(0);
  } else if (act == "_exit") {
    ::_exit(7);
  } else if (act == "garbage") {
    write_everywhere();
  } else if (act == "close") {
    for (int descriptor = 3; descriptor < 1024; ++descriptor) ::close(descriptor);
  } else if (act == "shout") {
    for (int i = 0; i < 1000; ++i) std::printf("wicked says %d\n", i);
    std::fflush(stdout);
  } else if (act == "throw") {
    throw_where_nobody_may();
  } else if (act == "kill") {
    std::raise(SIGKILL);
  } else if (act == "round") {
    std::fesetround(FE_UPWARD);
  } else if (act == "refuse") {
    throw Failure("wicked refuses");
  } else if (act == "thread") {
    std::thread([] { std::abort(); }).join();
  }
}

struct Wicked {
  Wicked(const Options& given, const Problem& problem)
      : act(given.text("act")),
        once(given.text("once")),
        at(given.integer("at")),
        sleep_ms(given.integer("sleep_ms")),
        blocks(problem.blocks) {
    if (at == -1 && is_time()) do_it(act);
  }

  std::int64_t n_state_bytes(std::int64_t) const { return 0; }

  template <class Number>
  void step(const Step<Number>& step, std::span<Number> parameters, std::span<Number> gradient,
            void*) const {
    if (sleep_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(sleep_ms));
    if (step.number() == at && is_time()) do_it(act);
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const auto rate = static_cast<Number>(step.rate(b));
      for (std::int64_t i = blocks[b].offset; i < blocks[b].offset + blocks[b].size; ++i)
        parameters[static_cast<std::size_t>(i)] -= rate * gradient[static_cast<std::size_t>(i)];
    }
  }

  bool is_time() const {
    if (once.empty() || act == "none") return true;
    if (std::FILE* const made = std::fopen(once.c_str(), "wx")) {
      std::fclose(made);
      return true;
    }
    return false;
  }

  std::string act, once;
  std::int64_t at, sleep_ms;
  std::vector<Block> blocks;
};

}  // namespace

ATTNLAB_OPTIMIZER_PLUGIN(Wicked, options, 0.01,
                         (About{
                             .name = "wicked",
                             .summary = "Gradient descent that does something terrible.",
                         }))
