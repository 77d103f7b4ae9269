// sandbox.cpp: the owner's side: starts the small process, talks to children, hears their end.
#include "host/sandbox.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "base/hash.hpp"
#include "host/sandbox_frame.hpp"

namespace attnlab {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t most_words = 4096;
constexpr std::uint64_t largest_answer = std::uint64_t{1} << 40;

Error machine_error(const std::string& what, int code) {
  return {"", what + ": " + std::strerror(code), "try fewer trials at once, or --no-isolate",
          Blame::machine};
}

void close_all(std::initializer_list<int> descriptors) {
  for (const int descriptor : descriptors) {
    if (descriptor >= 0) ::close(descriptor);
  }
}

void close_now(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

bool send_letter(int control, const SandboxLetter& letter, const std::array<int, 3>* descriptors) {
  SandboxLetter text = letter;
  iovec part{&text, sizeof text};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::array<int, 3>))> room{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptors != nullptr) {
    message.msg_control = room.data();
    message.msg_controllen = room.size();
    cmsghdr* const attached = CMSG_FIRSTHDR(&message);
    attached->cmsg_level = SOL_SOCKET;
    attached->cmsg_type = SCM_RIGHTS;
    attached->cmsg_len = CMSG_LEN(sizeof *descriptors);
    std::memcpy(CMSG_DATA(attached), descriptors->data(), sizeof *descriptors);
  }
  ssize_t n = 0;
  do n = ::sendmsg(control, &message, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n == sizeof text;
}

}  // namespace

struct SandboxChild::Ends {
  int control = -1;  // borrowed
  int channel = -1, words = -1, news = -1;
  pid_t process = -1;
  std::uint64_t number = 0;  // of the question
  std::string heard, said;
  bool dead = false;
  int status = 0;

  ~Ends() { close_all({channel, words, news}); }

  void read_words() {
    std::array<char, 16384> bytes{};
    const ssize_t n = ::read(words, bytes.data(), bytes.size());
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return close_now(words);
    [[maybe_unused]] const auto passed =
        ::write(STDERR_FILENO, bytes.data(), static_cast<std::size_t>(n));
    said.append(bytes.data(), static_cast<std::size_t>(n));
    if (said.size() > 2 * most_words) said.erase(0, said.size() - most_words);
  }

  void read_channel() {
    std::array<char, 65536> bytes{};
    const ssize_t n = ::recv(channel, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return close_now(channel);
    heard.append(bytes.data(), static_cast<std::size_t>(n));
  }

  void read_news() {
    std::int32_t end = 0;
    const ssize_t n = ::read(news, &end, sizeof end);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    close_now(news);
    dead = true;
    status = n == sizeof end ? end : SIGKILL;
  }

  bool wait_and_read(milliseconds longest) {
    std::array<pollfd, 3> waiting{pollfd{channel, POLLIN, 0}, pollfd{words, POLLIN, 0},
                                  pollfd{news, POLLIN, 0}};
    const int n = ::poll(waiting.data(), waiting.size(), static_cast<int>(longest.count()));
    if (n <= 0) return false;
    if (waiting[0].revents != 0) read_channel();
    if (waiting[1].revents != 0) read_words();
    if (waiting[2].revents != 0) read_news();
    return true;
  }

  // A whole answer, garbage, or nothing yet.
  Heard frame() {
    SandboxHeader header{};
    const std::size_t n = std::min(heard.size(), sizeof header);
    std::memcpy(&header, heard.data(), n);
    if (n >= sizeof header.mark && header.mark != answer_mark) return {Heard::What::garbage, "", 0};
    if (n < sizeof header) return {};
    if (header.number != number || header.size > largest_answer)
      return {Heard::What::garbage, "", 0};
    const std::uint64_t whole = sizeof header + header.size;
    if (heard.size() > whole) return {Heard::What::garbage, "", 0};
    heard.reserve(whole);
    if (heard.size() < whole) return {};
    heard.erase(0, sizeof header);
    if (crc32(heard) != header.check) return {Heard::What::garbage, "", 0};
    return {Heard::What::answer, std::exchange(heard, {}), 0};
  }
};

SandboxChild::SandboxChild(std::unique_ptr<Ends> ends) : ends_(std::move(ends)) {}
SandboxChild::~SandboxChild() { kill(); }

int SandboxChild::process() const { return ends_->process; }

void SandboxChild::kill() {
  if (!ends_->dead)
    send_letter(ends_->control, {SandboxLetter::Wish::kill, 0, ends_->process}, nullptr);
}

std::string SandboxChild::last_words() const {
  const std::string& said = ends_->said;
  return said.size() > most_words ? said.substr(said.size() - most_words) : said;
}

bool SandboxChild::ask(std::string_view question) {
  Ends& ends = *ends_;
  while (ends.wait_and_read(milliseconds(0)) && !ends.dead && ends.channel >= 0) continue;
  if (ends.dead || ends.channel < 0 || !ends.heard.empty()) return false;
  ends.said.clear();
  static std::atomic<std::uint64_t> asked{0};
  ends.number = ++asked * 0x9e3779b97f4a7c15;
  return send_frame(ends.channel, question_mark, ends.number, question);
}

Heard SandboxChild::listen(milliseconds longest) {
  Ends& ends = *ends_;
  const auto end = Clock::now() + longest;
  auto patience = Clock::time_point::max();  // with a child that closed its channel
  for (;;) {
    if (Heard heard = ends.frame(); heard.what != Heard::What::nothing) return heard;
    if (ends.dead) {  // what it said before may still be on its way
      while ((ends.channel >= 0 || ends.words >= 0) && ends.wait_and_read(milliseconds(0)))
        continue;
      if (Heard heard = ends.frame(); heard.what == Heard::What::answer) return heard;
      return {Heard::What::death, "", ends.status};
    }
    const auto now = Clock::now();
    if (ends.channel < 0) {
      if (patience == Clock::time_point::max()) patience = now + milliseconds(2000);
      if (now >= patience) return {Heard::What::garbage, "", 0};
    } else if (now >= end) {
      return {};
    }
    const auto until = ends.channel < 0 ? patience : end;
    ends.wait_and_read(std::chrono::duration_cast<milliseconds>(until - now) + milliseconds(1));
  }
}

Result<std::unique_ptr<Sandbox>> Sandbox::start(const Work& work) {
  std::array<int, 2> control{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control.data()) != 0)
    return machine_error("no channel to a child could be made", errno);
  std::fflush(nullptr);
  const pid_t owner = ::getpid();
  const pid_t process = ::fork();
  if (process == 0) {
    ::close(control[0]);
    start_children(control[1], work, owner);
  }
  ::close(control[1]);
  if (process < 0) {
    const int code = errno;
    ::close(control[0]);
    return machine_error("no child could be started", code);
  }
  return std::make_unique<Sandbox>(control[0], process);
}

Sandbox::Sandbox(int control, int process) : control_(control), process_(process) {}

Sandbox::~Sandbox() {
  ::close(control_);  // the sign to end
  for (int tries = 0; tries < 200; ++tries) {
    if (::waitpid(process_, nullptr, WNOHANG) != 0) return;
    ::usleep(5000);
  }
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

bool Sandbox::is_alive() const {
  pollfd other_end{control_, 0, 0};
  return ::poll(&other_end, 1, 0) >= 0 && (other_end.revents & POLLHUP) == 0;
}

Result<std::unique_ptr<SandboxChild>> Sandbox::child(std::uint64_t memory) {
  std::array<int, 2> channel{-1, -1}, words{-1, -1}, news{-1, -1};
  const bool made = ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel.data()) == 0 &&
                    ::pipe2(words.data(), O_CLOEXEC) == 0 && ::pipe2(news.data(), O_CLOEXEC) == 0;
  int code = errno;
  const std::array<int, 3> theirs{channel[1], words[1], news[1]};
  const bool sent = made && send_letter(control_, {SandboxLetter::Wish::child, memory, 0}, &theirs);
  if (made) code = errno;
  close_all({channel[1], words[1], news[1]});
  std::int32_t process = 0;
  const bool told = sent && read_whole(news[0], &process, sizeof process);
  if (!told || process <= 0) {
    close_all({channel[0], words[0], news[0]});
    if (told) code = -process;
    if (!is_alive()) {
      return Error{"", "the small process that starts children is gone",
                   "the same command starts another one, and continues", Blame::machine};
    }
    return machine_error("no child could be started", code);
  }
  auto ends = std::make_unique<SandboxChild::Ends>();
  ends->control = control_;
  ends->channel = channel[0];
  ends->words = words[0];
  ends->news = news[0];
  ends->process = process;
  ::fcntl(words[0], F_SETFL, O_NONBLOCK);
  ::fcntl(news[0], F_SETFL, O_NONBLOCK);
  return std::make_unique<SandboxChild>(std::move(ends));
}

}  // namespace attnlab
