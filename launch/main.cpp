// main.cpp: where the process begins.
#include "run/program.hpp"

int main(int argc, char** argv) { return attnlab::program(argc, argv); }
