// paddle.hpp: short strokes on a 32 x 32 image: the pixels that they occupy and the grey that they
// leave.
#pragma once

#include <array>
#include <cstdint>

namespace pathfinder {

inline constexpr int side = 32;

struct Point {
  int y = 0, x = 0;
};
inline bool inside(Point p) { return p.y >= 0 && p.y < side && p.x >= 0 && p.x < side; }

// A set of pixels: bit x of row y.
using Pixels = std::array<std::uint32_t, side>;

inline bool holds(const Pixels& set, Point p) {
  return ((set[static_cast<std::size_t>(p.y)] >> p.x) & 1u) != 0;
}
bool meet(const Pixels& a, const Pixels& b);
void add(Pixels& to, const Pixels& more);
// The set and all pixels beside, above and below one of its pixels (a disc of radius 1).
Pixels dilated(const Pixels& set);
// The pixels on the edge of the image.
Pixels edge();

struct Direction {
  double y, x;  // unit vector: (sin, cos)
};
inline Direction operator-(Direction d) { return {-d.y, -d.x}; }

// What a segment that begins in the middle of a 9 x 9 window does to the pixels of it.
struct Stroke {
  static constexpr int reach = 4, window = 2 * reach + 1;
  std::array<std::uint32_t, window> near;      // bit x of row y: the pixel is occupied
  std::array<float, window * window> covered;  // share of the pixel that is painted
};

// A paddle: 2 long, painted 1 wide; it occupies the pixels whose centre is at most 1.5 from it:
// half its thickness (0.5), the margin (1) and a quarter.
Stroke paddle_along(Direction direction);

struct Paddle {
  Point start;
  const Stroke* stroke;
};

// The pixels that a paddle occupies.
Pixels footprint(const Paddle& paddle);

// Grey values 0..1. Every stroke replaces what is darker.
class Canvas {
 public:
  void draw(const Paddle& paddle, float intensity);
  // A disc of radius 1.5.
  void mark(Point centre);
  // Row by row, 1 becomes 255.
  std::array<std::uint8_t, side * side> bytes() const;

 private:
  std::array<float, side * side> grey_{};
};

}  // namespace pathfinder
