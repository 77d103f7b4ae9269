// token_regression.cpp: dense inputs X [samples, tokens, dim] and targets Y [samples, tokens,
// outputs], drawn from the seed or given.
//
// The regression model of arXiv 2411.07538: l = 1/2 sum_i |O_i - Y_i|^2. Without
// more, X ~ N(0, 1/dim), Y ~ N(0, 1).
#include <array>
#include <attnlab/task.hpp>
#include <cmath>
#include <cstdio>

#include "constructions.hpp"

namespace {

using attnlab::Failure;
using token_regression::FromValues;
using token_regression::Normal;
using token_regression::Numbers;
using token_regression::numbers_from;
using token_regression::shape_text;
using token_regression::Uniform;
using token_regression::ValueColumns;
using token_regression::Values;

constexpr std::array options{
    attnlab::option::integer("samples", "null", 1, 1e9, "1",
                             "samples; null: as the values have, else 4"),
    attnlab::option::integer("tokens", "null", 1, 1e9, "1",
                             "tokens a sample; null: as the values have, else 4"),
    attnlab::option::integer("dim", "null", 1, 1e9, "1",
                             "width of an input row; null: as the values have, else 32"),
    attnlab::option::integer("outputs", "null", 1, 1e9, "1",
                             "width of a target row; null: as the values have, else 1"),
    attnlab::option::value("inputs", "null",
                           "{values: [samples][tokens][dim]}, {normal: std}, {uniform: [a, b]} or "
                           "{value_columns: {heads, low, high}}; "
                           "null: normal with std 1/sqrt(dim)"),
    attnlab::option::value("targets", R"({"normal": 1.0})",
                           "{values: [samples][tokens][outputs]}, {normal: std}, {uniform: [a, "
                           "b]}; with value_columns "
                           "also {above_minimum: m}, {token_mean: s}, {mass: f}"),
};

constexpr double n_most = 1e9;  // numbers in memory: 8 GB

std::string gigabytes(double bytes) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.0f", std::ceil(bytes / 1e9));
  return text.data();
}

class TokenRegression {
 public:
  static constexpr std::uint32_t flags = 0;

  TokenRegression(const attnlab::Options& o, const attnlab::Host& host, std::uint64_t seed) {
    Numbers inputs = o.is_null("inputs") ? Normal{-1} : numbers_from("inputs", o.text("inputs"));
    Numbers targets = o.is_null("targets") ? Normal{1} : numbers_from("targets", o.text("targets"));
    const auto* x = std::get_if<Values>(&inputs);
    const auto* y = std::get_if<Values>(&targets);
    samples_ = size(o, "samples", 4, x, y, 0);
    tokens_ = size(o, "tokens", 4, x, y, 1);
    dim_ = size(o, "dim", 32, x, nullptr, 2);
    outputs_ = size(o, "outputs", 1, nullptr, y, 2);
    check("inputs", x, {samples_, tokens_, dim_});
    check("targets", y, {samples_, tokens_, outputs_});

    const double n_numbers = static_cast<double>(samples_) * static_cast<double>(tokens_) *
                             static_cast<double>(std::max(dim_, outputs_));
    if (n_numbers > n_most) {
      throw Failure("inputs and targets would need about " + gigabytes(8 * n_numbers) +
                    " GB of memory, and at most 8 GB are kept: take fewer samples, tokens or "
                    "columns");
    }
    if (o.is_null("inputs")) inputs = Normal{1.0 / std::sqrt(static_cast<double>(dim_))};
    const token_regression::DataShape data{samples_, tokens_, dim_};
    const auto* columns = std::get_if<ValueColumns>(&inputs);
    const auto* from_values = std::get_if<FromValues>(&targets);
    check_columns(columns, from_values);
    inputs_ = columns != nullptr ? value_columns(*columns, data, host, seed)
                                 : draw(inputs, samples_ * tokens_ * dim_, host, seed, 0);
    targets_ = from_values != nullptr
                   ? targets_of(*from_values, columns->heads, inputs_, data, host, seed)
                   : draw(targets, samples_ * tokens_ * outputs_, host, seed, 1);
    report_ = "token regression: inputs " + shape_text({samples_, tokens_, dim_}) + ", targets " +
              shape_text({samples_, tokens_, outputs_});
  }

  void shape(attnlab_task_shape& out) const {
    out.input = ATTNLAB_INPUT_DENSE;
    out.target = ATTNLAB_TARGET_REAL;
    out.target_per_token = 1;
    out.max_tokens = tokens_;
    out.input_dim = dim_;
    out.outputs = outputs_;
    out.n_samples[ATTNLAB_SPLIT_TRAIN] = samples_;
    out.report = report_.c_str();
  }

  void sample(std::int32_t, std::int64_t index, attnlab_sample& out) const {
    if (index < 0 || index >= samples_) throw Failure("there is no such sample");
    out.n_tokens = tokens_;
    out.group = -1;
    std::copy_n(inputs_.begin() + index * tokens_ * dim_, tokens_ * dim_, out.inputs);
    std::copy_n(targets_.begin() + index * tokens_ * outputs_, tokens_ * outputs_, out.targets);
  }

 private:
  // A size that was given, else that of the values, else the default.
  static std::int64_t size(const attnlab::Options& o, const char* name, std::int64_t fallback,
                           const Values* x, const Values* y, std::size_t axis) {
    if (!o.is_null(name)) return o.integer(name);
    if (x != nullptr) return x->shape[axis];
    return y != nullptr ? y->shape[axis] : fallback;
  }

  void check_columns(const ValueColumns* columns, const FromValues* from_values) const {
    if (columns != nullptr && columns->heads >= dim_) {
      throw Failure("inputs.value_columns needs dim above its heads, but dim is " +
                    std::to_string(dim_) + " and heads " + std::to_string(columns->heads));
    }
    if (from_values == nullptr) return;
    if (columns == nullptr) {
      throw Failure("these targets are made of values: give `inputs: {value_columns: {heads: 2}}`");
    }
    if (outputs_ != 1) {
      throw Failure("these targets have one output, but outputs is " + std::to_string(outputs_));
    }
  }

  static void check(const std::string& name, const Values* values,
                    const std::array<std::int64_t, 3>& expected) {
    if (values == nullptr || values->shape == expected) return;
    throw Failure(name + ".values has the shape " + shape_text(values->shape) + ", expected " +
                  shape_text(expected) + " = [samples, tokens, " +
                  (name == "inputs" ? "dim" : "outputs") +
                  "]: inputs, targets and the given sizes must agree");
  }

  static std::vector<double> draw(Numbers& numbers, std::int64_t n, const attnlab::Host& host,
                                  std::uint64_t seed, std::uint64_t stream) {
    if (auto* values = std::get_if<Values>(&numbers)) return std::move(values->numbers);
    std::vector<double> out(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (const auto* normal = std::get_if<Normal>(&numbers)) {
        out[i] = normal->std * attnlab::random_normal(host, seed, stream, i);
      } else if (const auto* uniform = std::get_if<Uniform>(&numbers)) {
        const auto& [low, high] = *uniform;
        out[i] = low + (high - low) * host.uniform(seed, stream, i);
      }
    }
    return out;
  }

  std::int64_t samples_ = 0, tokens_ = 0, dim_ = 0, outputs_ = 0;
  std::vector<double> inputs_;   // [samples][tokens][dim]
  std::vector<double> targets_;  // [samples][tokens][outputs]
  std::string report_;
};

}  // namespace

ATTNLAB_TASK_PLUGIN(TokenRegression, options,
                    (attnlab::About{
                        .name = "token_regression",
                        .summary = "Dense inputs and one row of targets a token, random from the "
                                   "seed or explicit numbers.",
                        .formula = "X [samples, tokens, dim], Y [samples, tokens, outputs]",
                        .paper = "Unraveling the Gradient Descent Dynamics of Transformers, "
                                 "NeurIPS 2024, arXiv 2411.07538",
                    }))
