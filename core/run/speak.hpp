// speak.hpp: errors as sentences on stderr, and the exit code that they mean.
#pragma once

#include "base/result.hpp"

namespace attnlab {

inline constexpr int exit_failures = 1;  // complete, but some trial is not done
inline constexpr int exit_user = 2;
inline constexpr int exit_machine = 3;
inline constexpr int exit_stopped = 75;  // in good order: the same command continues

// Prints each as `error: sentence`; answers the exit code: 3 if the machine is to blame for any,
// else 2.
int complain(const Errors& errors);
void warn(const std::string& text);
void note(const std::string& text);  // a line on stderr

// The exit code of all ranks: that of the rank which is worst off (3, 2, 75, 1, 0). For
// Comm::maximum.
int severity(int code);
int code_of_severity(int severity);

}  // namespace attnlab
