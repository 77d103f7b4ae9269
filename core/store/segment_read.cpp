// segment_read.cpp: reads a segment back by rows.
#include <algorithm>
#include <charconv>
#include <cstring>

#include "store/segment.hpp"

namespace attnlab {
namespace {

// The length of a column of the table, which must be a list of that kind.
Index length_of(const h5::Handle& dataset, const char* name, h5::Kind kind) {
  const std::vector<Index> sizes = h5::sizes_of(dataset);
  if (sizes.size() == 1 && h5::kind_of(dataset) == kind) return sizes.front();
  throw h5::Failure("trials/" + std::string(name), "is not a column of a segment's table");
}

template <class Value>
std::vector<Value> numbers(const h5::Handle& group, const char* name, h5::Kind kind, Index n) {
  const h5::Handle dataset = h5::open_dataset(group, name);
  if (length_of(dataset, name, kind) != n)
    throw h5::Failure("trials/" + std::string(name), "has another length than the table");
  std::vector<Value> out(static_cast<std::size_t>(n));
  h5::read_rows(dataset, kind, 0, n, out.data());
  return out;
}

std::vector<std::string> texts(const h5::Handle& group, const char* name, Index n) {
  const h5::Handle dataset = h5::open_dataset(group, name);
  if (length_of(dataset, name, h5::Kind::text) != n)
    throw h5::Failure("trials/" + std::string(name), "has another length than the table");
  return h5::read_text(dataset, 0, n);
}

h5::Handle cohort_of(const h5::Handle& file, Index cohort) {
  return h5::open_group(file, "cohorts/c" + std::to_string(cohort));
}

// Calls read(first, n, picks of that range) for ranges of neighbouring rows: a gap smaller than
// what was already read is read too, and no range has more than `most` rows.
template <class Read>
void by_ranges(std::span<const Segment::Pick> picks, Index most, Read read) {
  for (std::size_t begin = 0; begin < picks.size();) {
    std::size_t end = begin + 1;
    const Index first = picks[begin].from;
    while (end < picks.size() && picks[end].from - first < most &&
           picks[end].from - picks[end - 1].from <= 1 + static_cast<Index>(end - begin)) {
      ++end;
    }
    read(first, picks[end - 1].from - first + 1, picks.subspan(begin, end - begin));
    begin = end;
  }
}

}  // namespace

Segment::Segment(const std::filesystem::path& file) : file_(h5::open_file(file)) {}

std::vector<SegmentRow> Segment::rows() const {
  using h5::Kind;
  const h5::Handle table = h5::open_group(file_, "trials");
  const Index n = length_of(h5::open_dataset(table, "id"), "id", Kind::text);
  const auto id = texts(table, "id", n), error = texts(table, "error", n),
             host = texts(table, "host", n), started = texts(table, "started", n);
  const auto status = numbers<std::int8_t>(table, "status", Kind::int8, n);
  const auto cohort = numbers<std::int32_t>(table, "cohort", Kind::int32, n);
  const auto counts = [&](const char* name) {
    return numbers<std::int64_t>(table, name, Kind::int64, n);
  };
  const auto reals = [&](const char* name) {
    return numbers<double>(table, name, Kind::float64, n);
  };
  const auto row = counts("row"), seed = counts("seed"), steps = counts("steps"),
             parameters = counts("parameters"), attempts = counts("attempts"),
             rank = counts("rank"), threads = counts("threads");
  const auto loss = reals("final_loss"), accuracy = reals("final_accuracy"),
             wall = reals("wall_seconds");
  std::vector<SegmentRow> rows(id.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SegmentRow& one = rows[i];
    std::from_chars(id[i].data(), id[i].data() + id[i].size(), one.id.hash, 16);
    if (status[i] < 0 || status[i] > static_cast<int>(TrialStatus::crashed))
      throw h5::Failure("trials/status", "holds a number that means nothing");
    one.status = static_cast<TrialStatus>(status[i]);
    one.error = error[i];
    one.cohort = cohort[i];
    one.row = row[i];
    one.seed = seed[i];
    one.steps = steps[i];
    one.parameters = parameters[i];
    one.final_loss = loss[i];
    one.final_accuracy = accuracy[i];
    one.provenance = {attempts[i], wall[i], rank[i], threads[i], host[i], started[i]};
  }
  return rows;
}

std::vector<std::string> Segment::shapes() const {
  std::vector<std::string> out;
  const h5::Handle cohorts = h5::open_group(file_, "cohorts");
  for (const std::string& name : h5::children(cohorts)) {
    out.push_back(h5::text_attribute(h5::open_group(cohorts, name), "shape"));
  }
  return out;
}

void Segment::copy(Index cohort, const SeriesShape& one, Index row_bytes,
                   std::span<const Pick> picks, char* block) const {
  if (row_bytes == 0) return;
  const h5::Handle dataset = h5::open_dataset(cohort_of(file_, cohort), one.name);
  std::vector<char> rows;
  by_ranges(picks, std::max<Index>(1, (16 << 20) / row_bytes),
            [&](Index first, Index n, std::span<const Pick> some) {
              rows.resize(static_cast<std::size_t>(n * row_bytes));
              h5::read_rows(dataset, one.kind, first, n, rows.data());
              for (const Pick& pick : some) {
                std::memcpy(block + pick.to * row_bytes,
                            rows.data() + (pick.from - first) * row_bytes,
                            static_cast<std::size_t>(row_bytes));
              }
            });
}

void Segment::copy_settings(Index cohort, std::span<const Pick> picks,
                            std::vector<std::string>& block) const {
  const h5::Handle dataset = h5::open_dataset(cohort_of(file_, cohort), "settings");
  by_ranges(picks, 4096, [&](Index first, Index n, std::span<const Pick> some) {
    std::vector<std::string> rows = h5::read_text(dataset, first, n);
    for (const Pick& pick : some) {
      block[static_cast<std::size_t>(pick.to)] = rows[static_cast<std::size_t>(pick.from - first)];
    }
  });
}

}  // namespace attnlab
