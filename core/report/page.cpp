// page.cpp: puts the parts of the page together. The parts are files of this folder, and Chart.js,
// embedded by the assembler.
#include "report/page.hpp"

#include <string_view>
#include <utility>

// ATTNLAB_EMBED(name, file): the bytes of a file as name_begin .. name_end.
#define ATTNLAB_EMBED(name, file)                                            \
  __asm__(".section .rodata\n" #name "_begin:\n.incbin \"" file "\"\n" #name \
          "_end:\n.byte 0\n.previous\n");                                    \
  extern "C" const char name##_begin[];                                      \
  extern "C" const char name##_end[];

ATTNLAB_EMBED(attnlab_page_html, ATTNLAB_REPORT_DIR "/page.html")
ATTNLAB_EMBED(attnlab_page_css, ATTNLAB_REPORT_DIR "/page.css")
ATTNLAB_EMBED(attnlab_page_js, ATTNLAB_REPORT_DIR "/page.js")
ATTNLAB_EMBED(attnlab_charts_js, ATTNLAB_CHART_JS)

namespace attnlab {
namespace {

std::string_view part(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

std::string without_markup(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
  return out;
}

}  // namespace

std::string page_with(const std::string& title, const std::string& json) {
  const std::string_view page = part(attnlab_page_html_begin, attnlab_page_html_end);
  const std::string name = without_markup(title);
  const std::pair<std::string_view, std::string_view> parts[] = {
      {"@TITLE@", name},
      {"@STYLE@", part(attnlab_page_css_begin, attnlab_page_css_end)},
      {"@CHARTS@", part(attnlab_charts_js_begin, attnlab_charts_js_end)},
      {"@DATA@", json},
      {"@SCRIPT@", part(attnlab_page_js_begin, attnlab_page_js_end)}};
  std::string out;
  std::size_t from = 0;
  for (const auto& [mark, text] : parts) {  // in the order in which they stand in the page
    const std::size_t at = page.find(mark, from);
    out += page.substr(from, at - from);
    out += text;
    from = at + mark.size();
  }
  return out += page.substr(from);
}

}  // namespace attnlab
