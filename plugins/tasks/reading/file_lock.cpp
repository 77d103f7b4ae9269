// file_lock.cpp: flock(2), asked for again and again so that the wait has an end.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "cache_file.hpp"

namespace reading {

FileLock::FileLock(const std::filesystem::path& file, double most_seconds)
    : descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(most_seconds);
  for (auto pause = std::chrono::milliseconds(1); descriptor_ >= 0;
       pause = std::min(2 * pause, std::chrono::milliseconds(50))) {
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) {
      state_ = State::held;
      return;
    }
    if (errno != EWOULDBLOCK && errno != EINTR) break;
    if (Clock::now() >= end) {
      state_ = State::late;
      return;
    }
    std::this_thread::sleep_for(pause);
  }
  reason_ = std::strerror(errno);
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);  // gives the lock back
}

}  // namespace reading
