/* task.h: what a task is to the host: where samples and targets come from.
 *
 * A task makes sample i of split s from (options, seed, s, i) alone, so that any rank and thread can make any sample. Tasks that read
 * files do so in create().
 */
#ifndef ATTNLAB_TASK_H
#define ATTNLAB_TASK_H

#include <attnlab/plugin.h>

ATTNLAB_C_BEGIN

#define ATTNLAB_INPUT_TOKENS 1 /* token ids */
#define ATTNLAB_INPUT_DENSE 2  /* a row of input_dim numbers a token */

#define ATTNLAB_TARGET_SIGN 1  /* -1 or +1; outputs = 1 */
#define ATTNLAB_TARGET_CLASS 2 /* 0 .. outputs - 1 */
#define ATTNLAB_TARGET_TOKEN 3 /* a token id for every token; outputs = vocabulary; a negative id: this token has no target */
#define ATTNLAB_TARGET_REAL 4  /* outputs numbers */

#define ATTNLAB_SPLIT_TRAIN 0
#define ATTNLAB_SPLIT_VALIDATION 1
#define ATTNLAB_SPLIT_TEST 2

typedef struct attnlab_task_shape {
  uint32_t struct_size;
  int32_t input;            /* ATTNLAB_INPUT_... */
  int32_t target;           /* ATTNLAB_TARGET_... */
  int32_t target_per_token; /* 1: one target (row of outputs) a token, 0: one a sample */
  int32_t padded;           /* 1: samples may have fewer than max_tokens tokens */
  int32_t n_groups;
  int64_t max_tokens;       /* T >= 1 */
  int64_t vocabulary;       /* token inputs: ids are 0 .. vocabulary - 1 */
  int64_t input_dim;        /* dense inputs */
  int64_t outputs;
  int64_t n_samples[3];     /* a split; n_samples[0] = 0: fresh draws, any index is a sample */
  const char* const* groups; /* [n_groups] names, valid until destroy() */
  const char* report;        /* what was read (counts, classes, lengths, what was skipped); may be ""; valid until destroy() */
  int32_t weighted;          /* 1: every token of a sample has a weight, its share of the distribution that the sample stands for
                              * (token inputs only). Since version 1.1 */
} attnlab_task_shape;

/* The caller's buffers for one sample; those that the shape does not call for are NULL. */
typedef struct attnlab_sample {
  uint32_t struct_size;
  int32_t group;       /* out: 0 .. n_groups - 1, or -1 */
  int64_t n_tokens;    /* out: 1 .. max_tokens */
  int32_t* tokens;     /* out [max_tokens]: ids of the first n_tokens are read */
  int32_t* positions;  /* out [max_tokens]: where each token stands; the host fills in 0, 1, 2, ... before the call */
  double* inputs;      /* out [max_tokens][input_dim] */
  int32_t* target_ids; /* out: sign or class [1], class or token ids a token [max_tokens] */
  double* targets;     /* out: real [outputs] or a token [max_tokens][outputs] */
  double* weights;     /* out [max_tokens]: of the first n_tokens, finite and >= 0; may be NULL though the shape is weighted (then
                        * nobody reads them). Since version 1.1 */
} attnlab_sample;

#define ATTNLAB_TASK_SEEDLESS 1u /* flag: the seed is not used: instances may be shared between trials */

typedef struct attnlab_task {
  uint32_t struct_size;
  uint32_t flags;

  /* Builds an instance from checked options and the trial's seed; reads what must be read. On failure *task is untouched. [one] */
  attnlab_status (*create)(const attnlab_host* host, const attnlab_value* options, int64_t n_options, uint64_t seed, void** task);
  void (*destroy)(void* task); /* [one] */

  void (*shape)(const void* task, attnlab_task_shape* out); /* fills in all fields after struct_size [any] */

  /* Fills in sample index of split. [any] */
  attnlab_status (*sample)(const void* task, int32_t split, int64_t index, attnlab_sample* out);

  /* The spelling of a token id for people ("the", "A", "0x0a"): writes at most n bytes with the closing zero, answers the length that
   * the whole spelling has. May be NULL: then ids are shown as numbers. [any] */
  int64_t (*token_name)(const void* task, int64_t id, char* out, int64_t n);
} attnlab_task;

ATTNLAB_C_END
#endif /* ATTNLAB_TASK_H */
