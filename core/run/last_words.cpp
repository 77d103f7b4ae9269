// last_words.cpp: handlers; nothing here but calls that are safe in one. The file is opened only
// then: a plugin in trouble may have closed, or written into, any descriptor.
#include "run/last_words.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>

#include "train/in_hand.hpp"

namespace attnlab {
namespace {

constexpr std::array<int, 5> fatal = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
constexpr int exit_of_a_trial = 70;  // EX_SOFTWARE

// A handler has no arguments of ours: these are the process's, as its signals are.
std::array<char, 4096> file_name{};
const TrialSlots* all_slots = nullptr;
std::array<struct sigaction, fatal.size()> before{};
std::atomic<pid_t> noting{0};  // the thread that does

// One line, in memory that is there already.
class Line {
 public:
  Line& add(const char* text) {
    while (*text != '\0' && size_ < room_.size()) room_[size_++] = *text++;
    return *this;
  }
  Line& add(std::int64_t number) {
    if (number < 0) return add("-").add(-number);
    std::array<char, 24> digits{};
    std::size_t at = digits.size() - 1;
    do digits[--at] = static_cast<char>('0' + number % 10);
    while ((number /= 10) > 0);
    return add(digits.data() + at);
  }
  Line& add_id(std::uint64_t id) {
    std::array<char, 17> digits{};
    for (std::size_t i = 16; i-- > 0; id >>= 4) digits[i] = "0123456789abcdef"[id & 15];
    return add(digits.data());
  }
  // At once: ranks that write at the same time do not cut each other's lines.
  void write_to(int descriptor) const {
    [[maybe_unused]] const auto n = ::write(descriptor, room_.data(), size_);
  }

 private:
  std::array<char, 256> room_{};
  std::size_t size_ = 0;
};

// How the process ended: "died of SIGSEGV", "called exit(3)".
struct End {
  const char* deed;
  std::int64_t code = -1;  // of an exit
};

Line& operator<<(Line& line, const End& end) {
  line.add(end.deed);
  return end.code < 0 ? line : line.add("(").add(end.code).add(")");
}

const char* deed_of(int signal) {
  switch (signal) {
    case SIGSEGV: return "died of SIGSEGV";
    case SIGABRT: return "died of SIGABRT";
    case SIGBUS: return "died of SIGBUS";
    case SIGFPE: return "died of SIGFPE";
    default: return "died of SIGILL";
  }
}

int open_file() {
  constexpr int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
  const int file = ::open(file_name.data(), flags, 0666);
  if (file >= 0) return file;
  ::close(STDIN_FILENO);  // there may be no free descriptor
  return ::open(file_name.data(), flags, 0666);
}

void note_down(int file, const TrialSlot& slot, const char* kind, const End& end) {
  Line line;
  line.add_id(slot.trial).add(kind).add(slot.step.load()).add(" ");
  (line << end).add("\n").write_to(file);
}

// The trial of this thread, or all that this process trains when it is nobody's thread. Answers
// whether there was any.
bool note_trials(const End& end) {
  const auto* const mine = static_cast<const TrialSlot*>(trial_in_hand());
  const int file = open_file();
  bool any = false;
  for (int i = 0; i < TrialSlots::n; ++i) {
    const TrialSlot& slot = (*all_slots)[i];
    if (slot.trial == 0 || slot.elsewhere || (mine != nullptr && mine != &slot)) continue;
    note_down(file, slot, mine != nullptr ? " certain " : " near ", end);
    any = true;
  }
  ::fsync(file);
  ::close(file);
  if (mine != nullptr && any) {
    Line line;
    line.add("\nattnlab: trial ").add_id(mine->trial).add(" ");
    (line << end).add(mine->step < 0 ? " before its first step" : " at step ");
    if (mine->step >= 0) line.add(mine->step.load());
    line.add("; the same command tries it again, three times in all\n").write_to(STDERR_FILENO);
  }
  return any;
}

// One thread notes; another that dies meanwhile waits for the end.
bool is_first() {
  const auto me = static_cast<pid_t>(::syscall(SYS_gettid));
  pid_t nobody = 0;
  if (noting.compare_exchange_strong(nobody, me)) return true;
  while (noting != me) ::pause();
  return false;
}

void on_fatal_signal(int number, siginfo_t* info, void*) {
  const bool sent =
      info->si_code == SI_USER || info->si_code == SI_QUEUE || info->si_code == SI_TKILL;
  const bool from_outside = sent && info->si_pid != ::getpid();
  if (!from_outside && is_first()) note_trials({deed_of(number)});
  for (std::size_t i = 0; i < fatal.size(); ++i) {
    if (fatal[i] == number) ::sigaction(number, &before[i], nullptr);
  }
  ::raise(number);  // when this handler has returned
}

void on_an_exit(int status, void*) {
  const bool main_thread = ::syscall(SYS_gettid) == ::getpid();
  if (trial_in_hand() == nullptr && main_thread) return;  // that was us
  if (is_first() && note_trials({"ended its own process with exit", status}))
    ::_exit(exit_of_a_trial);
}

void on_a_quick_exit() { on_an_exit(0, nullptr); }

}  // namespace

void leave_last_words(const std::filesystem::path& file, const TrialSlots& slots) {
  const std::string name = file.string();
  if (name.size() >= file_name.size() || all_slots != nullptr) return;
  std::memcpy(file_name.data(), name.c_str(), name.size() + 1);
  all_slots = &slots;
  struct sigaction action {};
  action.sa_sigaction = on_fatal_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < fatal.size(); ++i) ::sigaction(fatal[i], &action, &before[i]);
  ::on_exit(on_an_exit, nullptr);
  ::at_quick_exit(on_a_quick_exit);
}

}  // namespace attnlab
