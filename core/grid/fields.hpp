// fields.hpp: reads one mapping of settings key by key: types, ranges, choices, defaults, and at
// the end the keys nobody asked for.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/settings.hpp"

namespace attnlab {

// A mistake in settings, by path. Whoever knows the file turns the path into a place.
struct Complaint {
  std::string path;
  std::string what;
  std::string hint;
  bool of_key = false;           // about the key, not the value
  std::string plugin_path = {};  // not empty: an option that this plugin lacks
  bool of_several = false;       // about how several values fit together
};
using Complaints = std::vector<Complaint>;

// The hint for a value that must be one of `words` or something else: the nearest word, or
// `otherwise`.
std::string word_hint(const Settings& value, const std::vector<std::string>& words,
                      const std::string& otherwise);

// "the text \"a\"", "the number 3", "a list": a value in a sentence.
std::string noun(const Settings& value);

struct Bounds {
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  bool open_below = false;  // minimum itself is not allowed
};

constexpr double largest_size = 1e9;    // of a model or a batch
constexpr double largest_count = 1e15;  // of steps

// Every method that reads a key puts its value, normalised, or `fallback` into the result.
class Fields {
 public:
  // `given` may be null (nothing is given); anything but a mapping is a complaint. `path` is its
  // own.
  Fields(const Settings* given, std::string path, Complaints& complaints);

  // The value of `key`, which counts as asked for; null if it is not given.
  const Settings* take(const std::string& key);
  bool has(const std::string& key) const;

  void integer(const std::string& key, const Settings& fallback,
               Bounds bounds);  // a null fallback allows null
  void real(const std::string& key, const Settings& fallback, Bounds bounds);
  void boolean(const std::string& key, bool fallback);
  void choice(const std::string& key, const std::vector<std::string>& choices,
              const std::string& fallback);
  void put(const std::string& key, Settings value) { result_[key] = std::move(value); }

  const Settings& operator[](const std::string& key) const { return result_.at(key); }
  std::string path_of(const std::string& key) const;
  void complain(const std::string& key, std::string what, std::string hint = "");

  // The result; complains about each key that was not asked for. `of` names the mapping in
  // sentences.
  Settings finish(const std::string& of);
  // The same in the words of the caller, who looks at what is left.
  std::vector<std::string> keys_left() const;
  Settings take_result() { return std::move(result_); }
  Complaints& complaints() { return complaints_; }
  const std::string& path() const { return path_; }

 private:
  const Settings* given_ = nullptr;
  std::string path_;
  Complaints& complaints_;
  std::vector<std::string> asked_;
  Settings result_ = Settings::object();
};

// The value in the type that is asked for, or null after a complaint at `path`.
Settings as_integer(const Settings& value, const std::string& path, Bounds bounds,
                    Complaints& complaints);
Settings as_real(const Settings& value, const std::string& path, Bounds bounds,
                 Complaints& complaints);
Settings as_boolean(const Settings& value, const std::string& path, Complaints& complaints);
Settings as_choice(const Settings& value, const std::string& path,
                   const std::vector<std::string>& choices, Complaints& complaints);
Settings as_text(const Settings& value, const std::string& path, Complaints& complaints);

}  // namespace attnlab
