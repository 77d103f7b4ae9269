// gather.cpp: the way from segments, in the order of finishing, to cohorts, in the order of the
// grid.
#include "store/gather.hpp"

#include <algorithm>
#include <bit>
#include <map>

#include "store/frame.hpp"
#include "store/journal.hpp"

namespace attnlab {

Result<Gathered> gather(const std::filesystem::path& dir, const Outline& outline) {
  std::vector<std::string> warnings;
  const auto lines = read_lines(dir, warnings);
  if (!lines) return lines.errors();
  const std::vector<TrialId>& ids = outline.ids;
  std::map<TrialId, std::size_t> numbers;
  for (std::size_t n = 0; n < ids.size(); ++n) numbers.emplace(ids[n], n);
  std::vector<JournalLine> wanted;
  for (const JournalLine& line : *lines) {
    if (numbers.contains(line.entry.id)) wanted.push_back(line);
  }

  struct Found {
    bool is_there = false;
    SegmentRow row;
    Gathered::Place place;
  };
  std::vector<Found> found(ids.size());
  std::map<std::string, std::vector<const JournalLine*>> by_segment;
  const std::vector<JournalLine> good = intact(dir, wanted, warnings);
  for (const JournalLine& line : good) by_segment[line.entry.segment].push_back(&line);

  Gathered out;
  std::vector<std::string> shapes;  // texts of all shapes met
  std::map<std::string, std::size_t> shape_number;
  std::vector<std::vector<std::size_t>> shape_of_cohort;  // [segment][cohort]
  for (const auto& [name, members] : by_segment) {
    const std::size_t s = out.segments.size();
    out.segments.push_back(dir / "segments" / name);
    const Segment segment(out.segments.back());
    const std::vector<SegmentRow> rows = segment.rows();
    auto& known = shape_of_cohort.emplace_back();
    for (const std::string& text : segment.shapes()) {
      const auto [at, is_new] = shape_number.emplace(text, shapes.size());
      if (is_new) shapes.push_back(text);
      known.push_back(at->second);
    }
    for (const JournalLine* line : members) {
      const auto r = static_cast<std::size_t>(line->entry.row);
      if (r >= rows.size() || rows[r].id != line->entry.id) {
        return Error{out.segments.back().string(),
                     "does not hold trial " + to_string(line->entry.id) + " where the journal says",
                     "`attnlab verify` says more; start over with --fresh", Blame::machine};
      }
      found[numbers[rows[r].id]] = {true, rows[r], {s, rows[r].cohort, rows[r].row}};
    }
  }

  std::map<std::size_t, std::size_t> cohort_of_shape;
  for (std::size_t n = 0; n < found.size(); ++n) {
    if (!found[n].is_there) continue;
    SegmentRow row = found[n].row;
    if (row.cohort >= 0) {
      const Gathered::Place& place = found[n].place;
      const std::size_t shape =
          shape_of_cohort[place.segment][static_cast<std::size_t>(place.cohort)];
      const auto [at, is_new] = cohort_of_shape.emplace(shape, out.cohorts.size());
      if (is_new) out.cohorts.push_back({shape_from(shapes[shape]), {}, {}});
      Gathered::Cohort& cohort = out.cohorts[at->second];
      row.cohort = static_cast<std::int32_t>(at->second);
      row.row = static_cast<std::int64_t>(cohort.trials.size());
      cohort.trials.push_back(static_cast<std::int64_t>(n));
      cohort.places.push_back(place);
    }
    out.numbers.push_back(static_cast<std::int64_t>(n));
    out.rows.push_back(std::move(row));
  }
  return out;
}

void copy_cohort(const Gathered& gathered, const Gathered::Cohort& cohort, const h5::Handle& place,
                 const std::string& name) {
  const CohortShape& shape = cohort.shape;
  const CohortGroup group(place, name, shape, cohort.trials, Packing::gzip);
  Index trial_bytes = 2048;  // its settings
  for (const SeriesShape& one : shape.series) trial_bytes += shape.row_bytes(one);
  // A power of two, as the chunks are: no chunk is packed twice.
  constexpr Index budget = Index{256} << 20;
  const auto block = static_cast<Index>(
      std::bit_floor(static_cast<std::size_t>(std::max<Index>(1, budget / trial_bytes))));
  const auto n_trials = static_cast<Index>(cohort.trials.size());

  for (Index first = 0; first < n_trials; first += block) {
    const Index n = std::min(block, n_trials - first);
    std::map<std::pair<std::size_t, Index>, std::vector<Segment::Pick>>
        picks;  // by segment, cohort
    for (Index i = 0; i < n; ++i) {
      const Gathered::Place& from = cohort.places[static_cast<std::size_t>(first + i)];
      picks[{from.segment, from.cohort}].push_back({from.row, i});
    }
    std::vector<std::vector<char>> series;
    for (const SeriesShape& one : shape.series) {
      series.emplace_back(static_cast<std::size_t>(n * shape.row_bytes(one)));
    }
    std::vector<std::string> settings(static_cast<std::size_t>(n));
    for (auto& [where, some] : picks) {
      std::ranges::sort(some, {}, &Segment::Pick::from);
      const Segment segment(gathered.segments[where.first]);
      for (std::size_t s = 0; s < series.size(); ++s) {
        segment.copy(where.second, shape.series[s], shape.row_bytes(shape.series[s]), some,
                     series[s].data());
      }
      segment.copy_settings(where.second, some, settings);
    }
    for (std::size_t s = 0; s < series.size(); ++s) {
      if (shape.row_bytes(shape.series[s]) == 0) continue;
      h5::write_packed(group.series(s), shape.series[s].kind, first, n, series[s].data());
    }
    h5::write_text(group.settings(), first, settings);
  }
}

}  // namespace attnlab
