// yz.cpp: the model of Scan and Snap whose parameters are the decoder Y and the attention logits Z
// [M, M] (Tian et al. 2023, section 3; their Model2), forward and backward.
//
// A sample is tokens x_1 .. x_T over the vocabulary M with the query m = x_T. The kernel is run
// with one number a key: q = temperature, k_t = Z[m][x_t]. A kernel of q.k / temperature sees the
// score Z[m][x_t] itself; the Gaussian becomes exp(-(z - a)^2 / (2 a)) with a = temperature.
//
//   u_l   = sum over t with x_t = l of w_t S_t        w_t = 1, or the weight of a weighted task
//   c     = u, or u / sum u where tokens have weights and the kernel's rows sum to one
//   r     = c, or c + e_m with residual
//   f     = r, or r / |r| with norm l2 (0 if r = 0)
//   o     = f Y                                       M logits
//
// With dx for dl/dx:
//
//   dY    = f^T do            df = do Y^T
//   dr    = df, or (df - f (df.f)) / |r|
//   du    = dr, or (dr - sum dr c) / sum u
//   dZ[m] = the kernel's dk, added over the tokens
//
// c, r, f are sparse: a slot is a distinct token of the sample, in the order of appearance.
#include "model/yz.hpp"

#include <cmath>

#include "model/call_kernel.hpp"

namespace attnlab {
namespace {

// Sample i as the kernel wants it; one query, the last token.
template <class S>
typename HeadOf<S>::type kernel_head(const ModelShape& m, const YzSpace<S>& yz, Index first,
                                     Index n_tokens, Index n_slots) {
  typename HeadOf<S>::type head{};
  head.shape.struct_size = sizeof(attnlab_head_shape);
  head.shape.mask = static_cast<std::int32_t>(m.mask);
  head.shape.n_queries = 1;
  head.shape.n_keys = n_tokens;
  head.shape.key_dim = 1;
  head.shape.value_dim = n_slots;
  head.shape.first_query = n_tokens - 1;
  head.shape.temperature = m.temperature;
  head.q = yz.temperature;
  head.k = yz.score + first;
  head.v = yz.v;
  head.q_stride = 1;
  head.k_stride = 1;
  head.v_stride = n_slots;
  return head;
}

template <class S>
S weight_of(const Batch<S>& batch, Index token) {  // counted as batch.tokens is
  return batch.weights != nullptr ? batch.weights[token] : S(1);
}

template <class S>
const std::int32_t* ids_of(const Pass<S>& pass, Index i) {
  return pass.batch.tokens + pass.batch.first[i];
}

// v[t] = w_t in the slot of token t, zero elsewhere.
template <class S>
void fill_values(const Pass<S>& pass, Index i) {
  const YzSpace<S>& yz = pass.space.yz;
  const Index n = pass.length(i), n_slots = yz.n_slots[i];
  const std::int32_t* slot = pass.space.slot + pass.first(i);
  std::fill_n(yz.v, n * n_slots, S(0));
  for (Index t = 0; t < n; ++t)
    yz.v[t * n_slots + slot[t]] = weight_of(pass.batch, pass.batch.first[i] + t);
}

// The distinct tokens of sample i, and the scores of all of them.
template <class S>
void find_slots(const Pass<S>& pass, Index i) {
  Workspace<S>& s = pass.space;
  YzSpace<S>& yz = s.yz;
  const Index n = pass.length(i), first = pass.first(i);
  const std::int32_t* ids = ids_of(pass, i);
  const S* z = pass.value(pass.model.Z) + ids[n - 1] * pass.m.vocabulary;
  std::int32_t* id = yz.id + i * yz.most;
  std::int32_t n_slots = 0;
  for (Index t = 0; t < n; ++t) {
    std::int32_t& place = s.place[ids[t]];
    if (place < 0) {
      place = n_slots;
      id[n_slots++] = ids[t];
    }
    s.slot[first + t] = place;
    yz.score[first + t] = z[ids[t]];
  }
  for (std::int32_t e = 0; e < n_slots; ++e) s.place[id[e]] = -1;
  yz.n_slots[i] = n_slots;
}

// The features f of sample i.
template <class S>
Result<Done> attend_to(const Pass<S>& pass, Index i) {
  YzSpace<S>& yz = pass.space.yz;
  find_slots(pass, i);
  fill_values(pass, i);
  const Index n = pass.length(i), n_slots = yz.n_slots[i];
  S* u = yz.u + i * yz.most;
  S* f = yz.f + i * yz.most;
  const auto head = kernel_head(pass.m, yz, pass.first(i), n, n_slots);
  if (run(*pass.model.kernel, head, u, n_slots, yz.saved + i * pass.space.n_saved,
          pass.space.kernel_work) != ATTNLAB_OK)
    return pass.model.kernel->failure("forward");

  const auto inverse = [](S x) { return x == S(0) ? S(0) : S(1) / x; };
  const bool divides = pass.batch.weights != nullptr && pass.model.kernel->row_stochastic();
  yz.shrink[i] = divides ? inverse(sum_of<S>(n_slots, [&](Index e) { return u[e]; })) : S(1);
  for (Index e = 0; e < n_slots; ++e) f[e] = yz.shrink[i] * u[e];
  if (pass.m.residual) f[pass.space.slot[pass.first(i) + n - 1]] += S(1);
  if (pass.m.norm != Norm::l2) return Done{};
  yz.unit[i] = inverse(std::sqrt(dot<S>(f, f, n_slots)));
  for (Index e = 0; e < n_slots; ++e) f[e] *= yz.unit[i];
  return Done{};
}

// o = f Y
template <class S>
void decode(const Pass<S>& pass, Index i, S* o) {
  const YzSpace<S>& yz = pass.space.yz;
  const Index M = pass.m.vocabulary;
  const S* Y = pass.value(pass.model.Y);
  std::fill_n(o, M, S(0));
  for (Index e = 0; e < yz.n_slots[i]; ++e)
    add_scaled(o, yz.f[i * yz.most + e], Y + yz.id[i * yz.most + e] * M, M);
}

// Adds dY, and leaves df.
template <class S>
void decode_backward(const Pass<S>& pass, Index i, const S* d_o) {
  const YzSpace<S>& yz = pass.space.yz;
  const Index M = pass.m.vocabulary;
  const S* Y = pass.value(pass.model.Y);
  S* dY = pass.slope(pass.model.Y);
  for (Index e = 0; e < yz.n_slots[i]; ++e) {
    const Index row = yz.id[i * yz.most + e] * M;
    yz.d_f[e] = dot(Y + row, d_o, M);
    if (dY != nullptr) add_scaled(dY + row, yz.f[i * yz.most + e], d_o, M);
  }
}

}  // namespace

template <class S>
Result<Done> attention_gradient(const Pass<S>& pass, Index i) {
  S* dZ = pass.slope(pass.model.Z);
  if (dZ == nullptr) return Done{};
  YzSpace<S>& yz = pass.space.yz;
  const Index n = pass.length(i), n_slots = yz.n_slots[i];
  const S* u = yz.u + i * yz.most;
  const S* f = yz.f + i * yz.most;
  if (pass.m.norm == Norm::l2) {
    const S along = dot<S>(yz.d_f, f, n_slots);
    for (Index e = 0; e < n_slots; ++e) yz.d_f[e] = (yz.d_f[e] - f[e] * along) * yz.unit[i];
  }
  if (pass.batch.weights != nullptr && pass.model.kernel->row_stochastic()) {
    const S mean = yz.shrink[i] * dot<S>(yz.d_f, u, n_slots);
    for (Index e = 0; e < n_slots; ++e) yz.d_f[e] = (yz.d_f[e] - mean) * yz.shrink[i];
  }
  fill_values(pass, i);
  *yz.d_q = S(0);
  std::fill_n(yz.d_k, n, S(0));
  std::fill_n(yz.d_v, n * n_slots, S(0));
  const auto head = kernel_head(pass.m, yz, pass.first(i), n, n_slots);
  if (run_back(*pass.model.kernel, head, u, yz.d_f, n_slots, yz.saved + i * pass.space.n_saved,
               yz.d_q, yz.d_k, yz.d_v, pass.space.kernel_work) != ATTNLAB_OK)
    return pass.model.kernel->failure("backward");
  const std::int32_t* ids = ids_of(pass, i);
  S* row = dZ + ids[n - 1] * pass.m.vocabulary;
  for (Index t = 0; t < n; ++t) row[ids[t]] += yz.d_k[t];
  return Done{};
}

template <class S>
Result<PassResult> yz_pass(const Pass<S>& pass, double* sample_loss, std::int8_t* sample_correct) {
  Workspace<S>& s = pass.space;
  const bool slaved = pass.m.parameterization == Parameterization::slaved_decoder;
  const Rows<S> outputs{s.outputs, pass.batch.n_samples, pass.m.outputs};
  for (Index i = 0; i < outputs.rows; ++i)
    if (auto done = attend_to(pass, i); !done) return done.errors();
  if (slaved)
    slaved_outputs(pass, outputs);
  else
    for (Index i = 0; i < outputs.rows; ++i) decode(pass, i, outputs[i]);
  s.answers = outputs.data;
  s.n_answers = outputs.size();

  const bool backward = pass.gradient != nullptr;
  const Rows<S> d{backward && !slaved ? s.d_outputs : nullptr, outputs.rows, outputs.columns};
  const PassResult result = judge(pass, outputs.read(), d, sample_loss, sample_correct);
  if (!backward) return result;
  if (slaved) {
    const auto moved = slaved_velocity(pass);
    return moved ? Result<PassResult>(result) : Result<PassResult>(moved.errors());
  }
  for (Index i = 0; i < outputs.rows; ++i) {
    decode_backward(pass, i, d[i]);
    if (auto done = attention_gradient(pass, i); !done) return done.errors();
  }
  return result;
}

template <class S>
attnlab_status look_yz(const Parts<S>& model, const Batch<S>& batch, Index i, Workspace<S>& space) {
  const Index first = batch.first[i] - batch.first[0], n = batch.first[i + 1] - batch.first[i];
  const auto head = kernel_head(model.shape, space.yz, first, n, space.yz.n_slots[i]);
  const attnlab_status status = look(*model.kernel, head, space.weights, space.kernel_work);
  if (batch.weights == nullptr) return status;
  for (Index t = 0; t < n; ++t)
    space.weights[t] *= space.yz.shrink[i] * batch.weights[batch.first[i] + t];
  return status;
}

template <class S>
void take_yz(Workspace<S>& s, const ModelShape& m) {
  const auto floats = [&](Index n) { return s.store.template take<S>(n); };
  const auto doubles = [&](Index n) { return s.store.template take<double>(n); };
  YzSpace<S>& yz = s.yz;
  const Index n = s.max_samples, M = m.vocabulary, K = m.classes;
  yz.most = std::min(s.max_tokens, M);
  yz.temperature = floats(1);
  *yz.temperature = static_cast<S>(m.temperature);
  yz.score = floats(s.max_all_tokens);
  yz.id = s.store.template take<std::int32_t>(n * yz.most);
  yz.n_slots = s.store.template take<Index>(n);
  yz.u = floats(n * yz.most);
  yz.f = floats(n * yz.most);
  yz.shrink = floats(n);
  yz.unit = floats(n);
  yz.saved = floats(n * s.n_saved);
  yz.v = floats(s.max_tokens * yz.most);
  yz.d_v = floats(s.max_tokens * yz.most);
  yz.d_f = floats(yz.most);
  yz.d_q = floats(1);
  yz.d_k = floats(s.max_tokens);
  yz.features = doubles(K * M);
  yz.gram = doubles(K * K);
  yz.coefficients = doubles(K * K);
  yz.diagonal = doubles(K);
  s.slot = s.store.template take<std::int32_t>(s.max_all_tokens);
  s.place = s.store.template take<std::int32_t>(M);
  std::fill_n(s.place, M, -1);
  s.outputs = floats(n * M);
  s.d_outputs = floats((s.for_gradient ? n : 1) * M);
}

#define ATTNLAB_FOR(S)                                                                     \
  template void take_yz(Workspace<S>&, const ModelShape&);                                 \
  template Result<PassResult> yz_pass(const Pass<S>&, double*, std::int8_t*);              \
  template attnlab_status look_yz(const Parts<S>&, const Batch<S>&, Index, Workspace<S>&); \
  template Result<Done> attention_gradient(const Pass<S>&, Index);
ATTNLAB_FOR(float)
ATTNLAB_FOR(double)
#undef ATTNLAB_FOR

}  // namespace attnlab
