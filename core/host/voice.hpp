// voice.hpp: the host's services for one plugin instance, and the sentence the instance gave last
// words with.
#pragma once

#include <attnlab/plugin.h>

#include <exception>
#include <mutex>
#include <string>

#include "base/result.hpp"
#include "host/kept_arithmetic.hpp"

namespace attnlab {

class Voice {
 public:
  // `who`: "task plugin 'x'"; `folder`: absolute, relative paths count from it; may be empty.
  Voice(std::string who, std::string folder);
  Voice(const Voice&) = delete;
  Voice& operator=(const Voice&) = delete;

  const attnlab_host* host() const { return &host_; }
  void explain(const char* sentence);  // any thread; the first sentence stays

  // The error of a slot that answered a failure: what was explained, or that nothing was.
  Error failure(const std::string& slot) const;

  // Calls a slot that answers a status. An exception that crosses the border is explained and
  // becomes a failure; the arithmetic of the thread stays as it was.
  template <class Call>
  bool succeeds(Call&& call) noexcept {
    const KeptArithmetic kept;
    try {
      return call() == ATTNLAB_OK;
    } catch (const std::exception& e) {
      explain_exception(e.what());
    } catch (...) {
      explain_exception("not a std::exception");
    }
    return false;
  }

 private:
  void explain_exception(const char* what) noexcept;

  std::string who_;
  std::string folder_;
  attnlab_host host_;
  mutable std::mutex mutex_;
  std::string sentence_;
};

}  // namespace attnlab
