// temporary_folder.cpp: by mkdtemp, readable by its owner only.
#include "run/temporary_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace attnlab {

Result<TemporaryFolder> TemporaryFolder::make() {
  std::error_code code;
  std::filesystem::path base = std::filesystem::temp_directory_path(code);
  if (code) base = "/tmp";
  std::string name = (base / "attnlab-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    return Error{base.string(),
                 std::string("a temporary folder cannot be made there: ") + std::strerror(errno),
                 "set TMPDIR to a folder with room", Blame::machine};
  }
  return TemporaryFolder(name);
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::move(other.path_)), kept_(other.kept_) {
  other.kept_ = true;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!kept_) std::filesystem::remove_all(path_, ignored);
}

}  // namespace attnlab
