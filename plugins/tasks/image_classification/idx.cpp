// idx.cpp: IDX files (MNIST and its kin): big-endian, 00 00 08 and the number of axes, the sizes,
// then bytes.
#include <attnlab/plugin.hpp>

#include "../reading/file.hpp"
#include "image_set.hpp"

namespace images {
namespace {

using attnlab::Failure;

std::uint64_t number(const std::string& bytes, std::size_t at) {
  std::uint64_t out = 0;
  for (std::size_t i = at; i < at + 4; ++i) out = out << 8 | static_cast<unsigned char>(bytes[i]);
  return out;
}

struct Idx {
  std::string content;
  std::vector<std::uint64_t> sizes;
  std::size_t begin() const { return 4 + 4 * sizes.size(); }
};

Idx read(const fs::path& file, std::size_t n_axes) {
  Idx out{reading::content_of(file), {}};
  const std::string& bytes = out.content;
  const std::size_t n_head = 4 + 4 * n_axes;
  if (bytes.size() < n_head) {
    throw Failure(file.string() + " is cut off: it has " + std::to_string(bytes.size()) +
                  " bytes, the head alone has " + std::to_string(n_head));
  }
  const std::uint64_t magic = number(bytes, 0), expected = 0x800 + n_axes;
  if (magic != expected) {
    throw Failure(
        file.string() + " begins with the number " + std::to_string(magic) + ", not " +
        std::to_string(expected) + " as an IDX file of " + (n_axes == 3 ? "images" : "labels") +
        " does" +
        (magic == 0x801 || magic == 0x803 ? ": images and labels seem to be exchanged" : ""));
  }
  std::uint64_t n = 1;
  std::string sizes;
  for (std::size_t i = 0; i < n_axes; ++i) {
    out.sizes.push_back(number(bytes, 4 + 4 * i));
    sizes += (i == 0 ? "" : " x ") + std::to_string(out.sizes.back());
    if (out.sizes.back() == 0) {
      throw Failure(file.string() + " is empty: its head says " + sizes + " " +
                    (n_axes == 3 ? "(images, rows, columns)" : "labels"));
    }
    n = n > (std::uint64_t{1} << 40) / out.sizes.back() ? std::uint64_t{1} << 40
                                                        : n * out.sizes.back();
  }
  const std::uint64_t n_data = bytes.size() - n_head;
  if (n != n_data) {
    throw Failure(file.string() +
                  (n_data < n ? " is cut off: its head says " : " is too long: its head says ") +
                  sizes + ", that is " + std::to_string(n) +
                  " bytes after the head, but there are " + std::to_string(n_data) +
                  "; fetch the file again");
  }
  return out;
}

}  // namespace

fs::path labels_of(const fs::path& images) {
  std::string name = images.filename().string();
  for (const auto& [from, to] : {std::pair{"images", "labels"}, std::pair{"idx3", "idx1"}}) {
    const std::size_t at = name.rfind(from);
    if (at == std::string::npos) {
      throw Failure(images.string() + ": the name has no `" + from +
                    "`, so that the file of labels cannot be found; call the two files "
                    "...-images-idx3-ubyte and ...-labels-idx1-ubyte");
    }
    name.replace(at, std::string(from).size(), to);
  }
  const fs::path as_called = images.parent_path() / name;
  if (reading::is_there(as_called)) return as_called;
  const fs::path other = as_called.extension() == ".gz" ? fs::path(as_called).replace_extension()
                                                        : fs::path(as_called.string() + ".gz");
  if (reading::is_there(other)) return other;
  throw Failure(images.string() + " has no labels beside it: looked for " + as_called.string() +
                " and " + other.filename().string());
}

Images read_idx(const fs::path& images) {
  const Idx pixels = read(images, 3);
  const fs::path file = labels_of(images);
  const Idx labels = read(file, 1);
  if (labels.sizes[0] != pixels.sizes[0]) {
    throw Failure(file.string() + " has " + std::to_string(labels.sizes[0]) + " labels, " +
                  images.string() + " " + std::to_string(pixels.sizes[0]) + " images");
  }
  Images out;
  out.path = images.string();
  out.rows = static_cast<std::int64_t>(pixels.sizes[1]);
  out.columns = static_cast<std::int64_t>(pixels.sizes[2]);
  const auto first = static_cast<std::ptrdiff_t>(pixels.begin());
  out.grey.assign(pixels.content.begin() + first, pixels.content.end());
  for (std::size_t i = labels.begin(); i < labels.content.size(); ++i) {
    out.labels.push_back(std::to_string(static_cast<unsigned char>(labels.content[i])));
  }
  return out;
}

}  // namespace images
