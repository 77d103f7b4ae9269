// file.hpp: whole files as bytes, plain or .gz, and the listing of folders. Failures are
// attnlab::Failure with the file's name.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace reading {

namespace fs = std::filesystem;

// False also where the file system does not let us look.
bool is_there(const fs::path& path);
bool is_folder(const fs::path& path);

// `path`, or `path`.gz where only that is there.
fs::path found(const fs::path& path);

// The content of a file; gzip data are unpacked whatever its name is. Fails if it cannot be read,
// is no regular file, ends in .gz and is no gzip, is cut off or damaged.
std::string content_of(const fs::path& file);

// Its name without the folder and a final ".gz".
std::string plain_name(const fs::path& file);

// What a folder holds, hidden names left out; names that begin with numbers in the order of these,
// others by their bytes. Fails at what is neither file nor folder, such as a link that leads
// nowhere.
struct Listing {
  std::vector<fs::path> folders, files;
};
Listing listing(const fs::path& folder);

}  // namespace reading
