// numbers.cpp: from JSON to numbers or a distribution. The only file of this plugin with
// nlohmann/json.
#include "numbers.hpp"

#include <attnlab/plugin.hpp>
#include <nlohmann/json.hpp>

namespace token_regression {
namespace {

using attnlab::Failure;
using Json = nlohmann::json;

constexpr const char* forms = "write {values: [[[...]]]}, {normal: std} or {uniform: [a, b]}";

std::string place(const std::string& name, const std::vector<std::size_t>& at) {
  std::string text = name;
  for (const std::size_t i : at) text += "[" + std::to_string(i) + "]";
  return text;
}

// Appends the numbers below `node`; `at` says where it stands. The first row of a level fixes the
// length of its sisters.
void append(const std::string& name, const Json& node, std::vector<std::size_t>& at, Values& out) {
  const std::size_t depth = at.size();
  if (depth == 3) {
    if (!node.is_number()) {
      throw Failure(place(name, at) + " is " + node.dump() + ", not a number");
    }
    out.numbers.push_back(node.get<double>());
    return;
  }
  if (!node.is_array() || node.empty()) {
    throw Failure(place(name, at) +
                  " should be a list (values are nested three deep: samples, "
                  "tokens, columns), but it is " +
                  (node.is_array() ? "empty" : node.dump()));
  }
  const auto n = static_cast<std::int64_t>(node.size());
  if (out.shape[depth] < 0) out.shape[depth] = n;
  if (out.shape[depth] != n) {
    throw Failure(place(name, at) + " has " + std::to_string(n) + " entries, but " +
                  std::to_string(out.shape[depth]) +
                  " were expected: every row must be as long as the first");
  }
  at.push_back(0);
  for (std::size_t i = 0; i < node.size(); ++i) {
    at.back() = i;
    append(name, node[i], at, out);
  }
  at.pop_back();
}

Values values_from(const std::string& name, const Json& node) {
  Values values{{-1, -1, -1}, {}};
  std::vector<std::size_t> at;
  append(name, node, at, values);
  return values;
}

}  // namespace

Numbers numbers_from(const std::string& name, const std::string& json) {
  const Json node = Json::parse(json);
  if (node.is_array()) return values_from(name, node);
  if (!node.is_object() || node.size() != 1) {
    throw Failure(name + " is " + node.dump() + ": " + forms);
  }
  const std::string key = node.begin().key();
  const Json& value = node.begin().value();
  if (key == "values") return values_from(name + ".values", value);
  if (key == "normal") {
    if (!value.is_number() || value.get<double>() < 0) {
      throw Failure(name + ".normal is " + value.dump() +
                    ": give the standard deviation, a number that is not negative");
    }
    return Normal{value.get<double>()};
  }
  if (key == "uniform") {
    const bool pair = value.is_array() && value.size() == 2 && value[0].is_number() &&
                      value[1].is_number() && value[0].get<double>() <= value[1].get<double>();
    if (!pair) {
      throw Failure(name + ".uniform is " + value.dump() + ": give two numbers [a, b], a <= b");
    }
    return Uniform{value[0].get<double>(), value[1].get<double>()};
  }
  if (key == "value_columns" && name == "inputs" && value.is_object()) {
    ValueColumns form;
    for (const auto& [word, number] : value.items()) {
      if (word == "heads" && number.is_number_integer() && number.get<std::int64_t>() >= 1) {
        form.heads = number.get<std::int64_t>();
      } else if ((word == "low" || word == "high") && number.is_number()) {
        (word == "low" ? form.low : form.high) = number.get<double>();
      } else {
        throw Failure(name + ".value_columns." + word + " is " + number.dump() +
                      ": write {heads: 2, low: 1, high: 2}");
      }
    }
    return form;
  }
  using What = FromValues::What;
  for (const auto& [word, what] : {std::pair{"above_minimum", What::above_minimum},
                                   {"token_mean", What::token_mean},
                                   {"mass", What::mass}}) {
    if (key == word && name == "targets" && value.is_number())
      return FromValues{what, value.get<double>()};
  }
  throw Failure(name + " names '" + key + "', which is no construction known here: " + forms);
}

std::string shape_text(const std::array<std::int64_t, 3>& shape) {
  return "[" + std::to_string(shape[0]) + ", " + std::to_string(shape[1]) + ", " +
         std::to_string(shape[2]) + "]";
}

}  // namespace token_regression
