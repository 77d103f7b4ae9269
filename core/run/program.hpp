// program.hpp: the program from its command line to its exit code.
#pragma once

namespace attnlab {

int program(int argc, char** argv);

}  // namespace attnlab
