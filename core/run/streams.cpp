// streams.cpp: stdin, stdout, stderr and SIGXFSZ.
#include "run/streams.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "run/speak.hpp"

namespace attnlab {

void secure_streams() {
  // open takes the lowest number that is free.
  int number = -1;
  do number = ::open("/dev/null", O_RDWR);
  while (number >= 0 && number <= STDERR_FILENO);
  ::close(number);
  ::signal(SIGXFSZ, SIG_IGN);
}

int delivered(int code) {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  const int cause = errno;
  // The first write that failed may lie far back, and errno with it.
  pollfd reader{STDOUT_FILENO, POLLOUT, 0};
  const bool went_away = ::poll(&reader, 1, 0) > 0 && (reader.revents & POLLERR) != 0;
  if (went_away) return code;
  const std::string reason = cause == 0 ? "it is cut" : std::strerror(cause);
  return complain({Error{"stdout", "the answer cannot be written", reason, Blame::machine}});
}

}  // namespace attnlab
