// generator.hpp: Pathfinder images from random words: are two markers joined by a contour?
//
// Linsley et al. 2018 (NeurIPS), with the parameters that the Long Range Arena states for 32 x 32:
// paddles 2 long, margin 1, continuity 1, second seed 7 away, marker radius 1.5.
#pragma once

#include <array>
#include <attnlab/task.hpp>
#include <cstdint>

#include "paddle.hpp"

namespace pathfinder {

struct Picture {
  std::array<std::uint8_t, side * side> grey;
  int label = 0;  // 1: both markers stand on one contour
  int n_restarts = 0;
  int n_distractors = 0;
  double marker_distance = 0;  // pixels
};

struct Recipe {
  int contour_length;     // paddles of each of the two long contours
  int distractor_length;  // a third of that, rounded down; 1: no distractors
  int n_distractors;      // tried; some find no room
  float contour_contrast, distractor_contrast;

  Recipe(int length, bool equal_contrast)
      : contour_length(length),
        distractor_length(length / 3),
        n_distractors(distractor_length > 1 ? 20 / distractor_length : 0),
        contour_contrast(equal_contrast ? 1.0f : 0.75f),
        distractor_contrast(1.0f) {}
};

// The image that `seed` and `stream` stand for; fails if the contours are too long to find room.
Picture picture(const attnlab::Host& host, std::uint64_t seed, std::uint64_t stream,
                const Recipe& recipe);

}  // namespace pathfinder
