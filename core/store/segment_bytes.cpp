// segment_bytes.cpp: lays finished trials out by cohort as one HDF5 file in memory.
#include <algorithm>
#include <cstring>

#include "store/frame.hpp"
#include "store/segment.hpp"

namespace attnlab {
namespace {

using h5::Kind;
using One = SegmentContent::One;
using Rows = std::vector<const One*>;  // the trials of one cohort

// Rows go to the file in batches: one call a row would cost more than the numbers.
void write_series(const h5::Handle& dataset, const CohortShape& shape, std::size_t s,
                  const Rows& rows) {
  const auto bytes = static_cast<std::size_t>(shape.row_bytes(shape.series[s]));
  if (bytes == 0) return;
  const std::size_t batch = std::max<std::size_t>(1, (4u << 20) / bytes);
  std::vector<char> block(bytes * std::min(batch, rows.size()));
  for (std::size_t first = 0; first < rows.size(); first += batch) {
    const std::size_t n = std::min(batch, rows.size() - first);
    for (std::size_t i = 0; i < n; ++i) {
      std::memcpy(block.data() + i * bytes, rows[first + i]->values[s].data(), bytes);
    }
    h5::write_rows(dataset, shape.series[s].kind, static_cast<Index>(first), static_cast<Index>(n),
                   block.data());
  }
}

template <class Value, class Take>
std::vector<Value> each(const std::vector<One>& trials, Take take) {
  std::vector<Value> out;
  out.reserve(trials.size());
  for (const One& trial : trials) out.push_back(take(trial));
  return out;
}

void write_table(const h5::Handle& file, const std::vector<One>& trials) {
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
  table.numbers(spec("cohort", Kind::int32),
                each<std::int32_t>(trials, [](const auto& t) { return t.cohort; }));
  counts("row", [](const auto& t) { return t.row; });
  counts("seed", [](const auto& t) { return t.seed; });
  counts("steps", [](const auto& t) { return t.steps; });
  counts("parameters", [](const auto& t) { return t.parameters; });
  reals("final_loss", "1", [](const auto& t) { return t.final_loss; });
  reals("final_accuracy", "1", [](const auto& t) { return t.final_accuracy; });
  counts("attempts", [](const auto& t) { return t.provenance.attempts; });
  reals("wall_seconds", "s", [](const auto& t) { return t.provenance.wall_seconds; });
  counts("rank", [](const auto& t) { return t.provenance.rank; });
  texts("host", [](const auto& t) { return t.provenance.host; });
  counts("threads", [](const auto& t) { return t.provenance.threads; });
  texts("started", [](const auto& t) { return t.provenance.started; });
}

}  // namespace

std::string segment_bytes(const SegmentContent& content) {
  h5::Image image;
  write_table(image.file(), content.trials());
  h5::Handle cohorts = h5::create_group(image.file(), "cohorts");
  for (std::size_t c = 0; c < content.shapes().size(); ++c) {
    const CohortShape& shape = content.shapes()[c];
    Rows rows;
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < content.trials().size(); ++i) {
      const One& one = content.trials()[i];
      if (one.cohort != static_cast<std::int32_t>(c)) continue;
      rows.push_back(&one);
      numbers.push_back(static_cast<std::int64_t>(i));
    }
    const CohortGroup cohort(cohorts, "c" + std::to_string(c), shape, numbers, Packing::none);
    h5::set(cohort.group(), "shape", to_text(shape));
    for (std::size_t s = 0; s < shape.series.size(); ++s) {
      write_series(cohort.series(s), shape, s, rows);
    }
    constexpr std::size_t batch = 4096;
    for (std::size_t first = 0; first < rows.size(); first += batch) {
      std::vector<std::string> settings;
      for (std::size_t i = first; i < std::min(first + batch, rows.size()); ++i) {
        settings.push_back(rows[i]->settings);
      }
      h5::write_text(cohort.settings(), static_cast<Index>(first), settings);
    }
  }
  cohorts = h5::Handle();
  return image.close();
}

}  // namespace attnlab
