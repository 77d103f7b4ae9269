// task_border.hpp: a built task plugin behind its C table, with the program's random numbers as the
// host's.
#pragma once

#include <attnlab/task.h>
#include <dlfcn.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "base/random.hpp"

namespace attnlab::border {

namespace fs = std::filesystem;

inline const attnlab_plugin* plugin(const std::string& name) {
  const std::string file = ATTNLAB_BINARY_DIR "/lib/attnlab/plugins/task/" + name + ".so";
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  using Entry = const attnlab_plugin* (*)();
  return reinterpret_cast<Entry>(dlsym(library, "attnlab_plugin_entry"))();
}

struct Sample {
  std::vector<std::int32_t> tokens, positions;  // of the tokens that the sample has
  std::vector<double> inputs, targets;
  std::vector<std::int32_t> target_ids;
  int group = -2;
};

// An instance, or the sentence why there is none.
class Task {
 public:
  Task(const std::string& name, const nlohmann::json& given, std::uint64_t seed = 1,
       const std::string& folder = "")
      : folder_(folder) {
    host_ = {sizeof(attnlab_host), 0, this, explain, bits, folder_.c_str()};
    const attnlab_plugin* p = plugin(name);
    table_ = static_cast<const attnlab_task*>(p->table);
    std::vector<std::string> texts(static_cast<std::size_t>(p->n_options));
    std::vector<attnlab_value> values;
    std::size_t n_used = 0;
    for (std::int64_t i = 0; i < p->n_options; ++i) {
      const attnlab_option& option = p->options[i];
      auto value =
          option.fallback == nullptr ? nlohmann::json("") : nlohmann::json::parse(option.fallback);
      if (given.contains(option.name)) value = given[option.name], ++n_used;
      std::string& text = texts[static_cast<std::size_t>(i)];
      const bool is_value = option.type == ATTNLAB_VALUE;
      if (!value.is_null() && (is_value || value.is_string())) {
        text = is_value ? value.dump() : value.get<std::string>();
      }
      attnlab_value v{sizeof(attnlab_value), option.type, value.is_null(), 0, 0, 0, text.c_str()};
      if (value.is_boolean()) v.integer = value.get<bool>() ? 1 : 0;
      if (value.is_number() && option.type == ATTNLAB_INTEGER) v.integer = value;
      if (value.is_number() && option.type == ATTNLAB_REAL) v.real = value;
      values.push_back(v);
    }
    if (n_used != given.size()) throw std::runtime_error("an option that is not described");
    const auto status = table_->create(&host_, values.data(), p->n_options, seed, &self_);
    if ((status == ATTNLAB_OK) != (self_ != nullptr)) throw std::runtime_error("status lies");
    if (self_ != nullptr) {
      shape.struct_size = sizeof shape;
      table_->shape(self_, &shape);
    }
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (self_ != nullptr) table_->destroy(self_);
  }

  bool exists() const { return self_ != nullptr; }
  const std::string& sentence() const { return sentence_; }
  std::string report() const { return shape.report; }
  std::uint32_t flags() const { return table_->flags; }

  Sample sample(int split, std::int64_t index) const {
    const auto length = static_cast<std::size_t>(shape.max_tokens);
    Sample out;
    out.positions.resize(length);
    std::iota(out.positions.begin(), out.positions.end(), 0);
    out.tokens.assign(length, -7);
    out.inputs.assign(length * static_cast<std::size_t>(shape.input_dim), NAN);
    out.targets.assign(length * static_cast<std::size_t>(shape.outputs), NAN);
    out.target_ids.assign(length, -7);
    attnlab_sample buffers{sizeof(attnlab_sample),
                           -2,
                           -1,
                           out.tokens.data(),
                           out.positions.data(),
                           out.inputs.data(),
                           out.target_ids.data(),
                           out.targets.data(),
                           nullptr};
    if (table_->sample(self_, split, index, &buffers) != ATTNLAB_OK) {
      throw std::runtime_error(sentence_);
    }
    out.group = buffers.group;
    out.tokens.resize(static_cast<std::size_t>(buffers.n_tokens));
    out.positions.resize(out.tokens.size());
    return out;
  }
  // The text of a byte-level sample.
  std::string text(int split, std::int64_t index) const {
    std::string out;
    for (const std::int32_t id : sample(split, index).tokens) out += static_cast<char>(id - 1);
    return out;
  }
  std::string token_name(std::int64_t id) const {
    std::string out(64, '?');
    const std::int64_t n = table_->token_name(self_, id, out.data(), 64);
    out.resize(static_cast<std::size_t>(n));
    return out;
  }

  attnlab_task_shape shape{};

 private:
  static void explain(void* self, const char* sentence) {
    static_cast<Task*>(self)->sentence_ = sentence;
  }
  static void bits(void*, std::uint64_t seed, std::uint64_t stream, std::uint64_t first,
                   std::int64_t n, std::uint64_t* out) {
    for (std::int64_t i = 0; i < n; ++i) {
      out[i] = random_bits(seed, stream, first + static_cast<std::uint64_t>(i));
    }
  }

  std::string folder_, sentence_;
  attnlab_host host_{};
  const attnlab_task* table_ = nullptr;
  void* self_ = nullptr;
};

}  // namespace attnlab::border
