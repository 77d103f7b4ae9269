// results.cpp: what a results.h5 says of its trials; the table for people; DONE.
#include "store/results.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/settings.hpp"
#include "store/files.hpp"

namespace attnlab {
namespace fs = std::filesystem;

bool is_fixed_column(const std::string& name) {
  constexpr std::array names = {"trial",      "id",         "status",        "error",
                                "cohort",     "row",        "seed",          "steps",
                                "parameters", "final_loss", "final_accuracy"};
  return std::ranges::find(names, name) != names.end();
}

std::vector<std::string> texts_of(const h5::Handle& group, const std::string& name) {
  const h5::Handle dataset = h5::open_dataset(group, name);
  return h5::read_text(dataset, 0, h5::sizes_of(dataset).front());
}

ResultsSummary summary_of(const h5::Handle& results) {
  const h5::Handle table = h5::open_group(results, "trials");
  ResultsSummary out;
  out.ids = texts_of(table, "id");
  out.status = numbers_of<std::int8_t>(table, "status", h5::Kind::int8);
  const h5::Handle provenance = h5::open_group(results, "provenance");
  h5::read_rows(h5::open_dataset(provenance, "trials_planned"), h5::Kind::int64, 0, 1,
                &out.planned);
  out.fingerprint = h5::read_text(h5::open_dataset(provenance, "grid_sha256"), 0, 1).front();
  return out;
}

Result<Done> mark_done(const fs::path& dir) try {
  const ResultsSummary results = summary_of(h5::open_file(dir / results_name));
  const auto n = static_cast<std::int64_t>(results.ids.size());
  if (n != results.planned) {
    return Error{
        (dir / results_name).string(),
        "holds " + std::to_string(n) + " of " + std::to_string(results.planned) + " trials",
        "run the grid again to train the others", Blame::machine};
  }
  return write_safely(dir / "DONE", results.fingerprint + "\n" + std::to_string(n) + " trials, " +
                                        utc_text(unix_now()) + "\n");
} catch (const h5::Failure& failure) {
  return h5::error_of(dir / results_name, "cannot be read", failure);
}

bool is_done(const fs::path& dir) {
  std::error_code wrong;
  return fs::exists(dir / "DONE", wrong) && fs::exists(dir / results_name, wrong);
}

namespace {

// A column of /trials as text, as a person would write the numbers.
std::vector<std::string> as_texts(const h5::Handle& table, const std::string& name) {
  const h5::Kind kind = h5::kind_of(h5::open_dataset(table, name));
  if (kind == h5::Kind::text) return texts_of(table, name);
  std::vector<std::string> out;
  if (kind == h5::Kind::float64) {
    for (const double x : numbers_of<double>(table, name, kind)) out.push_back(Settings(x).dump());
  } else {
    for (const auto x : numbers_of<std::int64_t>(table, name, h5::Kind::int64)) {
      out.push_back(std::to_string(x));
    }
  }
  return out;
}

}  // namespace

Result<Table> read_table(const fs::path& file) try {
  const h5::Handle results = h5::open_file(file);
  const h5::Handle group = h5::open_group(results, "trials");
  Table table;
  for (const std::string& name : h5::children(group)) {
    if (!is_fixed_column(name)) table.swept_names.push_back(name);
  }
  // A swept seed has no column of its own.
  if (h5::text_attribute(group, "seed_is_swept") == "true") table.swept_names.push_back("seed");
  const auto number = numbers_of<std::int64_t>(group, "trial", h5::Kind::int64);
  const auto id = texts_of(group, "id"), error = texts_of(group, "error");
  const auto status = numbers_of<std::int8_t>(group, "status", h5::Kind::int8);
  const auto loss = numbers_of<double>(group, "final_loss", h5::Kind::float64);
  const auto accuracy = numbers_of<double>(group, "final_accuracy", h5::Kind::float64);
  for (std::size_t i = 0; i < id.size(); ++i) {
    table.rows.push_back({number[i],
                          id[i],
                          static_cast<TrialStatus>(status[i]),
                          error[i],
                          {},
                          loss[i],
                          accuracy[i]});
  }
  for (const std::string& name : table.swept_names) {
    const auto values = as_texts(group, name);
    for (std::size_t i = 0; i < values.size(); ++i) table.rows[i].swept.push_back(values[i]);
  }
  return table;
} catch (const h5::Failure& failure) {
  Error error = h5::error_of(file, "cannot be read as a results file of attnlab", failure);
  error.blame = Blame::user;
  return error;
}

}  // namespace attnlab
