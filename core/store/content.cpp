// content.cpp: walks a results file and digests it in blocks of rows.
#include "store/content.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace attnlab {
namespace {

// Attributes that dimension scales bring along: they hold addresses in the file, or repeat names.
bool is_plumbing(const std::string& name) {
  return name == "CLASS" || name == "NAME" || name == "REFERENCE_LIST" || name == "DIMENSION_LIST";
}

std::string lengthened(const std::string& text) { return std::to_string(text.size()) + ":" + text; }

// A chain of digests: each block is hashed together with the digest before it.
class Chain {
 public:
  void add(std::string_view bytes) {
    const Sha256 block = sha256(bytes);
    std::string both(state_.begin(), state_.end());
    both.append(block.begin(), block.end());
    state_ = sha256(both);
  }
  std::string text() const { return hex(state_); }

 private:
  Sha256 state_{};
};

void add_attributes(Chain& chain, const h5::Handle& object) {
  std::vector<std::string> names = h5::attributes(object);
  std::erase_if(names, is_plumbing);
  std::ranges::sort(names);
  for (const std::string& name : names) {
    chain.add(lengthened(name) + lengthened(h5::bytes_of_attribute(object, name)));
  }
}

std::string digest_of(const h5::Handle& dataset) {
  Chain chain;
  const h5::Kind kind = h5::kind_of(dataset);
  const std::vector<Index> sizes = h5::sizes_of(dataset);
  std::string head = std::to_string(static_cast<int>(kind));
  Index row_size = 1;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    head += "," + std::to_string(sizes[i]);
    if (i > 0) row_size *= sizes[i];
  }
  chain.add(head);
  add_attributes(chain, dataset);
  const Index n = sizes.empty() ? 1 : sizes.front();
  const Index row_bytes = row_size * static_cast<Index>(h5::size_of(kind));
  const Index step =
      kind == h5::Kind::text ? 4096 : std::max<Index>(1, (8 << 20) / std::max<Index>(1, row_bytes));
  std::string bytes;
  for (Index first = 0; first < n && row_size > 0; first += step) {
    const Index some = std::min(step, n - first);
    bytes.clear();
    if (kind == h5::Kind::text) {
      for (const std::string& text : h5::read_text(dataset, first, some)) bytes += lengthened(text);
    } else {
      bytes.resize(static_cast<std::size_t>(some * row_bytes));
      h5::read_rows(dataset, kind, first, some, bytes.data());
    }
    chain.add(bytes);
  }
  return chain.text();
}

void walk(const h5::Handle& group, const std::string& path,
          std::vector<std::pair<std::string, std::string>>& out) {
  Chain own;
  add_attributes(own, group);
  out.emplace_back(path, own.text());
  for (const std::string& name : h5::children(group)) {
    const std::string child = (path == "/" ? "" : path) + "/" + name;
    if (child == "/provenance") continue;
    if (h5::is_group(group, name)) {
      walk(h5::open_group(group, name), child, out);
    } else {
      out.emplace_back(child, digest_of(h5::open_dataset(group, name)));
    }
  }
}

}  // namespace

std::vector<std::pair<std::string, std::string>> digests_of(const h5::Handle& file) {
  std::vector<std::pair<std::string, std::string>> out;
  walk(h5::open_group(file, "/"), "/", out);
  return out;
}

std::string content_of(const std::vector<std::pair<std::string, std::string>>& digests) {
  std::string all;
  for (const auto& [path, digest] : digests) all += path + " " + digest + "\n";
  return hex(sha256(all));
}

}  // namespace attnlab
