// sandbox_nursery.cpp: the small process: forks children, waits for them, tells how they ended.
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/hash.hpp"
#include "host/sandbox_frame.hpp"

namespace attnlab {
namespace {

constexpr int first_free = STDERR_FILENO + 1;

struct Ward {
  pid_t process;
  int news;  // where its end is told
};

struct Received {
  SandboxLetter letter{};
  std::array<int, 3> descriptors{-1, -1, -1};
};

void only_default_signals() {
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, SIG_DFL);
  // These are for the process that owns the sandbox; it ends its children itself.
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGHUP, SIGQUIT, SIGPIPE})
    std::signal(signal, SIG_IGN);
}

void die_with(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);  // it died before the line above
}

// Whoever looks for ranks in a list of processes must not take this one for another.
void take_another_name() {
  static constexpr char name[] = "attnlab-sandbox";
  ::prctl(PR_SET_NAME, name);
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  std::istringstream fields(text.substr(std::min(text.rfind(')') + 2, text.size())));
  std::string skipped;
  for (int field = 3; field < 48; ++field) fields >> skipped;
  std::uintptr_t begin = 0, end = 0;  // of the command line, which is ours to write
  if (!(fields >> begin >> end) || begin == 0 || end < begin + sizeof name) return;
  char* const words = reinterpret_cast<char*>(begin);
  std::memset(words, 0, end - begin);
  std::memcpy(words, name, sizeof name);
}

void point_to(int descriptor, int first, int last) {
  for (int number = first; number <= last; ++number) ::dup2(descriptor, number);
}

void limit_memory(std::uint64_t memory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  static_cast<void>(memory);  // their shadow memory is larger than any limit
#else
  if (memory == 0) return;
  unsigned long long pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%llu", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  if (pages == 0) return;
  rlimit limit{};
  ::getrlimit(RLIMIT_AS, &limit);
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, pages * page + memory);
  ::setrlimit(RLIMIT_AS, &limit);
#endif
}

// The life of a child: question, answer, question, ... until nobody asks any more.
[[noreturn]] void live(int channel, const Sandbox::Work& work) {
  SandboxHeader header{};
  while (read_whole(channel, &header, sizeof header) && header.mark == question_mark) {
    std::string question(header.size, '\0');
    if (!read_whole(channel, question.data(), question.size())) break;
    if (!send_frame(channel, answer_mark, header.number, work(question))) break;
  }
  ::_exit(0);
}

class Nursery {
 public:
  Nursery(int control, const Sandbox::Work& work) : control_(control), work_(work) {
    sigset_t only_children;
    sigemptyset(&only_children);
    sigaddset(&only_children, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &only_children, nullptr);
    ends_ = ::signalfd(-1, &only_children, SFD_CLOEXEC | SFD_NONBLOCK);
  }

  // Until the owner closes its end.
  void keep() {
    for (;;) {
      std::array<pollfd, 2> waiting{pollfd{control_, POLLIN, 0}, pollfd{ends_, POLLIN, 0}};
      if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
      if (waiting[1].revents != 0) bury();
      if (waiting[0].revents != 0 && !read_letter()) return;
    }
  }

  void end_all() {
    for (const Ward& ward : wards_) ::kill(-ward.process, SIGKILL);
  }

 private:
  bool read_letter() {
    Received received;
    iovec part{&received.letter, sizeof received.letter};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof received.descriptors)> room{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = room.data();
    message.msg_controllen = room.size();
    const ssize_t n = ::recvmsg(control_, &message, MSG_CMSG_CLOEXEC);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return true;
    if (n <= 0) return false;
    if (n != sizeof received.letter) return true;
    if (const cmsghdr* attached = CMSG_FIRSTHDR(&message);
        attached != nullptr && attached->cmsg_len == CMSG_LEN(sizeof received.descriptors)) {
      std::memcpy(received.descriptors.data(), CMSG_DATA(attached), sizeof received.descriptors);
    }
    if (received.letter.wish == SandboxLetter::Wish::kill) {
      for (const Ward& ward : wards_) {
        if (ward.process == received.letter.process) ::kill(-ward.process, SIGKILL);
      }
    } else if (received.descriptors[2] >= 0) {
      fork_child(received);
    }
    return true;
  }

  void fork_child(const Received& received) {
    const auto [channel, words, news] = received.descriptors;
    const pid_t me = ::getpid();
    const pid_t child = ::fork();
    if (child == 0) become_child(me, channel, words, received.letter.memory);
    if (child > 0) ::setpgid(child, child);  // here too: nobody knows who comes first
    ::close(channel);
    ::close(words);
    const std::int32_t told = child > 0 ? child : -errno;
    const bool heard = ::write(news, &told, sizeof told) == sizeof told;
    if (child > 0 && !heard) ::kill(-child, SIGKILL);
    if (child > 0) {
      wards_.push_back({child, news});
    } else {
      ::close(news);
    }
  }

  [[noreturn]] void become_child(pid_t parent, int channel, int words, std::uint64_t memory) {
    ::setpgid(0, 0);
    die_with(parent);
    const int high = ::fcntl(channel, F_DUPFD_CLOEXEC, 100);  // out of the way of chance writes
    point_to(words, STDOUT_FILENO, STDERR_FILENO);
    ::close_range(first_free, static_cast<unsigned>(high) - 1, 0);
    ::close_range(static_cast<unsigned>(high) + 1, ~0u, 0);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    // exit() inside a plugin ends the child at once: what would be cleaned up is the parent's.
    ::on_exit([](int status, void*) { ::_exit(status); }, nullptr);
    limit_memory(memory);
    live(high, work_);
  }

  void bury() {
    signalfd_siginfo told{};
    while (::read(ends_, &told, sizeof told) > 0) continue;
    for (;;) {
      siginfo_t dead{};
      if (::waitid(P_ALL, 0, &dead, WEXITED | WNOHANG | WNOWAIT) != 0 || dead.si_pid == 0) return;
      ::kill(-dead.si_pid, SIGKILL);  // what it started; its number is still its own
      int status = 0;
      ::waitpid(dead.si_pid, &status, 0);
      const auto ward = std::ranges::find(wards_, dead.si_pid, &Ward::process);
      if (ward == wards_.end()) continue;
      const std::int32_t end = status;
      [[maybe_unused]] const auto n = ::write(ward->news, &end, sizeof end);
      ::close(ward->news);
      wards_.erase(ward);
    }
  }

  int control_;
  const Sandbox::Work& work_;
  int ends_ = -1;
  std::vector<Ward> wards_;
};

}  // namespace

bool send_frame(int channel, std::uint64_t mark, std::uint64_t number, std::string_view bytes) {
  const SandboxHeader header{mark, number, bytes.size(), crc32(bytes)};
  const auto send_all = [&](const char* at, std::size_t left) {
    while (left > 0) {
      const ssize_t n = ::send(channel, at, left, MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      at += n;
      left -= static_cast<std::size_t>(n);
    }
    return true;
  };
  return send_all(reinterpret_cast<const char*>(&header), sizeof header) &&
         send_all(bytes.data(), bytes.size());
}

bool read_whole(int channel, void* bytes, std::size_t size) {
  char* at = static_cast<char*>(bytes);
  while (size > 0) {
    const ssize_t n = ::read(channel, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

void start_children(int control, const Sandbox::Work& work, pid_t owner) {
  ::setpgid(0, 0);  // what a terminal or a launcher sends to the owner's group is not for us
  die_with(owner);
  only_default_signals();
  take_another_name();
  if (const int nowhere = ::open("/dev/null", O_RDWR); nowhere >= 0)
    point_to(nowhere, STDIN_FILENO, STDERR_FILENO);
  if (control > first_free) {
    ::dup2(control, first_free);
    control = first_free;
  }
  ::close_range(first_free + 1, ~0u, 0);
  Nursery nursery(control, work);
  nursery.keep();
  nursery.end_all();
  ::_exit(0);
}

}  // namespace attnlab
