// values.cpp: lists, ranges, linspace and logspace as lists of values.
#include <cmath>

#include "base/nearest.hpp"
#include "grid/fields.hpp"
#include "grid/sweep.hpp"

namespace attnlab {
namespace {

using Numbers = std::vector<Settings>;

bool too_many(double n, Mark mark, Mistakes& mistakes) {
  if (n <= static_cast<double>(most_trials)) return false;
  mistakes.add(mark, "these are more than " + std::to_string(most_trials) + " values",
               "a grid spans at most that many trials");
  return true;
}

// first, first + step, ... before last; integers stay integers.
Numbers range(const Numbers& given, Mark mark, Mistakes& mistakes) {
  bool whole = true;
  for (const Settings& number : given) whole = whole && number.is_number_integer();
  const double first = given[0].get<double>(), last = given[1].get<double>();
  const double step = given.size() > 2 ? given[2].get<double>() : 1.0;
  if (step == 0) {
    mistakes.add(mark, "the step of a range cannot be 0", "leave it out for steps of 1");
    return {};
  }
  // A last value that rounding alone puts before the end is not meant: range [0, 0.3, 0.1] has
  // three values.
  const double n = std::ceil((last - first) / step - (whole ? 0.0 : 1e-9));
  if (!(n >= 1)) {
    mistakes.add(mark, "this range is empty",
                 "it goes from the first number to before the second, in steps of the third");
    return {};
  }
  if (too_many(n, mark, mistakes)) return {};
  Numbers out;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(n); ++i) {
    if (whole) {
      const auto width = given.size() > 2 ? given[2].get<std::int64_t>() : 1;
      out.push_back(given[0].get<std::int64_t>() + i * width);
    } else {
      out.push_back(first + static_cast<double>(i) * step);
    }
  }
  return out;
}

// n numbers from a to b, both exact, evenly spaced in themselves or in their logarithms.
Numbers spaced(const Numbers& given, bool logarithmic, Mark mark, Mistakes& mistakes) {
  const double a = given[0].get<double>(), b = given[1].get<double>();
  if (!given[2].is_number_integer() || given[2].get<std::int64_t>() < 1) {
    mistakes.add(
        mark,
        "the third number says how many: it must be a whole number from 1, not " + given[2].dump(),
        "as in `[0.001, 0.1, 5]`");
    return {};
  }
  if (logarithmic && !(a > 0 && b > 0)) {
    mistakes.add(mark, "logspace needs numbers above 0", "use linspace, or other ends");
    return {};
  }
  if (too_many(given[2].get<double>(), mark, mistakes)) return {};
  const auto n = given[2].get<std::int64_t>();
  Numbers out;
  for (std::int64_t i = 0; i < n; ++i) {
    const double part = n == 1 ? 0.0 : static_cast<double>(i) / static_cast<double>(n - 1);
    double x = logarithmic ? std::exp(std::log(a) + part * (std::log(b) - std::log(a)))
                           : a + part * (b - a);
    if (logarithmic) {  // powers of ten come out as their decimal selves
      const double ten = std::pow(10.0, std::log10(a) + part * (std::log10(b) - std::log10(a)));
      const double rounded = std::strtod(Settings(ten).dump().c_str(), nullptr);
      x = rounded;
    }
    out.push_back(i == 0 ? a : i == n - 1 ? b : x);
  }
  return out;
}

}  // namespace

std::vector<Settings> swept_values(const Node& node, const std::string& path,
                                   std::vector<Mark>& marks, Mistakes& mistakes) {
  static const std::vector<std::string> rules{"range", "linspace", "logspace"};
  std::vector<Settings> values;
  if (node.kind == Node::Kind::list) {
    for (const Node& item : node.items) {
      Settings value = to_settings(item, mistakes);
      if (!item.flaw.empty()) continue;
      values.push_back(std::move(value));
      marks.push_back(item.mark);
    }
    if (node.items.empty()) {
      mistakes.add(node.mark, "no values are given for '" + path + "'",
                   "give some, or remove the line");
    }
    return values;
  }
  if (node.kind == Node::Kind::scalar) {
    if (!node.flaw.empty()) {
      mistakes.add(node.mark, node.flaw, node.hint);
    } else {
      mistakes.add(node.mark,
                   "the values of '" + path + "' must be a list, not " + noun(node.scalar),
                   "write `[" + (node.text.empty() ? "1, 2" : node.text) +
                       "]`, or range, linspace, logspace");
    }
    return values;
  }
  if (node.keys.size() != 1 || nearest(node.keys[0].text, rules).empty()) {
    mistakes.add(node.mark,
                 "the values of '" + path + "' must be a list, or one of range, linspace, logspace",
                 "to sweep a mapping put it into a list: `[{...}, {...}]`");
    return values;
  }
  const std::string& rule = node.keys[0].text;
  const Node& list = node.items[0];
  if (std::find(rules.begin(), rules.end(), rule) == rules.end()) {
    mistakes.add(node.keys[0].mark, "there is no '" + rule + "'", suggestion(rule, rules));
    return values;
  }
  const Settings given = to_settings(list, mistakes);
  const std::string wanted =
      rule == "range" ? "[first, last_exclusive, step]" : "[first, last, count]";
  const std::size_t least = rule == "range" ? 2 : 3;
  if (!given.is_array() || given.size() < least || given.size() > 3) {
    mistakes.add(list.mark, rule + " wants " + wanted,
                 "as in `" + rule + (rule == "range" ? ": [0, 10]`" : ": [0.001, 0.1, 5]`"));
    return values;
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i].is_number()) continue;
    mistakes.add(list.items[i].mark, rule + " wants numbers, not " + noun(given[i]),
                 "as " + wanted);
    return values;
  }
  const Numbers numbers(given.begin(), given.end());
  values = rule == "range" ? range(numbers, list.mark, mistakes)
                           : spaced(numbers, rule == "logspace", list.mark, mistakes);
  marks.assign(values.size(), list.mark);
  return values;
}

}  // namespace attnlab
