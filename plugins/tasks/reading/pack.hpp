// pack.hpp: a data set after preprocessing: named arrays that nobody changes any more.
//
// A pack is filled while files are read, or is a view of a cache file (cache_file.hpp). Who reads
// it sees no difference. Reading is for any thread.
#pragma once

#include <attnlab/plugin.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace reading {

// Texts one behind the other: text i are the bytes ends[i - 1] .. ends[i] - 1.
class Texts {
 public:
  Texts() = default;
  Texts(std::string_view bytes, std::span<const std::uint64_t> ends) : bytes_(bytes), ends_(ends) {}
  std::int64_t size() const { return static_cast<std::int64_t>(ends_.size()); }
  std::string_view operator[](std::int64_t i) const {
    const auto at = static_cast<std::size_t>(i);
    const std::uint64_t begin = at == 0 ? 0 : ends_[at - 1];
    return bytes_.substr(begin, ends_[at] - begin);
  }

 private:
  std::string_view bytes_;
  std::span<const std::uint64_t> ends_;
};

class Pack {
 public:
  struct Part {
    std::string name;
    std::size_t width = 1;  // bytes an item
    std::span<const std::byte> bytes;
    std::shared_ptr<const void> keeper;  // of the bytes
  };

  // Takes the items (a std::vector of numbers, or a std::string) under a name of its own, of at
  // most 39 bytes.
  template <class Items>
  void add(std::string name, Items items) {
    static_assert(std::is_trivially_copyable_v<typename Items::value_type>);
    const auto kept = std::make_shared<const Items>(std::move(items));
    add({std::move(name), sizeof(typename Items::value_type), std::as_bytes(std::span(*kept)),
         kept});
  }
  void add(Part part);
  void add_number(std::string name, std::int64_t number);
  void add_texts(const std::string& name, const std::vector<std::string>& texts);

  // What was added under a name: valid while the pack lives. Throws attnlab::Failure if there is no
  // such part, or one of another width.
  template <class Item>
  std::span<const Item> items(std::string_view name) const {
    const std::span<const std::byte> bytes = of(name, sizeof(Item)).bytes;
    return {reinterpret_cast<const Item*>(bytes.data()), bytes.size() / sizeof(Item)};
  }
  std::string_view text(std::string_view name) const;
  std::int64_t number(std::string_view name) const;
  Texts texts(const std::string& name) const;

  const std::vector<Part>& parts() const { return parts_; }  // in the order in which they came

 private:
  const Part& of(std::string_view name, std::size_t width) const;

  std::vector<Part> parts_;
};

}  // namespace reading
