// kernel_border.hpp: the built kernels as the host sees them, through the C table, with buffers
// whose ends are watched and whose scratch is full of NaN.
#pragma once

#include <attnlab/kernel.h>
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "base/random.hpp"

namespace attnlab::test {

struct Kernel {
  std::string name;
  const attnlab_plugin* plugin;
  const attnlab_kernel* table;
  std::shared_ptr<void> self;
};

inline std::string& last_explanation() {
  static std::string text;
  return text;
}

// An instance with the described defaults, or with another value (as JSON) of one option.
inline Kernel instance(const attnlab_plugin* plugin, const std::string& changed = "",
                       const std::string& value = "") {
  static const attnlab_host host{
      sizeof(attnlab_host),
      0,
      nullptr,
      [](void*, const char* sentence) { last_explanation() = sentence; },
      [](void*, std::uint64_t, std::uint64_t, std::uint64_t, std::int64_t, std::uint64_t*) {},
      nullptr};
  std::vector<attnlab_value> values;
  std::vector<std::string> texts(static_cast<std::size_t>(plugin->n_options));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const attnlab_option& option = plugin->options[i];
    texts[i] = changed == option.name ? value : option.fallback;
    const double number = std::strtod(texts[i].c_str(), nullptr);
    if (texts[i].front() == '"') texts[i] = texts[i].substr(1, texts[i].size() - 2);
    values.push_back({sizeof(attnlab_value), option.type, texts[i] == "null", 0,
                      texts[i] == "true" ? 1 : static_cast<std::int64_t>(number), number,
                      texts[i].c_str()});
  }
  const auto* table = static_cast<const attnlab_kernel*>(plugin->table);
  void* self = nullptr;
  EXPECT_EQ(table->create(&host, values.data(), plugin->n_options, &self), ATTNLAB_OK)
      << plugin->name << ": " << last_explanation();
  const std::string name = plugin->name + (changed.empty() ? "" : " " + changed + "=" + value);
  return {name, plugin, table, std::shared_ptr<void>(self, table->destroy)};
}

// What is tested beside the defaults.
struct Variant {
  const char *kernel, *option, *value;
};
inline constexpr Variant variants[] = {
    {"laplacian", "norm", "\"l1\""},  {"polynomial", "degree", "3"},
    {"polynomial", "offset", "-0.5"}, {"relu", "power", "2"},
    {"sigmoid", "bias", "-1"},        {"cosine", "kappa", "4"}};

// Every kernel that was built, in the order of its name, and variants.
inline std::vector<Kernel> built_kernels() {
  const std::filesystem::path folder =
      std::filesystem::path(ATTNLAB_BINARY_DIR) / "lib/attnlab/plugins/kernel";
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".so") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Kernel> kernels;
  for (const auto& file : files) {
    void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    EXPECT_NE(library, nullptr) << dlerror();
    if (library == nullptr) continue;
    void* symbol = dlsym(library, "attnlab_plugin_entry");
    EXPECT_NE(symbol, nullptr) << file;
    if (symbol == nullptr) continue;
    const auto* plugin = reinterpret_cast<const attnlab_plugin* (*)()>(symbol)();
    kernels.push_back(instance(plugin));
    for (const Variant& variant : variants) {
      if (std::string(variant.kernel) == plugin->name) {
        kernels.push_back(instance(plugin, variant.option, variant.value));
      }
    }
  }
  EXPECT_FALSE(kernels.empty()) << "no kernel was built in " << folder;
  return kernels;
}

inline Kernel kernel_called(const std::string& name) {
  for (const Kernel& kernel : built_kernels()) {
    if (kernel.name == name) return kernel;
  }
  throw std::runtime_error("no kernel is called " + name);
}

// Sizes and mask of a head; rows lie `gap` numbers further apart than they are long.
struct Shape {
  std::int64_t n_queries, n_keys, key_dim, value_dim;
  int mask = ATTNLAB_MASK_NONE;
  std::int64_t first_query = 0;
  std::int64_t gap = 0;
  double temperature = 1.5;

  std::int64_t n_seen(std::int64_t i) const {
    if (mask == ATTNLAB_MASK_NONE) return n_keys;
    const std::int64_t position = first_query + i + (mask == ATTNLAB_MASK_CAUSAL ? 1 : 0);
    return std::min(n_keys, position);
  }
  attnlab_head_shape border() const {
    return {sizeof(attnlab_head_shape),
            mask,
            n_queries,
            n_keys,
            key_dim,
            value_dim,
            first_query,
            temperature};
  }
};

inline std::ostream& operator<<(std::ostream& to, const Shape& s) {
  return to << "R=" << s.n_queries << " N=" << s.n_keys << " D=" << s.key_dim
            << " E=" << s.value_dim << " mask=" << s.mask << " first=" << s.first_query
            << " gap=" << s.gap;
}

// Rows of a matrix, `stride` apart; what lies between them must not be touched.
template <class Real>
struct Rows {
  std::int64_t rows, columns, stride;
  std::vector<Real> numbers;

  Rows(std::int64_t n_rows, std::int64_t n_columns, std::int64_t gap)
      : rows(n_rows),
        columns(n_columns),
        stride(n_columns + gap),
        numbers(static_cast<std::size_t>(n_rows * stride), watch()) {
    for (std::int64_t i = 0; i < rows; ++i) std::fill_n(&at(i, 0), columns, Real(0));
  }
  static Real watch() { return Real(12345.5); }
  Real& at(std::int64_t i, std::int64_t j) {
    return numbers[static_cast<std::size_t>(i * stride + j)];
  }
  Real at(std::int64_t i, std::int64_t j) const {
    return numbers[static_cast<std::size_t>(i * stride + j)];
  }
  void expect_untouched_gaps() const {
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = columns; j < stride; ++j) EXPECT_EQ(at(i, j), watch());
    }
  }
  bool operator==(const Rows&) const = default;
};

template <class Real>
struct Numbers {
  Shape shape;
  Rows<Real> q, k, v, dout;

  explicit Numbers(const Shape& s)
      : shape(s),
        q(s.n_queries, s.key_dim, s.gap),
        k(s.n_keys, s.key_dim, s.gap),
        v(s.n_keys, s.value_dim, s.gap),
        dout(s.n_queries, s.value_dim, s.gap) {}
};

// The same random numbers in [-1, 1] for every kernel and precision.
template <class Real>
Numbers<Real> some_numbers(const Shape& shape, double scale = 1) {
  Numbers<Real> numbers(shape);
  std::uint64_t stream = 1;
  for (Rows<Real>* rows : {&numbers.q, &numbers.k, &numbers.v, &numbers.dout}) {
    std::uint64_t n = 0;
    for (std::int64_t i = 0; i < rows->rows; ++i) {
      for (std::int64_t j = 0; j < rows->columns; ++j) {
        const float x = static_cast<float>(scale * (2 * random_uniform(7, stream, n++) - 1));
        rows->at(i, j) = static_cast<Real>(x);
      }
    }
    ++stream;
    if (rows == &numbers.k) scale = 1;
  }
  return numbers;
}

// n numbers at an address that is a multiple of 64, all NaN, with watched numbers behind.
template <class Real>
class Buffer {
 public:
  explicit Buffer(std::int64_t n) : n_(n), storage_(static_cast<std::size_t>(n + 64), watch()) {
    const auto address = reinterpret_cast<std::uintptr_t>(storage_.data());
    first_ = storage_.data() + (64 - address % 64) % 64 / sizeof(Real);
    std::fill_n(first_, n, std::numeric_limits<Real>::quiet_NaN());
  }
  Buffer(Buffer&&) = default;
  Buffer& operator=(Buffer&&) = default;
  Real* data() { return first_; }
  void expect_untouched_end() const {
    for (const Real* x = first_ + n_; x < storage_.data() + storage_.size(); ++x) {
      EXPECT_EQ(*x, watch());
    }
  }

 private:
  static Real watch() { return Real(54321.5); }
  std::int64_t n_;
  std::vector<Real> storage_;
  Real* first_;
};

template <class Real>
struct Gradient {
  Rows<Real> q, k, v;
  bool operator==(const Gradient&) const = default;
};

// One head run through the border.
template <class Real>
class Pass {
 public:
  // With a dropout of its weights, unless it is null.
  Pass(const Kernel& kernel, const Numbers<Real>& numbers,
       const attnlab_weight_dropout* dropout = nullptr)
      : kernel_(kernel),
        numbers_(numbers),
        dropout_(dropout),
        out_(numbers.shape.n_queries, numbers.shape.value_dim, numbers.shape.gap),
        saved_(sizes().first),
        work_(sizes().second) {
    head_.shape = numbers.shape.border();
    head_.q = numbers.q.numbers.data();
    head_.k = numbers.k.numbers.data();
    head_.v = numbers.v.numbers.data();
    head_.q_stride = numbers.q.stride;
    head_.k_stride = numbers.k.stride;
    head_.v_stride = numbers.v.stride;
    for (std::int64_t i = 0; i < out_.rows; ++i) {
      std::fill_n(&out_.at(i, 0), out_.columns, std::numeric_limits<Real>::quiet_NaN());
    }
    forward_once();
    check_ends();
  }

  const Rows<Real>& out() const { return out_; }

  void forward_once() {
    if (dropout_ != nullptr) return forward_dropped();
    const auto slot = [&] {
      if constexpr (std::is_same_v<Real, float>) {
        return kernel_.table->forward_f32;
      } else {
        return kernel_.table->forward_f64;
      }
    }();
    EXPECT_EQ(slot(kernel_.self.get(), &head_, out_.numbers.data(), out_.stride, saved_.data(),
                   work_.data()),
              ATTNLAB_OK)
        << last_explanation();
  }

  void backward_once(Gradient<Real>& to) {
    if (dropout_ != nullptr) return backward_dropped(to);
    const auto slot = [&] {
      if constexpr (std::is_same_v<Real, float>) {
        return kernel_.table->backward_f32;
      } else {
        return kernel_.table->backward_f64;
      }
    }();
    EXPECT_EQ(slot(kernel_.self.get(), &head_, out_.numbers.data(), numbers_.dout.numbers.data(),
                   out_.stride, saved_.data(), to.q.numbers.data(), to.k.numbers.data(),
                   to.v.numbers.data(), work_.data()),
              ATTNLAB_OK)
        << last_explanation();
  }

  // Gradients, added to `start` in every entry.
  Gradient<Real> backward(Real start = 0) {
    const Shape& s = numbers_.shape;
    Gradient<Real> to{Rows<Real>(s.n_queries, s.key_dim, s.gap),
                      Rows<Real>(s.n_keys, s.key_dim, s.gap),
                      Rows<Real>(s.n_keys, s.value_dim, s.gap)};
    for (Rows<Real>* rows : {&to.q, &to.k, &to.v}) {
      for (std::int64_t i = 0; i < rows->rows; ++i)
        std::fill_n(&rows->at(i, 0), rows->columns, start);
    }
    work_ = Buffer<Real>(sizes().second);
    backward_once(to);
    for (const Rows<Real>* rows : {&to.q, &to.k, &to.v}) rows->expect_untouched_gaps();
    check_ends();
    return to;
  }

  Rows<Real> weights() {
    const Shape& s = numbers_.shape;
    Rows<Real> to(s.n_queries, s.n_keys, 0);
    std::fill(to.numbers.begin(), to.numbers.end(), std::numeric_limits<Real>::quiet_NaN());
    work_ = Buffer<Real>(sizes().second);
    const auto slot = [&] {
      if constexpr (std::is_same_v<Real, float>)
        return kernel_.table->weights_f32;
      else
        return kernel_.table->weights_f64;
    }();
    EXPECT_EQ(slot(kernel_.self.get(), &head_, to.numbers.data(), work_.data()), ATTNLAB_OK)
        << last_explanation();
    check_ends();
    return to;
  }

 private:
  void forward_dropped() {
    const auto slot = [&] {
      if constexpr (std::is_same_v<Real, float>) {
        return kernel_.table->forward_dropped_f32;
      } else {
        return kernel_.table->forward_dropped_f64;
      }
    }();
    EXPECT_EQ(slot(kernel_.self.get(), &head_, dropout_, out_.numbers.data(), out_.stride,
                   saved_.data(), work_.data()),
              ATTNLAB_OK)
        << last_explanation();
  }
  void backward_dropped(Gradient<Real>& to) {
    const auto slot = [&] {
      if constexpr (std::is_same_v<Real, float>) {
        return kernel_.table->backward_dropped_f32;
      } else {
        return kernel_.table->backward_dropped_f64;
      }
    }();
    EXPECT_EQ(slot(kernel_.self.get(), &head_, dropout_, out_.numbers.data(),
                   numbers_.dout.numbers.data(), out_.stride, saved_.data(), to.q.numbers.data(),
                   to.k.numbers.data(), to.v.numbers.data(), work_.data()),
              ATTNLAB_OK)
        << last_explanation();
  }

  std::pair<std::int64_t, std::int64_t> sizes() const {
    const attnlab_head_shape shape = numbers_.shape.border();
    std::int64_t n_saved = -1, n_work = -1;
    kernel_.table->sizes(kernel_.self.get(), &shape, &n_saved, &n_work);
    EXPECT_GE(n_saved, 0);
    EXPECT_GE(n_work, 0);
    return {n_saved, n_work};
  }
  void check_ends() const {
    out_.expect_untouched_gaps();
    saved_.expect_untouched_end();
    work_.expect_untouched_end();
  }

  using Head = std::conditional_t<std::is_same_v<Real, float>, attnlab_head_f32, attnlab_head_f64>;
  const Kernel& kernel_;
  const Numbers<Real>& numbers_;
  const attnlab_weight_dropout* dropout_;
  Head head_{};
  Rows<Real> out_;
  Buffer<Real> saved_, work_;
};

}  // namespace attnlab::test
