// streams.hpp: the files that the process is born with, and the limits that must not kill it.
#pragma once

namespace attnlab {

// A closed stdin, stdout or stderr leads to /dev/null after this: else the next file that is opened
// takes its number, and what is said goes into that file. A file-size limit becomes an error of the
// call that meets it. Call it first of all.
void secure_streams();

// All that was printed has left the process: `code`; else says on stderr that it is cut and
// answers that the machine failed. A reader who went away has what he wanted.
int delivered(int code);

}  // namespace attnlab
