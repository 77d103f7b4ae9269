// segment_input.cpp: HDF5 files whose tables, shapes and settings are any bytes, as segments. They
// are read by rows, or refused with what HDF5 or the reader said.
//
// The files themselves are sound: a file whose bytes changed is found by its SHA-256 before HDF5
// sees it, and HDF5 1.10 is not proof against bytes that were made to harm it.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "bytes_of_input.hpp"
#include "claim.hpp"
#include "store/segment.hpp"

namespace attnlab::fuzz {
namespace {
namespace fs = std::filesystem;

constexpr const char* columns[] = {
    "id",      "error",      "host",           "started",     "status",   "cohort",
    "row",     "seed",       "steps",          "parameters",  "attempts", "rank",
    "threads", "final_loss", "final_accuracy", "wall_seconds"};

h5::Kind kind_for(std::size_t column) {
  if (column < 4) return h5::Kind::text;
  if (column == 4) return h5::Kind::int8;
  return column == 5 ? h5::Kind::int32 : column < 13 ? h5::Kind::int64 : h5::Kind::float64;
}

// A column, most often of the kind and length a segment has.
void write_column(Input& in, const h5::Handle& place, std::size_t column, Index n) {
  if (in.one_in(40)) return;
  const h5::Kind kind = in.one_in(40) ? static_cast<h5::Kind>(in.below(6)) : kind_for(column);
  if (in.one_in(40)) n = in.below(5);
  std::vector<Index> sizes{n};
  if (in.one_in(60)) sizes.push_back(in.below(3));
  if (in.one_in(60)) sizes.clear();
  const h5::Handle data =
      h5::create_dataset(place, columns[column], {.kind = kind, .sizes = sizes, .chunk = {}});
  if (sizes.size() != 1) return;
  if (kind == h5::Kind::text) {
    std::vector<std::string> texts;
    for (Index i = 0; i < n; ++i) {
      const std::string_view text = in.text();
      texts.emplace_back(text.substr(0, text.find('\0')));
    }
    h5::write_text(data, 0, texts);
  } else {
    std::vector<std::int64_t> numbers;
    for (Index i = 0; i < n; ++i)
      numbers.push_back(in.one_in(3) ? in.number<std::int64_t>() : in.below(4));
    h5::write_rows(data, kind, 0, n, numbers.data());
  }
}

std::string made_of(Input& in) {
  h5::Image image;
  const Index n = in.below(5);
  {
    const h5::Handle table = h5::create_group(image.file(), "trials");
    for (std::size_t c = 0; c < std::size(columns); ++c) write_column(in, table, c, n);
    const h5::Handle cohorts = h5::create_group(image.file(), "cohorts");
    const h5::Handle cohort = h5::create_group(cohorts, "c0");
    std::string shape(in.text());
    h5::set(cohort, "shape", shape.substr(0, shape.find('\0')));
  }
  return image.close();
}

void read(const fs::path& file) try {
  const Segment segment(file);
  for (const SegmentRow& row : segment.rows()) {
    claim(static_cast<int>(row.status) >= 0 && row.status <= TrialStatus::crashed,
          "a status has a meaning");
  }
  for (const std::string& text : segment.shapes()) {
    const CohortShape shape = shape_from(text);
    for (const SeriesShape& one : shape.series) shape.row_bytes(one);
  }
} catch (const h5::Failure& failure) {
  claim(!std::string(failure.what()).empty(), "a refusal says why");
}

}  // namespace
}  // namespace attnlab::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fs = std::filesystem;
  using namespace attnlab;
  static const fs::path file =
      (fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path()) /
      ("attnlab-fuzz-" + std::to_string(::getpid()) + ".h5");
  fuzz::Input in(data, size);
  std::ofstream(file, std::ios::binary | std::ios::trunc) << fuzz::made_of(in);
  fuzz::read(file);
  fs::remove(file);
  return 0;
}
