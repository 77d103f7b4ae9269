// content.cpp: walks a results file and digests it in blocks of rows.
#include "store/content.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "store/h5_boxes.hpp"

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
  void add(std::string_view bytes) { add(sha256(bytes)); }
  void add(const Sha256& block) {
    std::string both(state_.begin(), state_.end());
    both.append(block.begin(), block.end());
    state_ = sha256(both);
  }
  std::string text() const { return hex(state_); }

 private:
  Sha256 state_{};
};

void add_attributes(Chain& chain, const h5::Handle& object) {
  for (const auto& [name, bytes] : own_attributes(object))
    chain.add(lengthened(name) + lengthened(bytes));
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
  // Blocks that are read at a time and hashed side by side: 64 MiB, or one row.
  const Index at_once = kind == h5::Kind::text
                            ? 1
                            : std::max<Index>(1, (64 << 20) / std::max<Index>(1, step * row_bytes));
  for (Index first = 0; first < n && row_size > 0; first += step * at_once) {
    const Index some = std::min(step * at_once, n - first);
    if (kind == h5::Kind::text) {
      std::string bytes;
      for (const std::string& text : h5::read_text(dataset, first, some)) bytes += lengthened(text);
      chain.add(bytes);
    } else {
      std::string bytes(static_cast<std::size_t>(some * row_bytes), '\0');
      h5::read_packed(dataset, kind, first, some, bytes.data());
      std::vector<Sha256> blocks(static_cast<std::size_t>((some + step - 1) / step));
      const auto block_bytes = static_cast<std::size_t>(step * row_bytes);
      h5::side_by_side(blocks.size(), [&](std::size_t i) {
        blocks[i] = sha256(std::string_view(bytes).substr(i * block_bytes, block_bytes));
      });
      for (const Sha256& block : blocks) chain.add(block);
    }
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

std::vector<std::pair<std::string, std::string>> own_attributes(const h5::Handle& object) {
  std::vector<std::string> names = h5::attributes(object);
  std::erase_if(names, is_plumbing);
  std::ranges::sort(names);
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& name : names)
    out.emplace_back(name, h5::bytes_of_attribute(object, name));
  return out;
}

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
