// second_look.hpp: what can still be said of a grid file in which there are mistakes.
#pragma once

#include "grid/reading.hpp"
#include "host/plugins.hpp"

namespace attnlab {

// Mistakes that only a look at the trials finds, as examine_all words them, as far as the parts of
// a trial that they follow from are without mistakes. All mistakes of a file are told at once.
Errors second_look(const Reading& reading, const Plugins& plugins);

}  // namespace attnlab
