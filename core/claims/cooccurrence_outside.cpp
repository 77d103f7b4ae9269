// cooccurrence_outside.cpp: where a trial leaves the assumptions of Yang et al. 2024 (Definition
// 2.1, Assumption 2.3, Condition 1, Lemma D.8).
#include <cmath>

#include "claims/cooccurrence.hpp"
#include "claims/series.hpp"

namespace attnlab {
namespace {

// Variance of the first values of a matrix with `fan_in` rows; NaN for explicit values.
double variance_of(const Settings& init, const char* name, double fan_in, const PaperSizes& s,
                   bool hidden) {
  Settings scheme = "torch_linear";
  if (init.contains("default")) scheme = init.at("default");
  if (init.contains(name)) scheme = init.at(name);
  if (scheme == "torch_linear") return 1 / (3 * fan_in);
  if (scheme == "kaiming") return 2 / fan_in;
  if (!scheme.is_object() || scheme.empty()) return not_measured;
  const Settings& value = scheme.begin().value();
  const std::string word = scheme.begin().key();
  if (word == "normal") return std::pow(value.get<double>(), 2);
  if (word == "uniform") return std::pow(value.get<double>(), 2) / 3;
  if (word == "cooccurrence_theory")
    return hidden ? std::pow(value.value("c1", 1.0), 2) / s.hidden
                  : std::pow(value.value("c0", 0.1), 2) / (s.length * s.width);
  return not_measured;
}

}  // namespace

std::vector<std::string> outside_cooccurrence(const Settings& trial) {
  std::vector<std::string> out;
  if (setting(trial, "task.plugin") != "cooccurrence")
    return {"the claims of Yang et al. 2024 are about the task cooccurrence"};
  const PaperSizes s = PaperSizes::of(trial);
  const double tokens = s.n * (s.length - 7.0 / 3) + 3;
  if (!s.distinct) {
    out.push_back(
        text_of("random tokens repeat in the training set (Assumption 2.3; "
                "distinct_random_tokens needs dim >= %.0f, it is %.0f)",
                tokens, s.vocabulary));
  }
  if (s.width < s.hidden) {
    out.push_back(text_of("m = %.0f (key_dim) is below m1 = %.0f (hidden neurons) (Condition 1)",
                          s.width, s.hidden));
  }
  if (s.width < s.length * s.length || s.n < s.length * s.length) {
    out.push_back(text_of("m = %.0f and n = %.0f are not both at least L^2 = %.0f (Condition 1)",
                          s.width, s.n, s.length * s.length));
  }
  const Settings* const init = find(trial, "model.init");
  if (init && init->is_object()) {
    const double typical =
        std::sqrt(variance_of(*init, "W_V", s.vocabulary, s, false) *
                  variance_of(*init, "W_H1", s.width, s, true) * s.length * s.width * s.hidden);
    if (typical > 0.11) {
      out.push_back(
          text_of("answers at the start are about %.2g; the proofs ask for 0.01 at most "
                  "(Lemma D.8)",
                  typical));
    }
  }
  const std::string kernel = setting(trial, "model.attention.kernel.plugin"),
                    optimizer = setting(trial, "optimizer.plugin"),
                    trained = setting(trial, "model.train");
  if (kernel != "softmax") out.push_back("attention is " + kernel + ", the paper's is softmax");
  if (optimizer != "gradient_flow" && optimizer != "gradient_descent")
    out.push_back("the optimizer is " + optimizer + ", the paper follows the gradient flow");
  if (trained != "all") out.push_back("only " + trained + " are trained");
  return out;
}

}  // namespace attnlab
