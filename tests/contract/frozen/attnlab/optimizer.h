/* optimizer.h: what an optimizer is to the host.
 *
 * The trained matrices are one vector of n numbers, cut into blocks (one a matrix). At every step the host has the gradient at the
 * current parameters already; an optimizer that wants more (Runge-Kutta, line search) asks evaluate for it. Rates and
 * clipping are the host's: rates[b] is the learning rate of block b at this step, schedule included, and every gradient comes clipped.
 *
 * Every slot with _f32 has a twin with _f64; both are needed.
 */
#ifndef ATTNLAB_OPTIMIZER_H
#define ATTNLAB_OPTIMIZER_H

#include <attnlab/plugin.h>

ATTNLAB_C_BEGIN

/* One trained matrix inside the parameter vector, heads stacked in front: [n_heads][rows][columns]. */
typedef struct attnlab_block {
  uint32_t struct_size;
  uint32_t reserved;
  const char* name; /* "W_Q", "layer1.b_F2" */
  int64_t offset, size;
  int64_t n_heads, rows, columns; /* size = n_heads * rows * columns */
} attnlab_block;

typedef struct attnlab_problem {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t n;        /* numbers in the parameter vector */
  int64_t n_steps;  /* steps of the trial */
  int64_t n_blocks;
  const attnlab_block* blocks; /* valid until destroy(); stride blocks[0].struct_size */
} attnlab_problem;

typedef struct attnlab_step {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t step;        /* number of updates made so far */
  const double* rates; /* [n_blocks] */
  double momentum;     /* what the schedule asks of the first momentum (beta1 of adam); NaN: the plugin's own option */
  double loss;         /* at the current parameters */
  void* self;          /* first argument of evaluate */

  /* Loss and clipped gradient [n] at any parameters [n], on the same samples as the gradient of this step. May be called
   * any number of times inside one step. [one] */
  attnlab_status (*evaluate_f32)(void* self, const float* parameters, double* loss, float* gradient);
  attnlab_status (*evaluate_f64)(void* self, const double* parameters, double* loss, double* gradient);

  double* time; /* flow time after this step, if the optimizer has one: it adds to it or overwrites it; others leave it alone */
} attnlab_step;

#define ATTNLAB_OPTIMIZER_HAS_TIME 1u /* flag: records get a time */

typedef struct attnlab_optimizer {
  uint32_t struct_size;
  uint32_t flags;
  double default_learning_rate;

  /* Builds an instance from checked options. On failure *optimizer is untouched. [one] */
  attnlab_status (*create)(const attnlab_host* host, const attnlab_value* options, int64_t n_options,
                           const attnlab_problem* problem, void** optimizer);
  void (*destroy)(void* optimizer); /* [one] */

  /* Bytes of state (moments, counters) that the host keeps for it, zeroed before the first step and aligned to 64 bytes. Everything that
   * must survive from step to step lives there: the host saves it in checkpoints. [one] */
  int64_t (*n_state_bytes)(const void* optimizer, int64_t bytes_per_number);

  /* Turns parameters [n] into those after one step. gradient [n] may be overwritten as scratch. [one] */
  attnlab_status (*step_f32)(const void* optimizer, const attnlab_step* step, float* parameters, float* gradient, void* state);
  attnlab_status (*step_f64)(const void* optimizer, const attnlab_step* step, double* parameters, double* gradient, void* state);
} attnlab_optimizer;

ATTNLAB_C_END
#endif /* ATTNLAB_OPTIMIZER_H */
