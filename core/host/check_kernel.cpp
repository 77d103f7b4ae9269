// check_kernel.cpp: a kernel's promises: weights, outputs and gradients that belong together, in
// both precisions.
#include <cmath>
#include <type_traits>

#include "base/random.hpp"
#include "host/guarded.hpp"

namespace attnlab {
namespace {

constexpr std::int64_t n_keys = 5, key_dim = 3, value_dim = 2;

template <class Number>
using Head = std::conditional_t<std::is_same_v<Number, float>, attnlab_head_f32, attnlab_head_f64>;

struct Setting {
  const char* title;
  int mask;
  std::int64_t n_queries, first_query;
};
constexpr Setting settings[] = {{"no mask", ATTNLAB_MASK_NONE, 5, 0},
                                {"causal mask", ATTNLAB_MASK_CAUSAL, 5, 0},
                                {"exclusive causal mask", ATTNLAB_MASK_CAUSAL_EXCLUSIVE, 5, 0},
                                {"last query only", ATTNLAB_MASK_CAUSAL, 1, 4}};

bool sees(const Setting& setting, std::int64_t query, std::int64_t key) {
  const std::int64_t position = setting.first_query + query;
  if (setting.mask == ATTNLAB_MASK_CAUSAL) return key <= position;
  if (setting.mask == ATTNLAB_MASK_CAUSAL_EXCLUSIVE) return key < position;
  return true;
}

template <class Number>
struct Trial {
  const Kernel& kernel;
  Setting setting;
  Guarded<Number> q, k, v, out, saved, work, weights, dq, dk, dv, dout;
  bool answered = true;
  bool drops = false;  // calls the slots with dropout of the weights
  std::vector<std::uint8_t> kept = {};
  attnlab_weight_dropout dropout = {};

  static std::int64_t size(const Kernel& kernel, const Setting& s, bool of_saved) {
    const attnlab_head_shape shape{sizeof shape, s.mask,    s.n_queries,   n_keys,
                                   key_dim,      value_dim, s.first_query, 1.5};
    std::int64_t n_saved = 0, n_work = 0;
    kernel.table().sizes(kernel.self(), &shape, &n_saved, &n_work);
    return of_saved ? n_saved : n_work;
  }

  Trial(const Kernel& made, const Setting& s)
      : kernel(made),
        setting(s),
        q(s.n_queries * key_dim),
        k(n_keys * key_dim),
        v(n_keys * value_dim),
        out(s.n_queries * value_dim),
        saved(size(made, s, true)),
        work(size(made, s, false)),
        weights(s.n_queries * n_keys, Number(7)),
        dq(s.n_queries * key_dim),
        dk(n_keys * key_dim),
        dv(n_keys * value_dim),
        dout(s.n_queries * value_dim) {
    std::uint64_t drawn = 0;
    for (auto* numbers : {&q, &k, &v, &dout}) {
      const auto n = static_cast<std::int64_t>(numbers->values().size());
      for (std::int64_t i = 0; i < n; ++i) {
        (*numbers)[i] = static_cast<Number>(random_normal(3, streams::task, drawn++));
      }
    }
  }

  void drop_some() {
    drops = true;
    for (std::int64_t i = 0; i < setting.n_queries * n_keys; ++i)
      kept.push_back(random_bits(4, streams::task, static_cast<std::uint64_t>(i)) % 3 == 0 ? 0 : 1);
    dropout = {sizeof dropout, 0, kept.data(), n_keys, 1.5};
  }
  double factor(std::int64_t i, std::int64_t j) const {
    if (!drops) return 1;
    return kept[static_cast<std::size_t>(i * n_keys + j)] != 0 ? dropout.factor : 0;
  }

  Head<Number> head() {
    return {{sizeof(attnlab_head_shape), setting.mask, setting.n_queries, n_keys, key_dim,
             value_dim, setting.first_query, 1.5},
            q.data(),
            k.data(),
            v.data(),
            key_dim,
            key_dim,
            value_dim};
  }
  void forward() {
    const Head<Number> lent = head();
    const auto& t = kernel.table();
    if constexpr (std::is_same_v<Number, float>) {
      answered &= (drops ? t.forward_dropped_f32(kernel.self(), &lent, &dropout, out.data(),
                                                 value_dim, saved.data(), work.data())
                         : t.forward_f32(kernel.self(), &lent, out.data(), value_dim, saved.data(),
                                         work.data())) == ATTNLAB_OK;
      answered &= t.weights_f32(kernel.self(), &lent, weights.data(), work.data()) == ATTNLAB_OK;
    } else {
      answered &= (drops ? t.forward_dropped_f64(kernel.self(), &lent, &dropout, out.data(),
                                                 value_dim, saved.data(), work.data())
                         : t.forward_f64(kernel.self(), &lent, out.data(), value_dim, saved.data(),
                                         work.data())) == ATTNLAB_OK;
      answered &= t.weights_f64(kernel.self(), &lent, weights.data(), work.data()) == ATTNLAB_OK;
    }
  }
  void backward() {  // right after forward(): saved belongs to the inputs
    forward();
    const Head<Number> lent = head();
    const auto& t = kernel.table();
    if constexpr (std::is_same_v<Number, float>) {
      answered &= (drops ? t.backward_dropped_f32(kernel.self(), &lent, &dropout, out.data(),
                                                  dout.data(), value_dim, saved.data(), dq.data(),
                                                  dk.data(), dv.data(), work.data())
                         : t.backward_f32(kernel.self(), &lent, out.data(), dout.data(), value_dim,
                                          saved.data(), dq.data(), dk.data(), dv.data(),
                                          work.data())) == ATTNLAB_OK;
    } else {
      answered &= (drops ? t.backward_dropped_f64(kernel.self(), &lent, &dropout, out.data(),
                                                  dout.data(), value_dim, saved.data(), dq.data(),
                                                  dk.data(), dv.data(), work.data())
                         : t.backward_f64(kernel.self(), &lent, out.data(), dout.data(), value_dim,
                                          saved.data(), dq.data(), dk.data(), dv.data(),
                                          work.data())) == ATTNLAB_OK;
    }
  }
  bool intact() const {
    bool all = true;
    for (const auto* one : {&q, &k, &v, &out, &saved, &work, &weights, &dq, &dk, &dv, &dout})
      all &= one->intact();
    return all;
  }
  double loss() {  // sum dout . out
    forward();
    double sum = 0;
    for (std::int64_t i = 0; i < setting.n_queries * value_dim; ++i)
      sum += double(out[i]) * double(dout[i]);
    return sum;
  }
};

// The largest |gradient - central difference|, relative to the gradient's size.
double gradient_error(const Kernel& kernel, const Setting& setting, bool drops) {
  Trial<double> trial(kernel, setting);
  if (drops) trial.drop_some();
  trial.backward();
  double worst = 0, scale = 1;
  const double h = 1e-6;
  const std::pair<Guarded<double>*, Guarded<double>*> pairs[] = {
      {&trial.q, &trial.dq}, {&trial.k, &trial.dk}, {&trial.v, &trial.dv}};
  for (const auto& [x, dx] : pairs) {
    const auto n = static_cast<std::int64_t>(x->values().size());
    for (std::int64_t i = 0; i < n; ++i) {
      const double kept = (*x)[i];
      (*x)[i] = kept + h;
      const double above = trial.loss();
      (*x)[i] = kept - h;
      const double below = trial.loss();
      (*x)[i] = kept;
      const double difference = std::abs((above - below) / (2 * h) - (*dx)[i]);
      if (!(difference <= worst)) worst = difference;  // NaN stays
      scale = std::max(scale, std::abs((*dx)[i]));
    }
  }
  return worst / scale;
}

// The settings under which the weights of a query sum to one exactly: an `epsilon` that the kernel
// adds to the sum it divides by is 0.
Settings without_epsilon(const Plugins& plugins, const Settings& given) {
  Settings out = given;
  const PluginDescription* plugin =
      find(plugins.catalogue(), PluginKind::kernel, given["plugin"].get<std::string>());
  for (const Option& option : plugin->options) {
    if (option.name == "epsilon" && option.type == OptionType::real && option.minimum <= 0) {
      out["epsilon"] = 0.0;
    }
  }
  return out;
}

// Whether the weights of every query that sees a key sum to one.
bool rows_sum_to_one(const Plugins& plugins, const Settings& given) {
  const auto kernel = Kernel::create(plugins, without_epsilon(plugins, given));
  if (!kernel) return false;
  bool sums = true;
  for (const Setting& setting : settings) {
    Trial<double> trial(*kernel, setting);
    trial.forward();
    for (std::int64_t i = 0; i < setting.n_queries; ++i) {
      double mass = 0, n_seen = 0;
      for (std::int64_t j = 0; j < n_keys; ++j) {
        mass += trial.weights[i * n_keys + j];
        n_seen += sees(setting, i, j) ? 1 : 0;
      }
      if (n_seen > 0) sums &= std::abs(mass - 1) < 1e-9;
    }
  }
  return sums;
}

struct Seen {
  bool answered = true, inside = true, masked = true, agrees = true, same = true, precise = true;
  double gradient = 0;  // the largest error
};

void look(const Kernel& kernel, const Setting& setting, bool drops, Seen& seen) {
  Trial<double> trial(kernel, setting), again(kernel, setting);
  Trial<float> single(kernel, setting);
  if (drops) {
    trial.drop_some();
    again.drop_some();
    single.drop_some();
  }
  trial.backward();
  again.backward();
  single.backward();
  seen.answered &= trial.answered && single.answered;
  seen.inside &= trial.intact() && single.intact();
  seen.same &= trial.out.values() == again.out.values() && trial.dq.values() == again.dq.values() &&
               trial.dk.values() == again.dk.values() && trial.dv.values() == again.dv.values();
  for (std::int64_t i = 0; i < setting.n_queries; ++i) {
    for (std::int64_t j = 0; j < n_keys; ++j) {
      if (!sees(setting, i, j)) seen.masked &= trial.weights[i * n_keys + j] == 0;
    }
    for (std::int64_t e = 0; e < value_dim; ++e) {
      double expected = 0;
      for (std::int64_t j = 0; j < n_keys; ++j) {
        expected += trial.weights[i * n_keys + j] * trial.factor(i, j) * trial.v[j * value_dim + e];
      }
      const double got = trial.out[i * value_dim + e];
      seen.agrees &= std::abs(got - expected) <= 1e-9 * (1 + std::abs(expected));
      seen.precise &=
          std::abs(double(single.out[i * value_dim + e]) - got) <= 1e-3 * (1 + std::abs(got));
    }
  }
  const double error = gradient_error(kernel, setting, drops);
  if (!(error <= seen.gradient)) seen.gradient = error;
}

}  // namespace

Conformance check_kernel(const Plugins& plugins, const Settings& given) {
  Conformance out;
  const auto kernel = Kernel::create(plugins, given);
  if (!kernel) return {{}, kernel.errors()};
  Seen seen, dropped;
  for (const Setting& setting : settings) {
    look(*kernel, setting, false, seen);
    if (kernel->drops_weights()) look(*kernel, setting, true, dropped);
  }
  judge(out, seen.answered, "every call answers", kernel->failure("a call").what);
  judge(out, seen.inside, "writes nowhere but into its buffers",
        "it writes outside of its buffers, or into its inputs' surroundings");
  judge(out, seen.masked, "gives no weight to keys that a query does not see",
        "it gives weight to keys that a query does not see");
  if (kernel->row_stochastic()) {
    judge(out, rows_sum_to_one(plugins, given), "the weights of a query sum to one",
          "it says row-stochastic, but the weights of a query do not sum to one");
  }
  judge(out, seen.agrees, "outputs are the weights times the values",
        "its outputs are not its weights times the values");
  judge(out, seen.gradient < 1e-5, "gradients agree with central differences",
        "its gradients are off by " + std::to_string(seen.gradient) + " from central differences");
  judge(out, seen.precise, "float32 agrees with float64",
        "its float32 does not agree with its float64");
  judge(out, seen.same, "the same call gives the same bits",
        "the same call does not give the same bits");
  if (kernel->drops_weights()) {
    judge(out,
          dropped.answered && dropped.inside && dropped.agrees && dropped.same && dropped.precise,
          "with dropout, outputs are what is kept of the weights times the values",
          "with dropout, its outputs are not what is kept of its weights times the values");
    judge(out, dropped.gradient < 1e-5, "gradients with dropout agree with central differences",
          "its gradients with dropout are off by " + std::to_string(dropped.gradient) +
              " from central differences");
  }
  return out;
}

}  // namespace attnlab
