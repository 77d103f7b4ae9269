// landscape_points.cpp: every point is computed from the trained parameters alone, so its bits do
// not depend on who computes it.
#include "run/landscape_points.hpp"

#include <bit>
#include <chrono>
#include <thread>

namespace attnlab {
namespace {

constexpr int points_tag = 40;

void place(const SliceValues& from, int rank, int n_ranks, SliceValues& into) {
  for (std::size_t i = 0; i < from.loss.size(); ++i) {
    const auto p = static_cast<std::size_t>(rank) + i * static_cast<std::size_t>(n_ranks);
    into.loss[p] = from.loss[i];
    into.accuracy[p] = from.accuracy[i];
  }
}

}  // namespace

Result<SliceValues> points_of_rank(LossSurface& surface, std::span<const double> parameters,
                                   const Directions& directions, std::span<const double> axis,
                                   int rank, int n_ranks) {
  SliceValues out;
  std::vector<double> moved(parameters.size());
  const std::size_t n = axis.size();
  for (auto p = static_cast<std::size_t>(rank); p < n * n; p += static_cast<std::size_t>(n_ranks)) {
    const double a = axis[p / n], b = axis[p % n];
    for (std::size_t i = 0; i < moved.size(); ++i)
      moved[i] = parameters[i] + a * directions.alpha[i] + b * directions.beta[i];
    const auto made = surface.at(moved);
    if (!made) return made.errors();
    out.loss.push_back(made->loss);
    out.accuracy.push_back(made->accuracy);
  }
  return out;
}

SliceValues gather_points(Comm& comm, const SliceValues& mine, Index n_points) {
  if (comm.rank() != 0) {
    std::vector<std::int64_t> words;
    for (const auto* numbers : {&mine.loss, &mine.accuracy})
      for (const double x : *numbers) words.push_back(std::bit_cast<std::int64_t>(x));
    comm.send(0, points_tag, words);
    return {};
  }
  const auto n = static_cast<std::size_t>(n_points);
  SliceValues all{std::vector<double>(n), std::vector<double>(n)};
  place(mine, 0, comm.size(), all);
  for (int missing = comm.size() - 1; missing > 0;) {
    const auto message = comm.poll();
    if (!message) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      continue;
    }
    SliceValues theirs;
    const std::size_t half = message->words.size() / 2;
    for (std::size_t i = 0; i < message->words.size(); ++i)
      (i < half ? theirs.loss : theirs.accuracy)
          .push_back(std::bit_cast<double>(message->words[i]));
    place(theirs, message->from, comm.size(), all);
    --missing;
  }
  return all;
}

std::vector<double> slice_axis(Index n, double range) {
  std::vector<double> out;
  for (Index i = 0; i < n; ++i)
    out.push_back(range * (static_cast<double>(2 * i - (n - 1)) / static_cast<double>(n - 1)));
  return out;
}

}  // namespace attnlab
