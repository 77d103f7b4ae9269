// run_directory.cpp: opens DIR for one run: ours or refused, locked, old content moved away if
// asked, leftovers swept.
#include <algorithm>
#include <array>
#include <optional>

#include "store/checkpoint.hpp"
#include "store/crash_marks.hpp"
#include "store/journal.hpp"
#include "store/locks.hpp"
#include "store/mend.hpp"
#include "store/origin.hpp"
#include "store/outline.hpp"
#include "store/store.hpp"

namespace attnlab {
namespace {
namespace fs = std::filesystem;

constexpr std::array folders = {"journal", "segments", "checkpoints", "log"};

bool is_ours(const std::string& name) {
  constexpr std::array names = {"grid.yaml", "grid.resolved.yaml", "results.h5", "report.html",
                                "DONE"};
  return std::ranges::find(folders, name) != folders.end() ||
         std::ranges::find(names, name) != names.end() || is_temporary(name) ||
         name.starts_with("landscape") || name.starts_with(".nfs");
}

// Why DIR cannot be used for this grid; none: it is new, empty, or a run of this grid.
std::optional<Error> objection(const fs::path& dir, const Outline& outline, bool fresh) {
  const std::string where = dir.string();
  std::error_code wrong;
  if (dir.empty())
    return Error{"--out", "is empty", "name a folder for the run, `--out runs/first`"};
  const auto status = fs::status(dir, wrong);
  if (wrong && fs::exists(fs::symlink_status(dir, wrong)) && !fs::exists(status)) {
    return Error{where, "is a link that leads nowhere", "remove the link, or name another folder"};
  }
  if (!fs::exists(status)) return std::nullopt;
  if (!fs::is_directory(status)) {
    return Error{where, "is a file, not a folder", "name another folder with --out"};
  }
  std::vector<std::string> foreign;
  for (const auto& entry : fs::directory_iterator(dir, wrong)) {
    const std::string name = entry.path().filename().string();
    if (!is_ours(name)) foreign.push_back(name);
  }
  if (wrong) return Error{where, "cannot be read", wrong.message(), Blame::machine};
  if (!foreign.empty()) {
    std::ranges::sort(foreign);
    const std::string more =
        foreign.size() == 1 ? "" : " and " + std::to_string(foreign.size() - 1) + " more";
    return Error{where, "holds files that are not of a run: '" + foreign.front() + "'" + more,
                 "name an empty or a new folder with --out"};
  }
  if (fresh) return std::nullopt;
  if (fs::exists(dir / "grid.resolved.yaml")) {
    const auto origin = read_resolved(dir / "grid.resolved.yaml");
    if (!origin) return origin.errors().front();
    if (origin->name != outline.name) {
      return Error{where,
                   "holds a run of the grid '" + origin->name + "', not of '" + outline.name + "'",
                   "name another folder with --out, or start over here with --fresh"};
    }
  } else if (fs::exists(dir / "grid.yaml") && !has_only_begun(dir)) {
    const auto text = read_file(dir / "grid.yaml");
    if (!text) return text.errors().front();
    if (*text != outline.text) {
      return Error{where, "holds a grid.yaml that is not of a run of '" + outline.name + "'",
                   "name an empty or a new folder with --out"};
    }
  }
  return std::nullopt;
}

std::optional<Error> make_folders(const fs::path& dir) {
  std::error_code wrong;
  for (const char* name : folders) {
    fs::create_directories(dir / name, wrong);
    if (wrong) {
      return file_error(dir / name, "the folder cannot be made", wrong.value());
    }
  }
  return std::nullopt;
}

// All of DIR, whose name has no links, becomes DIR.old-N, N the first free number.
std::optional<Error> move_away(const fs::path& real) {
  std::error_code wrong;
  fs::path old;
  for (int n = 1; old.empty() || fs::exists(fs::symlink_status(old)); ++n) {
    old = real.string() + ".old-" + std::to_string(n);
  }
  fs::rename(real, old, wrong);
  if (!wrong) return std::nullopt;
  // A mount point cannot be renamed; what is in it can.
  fs::create_directory(old, wrong);
  if (wrong) return file_error(old, "the old content cannot be moved here", wrong.value());
  for (const auto& entry : fs::directory_iterator(real, wrong)) {
    fs::rename(entry.path(), old / entry.path().filename(), wrong);
    if (wrong) return file_error(old, "the old content cannot be moved here", wrong.value());
  }
  return std::nullopt;
}

// Temporary files of writers that died; nobody else writes here while we hold the lock.
void sweep(const fs::path& dir) {
  std::error_code wrong;
  for (const fs::path& folder :
       {dir, dir / "segments", dir / "checkpoints", dir / "journal", dir / "log"}) {
    std::vector<fs::path> dead;
    for (const auto& entry : fs::directory_iterator(folder, wrong)) {
      if (is_temporary(entry.path()) && entry.is_regular_file(wrong)) dead.push_back(entry.path());
    }
    for (const fs::path& file : dead) fs::remove(file, wrong);
  }
}

// grid.resolved.yaml comes last: where it is, the others are, whenever the run dies.
std::optional<Error> write_grid(const fs::path& dir, const Outline& outline) {
  const std::pair<const char*, std::string> files[] = {
      {"log/trials.txt", ids_text(outline)},
      {"grid.yaml", outline.text},
      {"grid.resolved.yaml", resolved_text(outline)}};
  for (const auto& [name, text] : files) {
    if (auto written = write_safely(dir / name, text); !written) return written.errors().front();
  }
  return std::nullopt;
}

// Shares are cut from one list of trials.
std::optional<Error> difference(const fs::path& dir, const Outline& outline) {
  const auto ids = read_file(dir / "log" / "trials.txt");
  if (ids && *ids == ids_text(outline)) return std::nullopt;
  return Error{dir.string(), "is in use by shares of this grid with other trials",
               "give all shares the same grid file and the same --set, or wait until they end"};
}

fs::path share_done_file(const fs::path& dir, const Share& share) {
  return dir / "log" / ("done." + std::to_string(share.number) + "-of-" + std::to_string(share.of));
}

// DONE speaks of one grid with one list of trials. Another one is not done.
void remove_stale_done(const fs::path& dir, const Outline& outline,
                       const std::map<TrialId, JournalEntry>& finished) {
  const auto done = read_file(dir / "DONE");
  const bool same = done && done->starts_with(fingerprint(outline));
  const bool all =
      std::ranges::all_of(outline.ids, [&](TrialId id) { return finished.contains(id); });
  std::error_code wrong;
  if (!same || !all || !fs::exists(dir / "results.h5", wrong)) fs::remove(dir / "DONE", wrong);
}

}  // namespace

struct RunDirectory::Inside {
  fs::path dir;
  Locks locks;
  std::map<TrialId, JournalEntry> finished;
  std::vector<std::string> warnings;
};

RunDirectory::RunDirectory() : inside_(std::make_unique<Inside>()) {}
RunDirectory::RunDirectory(RunDirectory&&) noexcept = default;
RunDirectory& RunDirectory::operator=(RunDirectory&&) noexcept = default;
RunDirectory::~RunDirectory() = default;
const fs::path& RunDirectory::path() const { return inside_->dir; }
const std::map<TrialId, JournalEntry>& RunDirectory::finished() const { return inside_->finished; }
const std::vector<std::string>& RunDirectory::warnings() const { return inside_->warnings; }

bool has_only_begun(const fs::path& dir) {
  std::error_code wrong;
  if (!fs::is_directory(dir / "journal", wrong) || fs::exists(dir / "grid.resolved.yaml", wrong))
    return false;
  for (const auto& entry : fs::directory_iterator(dir, wrong)) {
    if (!is_ours(entry.path().filename().string())) return false;
  }
  for (const auto& entry : fs::directory_iterator(dir / "journal", wrong)) {
    if (entry.path().extension() == ".log") return false;
  }
  return !wrong;
}

Result<Done> RunDirectory::may_open(const fs::path& dir, const Outline& outline) {
  if (const auto error = objection(dir, outline, false)) return *error;
  return Done{};
}

Result<RunDirectory> RunDirectory::open(const fs::path& given, const Outline& outline, bool fresh,
                                        Share share) {
  // `runs/first/` and `runs/first` are one folder: DIR.old-N stands beside it.
  fs::path dir = given.has_filename() || given.empty() ? given : given.parent_path();
  if (const auto error = objection(dir, outline, fresh)) return *error;
  std::error_code wrong;
  const bool has_content = fs::exists(dir, wrong) && !fs::is_empty(dir, wrong);
  if (fresh && has_content) {  // a link, and `.`, keep leading to where they led
    dir = fs::canonical(dir, wrong);
    if (wrong) return file_error(given, "cannot be found", wrong.value());
  }
  RunDirectory run;
  Inside& my = *run.inside_;
  my.dir = dir;
  if (const auto error = make_folders(dir)) return *error;
  auto door = enter(dir, my.warnings);
  if (!door) return door.errors();
  auto locks = take_locks(dir, share, my.warnings);
  if (!locks) return locks.errors();
  if (fresh && has_content) {
    my.warnings.clear();
    if (const auto error = move_away(dir)) return *error;
    if (const auto error = make_folders(dir)) return *error;
    locks = take_locks(dir, share, my.warnings);
    if (!locks) return locks.errors();
  }
  my.locks = std::move(*locks);
  if (my.locks.is_alone) {
    sweep(dir);
  } else {
    if (const auto error = difference(dir, outline)) return *error;
    door = Descriptor();  // the first one let others in: nothing is left to be put in order
  }
  if (!share.is_whole()) fs::remove(share_done_file(dir, share), wrong);
  const std::size_t n_told = my.warnings.size();
  const auto lines = read_lines(dir, my.warnings);
  if (!lines) return lines.errors();
  SegmentDamages damage;
  const std::vector<JournalLine> good = intact(dir, *lines, my.warnings, &damage);
  for (const JournalLine& line : good) my.finished.emplace(line.entry.id, line.entry);
  if (!my.locks.is_alone) return run;
  if (my.warnings.size() > n_told) {
    if (auto aside = put_damage_aside(dir, good, damage); !aside) return aside.errors();
  }
  std::vector<TrialId> finished;
  for (const auto& [id, entry] : my.finished) finished.push_back(id);
  remove_checkpoints(dir, finished);
  remove_crash_marks(dir, finished);
  remove_stale_done(dir, outline, my.finished);
  if (const auto error = write_grid(dir, outline)) return *error;
  if (!share.is_whole()) let_others_in(my.locks);
  return run;
}

Result<Done> mark_share_done(const fs::path& dir, const Share& share) {
  return write_safely(share_done_file(dir, share), utc_text(unix_now()) + "\n");
}

}  // namespace attnlab
