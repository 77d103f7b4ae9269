// delimited.hpp: one file with a labelled text a record: TSV, CSV, or lines of `label text`.
#pragma once

#include <string>

#include "../reading/file.hpp"
#include "documents.hpp"

namespace text_classification {

namespace fs = reading::fs;

enum class Layout { tsv, csv, lines };

struct Columns {
  std::string label, text;  // as the header calls them; empty: the usual names
};

// The layout that the name (.tsv, .csv) or the first line shows.
Layout layout_of(const fs::path& file, std::string_view content);

// Fails with file, line and what is wrong: a missing column, a quote that never closes, a record
// without a label.
Documents delimited(const fs::path& file, std::string_view content, Layout layout,
                    const Columns& columns);

}  // namespace text_classification
