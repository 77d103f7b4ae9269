// workspace.hpp: every number of a pass that has no other home, allocated once.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "model/model.hpp"
#include "model/rows.hpp"

namespace attnlab {

// Memory aligned to 64 bytes, not touched before it is used.
class Store {
 public:
  template <class T>
  T* take(Index n) {
    const auto bytes = static_cast<std::size_t>(std::max<Index>(n, 1)) * sizeof(T);
    pieces_.emplace_back(::operator new(bytes, alignment));
    return static_cast<T*>(pieces_.back().get());
  }

 private:
  static constexpr std::align_val_t alignment{64};
  struct Free {
    void operator()(void* p) const { ::operator delete(p, alignment); }
  };
  std::vector<std::unique_ptr<void, Free>> pieces_;
};

// What one layer keeps from forward to backward. Without a backward, layers share all but q and k,
// which snapshots read.
template <class S>
struct LayerSpace {
  S *normed_1, *stats_1;  // pre_layer: norm of the input [token][dim]
  S *q, *k, *v, *o;       // [row or token][heads * key_dim or value_dim]
  S* saved;               // the kernel's, [sample][head][n_saved]
  S *mixed, *middle;      // [row][width]: attention + residual, and its norm
  S *normed_2, *stats_2;  // [row][width]
  S *hidden, *slope;      // [row][feed_forward]
  S *fed, *out;           // [row][width]: feed-forward + residual, and its norm
  std::uint8_t *mask_1, *mask_hidden, *mask_2;
  const S *x, *attended;  // of this pass: what entered, and what the attention answered
};

// What a pass keeps where Y and Z are the parameters (yz.cpp). A slot is one of the distinct tokens
// of its sample.
template <class S>
struct YzSpace {
  Index most;          // slots of a sample at most
  S* temperature;      // [1]: the query of the kernel
  S* score;            // [token] entry of Z, the keys of the kernel
  std::int32_t* id;    // [sample][most] token of a slot
  Index* n_slots;      // [sample]
  S *u, *f;            // [sample][most] the kernel's answer, and the features made of it
  S *shrink, *unit;    // [sample] c = shrink u; f = unit (c + e_m)
  S* saved;            // [sample][n_saved]
  S *v, *d_v;          // [max_tokens][most]
  S *d_f, *d_q, *d_k;  // [most], [1], [max_tokens]
  double *features, *gram, *coefficients,
      *diagonal;  // slaved_decoder: F [K][M]; F^T F, Co [K][K]; [K]
};

template <class S>
class Workspace {
 public:
  YzSpace<S> yz{};
  Store store;
  Index max_samples = 0, max_all_tokens = 0, max_tokens = 0;
  bool for_gradient = false;
  bool keeps_heads = true;  // Q, K and V of all samples last until the next pass, for snapshots
  Index n_saved = 0;        // of one head, rounded up to whole cache lines
  std::vector<LayerSpace<S>> layers;

  S *x0, *x_last;  // rows that enter layer 0 [token][dim]; those of the last tokens [sample][dim]
  std::uint8_t* mask_0;
  S *packed, *packed_slope;  // [dim][heads * key_dim or value_dim]
  Index* last_token;         // [sample]
  std::int32_t *slot, *distinct,
      *place;  // [token] slot of its id; [slot] id; [vocabulary] slot of an id, -1: none
  Index n_distinct = 0;
  S *x_distinct, *d_distinct, *y_distinct;  // [slot][dim], [slot][dim], [slot][heads * ...]
  S *final, *final_stats, *pooled;          // [row][width], [sample][width]
  S *head_hidden, *head_slope, *fold, *fold_slope, *outputs, *d_outputs;
  S *d_pooled, *d_head_hidden;
  S *d, *d_other, *d_copy;  // [token][widest]
  S *d_hidden, *d_o, *d_q, *d_k, *d_v;
  std::uint8_t* kept;        // attention_dropout: of one head [query][key]
  S *kernel_work, *weights;  // weights [query block][max_tokens]

  const S* answers = nullptr;  // of the last pass
  Index n_answers = 0;
};

inline constexpr Index query_block =
    64;  // queries of a snapshot whose weights are looked at together

}  // namespace attnlab
