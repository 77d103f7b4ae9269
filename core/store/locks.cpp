// locks.cpp: the door, the lock, and the shares' own locks.
#include "store/locks.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace attnlab {
namespace {
namespace fs = std::filesystem;

constexpr int most_waits = 600 * 50;  // of 20 ms

std::string name_of(const Share& share) {
  return "lock." + std::to_string(share.number) + "-of-" + std::to_string(share.of);
}

Result<Descriptor> open_lock(const fs::path& file) {
  Descriptor lock{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)};
  if (lock.number() < 0) return file_error(file, "cannot be made", errno);
  return lock;
}

Error in_use(const fs::path& dir, const fs::path& file) {
  const auto owner = read_file(file);
  const std::string who = owner && !owner->empty() ? *owner : "another process";
  return {dir.string(), "is in use by " + who.substr(0, who.find('\n')),
          "wait until that run ends, or stop it; `attnlab status` shows how far it is"};
}

enum class Taken { yes, no, no_locks };

Taken take(const Descriptor& lock, int how) {
  if (::flock(lock.number(), how | LOCK_NB) == 0) return Taken::yes;
  return errno == EWOULDBLOCK ? Taken::no : Taken::no_locks;
}

std::string no_locks(const fs::path& file) {
  return file.string() + ": this file system has no locks (" + std::strerror(errno) +
         "); do not start a second run in this folder";
}

Result<Done> write_owner(const Descriptor& lock, const fs::path& file, const std::string& text) {
  if (::ftruncate(lock.number(), 0) != 0 || ::lseek(lock.number(), 0, SEEK_SET) != 0 ||
      !write_all(lock.number(), text)) {
    return file_error(file, "cannot be written", errno);
  }
  return Done{};
}

std::string this_process() {
  return "process " + std::to_string(::getpid()) + " on " + host_name();
}
std::string since_now() { return " since " + utc_text(unix_now()) + "\n"; }

// A share of another number that is there: its trials would be ours, too.
std::optional<fs::path> other_number(const fs::path& dir, const Share& share) {
  const std::string ours = "-of-" + std::to_string(share.of);
  std::error_code wrong;
  for (const auto& entry : fs::directory_iterator(dir / "journal", wrong)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("lock.") || name.ends_with(ours)) continue;
    const auto lock = open_lock(entry.path());
    if (lock && take(*lock, LOCK_SH) == Taken::no) return entry.path();
  }
  return std::nullopt;
}

Result<Done> take_own(Locks& locks, const fs::path& dir, const Share& share) {
  const fs::path file = dir / "journal" / name_of(share);
  auto own = open_lock(file);
  if (!own) return own.errors();
  if (take(*own, LOCK_EX) == Taken::no) return in_use(dir, file);
  if (const auto other = other_number(dir, share)) return in_use(dir, *other);
  locks.own = std::move(*own);
  return write_owner(
      locks.own, file,
      this_process() + ", which trains share " + to_string(share) + "," + since_now());
}

}  // namespace

std::string to_string(const Share& share) {
  return std::to_string(share.number) + "/" + std::to_string(share.of);
}

Result<Descriptor> enter(const fs::path& dir, std::vector<std::string>& warnings) {
  const fs::path file = dir / "journal" / "door";
  auto door = open_lock(file);
  if (!door) return door.errors();
  for (int waits = 0; waits < most_waits; ++waits) {
    const Taken taken = take(*door, LOCK_EX);
    if (taken == Taken::no_locks) warnings.push_back(no_locks(file));
    if (taken != Taken::no) return door;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return Error{dir.string(), "another run has been opening it for ten minutes",
               "see which processes are at work there", Blame::machine};
}

Result<Locks> take_locks(const fs::path& dir, const Share& share,
                         std::vector<std::string>& warnings) {
  const fs::path file = dir / "journal" / "lock";
  Locks locks;
  auto lock = open_lock(file);
  if (!lock) return lock.errors();
  Taken taken = take(*lock, LOCK_EX);
  if (taken == Taken::no && !share.is_whole()) {
    locks.is_alone = false;
    taken = take(*lock, LOCK_SH);
  }
  if (taken == Taken::no) return in_use(dir, file);
  if (taken == Taken::no_locks) {
    if (!share.is_whole()) {
      return Error{file.string(), "this file system has no locks, which shares need",
                   "run without --share", Blame::machine};
    }
    if (warnings.empty()) warnings.push_back(no_locks(file));
  }
  locks.lock = std::move(*lock);
  if (!share.is_whole()) {
    if (auto own = take_own(locks, dir, share); !own) return own.errors();
  }
  if (!locks.is_alone) return locks;
  const std::string who =
      share.is_whole() ? this_process()
                       : "processes that share it (--share I/" + std::to_string(share.of) + ")";
  if (auto told = write_owner(locks.lock, file, who + since_now()); !told) return told.errors();
  return locks;
}

void let_others_in(const Locks& locks) { ::flock(locks.lock.number(), LOCK_SH); }

MergeLock::MergeLock(const fs::path& dir)
    : file_(::open((dir / "journal" / "merging").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
  while (file_ >= 0 && ::flock(file_, LOCK_EX) != 0 && errno == EINTR) continue;
}

MergeLock::~MergeLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace attnlab
