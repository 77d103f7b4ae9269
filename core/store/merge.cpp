// merge.cpp: builds results.h5 (contract section 5): the table, the cohorts, the claims, the
// provenance.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "store/content.hpp"
#include "store/files.hpp"
#include "store/frame.hpp"
#include "store/gather.hpp"
#include "store/reader.hpp"
#include "store/results.hpp"
#include "store/spelling.hpp"
#include "store/store.hpp"

namespace attnlab {
namespace {
namespace fs = std::filesystem;
using h5::Kind;

template <class Value, class Take>
std::vector<Value> each(const std::vector<SegmentRow>& rows, Take take) {
  std::vector<Value> out;
  for (const SegmentRow& row : rows) out.push_back(take(row));
  return out;
}

const RecordAxis trial_axis(const Gathered& gathered) {
  return {"trial", gathered.numbers, "number of the trial in the grid", "1"};
}

void write_swept(Frame& table, const Gathered& gathered, const Outline& outline) {
  for (std::size_t p = 0; p < outline.swept_paths.size(); ++p) {
    const std::string& path = outline.swept_paths[p];
    if (path == "seed") {
      h5::set(table.group(), "seed_is_swept", "true");
      continue;
    }
    // The type follows from all values of the sweep, so that an unfinished run has the types of the
    // complete one.
    std::vector<Settings> all;
    for (const auto& values : outline.swept) all.push_back(values[p]);
    const SweptColumn column = column_of(all);
    std::string name = path;
    std::ranges::replace(name, '/', '_');
    std::visit(
        [&](const auto& values) {
          using Value = typename std::decay_t<decltype(values)>::value_type;
          std::vector<Value> some;
          for (const std::int64_t n : gathered.numbers)
            some.push_back(values[static_cast<std::size_t>(n)]);
          constexpr Kind kind = std::is_same_v<Value, double>         ? Kind::float64
                                : std::is_same_v<Value, std::int64_t> ? Kind::int64
                                                                      : Kind::text;
          const ColumnSpec spec{name, kind, {"trial"}, "swept value of " + path, "1", false};
          if constexpr (kind == Kind::text) {
            table.texts(spec, some);
          } else {
            table.numbers(spec, some);
          }
        },
        column);
  }
}

void write_trials(const h5::Handle& file, const Gathered& gathered, const Outline& outline) {
  const auto& rows = gathered.rows;
  Frame table(file, "trials", Packing::gzip);
  table.axis(trial_axis(gathered));
  const auto spec = [](const char* name, Kind kind, const char* long_name,
                       bool may_be_missing = false) {
    return ColumnSpec{name, kind, {"trial"}, long_name, "1", may_be_missing};
  };
  table.texts(spec("id", Kind::text, "hash of the complete settings, 16 hex digits"),
              each<std::string>(rows, [](const auto& r) { return to_string(r.id); }));
  {
    const h5::Handle status = table.column(spec("status", Kind::int8, "how the trial ended"));
    constexpr std::int8_t flags[] = {0, 1, 2, 3, 4};
    h5::set(status, "flag_values", std::span<const std::int8_t>(flags));
    h5::set(status, "flag_meanings", "done diverged failed timed_out crashed");
    const auto values =
        each<std::int8_t>(rows, [](const auto& r) { return static_cast<std::int8_t>(r.status); });
    h5::write_rows(status, Kind::int8, 0, static_cast<Index>(values.size()), values.data());
  }
  table.texts(spec("error", Kind::text, "why the trial is not done; empty if it is"),
              each<std::string>(rows, [](const auto& r) { return r.error; }));
  table.numbers(spec("cohort", Kind::int32, "cohort that holds its records, -1 if it has none"),
                each<std::int32_t>(rows, [](const auto& r) { return r.cohort; }));
  table.numbers(spec("row", Kind::int64, "row in that cohort, -1 if it has none"),
                each<std::int64_t>(rows, [](const auto& r) { return r.row; }));
  table.numbers(spec("seed", Kind::int64, "seed of all that is random in the trial"),
                each<std::int64_t>(rows, [](const auto& r) { return r.seed; }));
  table.numbers(spec("steps", Kind::int64, "updates that were made"),
                each<std::int64_t>(rows, [](const auto& r) { return r.steps; }));
  table.numbers(spec("parameters", Kind::int64, "numbers in the model"),
                each<std::int64_t>(rows, [](const auto& r) { return r.parameters; }));
  table.numbers(spec("final_loss", Kind::float64, "loss at the last record that was reached", true),
                each<double>(rows, [](const auto& r) { return r.final_loss; }));
  table.numbers(
      spec("final_accuracy", Kind::float64, "accuracy at the last record that was reached", true),
      each<double>(rows, [](const auto& r) { return r.final_accuracy; }));
  write_swept(table, gathered, outline);
}

void write_claims(const h5::Handle& file, const std::vector<ClaimRow>& claims) {
  Frame frame(file, "claims", Packing::gzip);
  std::vector<std::int64_t> numbers(claims.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int64_t>(i);
  frame.axis({"verdict", numbers, "number of the verdict", "1"});
  const auto spec = [](const char* name, Kind kind, const char* long_name,
                       bool may_be_missing = false) {
    return ColumnSpec{name, kind, {"verdict"}, long_name, "1", may_be_missing};
  };
  std::vector<std::string> claim, trials, sentences;
  std::vector<std::int8_t> holds;
  std::vector<double> measured, bound;
  for (const ClaimRow& row : claims) {
    claim.push_back(clean_utf8(row.claim));
    trials.push_back(clean_utf8(row.trials));
    sentences.push_back(clean_utf8(row.sentence));
    holds.push_back(row.holds);
    measured.push_back(row.measured);
    bound.push_back(row.bound);
  }
  frame.texts(spec("claim", Kind::text, "name of the claim"), claim);
  frame.texts(spec("trials", Kind::text, "trial or group of trials it was evaluated on"), trials);
  {
    const h5::Handle column = frame.column(spec("holds", Kind::int8, "whether the claim holds"));
    constexpr std::int8_t flags[] = {0, 1};
    h5::set(column, "flag_values", std::span<const std::int8_t>(flags));
    h5::set(column, "flag_meanings", "does_not_hold holds");
    if (!holds.empty())
      h5::write_rows(column, Kind::int8, 0, static_cast<Index>(holds.size()), holds.data());
  }
  frame.numbers(spec("measured", Kind::float64, "measured value", true), measured);
  frame.numbers(
      spec("bound", Kind::float64, "bound that the measured value is compared with", true), bound);
  frame.texts(spec("sentence", Kind::text, "the verdict in words"), sentences);
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

// Names as a scale, and a text for each.
void write_pairs(Frame& frame, const Pairs& pairs, const RecordAxis& axis, const char* column,
                 const char* long_name) {
  std::vector<std::string> names, texts;
  for (const auto& [name, text] : pairs) {
    names.push_back(clean_utf8(name));
    texts.push_back(clean_utf8(text));
  }
  frame.axis({axis.name, names, axis.long_name, "1"});
  frame.texts({column, Kind::text, {axis.name}, long_name, "1", false}, texts);
}

void write_provenance(const h5::Handle& file, const Gathered& gathered, const Outline& outline,
                      const RunFacts& facts, const Pairs& digests) {
  const auto& rows = gathered.rows;
  Frame frame(file, "provenance", Packing::gzip);
  frame.axis(trial_axis(gathered));
  const auto spec = [](const char* name, Kind kind, const char* long_name, const char* unit = "1") {
    return ColumnSpec{name, kind, {"trial"}, long_name, unit, false};
  };
  const auto counts = [&](const char* name, const char* long_name, auto take) {
    frame.numbers(spec(name, Kind::int64, long_name), each<std::int64_t>(rows, take));
  };
  const auto texts = [&](const char* name, const char* long_name, auto take) {
    frame.texts(spec(name, Kind::text, long_name), each<std::string>(rows, take));
  };
  counts("attempts", "how often the trial was begun",
         [](const auto& r) { return r.provenance.attempts; });
  frame.numbers(spec("wall_seconds", Kind::float64, "time that the trial took", "s"),
                each<double>(rows, [](const auto& r) { return r.provenance.wall_seconds; }));
  counts("rank", "MPI rank that trained it", [](const auto& r) { return r.provenance.rank; });
  texts("host", "machine that trained it", [](const auto& r) { return r.provenance.host; });
  counts("threads", "threads that trained it", [](const auto& r) { return r.provenance.threads; });
  texts("started", "when it was begun, UTC", [](const auto& r) { return r.provenance.started; });

  const auto word = [&](const char* name, const char* long_name, const std::string& text) {
    const std::string clean = clean_utf8(text);
    frame.texts({name, Kind::text, {}, long_name, "1", false}, std::span(&clean, 1));
  };
  word("attnlab_version", "version of the program that merged", facts.attnlab_version);
  word("build", "build of the program that merged", facts.build);
  word("compiler", "compiler of the program that merged", facts.compiler);
  word("command_line", "command line of the program that merged", facts.command_line);
  write_pairs(frame, facts.plugin_files, {"plugin_file", {}, "plugin files"}, "plugin_sha256",
              "SHA-256 of the plugin file");
  write_pairs(frame, facts.versions, {"library", {}, "libraries"}, "library_version",
              "version of the library");

  const std::int64_t planned[] = {static_cast<std::int64_t>(outline.ids.size())};
  frame.numbers(
      {"trials_planned", Kind::int64, {}, "trials of the grid, finished or not", "1", false},
      std::span(planned));
  word("grid_sha256", "SHA-256 of the grid and the ids of its trials", fingerprint(outline));
  write_pairs(frame, digests, {"content", {}, "groups and datasets outside /provenance"},
              "content_sha256", "SHA-256 of values and attributes");
  word("results_sha256", "SHA-256 of all content", content_of(digests));
}

void write_root(const h5::Handle& file, const Gathered& gathered, const Outline& outline,
                const RunFacts& facts) {
  h5::set(file, "Conventions", "CF-1.8");
  h5::set(file, "format_version", std::int64_t{1});
  h5::set(file, "attnlab_version", clean_utf8(facts.attnlab_version));
  h5::set(file, "grid_name", clean_utf8(outline.name));
  h5::set(file, "grid_yaml", clean_utf8(outline.text));
  const bool has_loss =
      !gathered.cohorts.empty() &&
      std::ranges::find(gathered.cohorts.front().shape.series, "loss", &SeriesShape::name) !=
          gathered.cohorts.front().shape.series.end();
  h5::set(file, "default", has_loss ? "/cohorts/c0/loss" : "/trials/final_loss");
}

Result<Done> write_results(const fs::path& temporary, const Gathered& gathered,
                           const Outline& outline, const RunFacts& facts, const Judge& judge) {
  h5::Handle file = h5::create_file(temporary);
  write_root(file, gathered, outline, facts);
  write_trials(file, gathered, outline);
  {
    const h5::Handle cohorts = h5::create_group(file, "cohorts");
    for (std::size_t c = 0; c < gathered.cohorts.size(); ++c) {
      copy_cohort(gathered, gathered.cohorts[c], cohorts, "c" + std::to_string(c));
    }
  }
  std::vector<ClaimRow> claims;
  if (judge) {
    auto judged = judge(Results::of_open_file(file, temporary));
    if (!judged) return judged.errors();
    claims = *std::move(judged);
  }
  write_claims(file, claims);
  write_provenance(file, gathered, outline, facts, digests_of(file));
  h5::close_file(std::move(file));
  return Done{};
}

}  // namespace

Result<Done> merge(const fs::path& dir, const Outline& outline, const RunFacts& facts,
                   const Judge& judge) {
  const fs::path results = dir / results_name;
  const fs::path temporary = temporary_of(
      dir / (std::string(results_name) + "-" + host_name() + "-" + std::to_string(::getpid())));
  try {
    const auto gathered = gather(dir, outline);
    if (!gathered) return gathered.errors();
    if (gathered->rows.empty()) {
      return Error{dir.string(), "no trial is finished, so there is nothing to merge",
                   "`attnlab status` shows how far the run is"};
    }
    const auto written = write_results(temporary, *gathered, outline, facts, judge);
    if (!written) {
      ::unlink(temporary.c_str());
      return written;
    }
  } catch (const h5::Failure& failure) {
    ::unlink(temporary.c_str());
    return h5::error_of(results, "cannot be made", failure);
  }
  return rename_safely(temporary, results);
}

}  // namespace attnlab
