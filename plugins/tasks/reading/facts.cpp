// facts.cpp: facts of files from stat, and the linker's number of this library.
#include "facts.hpp"

#include <elf.h>
#include <link.h>
#include <sys/stat.h>

#include <attnlab/plugin.hpp>
#include <cstring>

#include "file.hpp"

namespace reading {
namespace {

std::string nanoseconds(const timespec& time) {
  return std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec);
}

void append_facts(const fs::path& path, std::string& out) {
  struct stat it {};
  out += path.string();
  if (::stat(path.c_str(), &it) != 0) {
    out += std::string("\t") + std::strerror(errno) + "\n";
    return;
  }
  if (S_ISDIR(it.st_mode)) {
    out += "\tfolder\n";
    try {
      const Listing inside = listing(path);
      for (const fs::path& file : inside.files) append_facts(file, out);
      for (const fs::path& folder : inside.folders) append_facts(folder, out);
    } catch (const attnlab::Failure& failure) {
      out += std::string(failure.what()) + "\n";
    }
    return;
  }
  out += "\t" + std::to_string(it.st_size) + "\t" + nanoseconds(it.st_mtim) + "\t" +
         nanoseconds(it.st_ctim) + "\t" + std::to_string(it.st_ino) + "\n";
}

// The number among the notes of a loaded library.
std::string build_in(const dl_phdr_info& library, const ElfW(Phdr) & segment) {
  const char* at = reinterpret_cast<const char*>(library.dlpi_addr + segment.p_vaddr);
  const char* const end = at + segment.p_memsz;
  const auto padded = [](std::size_t n) { return (n + 3) / 4 * 4; };
  while (static_cast<std::size_t>(end - at) >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    std::memcpy(&note, at, sizeof note);
    const char* const name = at + sizeof note;
    const char* const content = name + padded(note.n_namesz);
    if (content > end || static_cast<std::size_t>(end - content) < note.n_descsz) break;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0) {
      constexpr const char* digits = "0123456789abcdef";
      std::string out;
      for (std::size_t i = 0; i < note.n_descsz; ++i) {
        const auto byte = static_cast<unsigned char>(content[i]);
        out += {digits[byte >> 4], digits[byte & 15]};
      }
      return out;
    }
    at = content + padded(note.n_descsz);
  }
  return "";
}

// The library is ours if one of its segments holds this function.
int look(dl_phdr_info* library, std::size_t, void* out) {
  const auto here = reinterpret_cast<ElfW(Addr)>(&look);
  bool is_ours = false;
  std::string build;
  for (int i = 0; i < library->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = library->dlpi_phdr[i];
    const ElfW(Addr) begin = library->dlpi_addr + segment.p_vaddr;
    if (segment.p_type == PT_LOAD && here >= begin && here - begin < segment.p_memsz)
      is_ours = true;
    if (segment.p_type == PT_NOTE && build.empty()) build = build_in(*library, segment);
  }
  if (is_ours) *static_cast<std::string*>(out) = build;
  return is_ours ? 1 : 0;
}

}  // namespace

std::string facts_of(const std::vector<fs::path>& files) {
  std::string out;
  for (const fs::path& file : files) append_facts(file, out);
  return out;
}

std::string build_of_this_library() {
  std::string out;
  dl_iterate_phdr(look, &out);
  return out;
}

}  // namespace reading
