// init.cpp: first values of every matrix, as a function of (seed, name, element) alone.
//
// Schemes: {normal: std} · {uniform: bound} · kaiming N(0, 2/fan_in) · xavier
// U(+-sqrt(6/(fan_in+fan_out))) · torch_linear U(+-1/sqrt(fan_in)) · zeros · ones · identity ·
// {values: [[...]]}; and the papers' own: cooccurrence_theory {c0, c1} (paper A, section 3: W_Q W_K
// W_V ~ N(0, c0^2/(L m)), W_H1 ~ N(0, c1^2/m1)) and skyformer (paper C, 3.2), which is what a model
// without `init` gets; value_columns (paper C, 1.5; with the inputs of that name): head h of W_V
// passes on column 1 + h of the input as its first value, W_O its first value as the first output.
// fan_in: rows of one head; of a bias: of its matrix.
#include "model/init.hpp"

#include <array>
#include <cmath>
#include <string_view>

#include "base/random.hpp"
#include "model/model.hpp"

namespace attnlab {
namespace {

constexpr std::array<std::string_view, 32> canonical_names = {"W_E",
                                                              "W_P",
                                                              "W_Q",
                                                              "W_K",
                                                              "W_V",
                                                              "W_O",
                                                              "b_Q",
                                                              "b_K",
                                                              "b_V",
                                                              "b_O",
                                                              "W_F1",
                                                              "b_F1",
                                                              "W_F2",
                                                              "b_F2",
                                                              "norm_1_gain",
                                                              "norm_1_bias",
                                                              "norm_2_gain",
                                                              "norm_2_bias",
                                                              "final_norm_gain",
                                                              "final_norm_bias",
                                                              "W_H1",
                                                              "b_H1",
                                                              "W_H2",
                                                              "b_H2",
                                                              "W_C",
                                                              "b_C",
                                                              "Y",
                                                              "Z",
                                                              "clock",
                                                              "B",
                                                              "Gamma",
                                                              "b_E"};

// The stream of a block hangs on its name alone, so that a matrix starts alike whatever else the
// model has.
std::uint64_t stream_of(const ParameterBlock& b) {
  std::uint64_t place = 0;
  while (canonical_names[place] != b.base_name) ++place;
  const auto layer = static_cast<std::uint64_t>(b.layer < 0 ? 0 : b.layer);
  return streams::initial + 256 * (64 * layer + place);
}

bool is_norm(const ParameterBlock& b) { return b.base_name.find("norm_") != std::string::npos; }
bool is_gain(const ParameterBlock& b) { return b.base_name.ends_with("_gain"); }

// Rows that are looked up; a linear map of dense inputs is none.
bool is_table(const ModelShape& m, const ParameterBlock& b) {
  return b.base_name == "W_P" || (b.base_name == "W_E" && m.embedding != Embedding::linear);
}

struct Start {
  const ModelShape& shape;
  const ParameterLayout& layout;
  std::uint64_t seed;

  Index fan_in(const ParameterBlock& b) const {
    if (b.base_name[0] != 'b') return b.rows;
    std::string matrix = b.name;
    matrix[matrix.size() - b.base_name.size()] = 'W';
    return layout.find(matrix)->rows;
  }

  template <class S>
  void normal(const ParameterBlock& b, double std, S* out) const {
    for (Index i = 0; i < b.size(); ++i)
      out[i] =
          static_cast<S>(std * random_normal(seed, stream_of(b), static_cast<std::uint64_t>(i)));
  }

  template <class S>
  void uniform(const ParameterBlock& b, double bound, S* out) const {
    for (Index i = 0; i < b.size(); ++i)
      out[i] = static_cast<S>(
          bound * (2.0 * random_uniform(seed, stream_of(b), static_cast<std::uint64_t>(i)) - 1.0));
  }

  template <class S>
  void fill(const ParameterBlock& b, double value, S* out) const {
    for (Index i = 0; i < b.size(); ++i) out[i] = static_cast<S>(value);
  }
};

// The numbers of nested lists in reading order, and the lengths on the way down; false if they are
// ragged or not numbers.
bool flatten(const Settings& node, std::size_t depth, std::vector<Index>& lengths,
             std::vector<double>& numbers) {
  if (node.is_number()) {
    numbers.push_back(node.get<double>());
    return depth == lengths.size();
  }
  if (!node.is_array()) return false;
  const auto n = static_cast<Index>(node.size());
  if (lengths.size() == depth && numbers.empty()) lengths.push_back(n);
  if (depth >= lengths.size() || lengths[depth] != n) return false;
  for (const auto& entry : node)
    if (!flatten(entry, depth + 1, lengths, numbers)) return false;
  return true;
}

std::string spelled(const std::vector<Index>& lengths) {
  std::string out;
  for (const Index n : lengths) out += (out.empty() ? "[" : ", ") + std::to_string(n);
  return out.empty() ? "a single number" : out + "]";
}

Errors check_values(const Settings& values, const ParameterBlock& b) {
  const std::string where = "model.init." + b.name;
  std::vector<Index> got;
  std::vector<double> numbers;
  if (!flatten(values, 0, got, numbers))
    return {{where, "the values are not lists of numbers of equal length", ""}};
  std::vector<std::vector<Index>> fits = {{b.heads, b.rows, b.columns}};
  if (b.heads == 1) fits.push_back({b.rows, b.columns});
  if (b.rows == 1) fits.push_back({b.heads, b.columns});
  if (b.rows == 1 && b.heads == 1) fits.push_back({b.columns});
  for (const auto& fit : fits)
    if (got == fit) return {};
  const std::vector<Index> wanted = b.has_head_axis ? fits[0]
                                    : b.rows == 1   ? std::vector<Index>{b.columns}
                                                    : std::vector<Index>{b.rows, b.columns};
  std::string hint = b.has_head_axis ? "[head, input, output]" : "[input, output]";
  if (b.has_head_axis && b.heads == 1) hint += "; the head axis may be left out";
  return {{where, "the values have shape " + spelled(got) + ", the matrix has " + spelled(wanted),
           "order of the axes: " + hint}};
}

// The first values of one block by a checked scheme.
template <class S>
void apply(const Start& start, const Settings& scheme, const ParameterBlock& b, S* out) {
  const auto in = static_cast<double>(start.fan_in(b));
  const std::string name =
      scheme.is_string() ? scheme.get<std::string>() : scheme.items().begin().key();
  const Settings value = scheme.is_string() ? Settings() : scheme.items().begin().value();
  if (name == "normal") return start.normal(b, value.get<double>(), out);
  if (name == "uniform") return start.uniform(b, value.get<double>(), out);
  if (name == "kaiming") return start.normal(b, std::sqrt(2.0 / in), out);
  if (name == "xavier")
    return start.uniform(b, std::sqrt(6.0 / (in + static_cast<double>(b.columns))), out);
  if (name == "zeros") return start.fill(b, 0.0, out);
  if (name == "ones") return start.fill(b, 1.0, out);
  if (name == "identity") {
    start.fill(b, 0.0, out);
    for (Index h = 0; h < b.heads; ++h)
      for (Index i = 0; i < std::min(b.rows, b.columns); ++i)
        out[(h * b.rows + i) * b.columns + i] = S(1);
    return;
  }
  if (name == "values") {
    std::vector<Index> lengths;
    std::vector<double> numbers;
    flatten(value, 0, lengths, numbers);
    for (std::size_t i = 0; i < numbers.size(); ++i) out[i] = static_cast<S>(numbers[i]);
    return;
  }
  if (name == "value_columns") {
    start.fill(b, 0.0, out);
    for (Index h = 0; h < b.heads; ++h) {
      const Index row = b.base_name == "W_V" ? 1 + h : 0;
      if (row < b.rows) out[(h * b.rows + row) * b.columns] = S(1);
    }
    return;
  }
  if (name == "cooccurrence_theory") {
    const ModelShape& m = start.shape;
    const auto option = [&](const char* key, double fallback) {
      return value.is_object() && value.contains(key) ? value[key].get<double>() : fallback;
    };
    if (b.base_name == "W_Q" || b.base_name == "W_K" || b.base_name == "W_V")
      return start.normal(
          b, option("c0", 0.1) / std::sqrt(static_cast<double>(m.max_tokens * m.key_dim)), out);
    if (b.base_name == "W_H1")
      return start.normal(b, option("c1", 1.0) / std::sqrt(static_cast<double>(m.head_hidden)),
                          out);
  }
  if (name == "skyformer" && b.layer < 0 && is_table(start.shape, b))
    return start.normal(b, 0.02, out);
  start.uniform(b, 1.0 / std::sqrt(in), out);  // torch_linear
}

// Rows at right angles and of length one: Gram-Schmidt, twice, on Gaussian rows.
template <class S>
void orthonormal_rows(const Start& start, const ParameterBlock& b, S* out) {
  std::vector<double> rows(static_cast<std::size_t>(b.size()));
  start.normal(b, 1.0, rows.data());
  const auto row = [&](Index r) { return rows.data() + r * b.columns; };
  const auto dot = [&](const double* x, const double* y) {
    double sum = 0;
    for (Index i = 0; i < b.columns; ++i) sum += x[i] * y[i];
    return sum;
  };
  for (Index r = 0; r < b.rows; ++r) {
    for (int again = 0; again < 2; ++again) {
      for (Index s = 0; s < r; ++s) {
        const double along = dot(row(r), row(s));
        for (Index i = 0; i < b.columns; ++i) row(r)[i] -= along * row(s)[i];
      }
    }
    const double length = std::sqrt(dot(row(r), row(r)));
    for (Index i = 0; i < b.columns; ++i) row(r)[i] /= length;
  }
  for (Index i = 0; i < b.size(); ++i) out[i] = static_cast<S>(rows[static_cast<std::size_t>(i)]);
}

// What a block gets when nothing names it.
template <class S>
void by_default(const Start& start, const Settings* scheme, const ParameterBlock& b, S* out) {
  const ModelShape& m = start.shape;
  const bool embedding = is_table(m, b);
  if (is_norm(b)) return start.fill(b, is_gain(b) ? 1.0 : 0.0, out);
  if (b.base_name == "W_E" && m.embedding == Embedding::orthonormal)
    return orthonormal_rows(start, b, out);
  if (b.base_name == "W_E" && m.embedding == Embedding::gaussian)
    return start.normal(b, 1.0 / std::sqrt(static_cast<double>(m.dim)), out);
  if (b.base_name == "W_H2" && m.head_fixed_signs) {
    for (Index i = 0; i < b.size(); ++i)
      out[i] =
          random_bits(start.seed, stream_of(b), static_cast<std::uint64_t>(i)) >> 63 ? S(1) : S(-1);
    return;
  }
  if (scheme != nullptr) return apply(start, *scheme, b, out);
  if (embedding) return start.normal(b, 0.02, out);
  apply(start, Settings("torch_linear"), b, out);
}

bool is_number_of(const Settings& scheme, const char* name) {
  return scheme.is_object() && scheme.size() == 1 && scheme.contains(name) &&
         scheme[name].is_number() && std::isfinite(scheme[name].get<double>());
}

bool is_paper_scheme(const Settings& scheme) {
  if (!scheme.is_object() || scheme.size() != 1 || !scheme.contains("cooccurrence_theory"))
    return false;
  const Settings& options = scheme["cooccurrence_theory"];
  if (options.is_null()) return true;
  if (!options.is_object()) return false;
  for (const auto& [key, value] : options.items())
    if ((key != "c0" && key != "c1") || !value.is_number()) return false;
  return true;
}

}  // namespace

Errors check_scheme(const ModelShape&, const Settings& scheme, const ParameterBlock* block) {
  const std::string where = "model.init." + (block ? block->name : std::string("default"));
  if (scheme.is_string()) {
    for (const char* name : {"kaiming", "xavier", "torch_linear", "zeros", "ones", "identity",
                             "skyformer", "cooccurrence_theory", "value_columns"})
      if (scheme == name) return {};
  }
  if (is_number_of(scheme, "normal") || is_number_of(scheme, "uniform")) return {};
  if (is_paper_scheme(scheme)) return {};
  if (scheme.is_object() && scheme.size() == 1 && scheme.contains("values")) {
    if (block != nullptr) return check_values(scheme["values"], *block);
    return {{where, "explicit values cannot be the default of all matrices", "name the matrix"}};
  }
  return {
      {where, canonical(scheme) + " is not a scheme",
       "take {normal: std}, {uniform: bound}, kaiming, xavier, torch_linear, zeros, ones, "
       "identity, {values: [[...]]}, skyformer, value_columns or {cooccurrence_theory: {c0: 0.1, "
       "c1: 1}}"}};
}

template <class S>
Result<Done> initialise(const ModelShape& shape, const ParameterLayout& layout,
                        const Settings& trial, std::span<S> parameters) {
  const Settings* seed = find(trial, "seed");
  const Start start{shape, layout,
                    seed != nullptr && seed->is_number() ? seed->get<std::uint64_t>() : 1};
  const Settings* init = find(trial, "model.init");
  if (init != nullptr && !init->is_object()) init = nullptr;
  const auto scheme_of = [&](const std::string& name) -> const Settings* {
    return init != nullptr && init->contains(name) ? &(*init)[name] : nullptr;
  };
  Errors errors;
  for (const auto& b : layout.blocks) {
    S* out = parameters.data() + b.offset;
    if (!b.goes_with.empty()) {
      start.fill(b, 0.0, out);
      continue;
    }
    const Settings* named = scheme_of(b.name);
    if (named == nullptr) named = scheme_of(b.base_name);
    const Settings* scheme = named != nullptr ? named : scheme_of("default");
    if (scheme != nullptr) {
      Errors wrong = check_scheme(shape, *scheme, named != nullptr ? &b : nullptr);
      if (!wrong.empty()) {
        errors.insert(errors.end(), wrong.begin(), wrong.end());
        continue;
      }
    }
    if (named != nullptr)
      apply(start, *named, b, out);
    else
      by_default(start, scheme, b, out);
  }
  if (!errors.empty()) return errors;
  return Done{};
}

template Result<Done> initialise<float>(const ModelShape&, const ParameterLayout&, const Settings&,
                                        std::span<float>);
template Result<Done> initialise<double>(const ModelShape&, const ParameterLayout&, const Settings&,
                                         std::span<double>);

}  // namespace attnlab
