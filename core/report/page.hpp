// page.hpp: the HTML page around the data: template, style, script and the chart library, all in
// one text.
#pragma once

#include <string>

namespace attnlab {

std::string page_with(const std::string& title, const std::string& json);

}  // namespace attnlab
