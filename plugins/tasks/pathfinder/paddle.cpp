// paddle.cpp: footprints and coverage by exact geometry.
//
// Coverage of a pixel = share of its 4 x 4 sub-samples within half the width of the segment.
#include "paddle.hpp"

#include <algorithm>
#include <cmath>

namespace pathfinder {
namespace {

constexpr int reach = Stroke::reach, window = Stroke::window;

// From (0, 0) to `length` times `direction`.
double distance_to_segment(double y, double x, Direction direction, double length) {
  const double t = std::clamp(y * direction.y + x * direction.x, 0.0, length);
  return std::hypot(y - t * direction.y, x - t * direction.x);
}

Stroke stroke_of(Direction direction, double length, double occupied, double painted) {
  Stroke out{};
  for (int y = -reach; y <= reach; ++y) {
    for (int x = -reach; x <= reach; ++x) {
      const auto row = static_cast<std::size_t>(y + reach),
                 column = static_cast<std::size_t>(x + reach);
      if (distance_to_segment(y, x, direction, length) <= occupied) out.near[row] |= 1u << column;
      int n = 0;
      for (int i = 0; i < 16; ++i) {
        const int sub_row = i / 4, sub_column = i % 4;
        const double sub_y = y + (sub_row - 1.5) / 4, sub_x = x + (sub_column - 1.5) / 4;
        if (distance_to_segment(sub_y, sub_x, direction, length) <= painted) ++n;
      }
      out.covered[row * window + column] = static_cast<float>(n) / 16.0f;
    }
  }
  return out;
}

void blend(std::array<float, side * side>& grey, const Stroke& stroke, Point at, float intensity) {
  for (int y = std::max(0, at.y - reach); y <= std::min(side - 1, at.y + reach); ++y) {
    for (int x = std::max(0, at.x - reach); x <= std::min(side - 1, at.x + reach); ++x) {
      const int place = (y - at.y + reach) * window + x - at.x + reach;
      float& pixel = grey[static_cast<std::size_t>(y * side + x)];
      pixel = std::max(pixel, intensity * stroke.covered[static_cast<std::size_t>(place)]);
    }
  }
}

}  // namespace

bool meet(const Pixels& a, const Pixels& b) {
  std::uint32_t any = 0;
  for (std::size_t y = 0; y < side; ++y) any |= a[y] & b[y];
  return any != 0;
}

void add(Pixels& to, const Pixels& more) {
  for (std::size_t y = 0; y < side; ++y) to[y] |= more[y];
}

Pixels dilated(const Pixels& set) {
  Pixels out;
  for (std::size_t y = 0; y < side; ++y) {
    out[y] = set[y] | set[y] << 1 | set[y] >> 1;
    if (y > 0) out[y] |= set[y - 1];
    if (y + 1 < side) out[y] |= set[y + 1];
  }
  return out;
}

Pixels edge() {
  Pixels out;
  out.fill(1u | 1u << (side - 1));
  out.front() = out.back() = ~0u;
  return out;
}

Stroke paddle_along(Direction direction) { return stroke_of(direction, 2.0, 1.5, 0.5); }

Pixels footprint(const Paddle& paddle) {
  const Point at = paddle.start;
  Pixels out{};
  const int shift = at.x - reach;
  for (int y = std::max(0, at.y - reach); y <= std::min(side - 1, at.y + reach); ++y) {
    const std::uint32_t row = paddle.stroke->near[static_cast<std::size_t>(y - at.y + reach)];
    out[static_cast<std::size_t>(y)] = shift >= 0 ? row << shift : row >> -shift;
  }
  return out;
}

void Canvas::draw(const Paddle& paddle, float intensity) {
  blend(grey_, *paddle.stroke, paddle.start, intensity);
}

void Canvas::mark(Point centre) {
  static const Stroke disc = stroke_of({0, 1}, 0, 0, 1.5);
  blend(grey_, disc, centre, 1.0f);
}

std::array<std::uint8_t, side * side> Canvas::bytes() const {
  std::array<std::uint8_t, side * side> out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::uint8_t>(grey_[i] * 255.0f + 0.5f);
  }
  return out;
}

}  // namespace pathfinder
