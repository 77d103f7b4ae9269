// surface.cpp: task, model and evaluator of a trial, without its optimizer's steps.
#include "landscape/surface.hpp"

#include <algorithm>
#include <atomic>

#include "train/parts.hpp"

namespace attnlab {
namespace {

// The first n samples; n = 0: all, or the default number of fresh draws.
Result<std::shared_ptr<const Samples<double>>> first_samples(Source& source, Index n) {
  const TaskShape& task = source.task().shape();
  if (task.n_train > 0 && (n == 0 || n >= task.n_train))
    return source.split<double>(ATTNLAB_SPLIT_TRAIN);
  auto out = std::make_shared<Samples<double>>();
  SampleBuffer buffer(task);
  const Index count = n > 0 ? n : default_fresh_samples;
  for (Index i = 0; i < count; ++i) {
    auto drawn = draw(source.task(), ATTNLAB_SPLIT_TRAIN, i, buffer, *out);
    if (!drawn) return drawn.errors();
  }
  return std::shared_ptr<const Samples<double>>(std::move(out));
}

}  // namespace

struct LossSurface::Inside {
  Inside(std::unique_ptr<Parts> of, std::shared_ptr<const Samples<double>> over, std::uint64_t seed,
         int n_threads)
      : parts(std::move(of)),
        samples(std::move(over)),
        model(parts->shape, parts->layout, parts->kernel, parts->source->task().shape(), seed),
        evaluator(model, parts->shape, parts->source->task().shape(), parts->layout, n_threads,
                  stop) {
    evaluator.expect(samples->n, samples->longest);
    evaluator.make_room();
  }
  std::unique_ptr<Parts> parts;
  std::shared_ptr<const Samples<double>> samples;
  std::atomic<bool> stop{false};
  Model<double> model;
  Evaluator<double> evaluator;
};

LossSurface::LossSurface(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
LossSurface::~LossSurface() = default;

Result<std::unique_ptr<LossSurface>> LossSurface::make(const Settings& trial,
                                                       const Plugins& plugins,
                                                       const std::filesystem::path& folder,
                                                       Index n_samples, int n_threads) {
  auto parts = make_parts(trial, plugins, folder, nullptr);
  if (!parts) return parts.errors();
  auto samples = first_samples(*(*parts)->source, n_samples);
  if (!samples) return samples.errors();
  return std::unique_ptr<LossSurface>(new LossSurface(std::make_unique<Inside>(
      *std::move(parts), *std::move(samples), trial.at("seed").get<std::uint64_t>(), n_threads)));
}

const ParameterLayout& LossSurface::layout() const { return inside_->parts->layout; }
const ModelShape& LossSurface::shape() const { return inside_->parts->shape; }
Index LossSurface::n_samples() const { return inside_->samples->n; }

Result<Evaluation> LossSurface::at(std::span<const double> parameters) {
  return inside_->evaluator(*inside_->samples, parameters.data(), {}, {});
}

Result<Done> LossSurface::gradient(std::span<const double> parameters, std::span<double> out) {
  const auto made = inside_->evaluator(*inside_->samples, parameters.data(), out, {});
  if (!made) return made.errors();
  return Done{};
}

}  // namespace attnlab
