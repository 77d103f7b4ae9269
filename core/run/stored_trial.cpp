// stored_trial.cpp: results.h5 and segments have one layout, so one reader does for both.
#include "run/stored_trial.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include "grid/tree.hpp"
#include "store/outline.hpp"
#include "store/store.hpp"

namespace attnlab {
namespace {

namespace fs = std::filesystem;

Result<TrialId> id_named(const fs::path& dir, const std::string& name) {
  std::ifstream in(dir / "log" / "trials.txt", std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  const std::vector<TrialId> ids = ids_from(text.str());
  for (const TrialId id : ids) {
    if (to_string(id) == name) return id;
  }
  std::size_t number = 0;
  const char* end = name.data() + name.size();
  const auto [rest, code] = std::from_chars(name.data(), end, number);
  if (code == std::errc{} && rest == end && number < ids.size()) return ids[number];
  const std::string last = std::to_string(ids.empty() ? 0 : ids.size() - 1);
  return Error{dir.string(), "has no trial '" + name + "'",
               "trials are numbers from 0 to " + last + ", or ids of 16 hex digits"};
}

// Its row in /trials; none if the file does not hold it.
std::optional<Index> row_of(const Results& file, const std::string& id) {
  const auto ids = file.texts("trials/id");
  if (!ids) return std::nullopt;
  const auto at = std::ranges::find(*ids, id);
  if (at == ids->end()) return std::nullopt;
  return at - ids->begin();
}

Result<StoredTrial> open_at(Results file, const std::string& id, Index table_row) {
  StoredTrial stored{std::move(file), id, table_row, "", 0, {}};
  const auto cohort = stored.file.numbers("trials/cohort", table_row, 1);
  if (!cohort) return cohort.errors();
  const auto row = stored.file.numbers("trials/row", table_row, 1);
  if (!row) return row.errors();
  if (cohort->values[0] < 0) return stored;
  stored.cohort = "cohorts/c" + std::to_string(static_cast<Index>(cohort->values[0]));
  stored.row = static_cast<Index>(row->values[0]);
  const auto settings = stored.file.texts(stored.cohort + "/settings");
  if (!settings) return settings.errors();
  Mistakes mistakes;
  const auto tree = read_tree(settings->at(static_cast<std::size_t>(stored.row)), mistakes);
  if (tree) stored.settings = to_settings(*tree, mistakes);
  if (!mistakes.empty() || to_string(id_of(stored.settings)) != id) {
    return Error{"trial " + id, "its stored settings are not those that its id is the hash of",
                 "`attnlab verify` says whether the file is damaged"};
  }
  return stored;
}

}  // namespace

Result<StoredTrial> find_stored(const fs::path& dir, const std::string& name) {
  if (const auto origin = read_origin(dir); !origin) return origin.errors();
  const auto id = id_named(dir, name);
  if (!id) return id.errors();
  const std::string text = to_string(*id);
  if (auto results = Results::open(dir / "results.h5")) {
    if (const auto row = row_of(*results, text)) return open_at(*std::move(results), text, *row);
  }
  std::vector<std::string> warnings;
  const auto journal = read_journal(dir, warnings);
  if (!journal) return journal.errors();
  const auto entry = journal->find(*id);
  if (entry == journal->end()) {
    return Error{dir.string(), "trial '" + name + "' has not finished yet",
                 "`attnlab status` says how far the run is"};
  }
  auto segment = Results::open(dir / "segments" / entry->second.segment);
  if (!segment) return segment.errors();
  const auto row = row_of(*segment, text);
  if (!row) {
    return Error{(dir / "segments" / entry->second.segment).string(),
                 "does not hold trial " + text + ", although the journal says so",
                 "`attnlab verify` says more", Blame::machine};
  }
  return open_at(*std::move(segment), text, *row);
}

Result<StoredTrial> find_in_results(const fs::path& file, const std::string& name) {
  auto results = Results::open(file);
  if (!results) return results.errors();
  const auto ids = results->texts("trials/id");
  if (!ids) return ids.errors();
  const auto numbers = results->numbers("trials/trial");
  if (!numbers) return numbers.errors();
  for (std::size_t i = 0; i < ids->size(); ++i) {
    const std::string number = std::to_string(static_cast<Index>(numbers->values[i]));
    if ((*ids)[i] == name || number == name)
      return open_at(*std::move(results), (*ids)[i], static_cast<Index>(i));
  }
  return Error{file.string(), "has no trial '" + name + "'",
               "trials are numbers, or ids of 16 hex digits; /trials lists them"};
}

}  // namespace attnlab
