// spelling.cpp: YAML for one value, and the narrowest column that holds all values.
#include "store/spelling.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>

#include "store/files.hpp"

namespace attnlab {
namespace {

// A byte of a letter. The bytes that begin what YAML takes for a break, a blank or no character at
// all (U+0085, U+2028, U+FEFF, ...) are none.
bool is_letter(unsigned char c) {
  return std::isalpha(c) || (c >= 0x80 && c != 0xC2 && c != 0xE2 && c < 0xEF);
}

// Text that a YAML reader would take for something else, or that ends a flow item, needs quotes.
bool is_plain(const std::string& text) {
  constexpr std::array words = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  std::string lower = text;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  if (text.empty() || std::ranges::find(words, lower) != words.end()) return false;
  const bool is_path = text.starts_with("/") || text.starts_with("./") || text.starts_with("../");
  if (!is_letter(static_cast<unsigned char>(text.front())) && !is_path) return false;
  return text == clean_utf8(text) && std::ranges::all_of(text, [](unsigned char c) {
           return is_letter(c) || std::isdigit(c) || c == '_' || c == '-' || c == '.' || c == '/';
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
