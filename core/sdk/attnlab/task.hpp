// task.hpp: write a task as a C++ class, ship it as the C table of task.h.
//
//   struct Parity {
//     static constexpr std::uint32_t flags = 0;            // or ATTNLAB_TASK_SEEDLESS
//     Parity(const attnlab::Options& o, const attnlab::Host& host, std::uint64_t seed);
//     void shape(attnlab_task_shape& out) const;           // every field starts at zero
//     void sample(std::int32_t split, std::int64_t index, attnlab_sample& out) const;
//     std::string token_name(std::int64_t id) const;       // optional
//   };
//   ATTNLAB_TASK_PLUGIN(Parity, options, (attnlab::About{.name = "parity", .summary = "..."}))
//
// Many threads call shape(), sample() and token_name() at once; the others one at a time. The host
// outlives the object, which may keep a copy of it. Exceptions of the constructor and of
// sample() become sentences.
#pragma once

#include <attnlab/task.h>

#include <algorithm>
#include <attnlab/plugin.hpp>
#include <cmath>
#include <cstring>
#include <memory>
#include <numbers>

namespace attnlab {

// Standard normal by Box-Muller from the uniforms 2 index and 2 index + 1 of the stream.
inline double random_normal(const Host& host, std::uint64_t seed, std::uint64_t stream,
                            std::uint64_t index) {
  const double u = 1.0 - host.uniform(seed, stream, 2 * index);  // (0, 1]: its log is finite
  const double v = host.uniform(seed, stream, 2 * index + 1);
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

// Puts `items` into a random order (Fisher-Yates), the same for the same arguments.
template <class Item>
void shuffle(const Host& host, std::uint64_t seed, std::uint64_t stream, std::span<Item> items) {
  for (std::size_t i = items.size(); i > 1; --i) {
    std::swap(items[i - 1], items[host.random_bits(seed, stream, i) % i]);
  }
}

template <class Task>
struct ExportedTask {
  Host host;
  Task task;

  static attnlab_status create(const attnlab_host* host, const attnlab_value* values,
                               std::int64_t n_values, std::uint64_t seed, void** out) {
    const Host services(host);
    return fenced(services, [&] {
      const Options options(described(), values, n_values);
      *out =
          std::unique_ptr<ExportedTask>(new ExportedTask{services, Task(options, services, seed)})
              .release();
    });
  }
  static void destroy(void* self) { delete static_cast<ExportedTask*>(self); }

  static void shape(const void* self, attnlab_task_shape* out) {
    attnlab_task_shape whole{};
    whole.struct_size = sizeof whole;
    it(self).task.shape(whole);
    const std::uint32_t n = std::min<std::uint32_t>(out->struct_size, sizeof whole);
    whole.struct_size = out->struct_size;
    std::memcpy(out, &whole, n);
  }
  static attnlab_status sample(const void* self, std::int32_t split, std::int64_t index,
                               attnlab_sample* out) {
    return fenced(it(self).host, [&] { it(self).task.sample(split, index, *out); });
  }
  static std::int64_t token_name(const void* self, std::int64_t id, char* out, std::int64_t n) {
    if constexpr (requires(const Task& t) { t.token_name(id); }) {
      std::int64_t length = 0;
      fenced(it(self).host, [&] {
        const std::string name = it(self).task.token_name(id);
        length = static_cast<std::int64_t>(name.size());
        if (n < 1) return;
        const auto kept = static_cast<std::size_t>(std::min(length, n - 1));
        std::memcpy(out, name.data(), kept);
        out[kept] = 0;
      });
      return length;
    } else {
      return 0;
    }
  }

  static const attnlab_task* table() {
    static constexpr bool names = requires(const Task& t) { t.token_name(std::int64_t{0}); };
    static constexpr attnlab_task slots{
        sizeof(attnlab_task),        Task::flags, create, destroy, shape, sample,
        names ? token_name : nullptr};
    return &slots;
  }

 private:
  static std::span<const attnlab_option> described() {
    const attnlab_plugin* me = attnlab_plugin_entry();
    return {me->options, static_cast<std::size_t>(me->n_options)};
  }
  static const ExportedTask& it(const void* self) {
    return *static_cast<const ExportedTask*>(self);
  }
};

}  // namespace attnlab

// The one symbol of a task plugin. `ABOUT` stands in parentheses.
#define ATTNLAB_TASK_PLUGIN(TASK, OPTIONS, ABOUT)                                                 \
  extern "C" const attnlab_plugin* attnlab_plugin_entry(void) {                                   \
    static const attnlab_plugin me =                                                              \
        attnlab::description(ATTNLAB_TASK, ABOUT, OPTIONS, attnlab::ExportedTask<TASK>::table()); \
    return &me;                                                                                   \
  }
