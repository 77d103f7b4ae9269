// resolve_init.cpp: initial values by matrix, and the names that matrices can have.
#include <algorithm>
#include <iterator>
#include <span>

#include "base/nearest.hpp"
#include "grid/resolve.hpp"

namespace attnlab {
namespace {

const std::vector<std::string> in_layers{
    "W_Q",  "W_K",  "W_V",  "W_O",  "b_Q",         "b_K",         "b_V",         "b_O",
    "W_F1", "b_F1", "W_F2", "b_F2", "norm_1_gain", "norm_1_bias", "norm_2_gain", "norm_2_bias"};
const std::vector<std::string> outside{"W_E",
                                       "b_E",
                                       "W_P",
                                       "final_norm_gain",
                                       "final_norm_bias",
                                       "W_H1",
                                       "b_H1",
                                       "W_H2",
                                       "b_H2",
                                       "W_C",
                                       "b_C",
                                       "Y",
                                       "Z"};
const std::vector<std::string> words{
    "kaiming",  "xavier",    "torch_linear",        "zeros",        "ones",
    "identity", "skyformer", "cooccurrence_theory", "value_columns"};
const std::vector<std::string> with_number{"normal", "uniform", "values", "cooccurrence_theory"};

bool is_in(const std::string& word, const std::vector<std::string>& list) {
  return std::ranges::find(list, word) != list.end();
}

// The sizes of a list of lists of numbers, outermost first, as its first elements have them.
std::vector<std::size_t> sizes_of(const Settings& value) {
  std::vector<std::size_t> sizes;
  for (const Settings* at = &value; at->is_array(); at = &(*at)[0]) {
    sizes.push_back(at->size());
    if (at->empty()) break;
  }
  return sizes;
}

// The same numbers as doubles, or null if they are not all of these sizes.
Settings numbers_in(const Settings& value, std::span<const std::size_t> sizes) {
  if (sizes.empty()) return value.is_number() ? Settings(value.get<double>() + 0.0) : Settings();
  if (!value.is_array() || value.size() != sizes[0] || value.empty()) return nullptr;
  Settings out = Settings::array();
  for (const Settings& item : value) {
    out.push_back(numbers_in(item, sizes.subspan(1)));
    if (out.back().is_null()) return nullptr;
  }
  return out;
}

// Paper A, condition 1: W_Q W_K W_V ~ N(0, c0^2 / (L m)), W_H1 ~ N(0, c1^2 / m1).
Settings theory(const Settings& given, const std::string& path, Complaints& complaints) {
  Fields fields(&given, path + ".cooccurrence_theory", complaints);
  fields.real("c0", 0.1, {.minimum = 0});
  fields.real("c1", 1.0, {.minimum = 0});
  return {{"cooccurrence_theory", fields.finish("cooccurrence_theory")}};
}

Settings resolve_scheme(const Settings& given, const std::string& path, Complaints& complaints) {
  const Settings fallback = "torch_linear";
  if (given.is_string()) {
    const std::string word = given.get<std::string>();
    if (word == "cooccurrence_theory") return theory(Settings::object(), path, complaints);
    if (is_in(word, words)) return given;
    std::vector<std::string> all = words;
    std::ranges::copy_if(with_number, std::back_inserter(all),
                         [](const std::string& name) { return !is_in(name, words); });
    complaints.push_back({path, "no initial values are called '" + word + "'",
                          is_in(word, with_number) ? "write `{normal: 0.02}`, `{uniform: 0.1}` or "
                                                     "`{values: [[...]]}`"
                                                   : suggestion(word, all)});
    return fallback;
  }
  if (!given.is_object() || given.size() != 1) {
    complaints.push_back(
        {path,
         "initial values must be a word or a mapping with one key, not " +
             (given.is_object() ? "one with " + std::to_string(given.size()) : noun(given)),
         "write kaiming, xavier, torch_linear, zeros, identity, {normal: std}, "
         "{uniform: bound} or {values: [[...]]}"});
    return fallback;
  }
  const std::string key = given.begin().key();
  const Settings& value = given.begin().value();
  if (key == "normal" || key == "uniform") {
    return {{key, as_real(value, path + "." + key, {.minimum = 0}, complaints)}};
  }
  if (key == "cooccurrence_theory") return theory(value, path, complaints);
  if (key == "values") {
    const std::vector<std::size_t> sizes = sizes_of(value);
    Settings numbers = sizes.empty() || sizes.size() > 3 ? Settings() : numbers_in(value, sizes);
    if (numbers.is_null()) {
      complaints.push_back({path + ".values", "'values' must be numbers in rows of equal length",
                            "write `[[1, 2], [3, 4]]`, with heads stacked in front if there are "
                            "several"});
    }
    return {{key, std::move(numbers)}};
  }
  complaints.push_back({path + "." + key, "no initial values are called '" + key + "'",
                        suggestion(key, with_number), true});
  return fallback;
}

}  // namespace

void check_matrix_name(const std::string& name, const std::string& path, bool of_key,
                       Complaints& complaints, const std::vector<std::string>& words) {
  const std::size_t dot = name.find('.');
  const bool prefixed = dot != std::string::npos && dot > 5 && name.starts_with("layer") &&
                        name.find_first_not_of("0123456789", 5) == dot;
  const std::string base = prefixed ? name.substr(dot + 1) : name;
  if (is_in(base, in_layers) || (!prefixed && is_in(base, outside))) return;
  std::vector<std::string> all = in_layers;
  if (!prefixed) {
    all.insert(all.end(), outside.begin(), outside.end());
    all.insert(all.end(), words.begin(), words.end());
  }
  const std::string best = nearest(base, all);
  complaints.push_back(
      {path, "no matrix is called '" + name + "'",
       best.empty() ? "names are W_E W_Q W_K W_V W_O b_Q ... W_H1 W_C Y Z, with "
                      "`layer0.` in front for one layer alone"
                    : "did you mean '" + name.substr(0, prefixed ? dot + 1 : 0) + best + "'?",
       of_key});
}

Settings resolve_init(const Settings* given, const std::string& path, Complaints& complaints) {
  if (!given || given->is_null()) return Settings::object();
  if (given->is_string()) return {{"default", resolve_scheme(*given, path, complaints)}};
  if (!given->is_object()) {
    return {{"default", resolve_scheme(*given, path, complaints)}};
  }
  if (given->size() == 1 && is_in(given->begin().key(), with_number)) {
    return {{"default", resolve_scheme(*given, path, complaints)}};
  }
  Settings out = Settings::object();
  for (const auto& [name, scheme] : given->items()) {
    const std::string here = path + "." + name;
    if (name != "default") check_matrix_name(name, here, true, complaints, {"default"});
    out[name] = resolve_scheme(scheme, here, complaints);
  }
  return out;
}

Settings resolve_matrices(const Settings* given, const std::string& path, Complaints& complaints) {
  if (!given || *given == "all") return "all";
  if (!given->is_array()) {
    complaints.push_back({path,
                          "'" + path.substr(path.find_last_of('.') + 1) +
                              "' must be all or a list of matrices, not " + noun(*given),
                          word_hint(*given, {"all"}, "write `[W_Q, W_K]`")});
    return "all";
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < given->size(); ++i) {
    const std::string here = path + "[" + std::to_string(i) + "]";
    const Settings name = as_text((*given)[i], here, complaints);
    if (!name.is_string()) continue;
    names.push_back(name.get<std::string>());
    check_matrix_name(names.back(), here, false, complaints);
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace attnlab
