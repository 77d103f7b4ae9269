// task_shape.hpp: what a task says of its data before any sample is made. Plain data, filled by host.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/index.hpp"

namespace attnlab {

enum class InputKind { tokens, dense };
enum class TargetKind { sign, klass, token, real };  // -1/+1, class number, token id per token, numbers

struct TaskShape {
  InputKind input = InputKind::tokens;
  TargetKind target = TargetKind::sign;
  bool target_per_token = false;  // one target a token (language models, token regression)
  bool padded = false;            // samples may be shorter than max_tokens
  bool weighted = false;          // tokens have weights: a sample is a distribution over its tokens
  Index max_tokens = 0;           // T, the padded length
  Index vocabulary = 0;           // token tasks: ids 0 .. vocabulary - 1
  Index input_dim = 0;            // dense tasks
  Index outputs = 0;              // classes, or numbers of a regression target
  Index n_train = 0;              // samples of each split; n_train 0: fresh draws
  Index n_validation = 0;
  Index n_test = 0;
  std::vector<std::string> groups;  // names of sample groups; may be empty
  std::string report;               // what was read: counts, classes, lengths, what was skipped; may be empty
};

// Keys on the axis of attention snapshots: the positions, or all tokens where a sample is a distribution over them.
inline Index n_snapshot_keys(const TaskShape& task) { return task.weighted ? task.vocabulary : task.max_tokens; }

}  // namespace attnlab
