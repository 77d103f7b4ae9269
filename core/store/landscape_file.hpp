// landscape_file.hpp: a slice of a trial's loss surface as a netCDF-4 file beside its results.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/index.hpp"
#include "base/result.hpp"

namespace attnlab {

struct Landscape {
  std::string trial;                          // id
  std::string settings;                       // YAML
  std::string command_line, attnlab_version;  // of the program that computed it
  std::string parameters_from;                // in words
  std::uint64_t seed = 0;                     // of the directions
  bool embeddings_moved = false;
  Index samples = 0;
  std::vector<double> axis;                // [point] of alpha and of beta
  std::vector<double> loss, accuracy;      // [alpha][beta]; accuracy NaN for squared loss
  double centre_loss = 0, final_loss = 0;  // here; as the trial recorded it
  double gradient_norm = 0;                // at the centre, over the trained parameters
  double roughness = 0, negative_curvature_share = 0, basin_share = 0;
  std::int64_t minima = 0;
  std::vector<double> eigenvalues, residuals;  // [eigenvalue], of the Hessian at the centre
};

// Writes `file`, or leaves it as it was: temporary file, fsync, rename.
Result<Done> write_landscape(const std::filesystem::path& file, const Landscape& landscape);

}  // namespace attnlab
