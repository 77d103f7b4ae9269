// checkpoint.hpp: the half-way state of a trial as one file, DIR/checkpoints/<trial id>.ckpt, that
// is whole or refused.
//
//   attnlab checkpoint 1 <SHA-256 of line 2>
//   {"trial": id, "build": ..., "attempts": n, "step": s, "size": bytes, "sha256": of the bytes}
//   the bytes
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "plan/plan.hpp"

namespace attnlab {

struct Checkpoint {
  std::int64_t step = 0;      // updates made
  std::int64_t attempts = 1;  // processes that have trained this trial
  std::string bytes;
};

class CheckpointFile {
 public:
  // `build`: what must be equal so that continued numbers have the same bits.
  CheckpointFile(const std::filesystem::path& dir, TrialId id, std::string build);
  const std::filesystem::path& path() const { return path_; }

  // None: there is no file. Fails with a sentence that names it if it is damaged, of another trial,
  // another build or another format: such a trial starts over.
  Result<std::optional<Checkpoint>> load() const;
  // The file holds this afterwards, also if the machine loses power; on failure what it held
  // before. Any thread, no HDF5; the bytes are not copied.
  Result<Done> save(std::int64_t step, std::int64_t attempts, std::string_view bytes) const;

 private:
  std::filesystem::path path_;
  std::string id_, build_;
};

// Trials of DIR that were left half-way.
std::vector<TrialId> half_way_trials(const std::filesystem::path& dir);
// What is finished needs no checkpoint any more. Those that are not there are no failure.
void remove_checkpoints(const std::filesystem::path& dir, std::span<const TrialId> finished);

}  // namespace attnlab
