// bytes.hpp: numbers as bytes and back, bit for bit (the payload of a NaN too). For files that only
// the build that wrote them reads: byte order and sizes are this machine's.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace attnlab {

class ByteWriter {
 public:
  template <class T>
  void number(T value) {
    static_assert(std::is_arithmetic_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(std::string_view text) {  // with its length in front
    number(static_cast<std::uint64_t>(text.size()));
    bytes_.append(text);
  }
  template <class T>
  void numbers(std::span<const T> values) {
    static_assert(std::is_arithmetic_v<T>);
    text({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
  }
  void reserve(std::size_t n) { bytes_.reserve(n); }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Every question answers false once the bytes do not hold what is asked for; nothing is read then.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  bool number(T& value) {
    static_assert(std::is_arithmetic_v<T>);
    if (bytes_.size() < sizeof value) return false;
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return true;
  }
  bool text(std::string_view& text) {  // borrowed from the bytes
    std::string_view rest = bytes_;
    std::uint64_t size = 0;
    if (!ByteReader::number(size)) return false;
    if (bytes_.size() < size) {
      bytes_ = rest;
      return false;
    }
    text = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return true;
  }
  template <class T>
  bool numbers(std::span<T> values) {  // exactly as many
    const std::string_view before = bytes_;
    std::string_view raw;
    if (text(raw) && raw.size() == values.size_bytes()) {
      if (!raw.empty()) std::memcpy(values.data(), raw.data(), raw.size());
      return true;
    }
    bytes_ = before;
    return false;
  }
  bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
};

}  // namespace attnlab
