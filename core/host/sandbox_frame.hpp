// sandbox_frame.hpp: what travels between a sandbox's processes: whole frames or nothing.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>

#include "host/sandbox.hpp"

namespace attnlab {

struct SandboxHeader {
  std::uint64_t mark;
  std::uint64_t number;  // of the question; its answer repeats it
  std::uint64_t size;    // bytes that follow
  std::uint64_t check;   // their CRC-32
};
inline constexpr std::uint64_t question_mark = 0x3f71756573740a01;
inline constexpr std::uint64_t answer_mark = 0x21616e7377720a02;

// A letter to the small process. A new child comes with three descriptors: its channel, where it
// writes its words, and where its process number and then its end are told.
struct SandboxLetter {
  enum class Wish : std::uint64_t { child, kill };
  Wish wish;
  std::uint64_t memory;
  std::int64_t process;  // to kill
};

bool send_frame(int channel, std::uint64_t mark, std::uint64_t number, std::string_view bytes);
bool read_whole(int channel, void* bytes, std::size_t size);  // false: it ended before

// The life of the small process; it does not come back.
[[noreturn]] void start_children(int control, const Sandbox::Work& work, pid_t owner);

}  // namespace attnlab
