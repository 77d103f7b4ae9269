// segment_bytes.cpp: gathers finished trials by cohort and lays them out as one HDF5 file in
// memory.
#include <algorithm>
#include <cstring>

#include "store/files.hpp"
#include "store/frame.hpp"
#include "store/segment.hpp"

namespace attnlab {
namespace {

using h5::Kind;
using Members = std::vector<std::size_t>;  // positions of the trials of one cohort

struct Grouping {
  std::vector<CohortShape> shapes;
  std::vector<Members> members;
  std::vector<std::int32_t> cohort;  // of each trial; -1: it has no records
  std::vector<std::int64_t> row;
};

Grouping group(std::span<const FinishedTrial> trials) {
  Grouping out;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (trials[i].records.empty()) {
      out.cohort.push_back(-1);
      out.row.push_back(-1);
      continue;
    }
    CohortShape shape = shape_of(trials[i].records);
    const auto known = std::ranges::find(out.shapes, shape);
    const auto c = static_cast<std::size_t>(known - out.shapes.begin());
    if (known == out.shapes.end()) {
      out.shapes.push_back(std::move(shape));
      out.members.emplace_back();
    }
    out.cohort.push_back(static_cast<std::int32_t>(c));
    out.row.push_back(static_cast<std::int64_t>(out.members[c].size()));
    out.members[c].push_back(i);
  }
  return out;
}

// Rows go to the file in batches: one call a row would cost more than the numbers.
void write_series(const h5::Handle& dataset, const CohortShape& shape, std::size_t s,
                  const Members& members, std::span<const FinishedTrial> trials) {
  const auto bytes = static_cast<std::size_t>(shape.row_bytes(shape.series[s]));
  if (bytes == 0) return;
  const std::size_t batch = std::max<std::size_t>(1, (4u << 20) / bytes);
  std::vector<char> block(bytes * std::min(batch, members.size()));
  for (std::size_t first = 0; first < members.size(); first += batch) {
    const std::size_t n = std::min(batch, members.size() - first);
    for (std::size_t i = 0; i < n; ++i) {
      const Series& series = trials[members[first + i]].records.series[s];
      std::memcpy(block.data() + i * bytes, values_of(series), bytes);
    }
    h5::write_rows(dataset, shape.series[s].kind, static_cast<Index>(first), static_cast<Index>(n),
                   block.data());
  }
}

template <class Value, class Take>
std::vector<Value> each(std::span<const FinishedTrial> trials, Take take) {
  std::vector<Value> out;
  for (const FinishedTrial& trial : trials) out.push_back(take(trial));
  return out;
}

std::int64_t seed_of(const Settings& settings) {
  const Settings* seed = find(settings, "seed");
  return seed != nullptr && seed->is_number() ? seed->get<std::int64_t>() : 0;
}

void write_table(const h5::Handle& file, std::span<const FinishedTrial> trials,
                 const Grouping& grouping) {
  Frame table(file, "trials", Packing::none);
  std::vector<std::int64_t> numbers(trials.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int64_t>(i);
  table.axis({"trial", numbers, "row in this segment", "1"});
  const auto spec = [](const char* name, Kind kind, const char* unit = "1") {
    return ColumnSpec{name, kind, {"trial"}, name, unit, false};
  };
  const auto texts = [&](const char* name, auto take) {
    table.texts(spec(name, Kind::text), each<std::string>(trials, take));
  };
  const auto counts = [&](const char* name, auto take) {
    table.numbers(spec(name, Kind::int64), each<std::int64_t>(trials, take));
  };
  const auto reals = [&](const char* name, const char* unit, auto take) {
    table.numbers(spec(name, Kind::float64, unit), each<double>(trials, take));
  };
  texts("id", [](const auto& t) { return to_string(t.id); });
  table.numbers(spec("status", Kind::int8), each<std::int8_t>(trials, [](const auto& t) {
                  return static_cast<std::int8_t>(t.status);
                }));
  texts("error", [](const auto& t) { return t.error; });
  table.numbers(spec("cohort", Kind::int32), grouping.cohort);
  table.numbers(spec("row", Kind::int64), grouping.row);
  counts("seed", [](const auto& t) { return seed_of(t.settings); });
  counts("steps", [](const auto& t) { return t.records.steps; });
  counts("parameters", [](const auto& t) { return t.records.parameters; });
  reals("final_loss", "1", [](const auto& t) { return t.records.final_loss; });
  reals("final_accuracy", "1", [](const auto& t) { return t.records.final_accuracy; });
  counts("attempts", [](const auto& t) { return t.provenance.attempts; });
  reals("wall_seconds", "s", [](const auto& t) { return t.provenance.wall_seconds; });
  counts("rank", [](const auto& t) { return t.provenance.rank; });
  texts("host", [](const auto& t) { return t.provenance.host; });
  counts("threads", [](const auto& t) { return t.provenance.threads; });
  texts("started", [](const auto& t) { return t.provenance.started; });
}

}  // namespace

std::string segment_bytes(std::span<const FinishedTrial> trials) {
  const Grouping grouping = group(trials);
  h5::Image image;
  write_table(image.file(), trials, grouping);
  h5::Handle cohorts = h5::create_group(image.file(), "cohorts");
  for (std::size_t c = 0; c < grouping.shapes.size(); ++c) {
    const CohortShape& shape = grouping.shapes[c];
    const Members& members = grouping.members[c];
    const std::vector<std::int64_t> numbers(members.begin(), members.end());
    const CohortGroup cohort(cohorts, "c" + std::to_string(c), shape, numbers, Packing::none);
    h5::set(cohort.group(), "shape", to_text(shape));
    for (std::size_t s = 0; s < shape.series.size(); ++s) {
      write_series(cohort.series(s), shape, s, members, trials);
    }
    std::vector<std::string> settings;
    for (const std::size_t i : members) settings.push_back(clean_utf8(to_yaml(trials[i].settings)));
    h5::write_text(cohort.settings(), 0, settings);
  }
  cohorts = h5::Handle();
  return image.close();
}

}  // namespace attnlab
