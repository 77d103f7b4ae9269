/* plugin.h: the border between attnlab and a plugin. C11, and C++ reads it too.
 *
 * A plugin is one shared library. It exports one symbol, attnlab_plugin_entry, and links nothing of the program.
 * Everything that crosses is of fixed width; every struct begins with its size, so that fields can be added at the end:
 * a reader uses a field only if struct_size says that it is there. ATTNLAB_ABI_MAJOR rises when a field changes place or meaning,
 * ATTNLAB_ABI_MINOR when one is added. The host takes plugins of its own major and of any minor up to its own.
 *
 * Buffers belong to the caller unless a line says otherwise. Text is UTF-8 and ends in a zero byte.
 * Thread tags: [one] = called by one thread at a time for one instance; [any] = by many threads at once on one instance.
 */
#ifndef ATTNLAB_PLUGIN_H
#define ATTNLAB_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define ATTNLAB_C_BEGIN extern "C" {
#define ATTNLAB_C_END }
#else
#define ATTNLAB_C_BEGIN
#define ATTNLAB_C_END
#endif

#define ATTNLAB_EXPORT __attribute__((visibility("default")))

ATTNLAB_C_BEGIN

#define ATTNLAB_ABI_MAGIC 0x424c5441u /* "ATLB" */
#define ATTNLAB_ABI_MAJOR 1u
#define ATTNLAB_ABI_MINOR 2u

/* What a call answers. Anything but ATTNLAB_OK ends the trial; say why with host->explain first. */
typedef int32_t attnlab_status;
#define ATTNLAB_OK 0
#define ATTNLAB_FAILED 1

/* Services of the host, lent to create() and valid until destroy(). */
typedef struct attnlab_host {
  uint32_t struct_size;
  uint32_t reserved;
  void* self; /* first argument of every slot */

  /* Keeps one sentence that explains the failure about to be returned. The text is copied. [any] */
  void (*explain)(void* self, const char* sentence);

  /* out[i] = random bits number first + i of (seed, stream): the same numbers for the same arguments on every machine.
   * Streams of plugins start at 2^32. [any] */
  void (*random_bits)(void* self, uint64_t seed, uint64_t stream, uint64_t first, int64_t n, uint64_t* out);

  /* The grid file's folder, absolute: relative paths inside options of type ATTNLAB_VALUE count from it. NULL: not known. */
  const char* folder;
} attnlab_host;

/* Types of options. */
#define ATTNLAB_INTEGER 1 /* value: .integer */
#define ATTNLAB_REAL 2    /* value: .real */
#define ATTNLAB_BOOLEAN 3 /* value: .integer, 0 or 1 */
#define ATTNLAB_TEXT 4    /* value: .text */
#define ATTNLAB_CHOICE 5  /* value: .text, one of choices */
#define ATTNLAB_PATH 6    /* value: .text, an absolute path, or "" if not given */
#define ATTNLAB_VALUE 7   /* value: .text, any value as JSON */

/* One option as the plugin describes it. The host checks type, range and choices before create() sees a value. */
typedef struct attnlab_option {
  uint32_t struct_size;
  int32_t type;
  const char* name;     /* [a-z][a-z0-9_]* ; not "plugin"; kernels: not "temperature"; optimizers: not "learning_rate", "schedule", "clip" */
  const char* fallback; /* the default as JSON ("3", "0.5", "true", "\"auto\"", "null"); NULL: must be given */
  double minimum;       /* numbers: inclusive bounds; -INFINITY, INFINITY for none */
  double maximum;
  const char* choices;  /* ATTNLAB_CHOICE: names divided by '|'; else NULL */
  const char* unit;     /* "1" for counts and text */
  const char* sentence; /* what it does, for people */
} attnlab_option;

/* The value of one option. create() gets one for every described option, in the order of the description. */
typedef struct attnlab_value {
  uint32_t struct_size;
  int32_t type;     /* as described */
  int32_t is_null;  /* 1 if the default is null and none was given; then the other fields are 0 and "" */
  int32_t reserved;
  int64_t integer;
  double real;
  const char* text; /* valid during create() only */
} attnlab_value;

#define ATTNLAB_TASK 1
#define ATTNLAB_KERNEL 2
#define ATTNLAB_OPTIMIZER 3

/* What a plugin says of itself. All pointers are valid for ever: nothing is unloaded. */
typedef struct attnlab_plugin {
  uint32_t magic;       /* ATTNLAB_ABI_MAGIC; the host reads magic, abi_major, abi_minor, struct_size first and in this order */
  uint32_t abi_major;
  uint32_t abi_minor;
  uint32_t struct_size; /* sizeof(attnlab_plugin) */
  int32_t kind;         /* ATTNLAB_TASK, ATTNLAB_KERNEL or ATTNLAB_OPTIMIZER */
  int32_t reserved;
  const char* name;     /* as written in grid files; equals the file's name without .so */
  const char* version;
  const char* summary;  /* one sentence */
  const char* formula;  /* plain text; may be "" */
  const char* paper;    /* where it comes from; may be "" */
  const char* build;    /* compiler and flags, for information; may be "" */
  const attnlab_option* options; /* [n_options]; the stride is options[0].struct_size */
  int64_t n_options;
  const void* table;    /* attnlab_task, attnlab_kernel or attnlab_optimizer, by kind */
} attnlab_plugin;

/* The one symbol that a plugin exports. Answers the same pointer every time; does nothing else. [any] */
ATTNLAB_EXPORT const attnlab_plugin* attnlab_plugin_entry(void);

ATTNLAB_C_END
#endif /* ATTNLAB_PLUGIN_H */
