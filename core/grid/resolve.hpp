// resolve.hpp: the parts of a trial's settings, each resolved without a look at the others.
#pragma once

#include <array>
#include <string>

#include "base/catalogue.hpp"
#include "grid/fields.hpp"

namespace attnlab {

// The keys of a trial in their canonical (sorted) order. No part depends on another one.
inline const std::vector<std::string> trial_parts = {"loss", "model", "optimizer", "record",
                                                     "seed", "task",  "training"};

// One part, complete; `given` may be null. A wrong value is a complaint and reads as its default.
Settings resolve_part(const std::string& part, const Settings* given, const Catalogue& catalogue,
                      Complaints& complaints);

// Keys of `trial` that are no part.
void check_parts(const Settings& trial, Complaints& complaints);

Settings resolve_model(const Settings* given, const Catalogue& catalogue, Complaints& complaints);
Settings resolve_optimizer(const Settings* given, const Catalogue& catalogue,
                           Complaints& complaints);
Settings resolve_record(const Settings* given, Complaints& complaints);
Settings resolve_init(const Settings* given, const std::string& path, Complaints& complaints);

// `all`, or a list of matrix names, sorted, each once.
Settings resolve_matrices(const Settings* given, const std::string& path, Complaints& complaints);
// Complains unless `name` can be a matrix: one of contract section 4, with `layerN.` before it if
// it is in the layers. `words` may stand in its place: they are suggested too.
void check_matrix_name(const std::string& name, const std::string& path, bool of_key,
                       Complaints& complaints, const std::vector<std::string>& words = {});

// The plugin that `fields` names at `plugin` (or `fallback`), and its options; keys that the caller
// takes are to be taken before. Null if there is none of that name; then the options stay as they
// are.
const PluginDescription* resolve_plugin(Fields& fields, PluginKind kind,
                                        const std::string& fallback, const Catalogue& catalogue);
// What is left in `fields` must be options of `plugin`; fills those that are not given.
void resolve_options(Fields& fields, const PluginDescription& plugin, const Catalogue& catalogue);

}  // namespace attnlab
