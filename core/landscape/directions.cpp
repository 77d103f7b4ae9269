// directions.cpp: draw, make orthogonal, scale filter by filter.
//
//   d_F <- d_F |w_F| / |d_F|   for every filter F; norms are those of Frobenius
#include "landscape/directions.hpp"

#include <cmath>

#include "base/random.hpp"

namespace attnlab {
namespace {

bool is_table(const ParameterBlock& b) { return b.base_name == "W_E" || b.base_name == "W_P"; }

bool moves(const ParameterBlock& b, bool with_embeddings) {
  const bool is_matrix = b.base_name.starts_with("W_") || b.base_name == "Y" || b.base_name == "Z";
  return b.trained && is_matrix && b.goes_with.empty() && (with_embeddings || !is_table(b));
}

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

template <class Deed>
void for_moving(const ParameterLayout& layout, bool with_embeddings, const Deed& deed) {
  for (std::size_t b = 0; b < layout.blocks.size(); ++b)
    if (moves(layout.blocks[b], with_embeddings)) deed(b, layout.blocks[b]);
}

// Numbers of one filter: first, first + stride, ..., `count` of them.
struct Filter {
  Index first, stride, count;
  double norm(std::span<const double> of) const {
    double sum = 0;
    for (Index i = 0; i < count; ++i) {
      const double x = of[at(first + i * stride)];
      sum += x * x;
    }
    return std::sqrt(sum);
  }
};

template <class Deed>
void for_filters(const ParameterBlock& b, const Deed& deed) {
  const Index map = b.rows * b.columns;
  for (Index h = 0; h < b.heads; ++h) {
    const Index begin = b.offset + h * map;
    if (is_table(b)) {
      for (Index r = 0; r < b.rows; ++r) deed(Filter{begin + r * b.columns, 1, b.columns});
    } else {
      for (Index c = 0; c < b.columns; ++c) deed(Filter{begin + c, b.columns, b.rows});
    }
  }
}

double dot(std::span<const double> x, std::span<const double> y) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum;
}

void scale(const ParameterLayout& layout, std::span<const double> parameters, bool with_embeddings,
           std::span<double> direction) {
  for_moving(layout, with_embeddings, [&](std::size_t, const ParameterBlock& b) {
    for_filters(b, [&](const Filter& f) {
      const double length = f.norm(direction);
      const double factor = length > 0 ? f.norm(parameters) / length : 0;
      for (Index i = 0; i < f.count; ++i) direction[at(f.first + i * f.stride)] *= factor;
    });
  });
}

}  // namespace

Directions filter_directions(const ParameterLayout& layout, std::span<const double> parameters,
                             std::uint64_t seed, bool with_embeddings) {
  Directions out{std::vector<double>(at(layout.n), 0.0), std::vector<double>(at(layout.n), 0.0)};
  for_moving(layout, with_embeddings, [&](std::size_t number, const ParameterBlock& b) {
    for (Index i = 0; i < b.size(); ++i) {
      const auto index = static_cast<std::uint64_t>(i);
      const std::uint64_t stream = 2 * static_cast<std::uint64_t>(number);
      out.alpha[at(b.offset + i)] = random_normal(seed, stream, index);
      out.beta[at(b.offset + i)] = random_normal(seed, stream + 1, index);
    }
  });
  const double square = dot(out.alpha, out.alpha);
  if (n_moving(layout, with_embeddings) > 1 && square > 0) {
    const double share = dot(out.alpha, out.beta) / square;
    for (std::size_t i = 0; i < out.beta.size(); ++i) out.beta[i] -= share * out.alpha[i];
  }
  scale(layout, parameters, with_embeddings, out.alpha);
  scale(layout, parameters, with_embeddings, out.beta);
  return out;
}

Index n_moving(const ParameterLayout& layout, bool with_embeddings) {
  Index n = 0;
  for_moving(layout, with_embeddings, [&](std::size_t, const ParameterBlock& b) { n += b.size(); });
  return n;
}

}  // namespace attnlab
