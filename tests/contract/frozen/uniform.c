/* uniform.c: every query looks at all keys it sees alike: a kernel in plain C.
 *
 *   S[i][j] = 1 / n(i) for the n(i) keys that query i sees, else 0;  out[i] = sum_j S[i][j] v[j]
 *
 * S does not depend on q and k, so dq = dk = 0 and dv[j] += sum_i S[i][j] dout[i].
 */
#include <attnlab/kernel.h>

static int64_t n_seen(const attnlab_head_shape* shape, int64_t query) {
  const int64_t position = shape->first_query + query;
  int64_t n = shape->n_keys;
  if (shape->mask == ATTNLAB_MASK_CAUSAL) n = position + 1;
  if (shape->mask == ATTNLAB_MASK_CAUSAL_EXCLUSIVE) n = position;
  return n < shape->n_keys ? n : shape->n_keys;
}

static attnlab_status create(const attnlab_host* host, const attnlab_value* options,
                             int64_t n_options, void** kernel) {
  (void)host, (void)options, (void)n_options;
  *kernel = NULL; /* nothing to remember */
  return ATTNLAB_OK;
}
static void destroy(void* kernel) { (void)kernel; }

static void sizes(const void* kernel, const attnlab_head_shape* shape, int64_t* n_saved,
                  int64_t* n_work) {
  (void)kernel, (void)shape;
  *n_saved = 0;
  *n_work = 0;
}

#define UNIFORM(NUMBER, BITS)                                                                      \
  static attnlab_status forward_f##BITS(const void* kernel, const attnlab_head_f##BITS* head,      \
                                        NUMBER* out, int64_t out_stride, NUMBER* saved,            \
                                        NUMBER* work) {                                            \
    (void)kernel, (void)saved, (void)work;                                                         \
    for (int64_t i = 0; i < head->shape.n_queries; ++i) {                                          \
      const int64_t n = n_seen(&head->shape, i);                                                   \
      for (int64_t e = 0; e < head->shape.value_dim; ++e) {                                        \
        NUMBER sum = 0;                                                                            \
        for (int64_t j = 0; j < n; ++j) sum += head->v[j * head->v_stride + e];                    \
        out[i * out_stride + e] = n > 0 ? sum / (NUMBER)n : 0;                                     \
      }                                                                                            \
    }                                                                                              \
    return ATTNLAB_OK;                                                                             \
  }                                                                                                \
  static attnlab_status backward_f##BITS(                                                          \
      const void* kernel, const attnlab_head_f##BITS* head, const NUMBER* out, const NUMBER* dout, \
      int64_t out_stride, const NUMBER* saved, NUMBER* dq, NUMBER* dk, NUMBER* dv, NUMBER* work) { \
    (void)kernel, (void)out, (void)saved, (void)dq, (void)dk, (void)work;                          \
    for (int64_t i = 0; i < head->shape.n_queries; ++i) {                                          \
      const int64_t n = n_seen(&head->shape, i);                                                   \
      for (int64_t j = 0; j < n; ++j) {                                                            \
        for (int64_t e = 0; e < head->shape.value_dim; ++e) {                                      \
          dv[j * head->v_stride + e] += dout[i * out_stride + e] / (NUMBER)n;                      \
        }                                                                                          \
      }                                                                                            \
    }                                                                                              \
    return ATTNLAB_OK;                                                                             \
  }                                                                                                \
  static attnlab_status weights_f##BITS(const void* kernel, const attnlab_head_f##BITS* head,      \
                                        NUMBER* weights, NUMBER* work) {                           \
    (void)kernel, (void)work;                                                                      \
    for (int64_t i = 0; i < head->shape.n_queries; ++i) {                                          \
      const int64_t n = n_seen(&head->shape, i);                                                   \
      for (int64_t j = 0; j < head->shape.n_keys; ++j) {                                           \
        weights[i * head->shape.n_keys + j] = j < n ? 1 / (NUMBER)n : 0;                           \
      }                                                                                            \
    }                                                                                              \
    return ATTNLAB_OK;                                                                             \
  }

UNIFORM(float, 32)
UNIFORM(double, 64)

static const attnlab_kernel table = {
    sizeof(attnlab_kernel), ATTNLAB_KERNEL_ROW_STOCHASTIC,
    create,       destroy,      sizes,       forward_f32, forward_f64,
    backward_f32, backward_f64, weights_f32, weights_f64,
};

const attnlab_plugin* attnlab_plugin_entry(void) {
  static const attnlab_plugin plugin = {
      ATTNLAB_ABI_MAGIC, ATTNLAB_ABI_MAJOR, ATTNLAB_ABI_MINOR, sizeof(attnlab_plugin),
      ATTNLAB_KERNEL, 0, "uniform", "1.0",
      "Every query looks at all keys it sees alike.", "S[i][j] = 1 / n(i)", "", "C11",
      NULL, 0, &table,
  };
  return &plugin;
}
