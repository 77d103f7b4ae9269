/* alternating.c: is the sum of the tokens even? A task in plain C, with one option of every type. */
#include <attnlab/task.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const attnlab_option options[] = {
    {sizeof(attnlab_option), ATTNLAB_INTEGER, "length", "4", 1, 1000, NULL, "tokens", "tokens a sample"},
    {sizeof(attnlab_option), ATTNLAB_REAL, "noise", "0", 0, 1, NULL, "1", "share of flipped targets"},
    {sizeof(attnlab_option), ATTNLAB_BOOLEAN, "fail", "false", -INFINITY, INFINITY, NULL, "1",
     "fail at every sample"},
    {sizeof(attnlab_option), ATTNLAB_TEXT, "prefix", "\"t\"", -INFINITY, INFINITY, NULL, "1",
     "what token names begin with"},
    {sizeof(attnlab_option), ATTNLAB_CHOICE, "order", "\"forwards\"", -INFINITY, INFINITY,
     "forwards|backwards", "1", "which way positions run"},
    {sizeof(attnlab_option), ATTNLAB_PATH, "file", "\"\"", -INFINITY, INFINITY, NULL, "1",
     "shown in the report"},
    {sizeof(attnlab_option), ATTNLAB_VALUE, "extra", "null", -INFINITY, INFINITY, NULL, "1",
     "shown in the report"},
};
enum { LENGTH, NOISE, FAIL, PREFIX, ORDER, FILE_PATH, EXTRA, N_OPTIONS };

typedef struct {
  const attnlab_host* host;
  uint64_t seed;
  int64_t length;
  double noise;
  int fail, backwards;
  char prefix[32], report[512];
} alternating;

static attnlab_status create(const attnlab_host* host, const attnlab_value* values,
                             int64_t n_values, uint64_t seed, void** out) {
  if (n_values != N_OPTIONS) return ATTNLAB_FAILED;
  if (strcmp(values[PREFIX].text, "bad") == 0) {
    host->explain(host->self, "the prefix 'bad' is not a good one");
    return ATTNLAB_FAILED;
  }
  alternating* task = calloc(1, sizeof *task);
  if (task == NULL) return ATTNLAB_FAILED;
  task->host = host;
  task->seed = seed;
  task->length = values[LENGTH].integer;
  task->noise = values[NOISE].real;
  task->fail = values[FAIL].integer != 0;
  task->backwards = strcmp(values[ORDER].text, "backwards") == 0;
  snprintf(task->prefix, sizeof task->prefix, "%s", values[PREFIX].text);
  snprintf(task->report, sizeof task->report, "file=%s extra=%s", values[FILE_PATH].text,
           values[EXTRA].is_null ? "none" : values[EXTRA].text);
  *out = task;
  return ATTNLAB_OK;
}
static void destroy(void* self) { free(self); }

static void shape(const void* self, attnlab_task_shape* out) {
  static const char* const groups[] = {"even", "odd"};
  const alternating* task = self;
  out->input = ATTNLAB_INPUT_TOKENS;
  out->target = ATTNLAB_TARGET_SIGN;
  out->n_groups = 2;
  out->groups = groups;
  out->max_tokens = task->length;
  out->vocabulary = 10;
  out->outputs = 1;
  out->n_samples[ATTNLAB_SPLIT_TRAIN] = 100;
  out->report = task->report;
}

static attnlab_status sample(const void* self, int32_t split, int64_t index, attnlab_sample* out) {
  const alternating* task = self;
  if (task->fail) {
    task->host->explain(task->host->self, "it was told to fail");
    return ATTNLAB_FAILED;
  }
  int64_t sum = 0;
  const uint64_t stream = ((uint64_t)1 << 32) + (uint64_t)split;
  for (int64_t t = 0; t < task->length; ++t) {
    uint64_t bits = 0;
    task->host->random_bits(task->host->self, task->seed, stream,
                            (uint64_t)(index * task->length + t), 1, &bits);
    out->tokens[t] = (int32_t)(bits % 10);
    if (task->backwards) out->positions[t] = (int32_t)(task->length - 1 - t);
    sum += out->tokens[t];
  }
  out->n_tokens = task->length;
  out->group = (int32_t)(sum % 2);
  out->target_ids[0] = sum % 2 == 0 ? 1 : -1;
  return ATTNLAB_OK;
}

static int64_t token_name(const void* self, int64_t id, char* out, int64_t n) {
  const alternating* task = self;
  return snprintf(out, (size_t)n, "%s%d", task->prefix, (int)id);
}

static const attnlab_task table = {sizeof(attnlab_task), 0, create, destroy, shape, sample, token_name};

const attnlab_plugin* attnlab_plugin_entry(void) {
  static const attnlab_plugin plugin = {
      ATTNLAB_ABI_MAGIC, ATTNLAB_ABI_MAJOR, ATTNLAB_ABI_MINOR, sizeof(attnlab_plugin),
      ATTNLAB_TASK, 0, "alternating", "1.0", "Is the sum of the tokens even?", "", "", "C11",
      options, N_OPTIONS, &table,
  };
  return &plugin;
}
