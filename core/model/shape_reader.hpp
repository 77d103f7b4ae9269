// shape_reader.hpp: reads the settings that a model's shape follows from, and keeps every mistake.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "model/shape.hpp"

namespace attnlab {

inline std::string text(Index n) { return std::to_string(n); }

// Reads one tree and collects every mistake in it.
class Reader {
 public:
  explicit Reader(const Settings& trial) : trial_(trial) {}

  const Settings* at(const std::string& path) const {
    const Settings* node = find(trial_, path);
    return node != nullptr && !node->is_null() ? node : nullptr;
  }

  template <class T>
  T choose(const std::string& path, std::initializer_list<std::pair<const char*, T>> choices) {
    const Settings* node = at(path);
    if (node == nullptr) return choices.begin()->second;
    std::string names;
    for (const auto& [name, value] : choices) {
      if (node->is_string() && node->get<std::string>() == name) return value;
      names += (names.empty() ? "" : ", ") + std::string(name);
    }
    fail(path, canonical(*node) + " is not a choice", "take one of " + names);
    return choices.begin()->second;
  }

  bool flag(const std::string& path, bool fallback) {
    const Settings* node = at(path);
    if (node == nullptr) return fallback;
    if (!node->is_boolean()) fail(path, "expected true or false, got " + canonical(*node), "");
    return node->is_boolean() ? node->get<bool>() : fallback;
  }

  Index size(const std::string& path, Index fallback) {
    const Settings* node = at(path);
    if (node == nullptr) return fallback;
    if (node->is_number_integer() && node->get<std::int64_t>() >= 1) return node->get<Index>();
    fail(path, "expected a whole number of at least 1, got " + canonical(*node), "");
    return fallback;
  }

  double number(const std::string& path, double fallback) {
    const Settings* node = at(path);
    if (node == nullptr) return fallback;
    if (node->is_number()) return node->get<double>();
    fail(path, "expected a number, got " + canonical(*node), "");
    return fallback;
  }

  void fail(std::string where, std::string what, std::string hint) {
    errors.push_back({std::move(where), std::move(what), std::move(hint)});
  }

  Errors errors;

 private:
  const Settings& trial_;
};

// yz_shape.cpp: the rest of the shape where Y and Z are the parameters; the switches are read
// already.
void shape_of_yz(Reader& read, const Settings& trial, const TaskShape& task, ModelShape& m);

}  // namespace attnlab
