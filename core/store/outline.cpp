// outline.cpp: the outline of a plan, and the small files that keep it in a run directory.
#include "store/outline.hpp"

#include <charconv>

#include "base/hash.hpp"

namespace attnlab {
namespace {

std::string quoted(const std::string& text) {
  return Settings(text).dump(-1, ' ', false, Settings::error_handler_t::replace);
}

std::string indented(const std::string& block) {
  std::string out;
  for (std::size_t from = 0; from < block.size();) {
    const std::size_t end = std::min(block.find('\n', from), block.size() - 1);
    out += "  " + block.substr(from, end + 1 - from);
    from = end + 1;
  }
  return out;
}

}  // namespace

std::string resolved_text(const Outline& outline) {
  std::string out =
      "# The grid as this run understood it. `trial` is the first trial, every default filled "
      "in.\n";
  const auto list = [](const std::vector<std::string>& texts) {
    return Settings(texts).dump(-1, ' ', false, Settings::error_handler_t::replace);
  };
  out += "name: " + quoted(outline.name) + "\n";
  out += "description: " + quoted(outline.description) + "\n";
  out += "file: " + quoted(outline.file) + "\n";
  out += "folder: " + quoted(outline.folder.string()) + "\n";
  out += "overrides: " + list(outline.overrides) + "\n";
  out += "swept: " + list(outline.swept_paths) + "\n";
  out += "claims: " + list(outline.claims) + "\n";
  out += "trials: " + std::to_string(outline.ids.size()) + "\n";
  if (outline.first.is_object()) out += "trial:\n" + indented(to_yaml(outline.first));
  return out;
}

std::string ids_text(const Outline& outline) {
  std::string out;
  for (const TrialId id : outline.ids) out += to_string(id) + "\n";
  return out;
}

std::vector<TrialId> ids_from(const std::string& text) {
  std::vector<TrialId> ids;
  for (std::size_t from = 0; from + 16 < text.size() + 1; from += 17) {
    TrialId id;
    std::from_chars(text.data() + from, text.data() + from + 16, id.hash, 16);
    ids.push_back(id);
  }
  return ids;
}

std::string fingerprint(const Outline& outline) {
  std::string all = outline.text;
  for (const std::string& text : outline.overrides) all += "\n" + text;
  return hex(sha256(all + "\n" + ids_text(outline)));
}

}  // namespace attnlab
