// voice.cpp: explain and random_bits as C functions.
#include "host/voice.hpp"

#include <algorithm>

#include "base/random.hpp"
#include "host/admit.hpp"

namespace attnlab {
namespace {

constexpr std::size_t longest_sentence = 2000;

void explain(void* self, const char* sentence) { static_cast<Voice*>(self)->explain(sentence); }

void random_numbers(void*, std::uint64_t seed, std::uint64_t stream, std::uint64_t first,
                    std::int64_t n, std::uint64_t* out) {
  random_bits(seed, stream, first, {out, static_cast<std::size_t>(std::max<std::int64_t>(n, 0))});
}

}  // namespace

Voice::Voice(std::string who, std::string folder)
    : who_(std::move(who)),
      folder_(std::move(folder)),
      host_{sizeof(attnlab_host),
            0,
            this,
            attnlab::explain,
            random_numbers,
            folder_.empty() ? nullptr : folder_.c_str()} {}

void Voice::explain(const char* sentence) {
  std::string clean = clean_text(sentence);
  std::ranges::replace_if(
      clean, [](unsigned char c) { return c < 0x20; }, ' ');  // one line
  if (clean.size() > longest_sentence) {
    std::size_t end = longest_sentence;
    while ((static_cast<unsigned char>(clean[end]) & 0xc0u) == 0x80u) --end;  // a whole character
    clean.resize(end);
    clean += " ...";
  }
  const std::lock_guard lock(mutex_);
  if (sentence_.empty()) sentence_ = std::move(clean);
}

void Voice::explain_exception(const char* what) noexcept try {
  explain(("threw an exception across the C border: " + std::string(what)).c_str());
} catch (...) {  // out of memory: the failure goes unexplained
}

Error Voice::failure(const std::string& slot) const {
  const std::lock_guard lock(mutex_);
  if (!sentence_.empty()) return {who_, sentence_, ""};
  return {who_, slot + " failed", "the plugin did not say why"};
}

}  // namespace attnlab
