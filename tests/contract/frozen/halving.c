/* halving.c: an optimizer in plain C that asks for a second gradient: the midpoint rule, with a flow time.
 *
 *   p -= rate grad(p - rate / 2 grad(p));   time += rate of block 0
 */
#include <attnlab/optimizer.h>
#include <stdlib.h>
#include <string.h>

static attnlab_status create(const attnlab_host* host, const attnlab_value* options,
                             int64_t n_options, const attnlab_problem* problem, void** optimizer) {
  (void)host, (void)options, (void)n_options;
  const attnlab_problem** self = malloc(sizeof *self);
  if (self == NULL) return ATTNLAB_FAILED;
  *self = problem; /* blocks are valid until destroy() */
  *optimizer = self;
  return ATTNLAB_OK;
}
static void destroy(void* optimizer) { free(optimizer); }

/* State: the midpoint, then its gradient. */
static int64_t n_state_bytes(const void* optimizer, int64_t bytes_per_number) {
  const attnlab_problem* problem = *(const attnlab_problem* const*)optimizer;
  return 2 * problem->n * bytes_per_number;
}

#define MIDPOINT(NUMBER, BITS)                                                                 \
  static attnlab_status step_f##BITS(const void* optimizer, const attnlab_step* step,          \
                                     NUMBER* parameters, NUMBER* gradient, void* state) {      \
    const attnlab_problem* problem = *(const attnlab_problem* const*)optimizer;                \
    NUMBER* middle = state;                                                                    \
    NUMBER* slope = middle + problem->n;                                                       \
    for (int64_t b = 0; b < problem->n_blocks; ++b) {                                          \
      const attnlab_block* block = &problem->blocks[b];                                        \
      for (int64_t i = block->offset; i < block->offset + block->size; ++i) {                  \
        middle[i] = parameters[i] - (NUMBER)(step->rates[b] / 2) * gradient[i];                \
      }                                                                                        \
    }                                                                                          \
    double loss = 0;                                                                           \
    if (step->evaluate_f##BITS(step->self, middle, &loss, slope) != ATTNLAB_OK) {              \
      return ATTNLAB_FAILED;                                                                   \
    }                                                                                          \
    for (int64_t b = 0; b < problem->n_blocks; ++b) {                                          \
      const attnlab_block* block = &problem->blocks[b];                                        \
      for (int64_t i = block->offset; i < block->offset + block->size; ++i) {                  \
        parameters[i] -= (NUMBER)step->rates[b] * slope[i];                                    \
      }                                                                                        \
    }                                                                                          \
    *step->time += step->rates[0];                                                             \
    return ATTNLAB_OK;                                                                         \
  }
MIDPOINT(float, 32)
MIDPOINT(double, 64)

static const attnlab_optimizer table = {
    sizeof(attnlab_optimizer), ATTNLAB_OPTIMIZER_HAS_TIME, 0.5,
    create, destroy, n_state_bytes, step_f32, step_f64,
};

const attnlab_plugin* attnlab_plugin_entry(void) {
  static const attnlab_plugin plugin = {
      ATTNLAB_ABI_MAGIC, ATTNLAB_ABI_MAJOR, ATTNLAB_ABI_MINOR, sizeof(attnlab_plugin),
      ATTNLAB_OPTIMIZER, 0, "halving", "1.0", "Gradient flow by the midpoint rule.",
      "p -= rate grad(p - rate / 2 grad(p))", "", "C11", NULL, 0, &table,
  };
  return &plugin;
}
