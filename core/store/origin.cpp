// origin.cpp: reads the `key: JSON` lines of grid.resolved.yaml; writes and reads DONE.
#include "store/origin.hpp"

#include <nlohmann/json.hpp>

#include "store/files.hpp"

namespace attnlab {
namespace fs = std::filesystem;

Result<GridOrigin> read_resolved(const fs::path& file) {
  const auto text = read_file(file);
  if (!text) return text.errors();
  const auto value = [&](const std::string& key) {
    const std::string line = "\n" + key + ": ";
    const std::size_t at = text->find(line);
    if (at == std::string::npos) return nlohmann::json(nlohmann::json::value_t::discarded);
    const std::size_t from = at + line.size();
    return nlohmann::json::parse(text->substr(from, text->find('\n', from) - from), nullptr, false);
  };
  try {
    return GridOrigin{value("name").get<std::string>(), "", value("file").get<std::string>(),
                      value("folder").get<std::string>(),
                      value("overrides").get<std::vector<std::string>>()};
  } catch (const nlohmann::json::exception&) {
    return Error{file.string(), "is damaged: it does not say which grid this is",
                 "start over with --fresh, or name another folder with --out"};
  }
}

Result<GridOrigin> read_origin(const fs::path& dir) {
  auto origin = read_resolved(dir / "grid.resolved.yaml");
  if (!origin) {
    if (fs::exists(dir / "grid.resolved.yaml")) return origin.errors();
    return Error{dir.string(), "is not a run directory: it has no grid.resolved.yaml",
                 "name the folder that `attnlab run --out` made"};
  }
  auto text = read_file(dir / "grid.yaml");
  if (!text) return text.errors();
  origin->text = std::move(*text);
  return origin;
}

}  // namespace attnlab
