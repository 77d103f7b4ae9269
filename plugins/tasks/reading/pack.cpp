// pack.cpp: named arrays that nobody changes any more.
#include "pack.hpp"

#include <algorithm>

namespace reading {

using attnlab::Failure;

void Pack::add(Part part) {
  if (part.name.size() > 39) throw Failure("the name " + part.name + " is too long for a pack");
  parts_.push_back(std::move(part));
}

void Pack::add_number(std::string name, std::int64_t number) {
  add(std::move(name), std::vector{number});
}

void Pack::add_texts(const std::string& name, const std::vector<std::string>& texts) {
  std::string bytes;
  std::vector<std::uint64_t> ends;
  for (const std::string& text : texts) {
    bytes += text;
    ends.push_back(bytes.size());
  }
  add(name + ".bytes", std::move(bytes));
  add(name + ".ends", std::move(ends));
}

const Pack::Part& Pack::of(std::string_view name, std::size_t width) const {
  const auto found = std::find_if(parts_.begin(), parts_.end(),
                                  [&](const Part& part) { return part.name == name; });
  if (found == parts_.end() || found->width != width) {
    throw Failure("the preprocessed data lack `" + std::string(name) + "`");
  }
  return *found;
}

std::string_view Pack::text(std::string_view name) const {
  const std::span<const char> bytes = items<char>(name);
  return {bytes.data(), bytes.size()};
}

std::int64_t Pack::number(std::string_view name) const {
  const std::span<const std::int64_t> one = items<std::int64_t>(name);
  if (one.size() != 1) throw Failure("`" + std::string(name) + "` is not one number");
  return one[0];
}

Texts Pack::texts(const std::string& name) const {
  const std::string_view bytes = text(name + ".bytes");
  const auto ends = items<std::uint64_t>(name + ".ends");
  if (!std::is_sorted(ends.begin(), ends.end()) ||
      (ends.empty() ? 0 : ends.back()) != bytes.size()) {
    throw Failure("the texts of `" + name + "` do not fit their bytes");
  }
  return {bytes, ends};
}

}  // namespace reading
