// verify.cpp: judges a run directory, or a lone results.h5, by its checksums. Reads only.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <map>
#include <set>

#include "base/number_text.hpp"
#include "store/content.hpp"
#include "store/journal.hpp"
#include "store/outline.hpp"
#include "store/results.hpp"
#include "store/segment.hpp"
#include "store/store.hpp"

namespace attnlab {
namespace {
namespace fs = std::filesystem;

class Findings {
 public:
  void good(const std::string& line) { verdict.lines.push_back(line); }
  void bad(const std::string& line) {
    verdict.lines.push_back("WRONG: " + line);
    ++verdict.wrong;
  }
  Verdict verdict;
};

// Returns the ids and status of its trials.
std::map<std::string, std::int8_t> verify_results(const fs::path& file, Findings& findings,
                                                  bool counts_missing) {
  std::map<std::string, std::int8_t> trials;
  const std::string name = file.string();
  try {
    const h5::Handle results = h5::open_file(file);
    const h5::Handle provenance = h5::open_group(results, "provenance");
    const auto paths = texts_of(provenance, "content"),
               digests = texts_of(provenance, "content_sha256");
    std::map<std::string, std::string> expected;
    for (std::size_t i = 0; i < paths.size(); ++i) expected[paths[i]] = digests[i];
    Index n_good = 0;
    const auto found = digests_of(results);
    for (const auto& [path, digest] : found) {
      const auto known = expected.find(path);
      if (known == expected.end()) {
        findings.bad(name + ": " + path + " was added after the file was made");
      } else if (known->second != digest) {
        findings.bad(name + ": " + path + " is not what was written (its SHA-256 differs)");
      } else {
        ++n_good;
      }
      if (known != expected.end()) expected.erase(known);
    }
    for (const auto& [path, digest] : expected) findings.bad(name + ": " + path + " is missing");
    if (h5::read_text(h5::open_dataset(provenance, "results_sha256"), 0, 1).front() !=
        content_of(found)) {
      findings.bad(name + ": its content is not what was written (results_sha256 differs)");
    }
    const ResultsSummary summary = summary_of(results);
    for (std::size_t i = 0; i < summary.ids.size(); ++i) {
      if (!trials.emplace(summary.ids[i], summary.status[i]).second) {
        findings.bad(name + ": trial " + summary.ids[i] + " is there twice");
      }
    }
    const auto n = static_cast<Index>(summary.ids.size());
    if (counts_missing) findings.verdict.missing = std::max<Index>(0, summary.planned - n);
    findings.good(name + ": " + std::to_string(n) + " of " + std::to_string(summary.planned) +
                  " trials, " + counted(n_good, "group") + " and datasets as they were written");
  } catch (const h5::Failure& failure) {
    findings.bad(
        sentence(h5::error_of(file, "cannot be read as a results file of attnlab", failure)));
  }
  return trials;
}

// HDF5 may crash on a damaged file. So a child reads it first, and its death is a finding like any
// other.
bool reading_survives(const fs::path& file) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL})
      std::signal(signal, SIG_DFL);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    const int null = ::open("/dev/null", O_WRONLY);
    ::dup2(null, 2);  // what the C library says of a broken heap is not for people
    Findings findings;
    verify_results(file, findings, false);
    ::_exit(0);
  }
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return child < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

std::map<std::string, std::int8_t> verify_results_safely(const fs::path& file, Findings& findings,
                                                         bool counts_missing) {
  if (reading_survives(file)) return verify_results(file, findings, counts_missing);
  findings.bad(file.string() +
               ": is so damaged that HDF5 crashes on it; `attnlab merge` makes it again");
  return {};
}

// Every journal line against the table of its segment.
void verify_segment_rows(const fs::path& dir, const std::vector<JournalLine>& good,
                         Findings& findings) {
  std::map<std::string, std::vector<const JournalLine*>> by_segment;
  for (const JournalLine& line : good) by_segment[line.entry.segment].push_back(&line);
  for (const auto& [name, lines] : by_segment) {
    const fs::path file = dir / "segments" / name;
    try {
      const auto rows = Segment(file).rows();
      for (const JournalLine* line : lines) {
        const auto r = static_cast<std::size_t>(line->entry.row);
        if (r >= rows.size() || rows[r].id != line->entry.id ||
            rows[r].status != line->entry.status) {
          findings.bad(file.string() + ": does not hold trial " + to_string(line->entry.id) +
                       " as the journal says");
        }
      }
    } catch (const h5::Failure& failure) {
      findings.bad(sentence(h5::error_of(file, "cannot be read", failure)));
    }
  }
  findings.good(counted(std::ssize(by_segment), "segment") + " with " +
                counted(std::ssize(good), "finished trial") + ": checksums and journal agree");
}

Result<Verdict> verify_directory(const fs::path& dir) {
  Findings findings;
  std::vector<std::string> warnings;
  const auto lines = read_lines(dir, warnings);
  if (!lines) return lines.errors();
  const std::vector<JournalLine> good = intact(dir, *lines, warnings);
  for (const std::string& warning : warnings) findings.bad(warning);
  verify_segment_rows(dir, good, findings);

  std::map<std::string, std::int8_t> finished;
  for (const JournalLine& line : good) {
    finished.emplace(to_string(line.entry.id), static_cast<std::int8_t>(line.entry.status));
  }
  std::set<std::string> planned;
  if (const auto text = read_file(dir / "log" / "trials.txt")) {
    for (const TrialId id : ids_from(*text)) planned.insert(to_string(id));
    const auto missing = std::ranges::count_if(
        planned, [&](const std::string& id) { return !finished.contains(id); });
    findings.verdict.missing = missing;
    findings.good(std::to_string(static_cast<std::ptrdiff_t>(planned.size()) - missing) + " of " +
                  counted(std::ssize(planned), "trial") + " of the grid are finished, " +
                  std::to_string(missing) + " missing");
  } else if (has_only_begun(dir)) {
    findings.good("the run has not written its list of trials yet; the same command continues");
  } else {
    findings.bad((dir / "log" / "trials.txt").string() +
                 ": is not there, so nobody can say which trials are missing; `attnlab run` writes "
                 "it again");
  }

  if (!fs::exists(dir / results_name) && fs::exists(dir / "DONE")) {
    findings.bad((dir / results_name).string() +
                 ": is missing, and the run was done; `attnlab merge` makes it again");
  } else if (!fs::exists(dir / results_name)) {
    findings.good("results.h5 is not made yet; `attnlab merge` makes it");
  } else {
    const auto merged = verify_results_safely(dir / results_name, findings, false);
    for (const auto& [id, status] : merged) {
      const auto known = finished.find(id);
      if (known == finished.end()) {
        findings.bad("results.h5 holds trial " + id + ", which no intact segment holds");
      } else if (known->second != status) {
        findings.bad("results.h5 and the journal differ on how trial " + id + " ended");
      }
    }
    const auto newer = std::ranges::count_if(planned, [&](const std::string& id) {
      return finished.contains(id) && !merged.contains(id);
    });
    if (newer > 0) {
      findings.good(std::to_string(newer) +
                    " finished trials are not in results.h5 yet; `attnlab merge` adds them");
    }
  }
  return findings.verdict;
}

}  // namespace

Result<Verdict> verify(const fs::path& results) {
  std::error_code wrong;
  if (fs::is_directory(results, wrong)) return verify_directory(results);
  if (!fs::exists(results, wrong)) {
    return Error{results.string(), "is not there", "name a run directory or a results.h5"};
  }
  Findings findings;
  verify_results_safely(results, findings, true);
  return findings.verdict;
}

}  // namespace attnlab
