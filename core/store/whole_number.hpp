// whole_number.hpp: whole numbers out of JSON. The library's own conversion takes any number, and a
// real one beyond the range is undefined.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

namespace attnlab {

// Throws nlohmann::json::type_error unless `value` is a whole number of 64 bits with a sign.
inline std::int64_t whole_number(const nlohmann::json& value) {
  const bool fits = !value.is_number_unsigned() || value.get<std::uint64_t>() <= INT64_MAX;
  if (value.is_number_integer() && fits) return value.get<std::int64_t>();
  throw nlohmann::json::type_error::create(302, "this is not a whole number", &value);
}

}  // namespace attnlab
