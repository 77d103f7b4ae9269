// fields.cpp: the checks of single values, and their sentences.
#include "grid/fields.hpp"

#include <algorithm>
#include <cmath>

#include "base/nearest.hpp"

namespace attnlab {
namespace {

std::string last_key(const std::string& path) { return path.substr(path.find_last_of('.') + 1); }

std::string number_text(double x) {
  if (x >= 9.2e18) return "9223372036854775807";  // 2^63 - 1 is no double
  if (x == std::floor(x) && std::abs(x) < 1e16) return std::to_string(static_cast<std::int64_t>(x));
  return Settings(x).dump();
}

std::string range_text(Bounds bounds) {
  const bool low = std::isfinite(bounds.minimum), high = std::isfinite(bounds.maximum);
  const std::string from = (bounds.open_below ? "above " : "from ") + number_text(bounds.minimum);
  if (low && high) return " " + from + " to " + number_text(bounds.maximum);
  if (low) return " " + from;
  if (high) return " up to " + number_text(bounds.maximum);
  return "";
}

std::string must_be(const std::string& path, const std::string& kind, const Settings& value) {
  return "'" + last_key(path) + "' must be " + kind + ", not " + noun(value);
}

// What helps someone who wrote a number as text, or left a value out.
std::string number_hint(const Settings& value, const std::string& path) {
  if (value.is_null()) return "give it a value, or leave the key out for its default";
  if (value.is_string()) {
    const std::string text = value.get<std::string>();
    std::string bare = text;
    std::erase(bare, '_');
    const Settings number = Settings::parse(bare, nullptr, false);
    if (number.is_number()) return "write " + bare + ", without quotes or underscores";
  }
  return "write a number, as in `" + last_key(path) + ": 1`";
}

// For a number that is not whole, or so large that a double has no digits for its end.
std::string whole_hint(double x, Bounds bounds) {
  if (x != std::floor(x)) return "write it without a fraction";
  return std::abs(x) > bounds.maximum ? "choose one in that range" : "write out all its digits";
}

bool is_within_bounds(double x, Bounds bounds) {
  return std::isfinite(x) && x <= bounds.maximum &&
         (bounds.open_below ? x > bounds.minimum : x >= bounds.minimum);
}

}  // namespace

std::string noun(const Settings& value) {
  switch (value.type()) {
    case Settings::value_t::null: return "empty";
    case Settings::value_t::object: return "a mapping";
    case Settings::value_t::array: return "a list";
    case Settings::value_t::boolean: return value.get<bool>() ? "true" : "false";
    case Settings::value_t::string: {
      std::string text = value.get<std::string>();
      if (text.size() > 40) text = text.substr(0, 37) + "...";
      return "the text '" + text + "'";
    }
    default: return value.dump();
  }
}

std::string word_hint(const Settings& value, const std::vector<std::string>& words,
                      const std::string& otherwise) {
  const std::string best = value.is_string() ? nearest(value.get<std::string>(), words) : "";
  return best.empty() ? otherwise : "did you mean '" + best + "'?";
}

Settings as_integer(const Settings& value, const std::string& path, Bounds bounds,
                    Complaints& complaints) {
  const auto kind = [&] { return "a whole number" + range_text(bounds); };
  const bool is_whole =
      value.is_number_integer() ||
      (value.is_number_float() && std::floor(value.get<double>()) == value.get<double>() &&
       std::abs(value.get<double>()) < 9e15);
  if (!is_whole) {
    complaints.push_back(
        {path, must_be(path, kind(), value),
         value.is_number() ? whole_hint(value.get<double>(), bounds) : number_hint(value, path)});
    return nullptr;
  }
  if (!is_within_bounds(value.get<double>(), bounds) ||
      (value.is_number_unsigned() &&
       value.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max())) {
    complaints.push_back({path, must_be(path, kind(), value), "choose one in that range"});
    return nullptr;
  }
  return value.is_number_float() ? static_cast<std::int64_t>(value.get<double>())
                                 : value.get<std::int64_t>();
}

Settings as_real(const Settings& value, const std::string& path, Bounds bounds,
                 Complaints& complaints) {
  const auto kind = [&] { return "a number" + range_text(bounds); };
  if (!value.is_number()) {
    complaints.push_back({path, must_be(path, kind(), value), number_hint(value, path)});
    return nullptr;
  }
  const double x = value.get<double>();
  if (!is_within_bounds(x, bounds)) {
    complaints.push_back({path, must_be(path, kind(), value), "choose one in that range"});
    return nullptr;
  }
  return x == 0 ? 0.0 : x;  // -0.0 and 0.0 are one setting
}

Settings as_boolean(const Settings& value, const std::string& path, Complaints& complaints) {
  if (value.is_boolean()) return value;
  complaints.push_back({path, must_be(path, "true or false", value), "write true or false"});
  return nullptr;
}

Settings as_choice(const Settings& value, const std::string& path,
                   const std::vector<std::string>& choices, Complaints& complaints) {
  if (value.is_string() && std::ranges::find(choices, value.get<std::string>()) != choices.end()) {
    return value;
  }
  std::string list;
  for (const std::string& choice : choices) list += (list.empty() ? "" : ", ") + choice;
  const std::string word = value.is_string() ? value.get<std::string>() : "";
  complaints.push_back({path, must_be(path, "one of " + list, value),
                        word.empty() ? "choose one of them" : suggestion(word, choices)});
  return nullptr;
}

Settings as_text(const Settings& value, const std::string& path, Complaints& complaints) {
  if (value.is_string()) return value;
  const bool is_scalar = value.is_number() || value.is_boolean();
  complaints.push_back({path, must_be(path, "text", value),
                        is_scalar ? "put it in quotes: \"" + value.dump() + "\"" : "write a word"});
  return nullptr;
}

Fields::Fields(const Settings* given, std::string path, Complaints& complaints)
    : path_(std::move(path)), complaints_(complaints) {
  if (!given || given->is_null()) return;
  if (given->is_object()) {
    given_ = given;
  } else {
    complaints_.push_back({path_,
                           "'" + last_key(path_) + "' must be a mapping, not " + noun(*given),
                           "write `" + last_key(path_) + ": {key: value}`"});
  }
}

std::string Fields::path_of(const std::string& key) const {
  return path_.empty() ? key : path_ + "." + key;
}

bool Fields::has(const std::string& key) const { return given_ && given_->contains(key); }

const Settings* Fields::take(const std::string& key) {
  if (std::ranges::find(asked_, key) == asked_.end()) asked_.push_back(key);
  if (!given_) return nullptr;
  const auto found = given_->find(key);
  return found == given_->end() ? nullptr : &*found;
}

void Fields::integer(const std::string& key, const Settings& fallback, Bounds bounds) {
  const Settings* value = take(key);
  if (!value || (value->is_null() && fallback.is_null())) return put(key, fallback);
  const Settings number = as_integer(*value, path_of(key), bounds, complaints_);
  put(key, number.is_null() ? fallback : number);
}

void Fields::real(const std::string& key, const Settings& fallback, Bounds bounds) {
  const Settings* value = take(key);
  if (!value || (value->is_null() && fallback.is_null())) return put(key, fallback);
  const Settings number = as_real(*value, path_of(key), bounds, complaints_);
  put(key, number.is_null() ? fallback : number);
}

void Fields::boolean(const std::string& key, bool fallback) {
  const Settings* value = take(key);
  Settings truth = value ? as_boolean(*value, path_of(key), complaints_) : Settings(fallback);
  put(key, truth.is_null() ? Settings(fallback) : std::move(truth));
}

void Fields::choice(const std::string& key, const std::vector<std::string>& choices,
                    const std::string& fallback) {
  const Settings* value = take(key);
  Settings word =
      value ? as_choice(*value, path_of(key), choices, complaints_) : Settings(fallback);
  put(key, word.is_null() ? Settings(fallback) : std::move(word));
}

void Fields::complain(const std::string& key, std::string what, std::string hint) {
  complaints_.push_back({path_of(key), std::move(what), std::move(hint)});
}

std::vector<std::string> Fields::keys_left() const {
  std::vector<std::string> left;
  if (!given_) return left;
  for (const auto& [key, value] : given_->items()) {
    if (std::ranges::find(asked_, key) == asked_.end()) left.push_back(key);
  }
  return left;
}

Settings Fields::finish(const std::string& of) {
  for (const std::string& key : keys_left()) {
    complaints_.push_back(
        {path_of(key), of + " has no key '" + key + "'", suggestion(key, asked_), true});
  }
  return take_result();
}

}  // namespace attnlab
