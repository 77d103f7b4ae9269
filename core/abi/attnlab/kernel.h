/* kernel.h: what an attention kernel is to the host.
 *
 * A kernel turns the queries, keys and values of one head of one sample into outputs
 *
 *     out[i] = sum_j S[i][j] v[j],      S = kappa(q, k),
 *
 * and the gradient of the outputs into gradients of all three. Layers, heads, batch and threads are the host's loops.
 * Padding never arrives here: the host hands over valid tokens only.
 *
 * Shapes: R queries, N keys, D numbers a query or key, E numbers a value; rows lie stride numbers apart, numbers of a row together.
 * Every slot with _f32 has a twin with _f64 that does the same in double precision; both are needed.
 */
#ifndef ATTNLAB_KERNEL_H
#define ATTNLAB_KERNEL_H

#include <attnlab/plugin.h>

ATTNLAB_C_BEGIN

/* Which keys query i sees. It stands at position p = first_query + i among the keys. */
#define ATTNLAB_MASK_NONE 0             /* all */
#define ATTNLAB_MASK_CAUSAL 1           /* j <= p */
#define ATTNLAB_MASK_CAUSAL_EXCLUSIVE 2 /* j < p; a query that sees no key has S = 0 and out = 0 */

/* The size of a head, without its numbers. */
typedef struct attnlab_head_shape {
  uint32_t struct_size;
  int32_t mask;         /* ATTNLAB_MASK_... */
  int64_t n_queries;    /* R >= 1 */
  int64_t n_keys;       /* N >= 1 */
  int64_t key_dim;      /* D >= 1 */
  int64_t value_dim;    /* E >= 1 */
  int64_t first_query;  /* position of query 0 among the keys; 0 unless only the last token asks */
  double temperature;   /* > 0; scores are divided by it */
} attnlab_head_shape;

typedef struct attnlab_head_f32 {
  attnlab_head_shape shape;
  const float* q; /* [R][D] */
  const float* k; /* [N][D] */
  const float* v; /* [N][E] */
  int64_t q_stride, k_stride, v_stride;
} attnlab_head_f32;

typedef struct attnlab_head_f64 {
  attnlab_head_shape shape;
  const double* q;
  const double* k;
  const double* v;
  int64_t q_stride, k_stride, v_stride;
} attnlab_head_f64;

#define ATTNLAB_KERNEL_ROW_STOCHASTIC 1u /* flag: the weights of every query that sees a key sum to one */

/* Dropout of the weights: S[i][j] becomes factor * S[i][j] where kept[i * kept_stride + j] is 1, and 0 where it is 0.
 * What is made of S before (the sums of its rows) stays that of all keys. kept says nothing about keys that a query does not see. */
typedef struct attnlab_weight_dropout {
  uint32_t struct_size;
  uint32_t reserved;
  const uint8_t* kept; /* [R][N] */
  int64_t kept_stride;
  double factor;
} attnlab_weight_dropout;

typedef struct attnlab_kernel {
  uint32_t struct_size;
  uint32_t flags;

  /* Builds an instance from checked options. On failure *kernel is untouched. [one] */
  attnlab_status (*create)(const attnlab_host* host, const attnlab_value* options, int64_t n_options, void** kernel);
  void (*destroy)(void* kernel); /* [one] */

  /* How many numbers forward keeps for backward, and how many it and backward need as scratch. Must grow with every
   * size of the shape: the host asks once, for the largest head. [any] */
  void (*sizes)(const void* kernel, const attnlab_head_shape* shape, int64_t* n_saved, int64_t* n_work);

  /* Overwrites out [R][E] (rows out_stride apart) and saved [n_saved]; work [n_work] is scratch, aligned to 64 bytes. [any] */
  attnlab_status (*forward_f32)(const void* kernel, const attnlab_head_f32* head, float* out, int64_t out_stride,
                                float* saved, float* work);
  attnlab_status (*forward_f64)(const void* kernel, const attnlab_head_f64* head, double* out, int64_t out_stride,
                                double* saved, double* work);

  /* Given out and saved of forward and dout = dl/dout [R][E] (both rows out_stride apart), ADDS dl/dq to dq [R][D], dl/dk to
   * dk [N][D], dl/dv to dv [N][E]; their rows lie as far apart as those of q, k, v. [any] */
  attnlab_status (*backward_f32)(const void* kernel, const attnlab_head_f32* head, const float* out, const float* dout,
                                 int64_t out_stride, const float* saved, float* dq, float* dk, float* dv, float* work);
  attnlab_status (*backward_f64)(const void* kernel, const attnlab_head_f64* head, const double* out, const double* dout,
                                 int64_t out_stride, const double* saved, double* dq, double* dk, double* dv, double* work);

  /* Overwrites weights [R][N] (rows N apart) with S; keys that a query does not see get 0. For snapshots. [any] */
  attnlab_status (*weights_f32)(const void* kernel, const attnlab_head_f32* head, float* weights, float* work);
  attnlab_status (*weights_f64)(const void* kernel, const attnlab_head_f64* head, double* weights, double* work);

  /* Since 1.2: forward and backward with dropout of the weights, in buffers of the same sizes; backward is given the dropout of
   * forward. All four are null in a kernel that knows none; trials that ask for it are then refused. [any] */
  attnlab_status (*forward_dropped_f32)(const void* kernel, const attnlab_head_f32* head, const attnlab_weight_dropout* dropout,
                                        float* out, int64_t out_stride, float* saved, float* work);
  attnlab_status (*forward_dropped_f64)(const void* kernel, const attnlab_head_f64* head, const attnlab_weight_dropout* dropout,
                                        double* out, int64_t out_stride, double* saved, double* work);
  attnlab_status (*backward_dropped_f32)(const void* kernel, const attnlab_head_f32* head, const attnlab_weight_dropout* dropout,
                                         const float* out, const float* dout, int64_t out_stride, const float* saved,
                                         float* dq, float* dk, float* dv, float* work);
  attnlab_status (*backward_dropped_f64)(const void* kernel, const attnlab_head_f64* head, const attnlab_weight_dropout* dropout,
                                         const double* out, const double* dout, int64_t out_stride, const double* saved,
                                         double* dq, double* dk, double* dv, double* work);
} attnlab_kernel;

ATTNLAB_C_END
#endif /* ATTNLAB_KERNEL_H */
