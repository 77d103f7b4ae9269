// templates.cpp: the files of the folder templates, embedded by the assembler, with @WORDS@ filled
// in.
#include "run/templates.hpp"

#include <cctype>
#include <string_view>

// ATTNLAB_EMBED(name, file): the bytes of a file as name_begin .. name_end.
#define ATTNLAB_EMBED(name, file)                                                        \
  __asm__(".section .rodata\n" #name "_begin:\n.incbin \"" ATTNLAB_TEMPLATE_DIR "/" file \
          "\"\n" #name "_end:\n.byte 0\n.previous\n");                                   \
  extern "C" const char name##_begin[];                                                  \
  extern "C" const char name##_end[];

ATTNLAB_EMBED(attnlab_new_kernel_cpp, "kernel.cpp.in")
ATTNLAB_EMBED(attnlab_new_kernel_yaml, "kernel.yaml.in")
ATTNLAB_EMBED(attnlab_new_optimizer_cpp, "optimizer.cpp.in")
ATTNLAB_EMBED(attnlab_new_optimizer_yaml, "optimizer.yaml.in")
ATTNLAB_EMBED(attnlab_new_task_cpp, "task.cpp.in")
ATTNLAB_EMBED(attnlab_new_task_yaml, "task.yaml.in")
ATTNLAB_EMBED(attnlab_new_cmake, "CMakeLists.txt.in")
ATTNLAB_EMBED(attnlab_new_readme, "README.md.in")

namespace attnlab {
namespace {

using Text = std::string_view;

Text between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

Text source_of(PluginKind kind) {
  switch (kind) {
    case PluginKind::task: return between(attnlab_new_task_cpp_begin, attnlab_new_task_cpp_end);
    case PluginKind::kernel:
      return between(attnlab_new_kernel_cpp_begin, attnlab_new_kernel_cpp_end);
    case PluginKind::optimizer:
      return between(attnlab_new_optimizer_cpp_begin, attnlab_new_optimizer_cpp_end);
  }
  return {};
}

Text grid_of(PluginKind kind) {
  switch (kind) {
    case PluginKind::task: return between(attnlab_new_task_yaml_begin, attnlab_new_task_yaml_end);
    case PluginKind::kernel:
      return between(attnlab_new_kernel_yaml_begin, attnlab_new_kernel_yaml_end);
    case PluginKind::optimizer:
      return between(attnlab_new_optimizer_yaml_begin, attnlab_new_optimizer_yaml_end);
  }
  return {};
}

// "half_rate" -> "HalfRate"
std::string class_of(const std::string& name) {
  std::string word;
  bool upper = true;
  for (const char c : name) {
    if (c == '_') {
      upper = true;
      continue;
    }
    word += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = false;
  }
  return word;
}

// Names of grids know no underscore.
std::string dashed(std::string name) {
  for (char& c : name) c = c == '_' ? '-' : c;
  return name;
}

std::string filled(Text text, const std::vector<std::pair<Text, std::string>>& words) {
  std::string out(text);
  for (const auto& [mark, word] : words) {
    for (std::size_t at = 0; (at = out.find(mark, at)) != std::string::npos; at += word.size()) {
      out.replace(at, mark.size(), word);
    }
  }
  return out;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> plugin_files(PluginKind kind,
                                                              const std::string& name,
                                                              const std::string& prefix) {
  const std::vector<std::pair<Text, std::string>> words = {{"@NAME@", name},
                                                           {"@CLASS@", class_of(name)},
                                                           {"@DASHED@", dashed(name)},
                                                           {"@KIND@", to_string(kind)},
                                                           {"@PREFIX@", prefix}};
  return {
      {name + ".cpp", filled(source_of(kind), words)},
      {name + ".yaml", filled(grid_of(kind), words)},
      {"CMakeLists.txt", filled(between(attnlab_new_cmake_begin, attnlab_new_cmake_end), words)},
      {"README.md", filled(between(attnlab_new_readme_begin, attnlab_new_readme_end), words)}};
}

}  // namespace attnlab
