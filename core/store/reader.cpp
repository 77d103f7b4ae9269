// reader.cpp: reading a results.h5 again, one dataset at a time.
#include "store/reader.hpp"

#include <cmath>
#include <functional>
#include <numeric>

#include "store/content.hpp"
#include "store/h5.hpp"
#include "store/store.hpp"

namespace attnlab {

struct Results::Inside {
  std::filesystem::path file;
  h5::Handle handle;
};

Results::Results(Results&&) noexcept = default;
Results::~Results() = default;

namespace {

// Runs `read`; a failure of HDF5 becomes an Error that names the file and what was read.
template <class Read>
auto guarded(const std::filesystem::path& file, const std::string& what, Read read)
    -> Result<decltype(read())> {
  try {
    return read();
  } catch (const h5::Failure& failure) {
    return h5::error_of(file, "cannot read " + what, failure);
  }
}

Index product(const std::vector<Index>& shape) {
  return std::accumulate(shape.begin(), shape.end(), Index{1}, std::multiplies<>());
}

}  // namespace

Result<Results> Results::open(const std::filesystem::path& given) {
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(given, ignored);
  const std::filesystem::path file = is_folder ? given / "results.h5" : given;
  if (!std::filesystem::exists(file, ignored)) {
    return Error{file.string(), "is not there",
                 is_folder ? "`attnlab merge` builds it from what is finished"
                           : "give a run directory or a results.h5"};
  }
  try {
    Results results;
    results.inside_ = std::make_unique<Inside>(Inside{file, h5::open_file(file)});
    return results;
  } catch (const h5::Failure& failure) {
    return Error{file.string(), std::string("is no results file: ") + failure.what(), ""};
  }
}

Result<std::string> Results::attribute(const std::string& name) const {
  return guarded(inside_->file, name,
                 [&] { return h5::text_attribute(h5::open_group(inside_->handle, "/"), name); });
}

Result<std::vector<std::pair<std::string, std::string>>> Results::attributes(
    const std::string& path) const {
  return guarded(inside_->file, "the attributes of " + path, [&] {
    const bool is_group = path == "/" || h5::is_group(inside_->handle, path);
    return own_attributes(is_group ? h5::open_group(inside_->handle, path)
                                   : h5::open_dataset(inside_->handle, path));
  });
}

Results Results::of_open_file(const h5::Handle& file, const std::filesystem::path& name) {
  Results results;
  results.inside_ = std::make_unique<Inside>(Inside{name, h5::open_group(file, "/")});
  return results;
}

bool Results::has(const std::string& path) const {
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    if (!h5::has(inside_->handle, path.substr(0, slash))) return false;
    if (slash == std::string::npos) return true;
  }
}

std::vector<std::string> Results::members(const std::string& group) const {
  if (!has(group) || !h5::is_group(inside_->handle, group)) return {};
  return h5::children(h5::open_group(inside_->handle, group));
}

std::vector<Index> Results::shape(const std::string& dataset) const {
  if (!has(dataset) || h5::is_group(inside_->handle, dataset)) return {};
  return h5::sizes_of(h5::open_dataset(inside_->handle, dataset));
}

bool Results::is_text(const std::string& dataset) const {
  if (!has(dataset) || h5::is_group(inside_->handle, dataset)) return false;
  return h5::kind_of(h5::open_dataset(inside_->handle, dataset)) == h5::Kind::text;
}

Result<Array> Results::numbers(const std::string& dataset) const {
  const std::vector<Index> sizes = shape(dataset);
  return numbers(dataset, 0, sizes.empty() ? 1 : sizes.front());
}

Result<Array> Results::numbers(const std::string& dataset, Index first, Index count) const {
  return guarded(inside_->file, dataset, [&] {
    const h5::Handle handle = h5::open_dataset(inside_->handle, dataset);
    Array array{h5::sizes_of(handle), {}};
    if (!array.shape.empty()) array.shape.front() = count;
    array.values.resize(static_cast<std::size_t>(product(array.shape)));
    if (!array.values.empty()) {
      h5::read_rows(handle, h5::Kind::float64, first, count, array.values.data());
    }
    return array;
  });
}

Result<std::vector<std::string>> Results::texts(const std::string& dataset) const {
  return guarded(inside_->file, dataset, [&] {
    const h5::Handle handle = h5::open_dataset(inside_->handle, dataset);
    const std::vector<Index> sizes = h5::sizes_of(handle);
    return h5::read_text(handle, 0, sizes.empty() ? 1 : sizes.front());
  });
}

Result<Done> read_validation(const std::filesystem::path& results_file, Index n, Table& table) {
  const auto results = Results::open(results_file);
  if (!results) return results.errors();
  const auto cohort = results->numbers("/trials/cohort"), row = results->numbers("/trials/row");
  if (!cohort) return cohort.errors();
  if (!row) return row.errors();
  for (std::size_t i = 0; i < table.rows.size() && static_cast<Index>(i) < n; ++i) {
    const auto place = static_cast<Index>(cohort->values[i]);
    const std::string path = "/cohorts/c" + std::to_string(place) + "/validation_accuracy";
    if (place < 0 || !results->has(path)) continue;
    const auto history = results->numbers(path, static_cast<Index>(row->values[i]), 1);
    if (!history) return history.errors();
    for (const double value : history->values) {
      if (!std::isnan(value)) table.rows[i].final_validation_accuracy = value;
    }
  }
  return Done{};
}

}  // namespace attnlab
