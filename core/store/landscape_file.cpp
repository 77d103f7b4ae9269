// landscape_file.cpp: group /landscape with a scale on every axis, made in memory and written at
// once.
#include "store/landscape_file.hpp"

#include "store/files.hpp"
#include "store/frame.hpp"

namespace attnlab {
namespace {

using h5::Kind;

std::string hex_of(std::uint64_t number) {
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return text;
}

void write_group(const h5::Handle& file, const Landscape& l) {
  Frame frame(file, "landscape", Packing::gzip);
  const h5::Handle& group = frame.group();
  h5::set(group, "trial", l.trial);
  h5::set(group, "settings", clean_utf8(l.settings));
  h5::set(group, "directions",
          "two random normal directions, filter-normalised (Li et al. 2018, arXiv 1712.09913): "
          "each column (output) of a matrix as long as that column of the weights; biases and "
          "norms do not move; beta is orthogonal to alpha before the scaling");
  h5::set(group, "directions_seed", hex_of(l.seed));
  h5::set(group, "embeddings_moved", l.embeddings_moved ? "yes" : "no");
  h5::set(group, "samples", static_cast<std::int64_t>(l.samples));
  h5::set(group, "parameters_from", l.parameters_from);
  h5::set(group, "command_line", clean_utf8(l.command_line));

  frame.axis("alpha", l.axis, "distance along the first direction");
  frame.axis("beta", l.axis, "distance along the second direction");
  const auto grid = [&](const char* name, const char* long_name, const std::vector<double>& of) {
    const h5::Handle column =
        frame.column({name, Kind::float64, {"alpha", "beta"}, long_name, "1", true});
    h5::write_rows(column, Kind::float64, 0, static_cast<Index>(l.axis.size()), of.data());
  };
  grid("loss", "loss of the samples at w + alpha d1 + beta d2", l.loss);
  grid("accuracy", "share of right answers at w + alpha d1 + beta d2", l.accuracy);

  const auto one = [&](const char* name, const char* long_name, double value) {
    frame.numbers({name, Kind::float64, {}, long_name, "1", true}, std::span(&value, 1));
  };
  one("centre_loss", "loss of the samples at the trained parameters w", l.centre_loss);
  one("trial_final_loss", "loss that the trial recorded last", l.final_loss);
  one("gradient_norm", "norm of the gradient at w over all trained parameters", l.gradient_norm);
  one("roughness", "mean |L(a+h) - 2 L(a) + L(a-h)| / (max L - min L), along both axes",
      l.roughness);
  frame.numbers({"minima", Kind::int64, {}, "inner points below all 8 neighbours", "1", false},
                std::span(&l.minima, 1));
  one("negative_curvature_share",
      "share of inner points whose 2 x 2 Hessian of second differences has a negative eigenvalue",
      l.negative_curvature_share);
  one("basin_share", "share of points with L < min L + 0.1 (max L - min L)", l.basin_share);

  std::vector<std::int64_t> numbers(l.eigenvalues.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int64_t>(i);
  frame.axis({"eigenvalue", numbers, "number of the eigenvalue, the largest first", "1"});
  const auto spectrum = [&](const char* name, const char* long_name, const auto& of) {
    frame.numbers({name, Kind::float64, {"eigenvalue"}, long_name, "1", true}, std::span(of));
  };
  spectrum("hessian_eigenvalues", "largest eigenvalues of the Hessian of the loss at w",
           l.eigenvalues);
  spectrum("hessian_residuals", "|H v - lambda v| of their unit eigenvectors", l.residuals);
}

}  // namespace

Result<Done> write_landscape(const std::filesystem::path& path, const Landscape& landscape) try {
  h5::Image image;
  h5::set(image.file(), "Conventions", "CF-1.8");
  h5::set(image.file(), "format_version", std::int64_t{1});
  h5::set(image.file(), "attnlab_version", clean_utf8(landscape.attnlab_version));
  h5::set(image.file(), "default", "/landscape/loss");
  write_group(image.file(), landscape);
  return write_safely(path, image.close());
} catch (const h5::Failure& failure) {
  return h5::error_of(path, "cannot be made", failure);
}

}  // namespace attnlab
