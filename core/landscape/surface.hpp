// surface.hpp: the loss of one trial as a function of its parameters, in float64.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "base/result.hpp"
#include "base/settings.hpp"
#include "host/plugins.hpp"
#include "model/shape.hpp"
#include "train/evaluate.hpp"

namespace attnlab {

// The samples of a trial whose task draws fresh ones, unless a number is given.
inline constexpr Index default_fresh_samples = 512;

// Dropout is off. With the whole training set and float64 the loss has the bits that the trial
// recorded for full batches.
class LossSurface {
 public:
  // Over the first n_samples samples of the training set; 0: all. Fails if the settings do not
  // make a model or the task cannot be read. Numbers do not depend on n_threads, threads of the
  // calling arena.
  static Result<std::unique_ptr<LossSurface>> make(const Settings& trial, const Plugins& plugins,
                                                   const std::filesystem::path& folder,
                                                   Index n_samples, int n_threads);
  ~LossSurface();
  const ParameterLayout& layout() const;
  const ModelShape& shape() const;
  Index n_samples() const;

  // At `parameters` [layout.n].
  Result<Evaluation> at(std::span<const double> parameters);
  // dl/d(trained parameters) [layout.n_trained].
  Result<Done> gradient(std::span<const double> parameters, std::span<double> out);

 private:
  struct Inside;
  explicit LossSurface(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace attnlab
