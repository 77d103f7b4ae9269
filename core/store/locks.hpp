// locks.hpp: who may be in a run directory at the same time. Locks are the kernel's (flock): they
// go when the process dies, on network file systems too.
//
//   journal/door         held while a run enters: one at a time
//   journal/lock         exclusive: a whole run; shared: shares
//   journal/lock.2-of-3  exclusive: this share
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/files.hpp"
#include "store/store.hpp"

namespace attnlab {

struct Locks {
  Descriptor lock, own;
  bool is_alone = true;  // nobody else is in the directory
};

// Waits at the door of DIR, ten minutes at most. A file system without locks gives a warning.
Result<Descriptor> enter(const std::filesystem::path& dir, std::vector<std::string>& warnings);

// Inside the door. Fails with who is there if that keeps `share` out. One that is alone holds the
// directory exclusively until `let_others_in`.
Result<Locks> take_locks(const std::filesystem::path& dir, const Share& share,
                         std::vector<std::string>& warnings);
void let_others_in(const Locks& locks);

}  // namespace attnlab
