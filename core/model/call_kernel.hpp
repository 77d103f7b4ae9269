// call_kernel.hpp: the slots of a kernel, chosen by the precision of their arguments. What a kernel
// does to the arithmetic of its thread ends with the call.
#pragma once

#include <attnlab/kernel.h>

#include "host/kept_arithmetic.hpp"
#include "host/plugins.hpp"

namespace attnlab {

inline attnlab_status run(const Kernel& k, const attnlab_head_f32& head, float* out, Index stride,
                          float* saved, float* work) {
  const KeptArithmetic kept;
  return k.table().forward_f32(k.self(), &head, out, stride, saved, work);
}
inline attnlab_status run(const Kernel& k, const attnlab_head_f64& head, double* out, Index stride,
                          double* saved, double* work) {
  const KeptArithmetic kept;
  return k.table().forward_f64(k.self(), &head, out, stride, saved, work);
}
inline attnlab_status run_back(const Kernel& k, const attnlab_head_f32& head, const float* out,
                               const float* d_out, Index stride, const float* saved, float* dq,
                               float* dk, float* dv, float* work) {
  const KeptArithmetic kept;
  return k.table().backward_f32(k.self(), &head, out, d_out, stride, saved, dq, dk, dv, work);
}
inline attnlab_status run_back(const Kernel& k, const attnlab_head_f64& head, const double* out,
                               const double* d_out, Index stride, const double* saved, double* dq,
                               double* dk, double* dv, double* work) {
  const KeptArithmetic kept;
  return k.table().backward_f64(k.self(), &head, out, d_out, stride, saved, dq, dk, dv, work);
}

inline attnlab_status run(const Kernel& k, const attnlab_head_f32& head,
                          const attnlab_weight_dropout& dropout, float* out, Index stride,
                          float* saved, float* work) {
  const KeptArithmetic kept;
  return k.table().forward_dropped_f32(k.self(), &head, &dropout, out, stride, saved, work);
}
inline attnlab_status run(const Kernel& k, const attnlab_head_f64& head,
                          const attnlab_weight_dropout& dropout, double* out, Index stride,
                          double* saved, double* work) {
  const KeptArithmetic kept;
  return k.table().forward_dropped_f64(k.self(), &head, &dropout, out, stride, saved, work);
}
inline attnlab_status run_back(const Kernel& k, const attnlab_head_f32& head,
                               const attnlab_weight_dropout& dropout, const float* out,
                               const float* d_out, Index stride, const float* saved, float* dq,
                               float* dk, float* dv, float* work) {
  const KeptArithmetic kept;
  return k.table().backward_dropped_f32(k.self(), &head, &dropout, out, d_out, stride, saved, dq,
                                        dk, dv, work);
}
inline attnlab_status run_back(const Kernel& k, const attnlab_head_f64& head,
                               const attnlab_weight_dropout& dropout, const double* out,
                               const double* d_out, Index stride, const double* saved, double* dq,
                               double* dk, double* dv, double* work) {
  const KeptArithmetic kept;
  return k.table().backward_dropped_f64(k.self(), &head, &dropout, out, d_out, stride, saved, dq,
                                        dk, dv, work);
}

inline attnlab_status look(const Kernel& k, const attnlab_head_f32& head, float* weights,
                           float* work) {
  const KeptArithmetic kept;
  return k.table().weights_f32(k.self(), &head, weights, work);
}
inline attnlab_status look(const Kernel& k, const attnlab_head_f64& head, double* weights,
                           double* work) {
  const KeptArithmetic kept;
  return k.table().weights_f64(k.self(), &head, weights, work);
}

}  // namespace attnlab
