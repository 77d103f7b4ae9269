// streams.cpp: stdin, stdout, stderr and SIGXFSZ.
#include "run/streams.hpp"

#include <fcntl.h>
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
  if (errno == EPIPE) return code;
  const std::string reason = errno == 0 ? "it is cut" : std::strerror(errno);
  return complain({Error{"stdout", "the answer cannot be written", reason, Blame::machine}});
}

}  // namespace attnlab
