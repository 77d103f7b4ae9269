// plugin.hpp: what every C++ plugin needs: its options, a fence that lets no exception out, and its
// description.
//
// A plugin is a class, a list of options and one macro at the end of the file:
//
//   constexpr std::array options{attnlab::option::real("kappa", "10", 0, 1e6, "1", "sharpness")};
//   struct Cosine { explicit Cosine(const attnlab::Options& o) : kappa(o.real("kappa")) {} ... };
//   ATTNLAB_KERNEL_PLUGIN(Cosine, options, (attnlab::About{.name = "cosine", .summary = "..."}))
//
// Header only; nothing of it crosses the border.
#pragma once

#include <attnlab/plugin.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#ifndef ATTNLAB_BUILD_TAG
#define ATTNLAB_BUILD_TAG ""
#endif

namespace attnlab {

// Throw it (or any std::exception) with a sentence; the trial fails with that sentence.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Descriptions of options. `fallback` is the default as JSON; nullptr: the option must be given.
namespace option {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

constexpr attnlab_option make(std::int32_t type, const char* name, const char* fallback,
                              double minimum, double maximum, const char* choices, const char* unit,
                              const char* sentence) {
  return {sizeof(attnlab_option), type, name, fallback, minimum, maximum, choices, unit, sentence};
}
constexpr attnlab_option integer(const char* name, const char* fallback, double minimum,
                                 double maximum, const char* unit, const char* sentence) {
  return make(ATTNLAB_INTEGER, name, fallback, minimum, maximum, nullptr, unit, sentence);
}
constexpr attnlab_option real(const char* name, const char* fallback, double minimum,
                              double maximum, const char* unit, const char* sentence) {
  return make(ATTNLAB_REAL, name, fallback, minimum, maximum, nullptr, unit, sentence);
}
constexpr attnlab_option boolean(const char* name, const char* fallback, const char* sentence) {
  return make(ATTNLAB_BOOLEAN, name, fallback, -infinity, infinity, nullptr, "1", sentence);
}
constexpr attnlab_option text(const char* name, const char* fallback, const char* sentence) {
  return make(ATTNLAB_TEXT, name, fallback, -infinity, infinity, nullptr, "1", sentence);
}
constexpr attnlab_option choice(const char* name, const char* fallback, const char* choices,
                                const char* sentence) {
  return make(ATTNLAB_CHOICE, name, fallback, -infinity, infinity, choices, "1", sentence);
}
constexpr attnlab_option path(const char* name, const char* fallback, const char* sentence) {
  return make(ATTNLAB_PATH, name, fallback, -infinity, infinity, nullptr, "1", sentence);
}
constexpr attnlab_option value(const char* name, const char* fallback, const char* sentence) {
  return make(ATTNLAB_VALUE, name, fallback, -infinity, infinity, nullptr, "1", sentence);
}

}  // namespace option

// The checked values of the described options, by name. Valid during construction only.
class Options {
 public:
  Options(std::span<const attnlab_option> described, const attnlab_value* values, std::int64_t n)
      : described_(described), values_(values, static_cast<std::size_t>(n)) {
    if (described_.size() != values_.size()) {
      throw Failure("the host gave another number of options than described");
    }
  }
  std::int64_t integer(std::string_view name) const { return of(name).integer; }
  double real(std::string_view name) const { return of(name).real; }
  bool boolean(std::string_view name) const { return of(name).integer != 0; }
  // Text, choice, path, or the JSON of a value.
  std::string text(std::string_view name) const { return of(name).text; }
  bool is_null(std::string_view name) const { return of(name).is_null != 0; }

 private:
  const attnlab_value& of(std::string_view name) const {
    for (std::size_t i = 0; i < described_.size(); ++i) {
      if (name == described_[i].name) return values_[i];
    }
    throw Failure("no option called '" + std::string(name) + "' is described");
  }
  std::span<const attnlab_option> described_;
  std::span<const attnlab_value> values_;
};

// The services of the host.
class Host {
 public:
  explicit Host(const attnlab_host* host) : host_(host) {}
  void explain(const char* sentence) const { host_->explain(host_->self, sentence); }

  // Streams of plugins start at 2^32: that is added to `stream`.
  void random_bits(std::uint64_t seed, std::uint64_t stream, std::uint64_t first,
                   std::span<std::uint64_t> out) const {
    host_->random_bits(host_->self, seed, (std::uint64_t{1} << 32) + stream, first,
                       static_cast<std::int64_t>(out.size()), out.data());
  }
  std::uint64_t random_bits(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) const {
    std::uint64_t word = 0;
    random_bits(seed, stream, index, std::span(&word, 1));
    return word;
  }
  double uniform(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) const {  // [0, 1)
    return static_cast<double>(random_bits(seed, stream, index) >> 11) * 0x1.0p-53;
  }
  // The folder that relative paths inside values count from; "" if the host does not say.
  std::string folder() const {
    const bool told = host_->struct_size >= offsetof(attnlab_host, folder) + sizeof(char*);
    return told && host_->folder != nullptr ? host_->folder : "";
  }

 private:
  const attnlab_host* host_;
};

// Runs `work`; an exception becomes a sentence and a status here, so that none crosses the border.
template <class Work>
attnlab_status fenced(const Host& host, Work&& work) noexcept {
  try {
    work();
    return ATTNLAB_OK;
  } catch (const std::exception& e) {
    host.explain(e.what());
  } catch (...) {
    host.explain("threw something that is not a std::exception");
  }
  return ATTNLAB_FAILED;
}

struct About {
  const char* name;
  const char* version = "1.0";
  const char* summary = "";
  const char* formula = "";
  const char* paper = "";
};

inline constexpr std::array<attnlab_option, 0> no_options{};

constexpr attnlab_plugin description(std::int32_t kind, const About& about,
                                     std::span<const attnlab_option> options, const void* table) {
  return {ATTNLAB_ABI_MAGIC,
          ATTNLAB_ABI_MAJOR,
          ATTNLAB_ABI_MINOR,
          sizeof(attnlab_plugin),
          kind,
          0,
          about.name,
          about.version,
          about.summary,
          about.formula,
          about.paper,
          ATTNLAB_BUILD_TAG,
          options.data(),
          static_cast<std::int64_t>(options.size()),
          table};
}

}  // namespace attnlab
