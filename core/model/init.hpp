// init.hpp: the schemes that give a matrix its first values.
#pragma once

#include "base/result.hpp"
#include "model/shape.hpp"

namespace attnlab {

// Is `scheme` one that we know, and does it fit `block` (null: the default of all matrices)?
Errors check_scheme(const ModelShape& shape, const Settings& scheme, const ParameterBlock* block);

}  // namespace attnlab
