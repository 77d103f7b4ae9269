// misbehaving.cpp: a kernel, out[i] = sum of the values (with rows_off: their mean), that is
// admitted but wrong in one way when it is used.
#include <attnlab/kernel.h>

#include <csignal>
#include <cstdint>

namespace {

attnlab_status create(const attnlab_host*, const attnlab_value*, std::int64_t, void** kernel) {
  *kernel = nullptr;
  return ATTNLAB_OK;
}
void destroy(void*) {}
void sizes(const void*, const attnlab_head_shape*, std::int64_t* n_saved, std::int64_t* n_work) {
  *n_saved = *n_work = 0;
}

bool seen(const attnlab_head_shape& s, std::int64_t query, std::int64_t key) {
  const std::int64_t position = s.first_query + query;
  if (s.mask == ATTNLAB_MASK_CAUSAL) return key <= position;
  if (s.mask == ATTNLAB_MASK_CAUSAL_EXCLUSIVE) return key < position;
  return true;
}

#ifdef CASE_rows_off  // says row-stochastic; everything else agrees with these weights
constexpr std::uint32_t flags = ATTNLAB_KERNEL_ROW_STOCHASTIC;
#else
constexpr std::uint32_t flags = 0;
#endif

// What every key that the query sees weighs: 1, or with rows_off (1 + 1e-7) / n for n such keys.
double weight([[maybe_unused]] const attnlab_head_shape& s, [[maybe_unused]] std::int64_t query) {
#ifdef CASE_rows_off
  std::int64_t n = 0;
  for (std::int64_t j = 0; j < s.n_keys; ++j) n += seen(s, query, j) ? 1 : 0;
  return n > 0 ? (1 + 1e-7) / static_cast<double>(n) : 0;
#else
  return 1;
#endif
}

template <class Head, class Number>
attnlab_status forward(const void*, const Head* head, Number* out, std::int64_t stride, Number*,
                       [[maybe_unused]] Number* work) {
#ifdef CASE_crashes_when_used
  std::raise(SIGSEGV);
#endif
#ifdef CASE_writes_outside
  work[0] = 1;  // it asked for none
#endif
  const auto& s = head->shape;
  for (std::int64_t i = 0; i < s.n_queries; ++i) {
    const auto w = static_cast<Number>(weight(s, i));
    for (std::int64_t e = 0; e < s.value_dim; ++e) {
      out[i * stride + e] = 0;
      for (std::int64_t j = 0; j < s.n_keys; ++j) {
        if (seen(s, i, j)) out[i * stride + e] += w * head->v[j * head->v_stride + e];
      }
    }
  }
  return ATTNLAB_OK;
}
template <class Head, class Number>
attnlab_status backward(const void*, const Head* head, const Number*, const Number* dout,
                        std::int64_t stride, const Number*, Number*, Number*, Number* dv, Number*) {
#ifdef CASE_wrong_gradient
  const Number factor = 2;
#else
  const Number factor = 1;
#endif
  const auto& s = head->shape;
  for (std::int64_t i = 0; i < s.n_queries; ++i) {
    const auto w = factor * static_cast<Number>(weight(s, i));
    for (std::int64_t j = 0; j < s.n_keys; ++j) {
      for (std::int64_t e = 0; e < s.value_dim; ++e) {
        if (seen(s, i, j)) dv[j * head->v_stride + e] += w * dout[i * stride + e];
      }
    }
  }
  return ATTNLAB_OK;
}
template <class Head, class Number>
attnlab_status weights(const void*, const Head* head, Number* to, Number*) {
  const auto& s = head->shape;
  for (std::int64_t i = 0; i < s.n_queries; ++i) {
    const auto w = static_cast<Number>(weight(s, i));
    for (std::int64_t j = 0; j < s.n_keys; ++j) to[i * s.n_keys + j] = seen(s, i, j) ? w : 0;
  }
  return ATTNLAB_OK;
}

}  // namespace

extern "C" const attnlab_plugin* attnlab_plugin_entry(void) {
  static const attnlab_kernel table{sizeof(attnlab_kernel),
                                    flags,
                                    create,
                                    destroy,
                                    sizes,
                                    forward<attnlab_head_f32, float>,
                                    forward<attnlab_head_f64, double>,
                                    backward<attnlab_head_f32, float>,
                                    backward<attnlab_head_f64, double>,
                                    weights<attnlab_head_f32, float>,
                                    weights<attnlab_head_f64, double>,
                                    nullptr,
                                    nullptr,
                                    nullptr,
                                    nullptr};
  static const attnlab_plugin plugin{ATTNLAB_ABI_MAGIC,
                                     ATTNLAB_ABI_MAJOR,
                                     ATTNLAB_ABI_MINOR,
                                     sizeof(attnlab_plugin),
                                     ATTNLAB_KERNEL,
                                     0,
                                     CASE_NAME,
                                     "1.0",
                                     "wrong when used",
                                     "",
                                     "",
                                     "",
                                     nullptr,
                                     0,
                                     &table};
  return &plugin;
}
