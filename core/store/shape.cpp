// shape.cpp: shapes from records, as text, and the contradictions that records may hold.
#include "store/shape.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "store/files.hpp"
#include "store/whole_number.hpp"

namespace attnlab {
namespace {

h5::Kind kind_of(const Series& series) {
  constexpr h5::Kind kinds[] = {h5::Kind::float64, h5::Kind::float32, h5::Kind::int64,
                                h5::Kind::int32};
  return kinds[series.values.index()];
}

h5::Failure unsound(const std::string& what, const std::string& series) {
  return {"shape of a cohort", what + " '" + series + "' is unknown"};
}

bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos && name == clean_utf8(name);
}

}  // namespace

const RecordAxis& CohortShape::axis(const std::string& name) const {
  return *std::ranges::find(axes, name, &RecordAxis::name);
}

std::vector<Index> CohortShape::sizes(const SeriesShape& one) const {
  std::vector<Index> sizes;
  for (const std::string& name : one.axes) sizes.push_back(axis(name).size());
  return sizes;
}

Index CohortShape::row_bytes(const SeriesShape& one) const {
  auto bytes = static_cast<Index>(h5::size_of(one.kind));
  for (const Index size : sizes(one)) bytes *= size;
  return bytes;
}

CohortShape shape_of(const Records& records) {
  CohortShape shape;
  std::set<std::string> used;
  for (const Series& series : records.series) {
    shape.series.push_back(
        {series.name, series.axes, kind_of(series), series.long_name, series.unit});
    used.insert(series.axes.begin(), series.axes.end());
  }
  for (const RecordAxis& axis : records.axes) {
    if (used.contains(axis.name)) shape.axes.push_back(axis);
  }
  return shape;
}

const void* values_of(const Series& series) {
  return std::visit([](const auto& values) { return static_cast<const void*>(values.data()); },
                    series.values);
}

std::optional<std::string> contradiction_in(const Records& records) {
  std::set<std::string> names{"trial", "settings"};
  std::map<std::string, Index> sizes;
  for (const RecordAxis& axis : records.axes) {
    if (!is_plain_name(axis.name)) return "'" + axis.name + "' cannot be the name of an axis";
    if (!names.insert(axis.name).second) return "the name '" + axis.name + "' is used twice";
    sizes[axis.name] = axis.size();
  }
  for (const Series& series : records.series) {
    if (!is_plain_name(series.name)) return "'" + series.name + "' cannot be the name of a series";
    if (!names.insert(series.name).second) return "the name '" + series.name + "' is used twice";
    Index expected = 1;
    std::set<std::string> seen;
    for (const std::string& axis : series.axes) {
      if (!sizes.contains(axis)) return series.name + " has an unknown axis '" + axis + "'";
      if (!seen.insert(axis).second) return series.name + " has the axis '" + axis + "' twice";
      expected *= sizes[axis];
    }
    const auto n =
        std::visit([](const auto& v) { return static_cast<Index>(v.size()); }, series.values);
    if (n != expected) {
      return series.name + " has " + std::to_string(n) + " numbers, its axes ask for " +
             std::to_string(expected);
    }
  }
  return std::nullopt;
}

std::string to_text(const CohortShape& shape) {
  nlohmann::json out = {{"axes", nlohmann::json::array()}, {"series", nlohmann::json::array()}};
  for (const RecordAxis& axis : shape.axes) {
    nlohmann::json labels;
    std::visit([&](const auto& values) { labels = values; }, axis.labels);
    out["axes"].push_back({axis.name, labels, axis.labels.index(), axis.long_name, axis.unit});
  }
  for (const SeriesShape& one : shape.series) {
    out["series"].push_back(
        {one.name, one.axes, static_cast<int>(one.kind), one.long_name, one.unit});
  }
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

CohortShape shape_from(const std::string& text) try {
  const auto in = nlohmann::json::parse(text);
  CohortShape shape;
  for (const auto& axis : in.at("axes")) {
    RecordAxis one;
    axis.at(0).get_to(one.name);
    if (axis.at(2) == 0) {
      auto& labels = one.labels.emplace<0>();
      for (const auto& label : axis.at(1)) labels.push_back(whole_number(label));
    } else {
      one.labels = axis.at(1).get<std::vector<std::string>>();
    }
    axis.at(3).get_to(one.long_name);
    axis.at(4).get_to(one.unit);
    shape.axes.push_back(std::move(one));
  }
  for (const auto& series : in.at("series")) {
    SeriesShape one;
    series.at(0).get_to(one.name);
    series.at(1).get_to(one.axes);
    const auto kind = whole_number(series.at(2));
    if (kind < 0 || kind >= static_cast<int>(h5::Kind::text))
      throw unsound("the kind of", one.name);
    one.kind = static_cast<h5::Kind>(kind);
    for (const std::string& name : one.axes) {
      if (std::ranges::find(shape.axes, name, &RecordAxis::name) == shape.axes.end())
        throw unsound("an axis of", one.name);
    }
    series.at(3).get_to(one.long_name);
    series.at(4).get_to(one.unit);
    shape.series.push_back(std::move(one));
  }
  return shape;
} catch (const nlohmann::json::exception& e) {
  throw h5::Failure("shape of a cohort", e.what());
}

}  // namespace attnlab
