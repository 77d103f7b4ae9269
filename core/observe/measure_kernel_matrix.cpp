// measure_kernel_matrix.cpp: the kernel matrices of a regression layer and the features that they
// make (Song et al. 2024; papers/c_kernels 1.1, 1.4).
//
//   O_i = sum_h S_ih X_i W_V^h W_O^h
//   B   = [B_1; ...; B_N] (Nn x HD),  B_i = [S_i1 X_i, ..., S_iH X_i]
//
//   feature_sigma_min/max   singular values of B; min: the (Nn)-th, 0 if HD < Nn
//   pl_constant             mu = sigma_min(B)^2 min_h sigma_m(W_O^h)^2: |grad_V f|^2 >= 2 mu f
//   least_squares_residual  min over all linear read-outs of B of 1/2 |O - Y|^2
//   convex_floor            1/2 sum over rows of dist(y, Minkowski sum over h of conv{rows of
//                           V_ih W_O^h})^2: what no row-stochastic kernel can go below
//   mass_floor              1/2 sum of (y - sum over h and keys of (V_ih W_O^h)_+)_+^2: what no
//                           kernel with weights in [0, 1] can go below
//   kernel_condition        median over (i, h) of sigma_max/sigma_min of S_ih; kernel_rank: the
//                           smallest rank (s > 1e-10 s_1)
//   kernel_drift            |S - S_0| / |S_0|, Frobenius norms over all maps
//   kernel_row_mass         mean row sum; kernel_row_max: mean largest entry of a row
//   learning_rate           of each trained matrix at the update that follows
#include <Eigen/QR>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/bytes.hpp"
#include "base/order_statistics.hpp"
#include "observe/convex_floor.hpp"
#include "observe/measure_list.hpp"
#include "train/samples.hpp"

namespace attnlab {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Map = Eigen::Map<const Matrix>;

Eigen::VectorXd singular_values(const Matrix& m) {
  const Eigen::MatrixXd tall = m.rows() >= m.cols() ? Eigen::MatrixXd(m) : m.transpose();
  return Eigen::JacobiSVD<Eigen::MatrixXd>(tall).singularValues();
}

class KernelMatrix : public Measure {
 public:
  void begin(const TrialView& trial) override {
    n_samples_ = trial.task.n_train;
    n_tokens_ = trial.task.max_tokens;
    dim_ = trial.model.dim;
    heads_ = trial.model.heads;
    value_dim_ = trial.model.value_dim;
    n_outputs_ = trial.task.outputs;
    W_V_ = *trial.layout.find("W_V");
    W_O_ = *trial.layout.find("W_O");
    trained_.clear();
    for (const ParameterBlock& block : trial.layout.blocks)
      if (block.trained) trained_.push_back(block);
    samples_.resize(static_cast<std::size_t>(n_samples_));
    std::iota(samples_.begin(), samples_.end(), Index{0});
    x_.clear();
    y_.resize(n_samples_ * n_tokens_, n_outputs_);
    SampleBuffer buffer(trial.task);
    for (Index i = 0; i < n_samples_; ++i) {
      attnlab_sample& sample = buffer.fresh();
      if (!trial.sample(i, sample)) return;
      x_.emplace_back(Map(buffer.inputs.data(), n_tokens_, dim_));
      y_.middleRows(i * n_tokens_, n_tokens_) = Map(buffer.targets.data(), n_tokens_, n_outputs_);
    }
    start_.clear();
    floor_W_V_.clear();
    floor_W_O_.clear();
  }

  void at(StepView& view, MeasureRow& row) override {
    const std::vector<double> maps = view.weights(samples_);  // [head][sample][query][key]
    if (start_.empty()) start_ = maps;
    put_features(maps, view, row);
    put_maps(maps, row);
    put_floor(view, row);
    std::vector<double> rates;
    for (const ParameterBlock& block : trained_) rates.push_back(view.learning_rate(block));
    if (!rates.empty()) row.put("learning_rate", rates);
  }

  std::string content() const override {
    ByteWriter out;
    out.numbers(std::span(start_));
    return out.take();
  }
  bool restore(std::string_view content) override {
    start_.resize(static_cast<std::size_t>(heads_ * n_samples_ * n_tokens_ * n_tokens_));
    ByteReader from(content);
    return from.numbers(std::span(start_)) && from.at_end();
  }

 private:
  Map map_of(const std::vector<double>& maps, Index h, Index i) const {
    return {maps.data() + (h * n_samples_ + i) * n_tokens_ * n_tokens_, n_tokens_, n_tokens_};
  }

  void put_features(const std::vector<double>& maps, StepView& view, MeasureRow& row) const {
    const Index n_rows = n_samples_ * n_tokens_;
    Matrix features(n_rows, heads_ * dim_);
    for (Index i = 0; i < n_samples_; ++i)
      for (Index h = 0; h < heads_; ++h)
        features.block(i * n_tokens_, h * dim_, n_tokens_, dim_) =
            map_of(maps, h, i) * x_[static_cast<std::size_t>(i)];
    if (!features.allFinite()) return;
    const Eigen::VectorXd sigma = singular_values(features);
    const double least = features.cols() >= n_rows ? sigma[n_rows - 1] : 0.0;
    const std::vector<double> W_O = view.parameter(W_O_);
    double least_out = std::numeric_limits<double>::infinity();
    for (Index h = 0; h < heads_; ++h) {
      const Map out(W_O.data() + h * value_dim_ * n_outputs_, value_dim_, n_outputs_);
      least_out = std::min(least_out,
                           value_dim_ >= n_outputs_ ? singular_values(out)[n_outputs_ - 1] : 0.0);
    }
    row.put("feature_sigma_min", least);
    row.put("feature_sigma_max", sigma[0]);
    row.put("pl_constant", least * least * least_out * least_out);
    const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> factors{Eigen::MatrixXd(features)};
    const Eigen::MatrixXd rotated = factors.householderQ().adjoint() * Eigen::MatrixXd(y_);
    row.put("least_squares_residual",
            0.5 * rotated.bottomRows(n_rows - factors.rank()).squaredNorm());
  }

  void put_maps(const std::vector<double>& maps, MeasureRow& row) const {
    std::vector<double> conditions;
    double rank = static_cast<double>(n_tokens_), mass = 0, most = 0, moved = 0, size = 0;
    for (Index h = 0; h < heads_; ++h) {
      for (Index i = 0; i < n_samples_; ++i) {
        const Map map = map_of(maps, h, i);
        if (!map.allFinite()) return;
        const Eigen::VectorXd sigma = singular_values(map);
        conditions.push_back(sigma[0] / sigma[n_tokens_ - 1]);
        rank = std::min(rank, static_cast<double>((sigma.array() > 1e-10 * sigma[0]).count()));
        // Number by number: Eigen sums borrowed memory from where it is aligned, in another order.
        mass += std::accumulate(map.data(), map.data() + map.size(), 0.0);
        most += map.rowwise().maxCoeff().sum();
        moved += (map - map_of(start_, h, i)).squaredNorm();
        size += map_of(start_, h, i).squaredNorm();
      }
    }
    const auto n_rows = static_cast<double>(heads_ * n_samples_ * n_tokens_);
    row.put("kernel_condition", median(conditions));
    row.put("kernel_rank", rank);
    row.put("kernel_drift", std::sqrt(moved / size));
    row.put("kernel_row_mass", mass / n_rows);
    row.put("kernel_row_max", most / n_rows);
  }

  // It depends on W_V and W_O only: computed again when they have moved.
  void put_floor(StepView& view, MeasureRow& row) {
    std::vector<double> W_V = view.parameter(W_V_), W_O = view.parameter(W_O_);
    if (W_V != floor_W_V_ || W_O != floor_W_O_) {
      take_floors(W_V, W_O);
      floor_W_V_ = std::move(W_V);
      floor_W_O_ = std::move(W_O);
    }
    row.put("convex_floor", floor_);
    row.put("mass_floor", mass_floor_);
  }

  void take_floors(const std::vector<double>& W_V, const std::vector<double>& W_O) {
    floor_ = mass_floor_ = 0;
    std::vector<HullMatrix> values(static_cast<std::size_t>(heads_));
    for (Index i = 0; i < n_samples_; ++i) {
      for (Index h = 0; h < heads_; ++h) {
        const Map v(W_V.data() + h * dim_ * value_dim_, dim_, value_dim_),
            o(W_O.data() + h * value_dim_ * n_outputs_, value_dim_, n_outputs_);
        values[static_cast<std::size_t>(h)] = x_[static_cast<std::size_t>(i)] * v * o;
      }
      const Matrix targets = y_.middleRows(i * n_tokens_, n_tokens_);
      floor_ += convex_floor(values, targets);
      Eigen::RowVectorXd mass = Eigen::RowVectorXd::Zero(n_outputs_);
      for (const HullMatrix& v : values) mass += v.cwiseMax(0.0).colwise().sum();
      mass_floor_ += 0.5 * (targets.rowwise() - mass).cwiseMax(0.0).squaredNorm();
    }
  }

  Index n_samples_ = 0, n_tokens_ = 0, dim_ = 0, heads_ = 0, value_dim_ = 0, n_outputs_ = 0;
  ParameterBlock W_V_, W_O_;
  std::vector<ParameterBlock> trained_;
  std::vector<Index> samples_;
  std::vector<Matrix> x_;                      // [sample] [token][dim]
  Matrix y_;                                   // [sample, token][output]
  std::vector<double> start_;                  // the maps at the first record
  std::vector<double> floor_W_V_, floor_W_O_;  // what floor_ was computed from
  double floor_ = 0, mass_floor_ = 0;
};

std::string unfit(const MeasureContext& c) {
  const ModelShape& m = c.model;
  if (c.task.input != InputKind::dense || c.task.target != TargetKind::real ||
      !c.task.target_per_token || c.task.padded || c.task.n_train <= 0)
    return "it needs dense inputs and a row of targets a token (token_regression)";
  if (m.layers != 1 || m.head != HeadKind::none || !m.output_projection || m.bias || m.residual ||
      m.norm != Norm::none || m.feed_forward > 0 || m.last_query_only)
    return "it needs one layer of attention with W_O, without bias, residual, norm, feed-forward "
           "part and head";
  const double work = static_cast<double>(c.task.n_train * c.task.max_tokens);
  if (work > 256) return "samples times tokens is above 256";
  return "";
}

void plan(const MeasureContext& c, Planner& planner) {
  const auto one = [&](const char* name, const char* long_name) {
    planner.series(name, {"record"}, long_name);
  };
  one("feature_sigma_min", "smallest of the samples x tokens singular values of the features B");
  one("feature_sigma_max", "largest singular value of the features B");
  one("pl_constant", "mu = sigma_min(B)^2 min_h sigma_m(W_O^h)^2");
  one("least_squares_residual", "least loss of any linear read-out of the features B");
  one("convex_floor", "least loss of any row-stochastic kernel with these values");
  one("mass_floor", "least loss of any kernel with weights in [0, 1] and these values");
  one("kernel_condition", "median condition number of the kernel matrices");
  one("kernel_rank", "smallest rank of a kernel matrix, s > 1e-10 s_1");
  one("kernel_drift", "relative change of the kernel matrices since the first record");
  one("kernel_row_mass", "mean row sum of the kernel matrices");
  one("kernel_row_max", "mean largest entry of a row of the kernel matrices");
  const bool any = std::any_of(c.layout.blocks.begin(), c.layout.blocks.end(),
                               [](const ParameterBlock& b) { return b.trained; });
  if (any)
    planner.series("learning_rate", {"record", "matrix"}, "learning rate of a trained matrix");
}

}  // namespace

MeasureKind kernel_matrix_measure() {
  return {"kernel_matrix",
          "features B, kernel matrices, floors of a regression layer (Song et al. 2024)",
          true,
          unfit,
          plan,
          [] { return std::unique_ptr<Measure>(std::make_unique<KernelMatrix>()); }};
}

}  // namespace attnlab
