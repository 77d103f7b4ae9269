// isolate_child.cpp: the child's side: a question is a trial, the answer is its attempt, or what a
// look at it found.
#include <condition_variable>
#include <cstdlib>
#include <optional>

#include "base/bytes.hpp"
#include "run/isolate.hpp"
#include "run/pack.hpp"

namespace attnlab {
namespace {

std::optional<Question> decode(std::string_view bytes) try {
  ByteReader in(bytes);
  Question out;
  std::string_view folder, directory, folders, settings;
  std::int64_t number = 0;
  std::int32_t wish = 0;
  if (!in.number(wish) || !in.text(folder) || !in.text(directory) ||
      !in.number(out.workshop.threads_each) || !in.number(out.workshop.limit) ||
      !in.text(folders) || !in.number(out.slot) || !in.number(number) ||
      !in.number(out.trial.id.hash) || !in.text(settings) || !in.at_end())
    return std::nullopt;
  out.wish = static_cast<Question::Wish>(wish);
  out.workshop.folder = folder;
  out.workshop.directory = directory;
  for (const std::string& one : unpack(std::string(folders))) out.folders.emplace_back(one);
  out.trial.number = static_cast<Index>(number);
  out.settings = Settings::from_cbor(settings);  // exact: infinities and NaN too
  return out;
} catch (const Settings::exception&) {
  return std::nullopt;
}

// Starts threads: only in a child.
class Bench {
 public:
  Bench(std::vector<std::filesystem::path> folders, const Plugins& plugins, const TrialSlots& slots)
      : folders_(std::move(folders)), given_(plugins), slots_(slots) {}

  std::string answer(std::string_view bytes) {
    const auto question = decode(bytes);
    if (!question) std::abort();  // the question's checksum was right: it is our own mistake
    const std::string failed = find_plugins(question->folders);
    if (question->wish == Question::Wish::examine) {
      return encode(failed.empty() ? examine_one(question->settings, plugins(),
                                                 question->workshop.folder, cache_)
                                   : Result<Examined>(Error{"", failed, "", Blame::machine}));
    }
    Attempt out;
    if (failed.empty()) {
      out = train(*question);
    } else {
      out.status = TrialStatus::failed;
      out.error = failed;
    }
    return encode(out);
  }

 private:
  const Plugins& plugins() const { return own_ ? *own_ : given_; }

  Attempt train(const Question& question) {
    const Workshop& shop = question.workshop;
    if (!workers_ || workers_->n_threads() != shop.threads_each) {
      workers_.emplace(shop.threads_each);
      fix_arithmetic();
    }
    Attempt out;
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    workers_->start([&] {
      out = attempt(shop, plugins(), question.trial, question.settings, cache_,
                    slots_[question.slot]);
      const std::scoped_lock lock(mutex);
      done = true;
      changed.notify_one();
    });
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return done; });
    return out;
  }

  std::string find_plugins(const std::vector<std::filesystem::path>& folders) {
    if (folders == folders_) return "";
    auto scanned = Plugins::scan(folders);
    if (!scanned) return sentence(scanned.errors().front());
    own_.emplace(*std::move(scanned));
    folders_ = folders;
    return "";
  }

  std::vector<std::filesystem::path> folders_;
  const Plugins& given_;
  const TrialSlots& slots_;
  std::optional<Plugins> own_;  // when rank 0 named other folders
  TaskCache cache_;
  std::optional<Workers> workers_;
};

}  // namespace

std::string encode(const Question& question) {
  ByteWriter out;
  out.number(static_cast<std::int32_t>(question.wish));
  std::vector<std::string> folders;
  for (const auto& folder : question.folders) folders.push_back(folder.string());
  const std::vector<std::uint8_t> settings = Settings::to_cbor(question.settings);
  out.text(question.workshop.folder.string());
  out.text(question.workshop.directory.string());
  out.number(question.workshop.threads_each);
  out.number(question.workshop.limit);
  out.text(pack(folders));
  out.number(question.slot);
  out.number(static_cast<std::int64_t>(question.trial.number));
  out.number(question.trial.id.hash);
  out.text({reinterpret_cast<const char*>(settings.data()), settings.size()});
  return out.take();
}

Sandbox::Work work_of_child(const std::vector<std::filesystem::path>& folders,
                            const Plugins& plugins, const TrialSlots& slots) {
  return [&folders, &plugins, &slots,
          bench = std::shared_ptr<Bench>()](std::string_view question) mutable {
    if (!bench) bench = std::make_shared<Bench>(folders, plugins, slots);
    return bench->answer(question);
  };
}

}  // namespace attnlab
