// generator.cpp: two long contours of paddles, distractors around them, two markers.
//
// A contour grows from its tip: candidates for the next paddle's far end lie on a circle of radius
// 3 around the pivot P, and one is drawn with the weight cos^2 of its turn. An occupancy mask
// keeps contours apart; a contour's last paddle enters the mask one step late, so that the next
// one may touch it.
#include "generator.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace pathfinder {
namespace {

constexpr int paddle_length = 2, margin = 1, seed_distance = 7;
constexpr int n_paddle_draws = 3, n_distractor_tries = 5, n_seed_places = 40;
constexpr int most_restarts = 100000;
constexpr double radius = paddle_length + margin;

// The words of one picture, in order, fetched in blocks.
class Words {
 public:
  Words(const attnlab::Host& host, std::uint64_t seed, std::uint64_t stream)
      : host_(host), seed_(seed), stream_(stream) {}

  double uniform() {  // [0, 1)
    if (used_ % block_.size() == 0) {
      host_.random_bits(seed_, stream_, used_, std::span(block_));
    }
    return static_cast<double>(block_[used_++ % block_.size()] >> 11) * 0x1.0p-53;
  }
  int below(int n) { return static_cast<int>(uniform() * n); }

 private:
  const attnlab::Host& host_;
  std::uint64_t seed_, stream_, used_ = 0;
  std::array<std::uint64_t, 128> block_;
};

// A direction in whole degrees, with the paddle that points there.
struct Heading {
  Direction direction;
  Stroke paddle;
};
const Heading& any_heading(Words& words) {
  static const std::vector<Heading> all = [] {
    std::vector<Heading> out;
    for (int degree = -180; degree < 180; ++degree) {
      const double angle = degree * std::numbers::pi / 180;
      const Direction d{std::sin(angle), std::cos(angle)};
      out.push_back({d, paddle_along(d)});
    }
    return out;
  }();
  return all[static_cast<std::size_t>(words.below(360))];
}

Point moved(Point p, Direction d, double by) {
  return {static_cast<int>(std::ceil(p.y + by * d.y)), static_cast<int>(std::ceil(p.x + by * d.x))};
}

// The distinct whole points on the circle around (0, 0), one every 1/radius.
struct Candidate {
  Point offset;
  Direction direction;
  Stroke back;  // the paddle from there towards (0, 0)
};
const std::vector<Candidate>& circle() {
  static const std::vector<Candidate> all = [] {
    std::vector<Candidate> out;
    for (int k = 0; k / radius < 2 * std::numbers::pi; ++k) {
      const Point p{static_cast<int>(std::floor(radius * std::sin(k / radius))),
                    static_cast<int>(std::floor(radius * std::cos(k / radius)))};
      const bool known = std::any_of(out.begin(), out.end(), [&](const Candidate& c) {
        return c.offset.y == p.y && c.offset.x == p.x;
      });
      const double length = std::hypot(p.y, p.x);
      const Direction d{p.y / length, p.x / length};
      if (!known) out.push_back({p, d, paddle_along(-d)});
    }
    return out;
  }();
  return all;
}

struct Contour {
  Point pivot, tip;
  Direction direction{};
  Pixels last{};  // footprint of the last paddle, not yet in the mask
  std::vector<Paddle> paddles;
};

// The first paddle of a contour, from `tail` on; false: it leaves the image.
bool begin(Contour& contour, Point tail, const Heading& heading) {
  const Direction direction = heading.direction;
  const Point head = moved(tail, direction, paddle_length);
  contour.pivot = moved(head, -direction, paddle_length + margin);
  if (!inside(head) || !inside(contour.pivot)) return false;
  contour.tip = tail;
  contour.direction = direction;
  contour.paddles.assign(1, Paddle{tail, &heading.paddle});
  contour.last = footprint(contour.paddles.front());
  return true;
}

// One more paddle; false: there is no room.
bool extend(Contour& contour, Pixels& mask, Words& words) {
  const Point p = moved(contour.pivot, contour.direction, paddle_length + 2 * margin);
  const Pixels taken = dilated(mask);
  std::array<double, 32> sums;
  double total = 0;
  for (std::size_t i = 0; i < circle().size(); ++i) {
    const Candidate& c = circle()[i];
    const Point at{p.y + c.offset.y, p.x + c.offset.x};
    const double cosine = c.direction.y * contour.direction.y + c.direction.x * contour.direction.x;
    if (cosine > 0 && inside(at) && !holds(taken, at)) total += cosine * cosine;
    sums[i] = total;
  }
  if (total < 1e-4) return false;
  for (int draw = 0; draw < n_paddle_draws; ++draw) {
    const double at = words.uniform() * total;
    std::size_t i = 0;
    while (i + 1 < circle().size() && sums[i] <= at) ++i;
    const Candidate& c = circle()[i];
    const Point tip{p.y + c.offset.y, p.x + c.offset.x};
    const Paddle paddle{tip, &c.back};
    const Pixels covered = footprint(paddle);
    if (meet(covered, mask)) continue;
    add(mask, contour.last);
    contour.last = covered;
    contour.pivot = p;
    contour.direction = c.direction;
    contour.tip = tip;
    contour.paddles.push_back(paddle);
    return true;
  }
  return false;
}

// Both long contours from their seeds on; false: start again.
bool long_contours(std::array<Contour, 2>& contours, Pixels& mask, int length, Words& words) {
  mask = edge();
  const int centre = 2 * seed_distance;  // the first tail lies in the middle 4 x 4
  const int n_centre = side - 2 * centre;
  Point tail{};
  do {
    tail = {centre + words.below(n_centre), centre + words.below(n_centre)};
  } while (!begin(contours[0], tail, any_heading(words)));
  for (;;) {
    const Direction away = any_heading(words).direction;
    const Point second{static_cast<int>(std::lround(tail.y + seed_distance * away.y)),
                       static_cast<int>(std::lround(tail.x + seed_distance * away.x))};
    if (begin(contours[1], second, any_heading(words))) break;
  }
  for (int i = 1; i < length; ++i) {
    for (Contour& contour : contours) {
      if (!extend(contour, mask, words)) return false;
    }
  }
  for (const Contour& contour : contours) add(mask, contour.last);
  return true;
}

// A place for a distractor's first paddle; false: none was found.
bool find_seed(Contour& contour, const Pixels& mask, Words& words) {
  std::array<Point, side * side> free;
  int n_free = 0;
  for (int i = 0; i < side * side; ++i) {
    const Point p{i / side, i % side};
    if (!holds(mask, p)) free[static_cast<std::size_t>(n_free++)] = p;
  }
  if (n_free == 0) return false;
  const Heading& heading = any_heading(words);
  for (int i = 0; i < n_seed_places; ++i) {
    const Point tail = free[static_cast<std::size_t>(words.below(n_free))];
    if (begin(contour, tail, heading) && !meet(contour.last, mask)) return true;
  }
  return false;
}

bool distractor(Contour& contour, Pixels& mask, int length, Words& words) {
  for (int i = 0; i < n_distractor_tries; ++i) {
    Pixels trial = mask;
    bool whole = find_seed(contour, mask, words);
    for (int k = 1; k < length && whole; ++k) whole = extend(contour, trial, words);
    if (!whole) continue;
    mask = trial;
    add(mask, contour.last);
    return true;
  }
  return false;
}

}  // namespace

Picture picture(const attnlab::Host& host, std::uint64_t seed, std::uint64_t stream,
                const Recipe& recipe) {
  Words words(host, seed, stream);
  Picture out{};
  out.label = words.below(2);
  const auto origin = static_cast<std::size_t>(words.below(2));
  const std::size_t terminal = out.label == 1 ? origin : 1 - origin;

  std::array<Contour, 2> contours;
  Pixels mask{};
  while (!long_contours(contours, mask, recipe.contour_length, words)) {
    if (++out.n_restarts >= most_restarts) {
      throw attnlab::Failure("contour_length " + std::to_string(recipe.contour_length) +
                             " found no room in " + std::to_string(most_restarts) +
                             " tries for one image; 14 is the longest that is in use");
    }
  }
  Canvas canvas;
  for (const Contour& contour : contours) {
    for (const Paddle& paddle : contour.paddles) canvas.draw(paddle, recipe.contour_contrast);
  }
  for (int i = 0; i < recipe.n_distractors; ++i) {
    Contour contour;
    if (!distractor(contour, mask, recipe.distractor_length, words)) continue;
    ++out.n_distractors;
    for (const Paddle& paddle : contour.paddles) canvas.draw(paddle, recipe.distractor_contrast);
  }
  const Point from = contours[origin].paddles.front().start, to = contours[terminal].tip;
  canvas.mark(from);
  canvas.mark(to);
  out.marker_distance = std::hypot(from.y - to.y, from.x - to.x);
  out.grey = canvas.bytes();
  return out;
}

}  // namespace pathfinder
