// spelling.cpp: YAML for one value, and the narrowest column that holds all values.
#include "store/spelling.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>

namespace attnlab {
namespace {

// Text that a YAML reader would take for something else, or that ends a flow item, needs quotes.
bool is_plain(const std::string& text) {
  constexpr std::array words = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  std::string lower = text;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  if (text.empty() || std::ranges::find(words, lower) != words.end()) return false;
  if (!std::isalpha(static_cast<unsigned char>(text.front())) && text.front() != '/') return false;
  return std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-' || c == '.' || c == '/';
  });
}

std::string number(const Settings& value) {
  std::string text = value.dump();
  const std::size_t e = text.find('e');
  // YAML 1.1 takes 1e-05 for text; 1.0e-05 is a number everywhere.
  if (e != std::string::npos && text.find('.') == std::string::npos) text.insert(e, ".0");
  return text;
}

bool is_int64(const Settings& value) {
  return value.is_number_integer() &&
         (!value.is_number_unsigned() ||
          value.get<std::uint64_t>() <=
              static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
}

}  // namespace

std::string spelling(const Settings& value) {
  const auto joined = [](const auto& items, auto spell) {
    std::string out;
    for (const auto& item : items) out += (out.empty() ? "" : ", ") + spell(item);
    return out;
  };
  if (value.is_object()) {
    return "{" +
           joined(value.items(),
                  [](const auto& item) {
                    return spelling(Settings(item.key())) + ": " + spelling(item.value());
                  }) +
           "}";
  }
  if (value.is_array()) {
    return "[" + joined(value, [](const Settings& item) { return spelling(item); }) + "]";
  }
  if (value.is_number_float()) return number(value);
  if (value.is_string() && is_plain(value.get<std::string>())) return value.get<std::string>();
  return value.dump(-1, ' ', false, Settings::error_handler_t::replace);
}

SweptColumn column_of(const std::vector<Settings>& values) {
  if (std::ranges::all_of(values, is_int64)) {
    std::vector<std::int64_t> out;
    for (const Settings& value : values) out.push_back(value.get<std::int64_t>());
    return out;
  }
  if (std::ranges::all_of(values, [](const Settings& v) { return v.is_number(); })) {
    std::vector<double> out;
    for (const Settings& value : values) out.push_back(value.get<double>());
    return out;
  }
  std::vector<std::string> out;
  for (const Settings& value : values) out.push_back(spelling(value));
  return out;
}

}  // namespace attnlab
