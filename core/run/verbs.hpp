// verbs.hpp: the verbs beside `run`. Results to stdout, errors to stderr; each answers the exit
// code.
#pragma once

#include <string>

#include "comm/comm.hpp"
#include "run/options.hpp"

namespace attnlab {

int plan_verb(const Options& options);
int plugins_verb(const Options& options);
int status_verb(const Options& options);
int explain_verb(const Options& options);
int merge_verb(const Options& options);
int verify_verb(const Options& options);
int check_verb(const Options& options);
int report_verb(const Options& options);
int submit_verb(const Options& options);
int new_verb(const Options& options);
int replay_verb(const Options& options);
int selfcheck_verb(const Options& options);

// Every rank calls it.
int landscape_verb(Comm& comm, const Options& options, const std::string& command_line);

// `word` for a shell, in single quotes.
std::string quoted(const std::string& word);

}  // namespace attnlab
