// result.hpp: a value, or the sentences that say why there is none.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace attnlab {

// Who can mend it. The number is the exit code of the program (contract section 2).
enum class Blame { user = 2, machine = 3 };

// A sentence to the person who can mend it: where, what, what to try.
struct Error {
  std::string where;  // "configs/a.yaml:14:3", a file, a plugin; may be empty
  std::string what;
  std::string hint;  // may be empty
  Blame blame = Blame::user;

  bool operator==(const Error&) const = default;
};

using Errors = std::vector<Error>;

// "where: what; hint", without the parts that are empty.
std::string sentence(const Error& error);

// A T or at least one Error. `if (!result) return result.errors();`
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Error error) : errors_{std::move(error)} {}
  Result(Errors errors) : errors_(std::move(errors)) {}

  explicit operator bool() const { return value_.has_value(); }
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return std::move(*value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }
  const Errors& errors() const { return errors_; }

 private:
  std::optional<T> value_;
  Errors errors_;
};

// The result of a deed that has no value: `Done{}` or errors.
using Done = std::monostate;

}  // namespace attnlab
