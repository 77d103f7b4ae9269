// kernel.hpp: write an attention kernel as a C++ class, ship it as the C table of kernel.h.
//
//   struct Mine {
//     static constexpr std::uint32_t flags = ATTNLAB_KERNEL_ROW_STOCHASTIC;  // or 0
//     explicit Mine(const attnlab::Options& options);
//     attnlab::KernelSizes sizes(const attnlab_head_shape& shape) const;
//     template <class Real>
//     void forward(const attnlab::Head<Real>& head, attnlab::Matrix<Real> out, Real* saved,
//                  Real* work) const;
//     template <class Real>
//     void backward(const attnlab::Head<Real>& head, const attnlab::Upstream<Real>& upstream,
//                   const attnlab::Gradients<Real>& add_to, Real* work) const;
//     template <class Real>
//     void weights(const attnlab::Head<Real>& head, attnlab::Matrix<Real> weights,
//                  Real* work) const;
//   };
//   ATTNLAB_KERNEL_PLUGIN(Mine, options, (attnlab::About{.name = "mine", .summary = "..."}))
//
// Real is float and double. What may throw is fenced. A kernel that is a function of one score
// needs none of this: see pairwise.hpp.
//
// Dropout of the weights is offered by two more members, which get it behind the head:
//     void forward(head, const attnlab::WeightDropout& dropout, out, saved, work) const;
//     void backward(head, const attnlab::WeightDropout& dropout, upstream, add_to, work) const;
#pragma once

#include <attnlab/kernel.h>

#include <algorithm>
#include <attnlab/plugin.hpp>
#include <cstddef>
#include <span>
#include <type_traits>

namespace attnlab {

using Index = std::ptrdiff_t;

// A borrowed matrix; row i begins stride * i numbers after row 0.
template <class Real>
struct Matrix {
  Real* data;
  Index rows, columns, stride;
  Real* operator[](Index row) const { return data + row * stride; }
};

// What a kernel sees: q [R][D], k [N][D], v [N][E], and who sees whom.
template <class Real>
struct Head {
  Matrix<const Real> q, k, v;
  int mask;
  Index first_query;
  double temperature;

  // Query i sees the keys 0 .. n_seen(i) - 1.
  Index n_seen(Index i) const {
    if (mask == ATTNLAB_MASK_NONE) return k.rows;
    const Index position = first_query + i;
    return std::min(k.rows, mask == ATTNLAB_MASK_CAUSAL ? position + 1 : position);
  }
};

// What forward left behind, and dout = dl/dout: both [R][E].
template <class Real>
struct Upstream {
  Matrix<const Real> out, dout;
  const Real* saved;
};

// Where dl/dq, dl/dk and dl/dv are added to.
template <class Real>
struct Gradients {
  Matrix<Real> q, k, v;
};

// Dropout of the weights: S[i][j] becomes factor S[i][j] where kept, else 0. Without `kept`: none.
struct WeightDropout {
  const std::uint8_t* kept = nullptr;  // [R][N], rows stride apart
  Index stride = 0;
  double factor = 1;
  bool active() const { return kept != nullptr; }

  // The weights of query i on the keys first .. first + n - 1, which stand in x.
  template <class Real>
  void apply(Index i, Index first, Index n, Real* x) const {
    const std::uint8_t* survives = kept + i * stride + first;
    const Real enlarge = static_cast<Real>(factor);
    for (Index j = 0; j < n; ++j) x[j] = survives[j] != 0 ? x[j] * enlarge : Real(0);
  }
};

struct KernelSizes {
  Index n_saved, n_work;
};

template <class Kernel>
inline constexpr bool drops_weights = requires(const Kernel& kernel, const Head<float>& head,
                                               const WeightDropout& dropout, Matrix<float> out,
                                               float* numbers) {
  kernel.template forward<float>(head, dropout, out, numbers, numbers);
};

template <class Kernel>
class ExportedKernel {
 public:
  template <std::span<const attnlab_option> (*described)()>
  static constexpr attnlab_kernel table() {
    return {sizeof(attnlab_kernel),
            Kernel::flags,
            create<described>,
            destroy,
            sizes,
            forward<float, attnlab_head_f32>,
            forward<double, attnlab_head_f64>,
            backward<float, attnlab_head_f32>,
            backward<double, attnlab_head_f64>,
            weights<float, attnlab_head_f32>,
            weights<double, attnlab_head_f64>,
            forward_slot<float, attnlab_head_f32>(),
            forward_slot<double, attnlab_head_f64>(),
            backward_slot<float, attnlab_head_f32>(),
            backward_slot<double, attnlab_head_f64>()};
  }

 private:
  ExportedKernel(Host host, const Options& options) : host_(host), kernel_(options) {}

  static const ExportedKernel& of(const void* self) {
    return *static_cast<const ExportedKernel*>(self);
  }

  template <class Real, class CHead>
  static Head<Real> view(const CHead& h) {
    const attnlab_head_shape& s = h.shape;
    return {{h.q, s.n_queries, s.key_dim, h.q_stride},
            {h.k, s.n_keys, s.key_dim, h.k_stride},
            {h.v, s.n_keys, s.value_dim, h.v_stride},
            s.mask,
            s.first_query,
            s.temperature};
  }

  static WeightDropout view(const attnlab_weight_dropout& d) {
    return {d.kept, d.kept_stride, d.factor};
  }
  template <class Real, class CHead>
  static Upstream<Real> upstream_of(const CHead& h, const Real* out, const Real* dout,
                                    Index out_stride, const Real* saved) {
    const attnlab_head_shape& s = h.shape;
    return {{out, s.n_queries, s.value_dim, out_stride},
            {dout, s.n_queries, s.value_dim, out_stride},
            saved};
  }
  template <class Real, class CHead>
  static Gradients<Real> gradients_of(const CHead& h, Real* dq, Real* dk, Real* dv) {
    const attnlab_head_shape& s = h.shape;
    return {{dq, s.n_queries, s.key_dim, h.q_stride},
            {dk, s.n_keys, s.key_dim, h.k_stride},
            {dv, s.n_keys, s.value_dim, h.v_stride}};
  }

  template <std::span<const attnlab_option> (*described)()>
  static attnlab_status create(const attnlab_host* host, const attnlab_value* options,
                               std::int64_t n_options, void** kernel) {
    return fenced(Host(host), [&] {
      *kernel = new ExportedKernel(Host(host), Options(described(), options, n_options));
    });
  }

  static void destroy(void* self) { delete static_cast<ExportedKernel*>(self); }

  static void sizes(const void* self, const attnlab_head_shape* shape, std::int64_t* n_saved,
                    std::int64_t* n_work) {
    const KernelSizes needed = of(self).kernel_.sizes(*shape);
    *n_saved = needed.n_saved;
    *n_work = needed.n_work;
  }

  template <class Real, class CHead>
  static attnlab_status forward(const void* self, const CHead* h, Real* out,
                                std::int64_t out_stride, Real* saved, Real* work) {
    return fenced(of(self).host_, [&] {
      const Head<Real> head = view<Real>(*h);
      const Matrix<Real> to{out, head.q.rows, head.v.columns, out_stride};
      of(self).kernel_.template forward<Real>(head, to, saved, work);
    });
  }

  template <class Real, class CHead>
  static attnlab_status backward(const void* self, const CHead* h, const Real* out,
                                 const Real* dout, std::int64_t out_stride, const Real* saved,
                                 Real* dq, Real* dk, Real* dv, Real* work) {
    return fenced(of(self).host_, [&] {
      of(self).kernel_.template backward<Real>(view<Real>(*h),
                                               upstream_of(*h, out, dout, out_stride, saved),
                                               gradients_of(*h, dq, dk, dv), work);
    });
  }

  template <class Real, class CHead>
  static attnlab_status weights(const void* self, const CHead* h, Real* to, Real* work) {
    return fenced(of(self).host_, [&] {
      const Head<Real> head = view<Real>(*h);
      const Matrix<Real> into{to, head.q.rows, head.k.rows, head.k.rows};
      of(self).kernel_.template weights<Real>(head, into, work);
    });
  }

  // Null where the kernel has no dropout of its weights.
  template <class Real, class CHead>
  static constexpr auto forward_slot() {
    attnlab_status (*slot)(const void*, const CHead*, const attnlab_weight_dropout*, Real*,
                           std::int64_t, Real*, Real*) = nullptr;
    if constexpr (drops_weights<Kernel>) {
      slot = [](const void* self, const CHead* h, const attnlab_weight_dropout* dropout, Real* out,
                std::int64_t out_stride, Real* saved, Real* work) {
        return fenced(of(self).host_, [&] {
          const Head<Real> head = view<Real>(*h);
          const Matrix<Real> to{out, head.q.rows, head.v.columns, out_stride};
          of(self).kernel_.template forward<Real>(head, view(*dropout), to, saved, work);
        });
      };
    }
    return slot;
  }
  template <class Real, class CHead>
  static constexpr auto backward_slot() {
    attnlab_status (*slot)(const void*, const CHead*, const attnlab_weight_dropout*, const Real*,
                           const Real*, std::int64_t, const Real*, Real*, Real*, Real*, Real*) =
        nullptr;
    if constexpr (drops_weights<Kernel>) {
      slot = [](const void* self, const CHead* h, const attnlab_weight_dropout* dropout,
                const Real* out, const Real* dout, std::int64_t out_stride, const Real* saved,
                Real* dq, Real* dk, Real* dv, Real* work) {
        return fenced(of(self).host_, [&] {
          of(self).kernel_.template backward<Real>(view<Real>(*h), view(*dropout),
                                                   upstream_of(*h, out, dout, out_stride, saved),
                                                   gradients_of(*h, dq, dk, dv), work);
        });
      };
    }
    return slot;
  }

  Host host_;
  Kernel kernel_;
};

}  // namespace attnlab

// The one symbol of a kernel plugin. `ABOUT` is an attnlab::About in parentheses.
#define ATTNLAB_KERNEL_PLUGIN(KERNEL, OPTIONS, ABOUT)                             \
  namespace {                                                                     \
  std::span<const attnlab_option> attnlab_described() { return (OPTIONS); }       \
  }                                                                               \
  extern "C" ATTNLAB_EXPORT const attnlab_plugin* attnlab_plugin_entry() {        \
    static constexpr attnlab_kernel table =                                       \
        attnlab::ExportedKernel<KERNEL>::table<attnlab_described>();              \
    static const attnlab_plugin plugin =                                          \
        attnlab::description(ATTNLAB_KERNEL, ABOUT, attnlab_described(), &table); \
    return &plugin;                                                               \
  }
