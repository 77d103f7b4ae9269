// bad.cpp: a kernel plugin that is wrong in one way, chosen by CASE_<what>. Every case is a shared
// library of its own.
#include <attnlab/kernel.h>
#include <unistd.h>

#include <cfenv>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace {

[[maybe_unused]] attnlab_status create(const attnlab_host*, const attnlab_value*, std::int64_t,
                                       void** kernel) {
#ifdef CASE_throws_in_create
  throw std::runtime_error("thrown by create");
#endif
#ifdef CASE_throws_a_number
  throw 7;
#endif
#ifdef CASE_fails_silently
  return 42;
#endif
  *kernel = nullptr;
  return ATTNLAB_OK;
}
[[maybe_unused]] void destroy(void*) {
#ifdef CASE_throws_in_destroy
  throw std::runtime_error("thrown by destroy");
#endif
}
[[maybe_unused]] void sizes(const void*, const attnlab_head_shape*, std::int64_t* n_saved,
                            std::int64_t* n_work) {
  *n_saved = *n_work = 0;
}
template <class Head, class Number>
attnlab_status forward(const void*, const Head*, Number*, std::int64_t, Number*, Number*) {
  return ATTNLAB_FAILED;
}
template <class Head, class Number>
attnlab_status backward(const void*, const Head*, const Number*, const Number*, std::int64_t,
                        const Number*, Number*, Number*, Number*, Number*) {
  return ATTNLAB_FAILED;
}
template <class Head, class Number>
attnlab_status weights(const void*, const Head*, Number*, Number*) {
  return ATTNLAB_FAILED;
}

#ifdef CASE_crashes
[[gnu::constructor]] void at_load() { std::raise(SIGSEGV); }
#endif
#ifdef CASE_aborts
[[gnu::constructor]] void at_load() { std::abort(); }
#endif
#ifdef CASE_rounds_down  // as a library that is linked with -ffast-math changes subnormal numbers
[[gnu::constructor]] void at_load() { std::fesetround(FE_DOWNWARD); }
#endif
#ifdef CASE_leaves
[[gnu::constructor]] void at_load() { _exit(0); }
#endif
#ifdef CASE_hangs
[[gnu::constructor]] void at_load() {
  while (true) pause();
}
#endif
}  // namespace

#ifdef CASE_missing_library
extern "C" int attnlab_test_gone(void);  // of a library that is not found at run time
[[gnu::used]] static int (*const keeps_the_library)(void) = attnlab_test_gone;
#endif

#ifndef CASE_no_entry
extern "C" const attnlab_plugin* attnlab_plugin_entry(void) {
#ifdef CASE_throws_in_entry
  throw std::runtime_error("thrown by the entry");
#endif
#ifdef CASE_no_description
  return nullptr;
#endif
  static attnlab_kernel table{sizeof(attnlab_kernel),
                              0,
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
  static attnlab_plugin plugin{ATTNLAB_ABI_MAGIC,
                               ATTNLAB_ABI_MAJOR,
                               ATTNLAB_ABI_MINOR,
                               sizeof(attnlab_plugin),
                               ATTNLAB_KERNEL,
                               0,
                               CASE_NAME,
                               "1.0",
                               "wrong in one way",
                               "",
                               "",
                               "",
                               nullptr,
                               0,
                               &table};
#ifdef CASE_wrong_magic
  plugin.magic = 0;
#endif
#ifdef CASE_wrong_major
  plugin.abi_major = ATTNLAB_ABI_MAJOR + 1;
#endif
#ifdef CASE_larger_minor
  plugin.abi_minor = ATTNLAB_ABI_MINOR + 1;
#endif
#ifdef CASE_unknown_kind
  plugin.kind = 9;
#endif
#ifdef CASE_missing_slots
  table.backward_f32 = nullptr;
  table.weights_f64 = nullptr;
#endif
#ifdef CASE_wrong_name
  plugin.name = "somebody_else";
#endif
  return &plugin;
}
#endif
