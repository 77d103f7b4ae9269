// cache.cpp: looks in the process, then on disk, then has the data read.
#include "cache.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <mutex>
#include <set>

#include "cache_file.hpp"
#include "facts.hpp"

namespace reading {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t n_kept = 2;         // packs that live on without a user
constexpr std::size_t n_of_one_kind = 8;  // files of equal paths and choices, the newest ones
constexpr double most_wait = 120;         // seconds for another process that reads the same data
constexpr const char* way_out = "set ATTNLAB_CACHE to another folder, or to off";

// FNV-1a, as 16 hex digits: only names files, the key itself stands in them.
std::string digest(std::string_view text) {
  std::uint64_t sum = 0xcbf29ce484222325u;
  for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  std::array<char, 17> out{};
  std::snprintf(out.data(), out.size(), "%016llx", static_cast<unsigned long long>(sum));
  return out.data();
}

// Says a sentence on stderr, once a process.
void tell(const std::string& sentence) {
  static std::mutex mutex;
  static auto& told = *new std::set<std::string>;
  const std::scoped_lock lock(mutex);
  if (told.insert(sentence).second) {
    std::fputs(("attnlab: data cache: " + sentence + "\n").c_str(), stderr);
  }
}

// The same for what all ranks of a run would say: the first one speaks.
void tell_once(const std::string& sentence) {
  const char* rank = std::getenv("OMPI_COMM_WORLD_RANK");
  if (rank == nullptr || std::string_view(rank) == "0") tell(sentence);
}

struct Key {
  std::string kind, facts;  // of code, options and paths; of the files
  std::string whole() const { return kind + "\n\n" + facts; }
};

Key key_of(const Recipe& recipe) {
  std::string kind =
      "task " + recipe.task + "\nbuild " + build_of_this_library() + "\n" + recipe.choices;
  for (const fs::path& file : recipe.files) kind += "\n" + file.string();
  return {kind, facts_of(recipe.files)};
}

// Old files of the same kind, and what writers that died left behind, go.
void sweep(const fs::path& folder, const std::string& kind) {
  using Clock = fs::file_time_type::clock;
  std::vector<std::pair<fs::file_time_type, fs::path>> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path& file = entry->path();
    if (!file.filename().string().starts_with(kind)) continue;
    std::error_code unknown;
    const auto time = fs::last_write_time(file, unknown);
    if (unknown) continue;
    if (file.extension() == ".data") {
      found.emplace_back(time, file);
    } else if (file.extension() != ".lock" && Clock::now() - time > std::chrono::hours(1)) {
      fs::remove(file, unknown);
    }
  }
  std::sort(found.rbegin(), found.rend());
  for (std::size_t i = n_of_one_kind; i < found.size(); ++i) {
    fs::remove(found[i].second, error);
    fs::remove(fs::path(found[i].second).replace_extension(".lock"), error);
  }
}

std::shared_ptr<const Pack> made_and_kept(const Recipe& recipe, const Key& key,
                                          const fs::path& file, const std::function<Pack()>& make) {
  const auto made = std::make_shared<const Pack>(make());
  if (facts_of(recipe.files) != key.facts) {
    tell("files of " + recipe.files.front().string() +
         " changed while they were read; they are not kept");
    return made;
  }
  if (const std::string fault = write_cache_file(file, key.whole(), *made); !fault.empty()) {
    tell_once(file.string() + " cannot be written (" + fault +
              "): every process reads the data itself; " + way_out);
    return made;
  }
  sweep(file.parent_path(), recipe.task + "-" + digest(key.kind));
  const Opened kept = open_cache_file(file, key.whole());  // its pages are shared, ours are not
  return kept.pack ? kept.pack : made;
}

std::shared_ptr<const Pack> from_disk_or_made(const Recipe& recipe, const Key& key,
                                              const std::function<Pack()>& make) {
  const fs::path folder = cache_folder(std::getenv("ATTNLAB_CACHE"), std::getenv("XDG_CACHE_HOME"),
                                       std::getenv("HOME"));
  if (folder.empty() || build_of_this_library().empty()) {
    return std::make_shared<const Pack>(make());
  }
  const std::string whole = key.whole();
  const fs::path file =
      folder / (recipe.task + "-" + digest(key.kind) + "-" + digest(whole) + ".data");
  if (const Opened there = open_cache_file(file, whole); there.pack) return there.pack;

  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    tell_once(folder.string() + " cannot be made (" + error.message() +
              "): every process reads the data itself; " + way_out);
    return std::make_shared<const Pack>(make());
  }
  const FileLock lock(fs::path(file).replace_extension(".lock"), most_wait);
  if (lock.state() == FileLock::State::late) {
    tell("another process has been reading the same data for " +
         std::to_string(static_cast<int>(most_wait)) + " s; they are read here too");
    return std::make_shared<const Pack>(make());
  }
  const Opened there = open_cache_file(file, whole);  // another process may have made it meanwhile
  if (there.pack) return there.pack;
  if (!there.fault.empty()) tell(file.string() + " " + there.fault + "; it is made anew");
  return made_and_kept(recipe, key, file, make);
}

// What this process holds. Never destroyed: trials may end after main() does.
struct Held {
  struct Slot {
    std::string key;
    std::mutex making;  // held while the pack is being made
    std::weak_ptr<const Pack> pack;
  };
  std::mutex mutex;  // of what follows, and of the slots' packs
  std::list<std::shared_ptr<Slot>> slots;
  std::list<std::shared_ptr<const Pack>> last;  // used last, at most n_kept

  std::shared_ptr<Slot> slot(const std::string& key) {
    const std::scoped_lock lock(mutex);
    slots.remove_if([&](const auto& it) { return it.use_count() == 1 && it->pack.expired(); });
    for (const auto& it : slots) {
      if (it->key == key) return it;
    }
    slots.push_back(std::make_shared<Slot>());
    slots.back()->key = key;
    return slots.back();
  }
  std::shared_ptr<const Pack> pack(const Slot& slot) {
    const std::scoped_lock lock(mutex);
    return slot.pack.lock();
  }
  void keep(Slot& slot, const std::shared_ptr<const Pack>& pack) {
    const std::scoped_lock lock(mutex);
    slot.pack = pack;
    last.remove(pack);
    last.push_front(pack);
    if (last.size() > n_kept) last.pop_back();
  }
};

Held& held() {
  static auto& it = *new Held;
  return it;
}

}  // namespace

std::string exact(double number) {
  std::array<char, 40> out{};
  std::snprintf(out.data(), out.size(), "%a", number);
  return out.data();
}

fs::path cache_folder(const char* attnlab_cache, const char* xdg_cache_home, const char* home) {
  const auto given = [](const char* text) { return text != nullptr && *text != '\0'; };
  if (given(attnlab_cache)) {
    return std::string_view(attnlab_cache) == "off" ? fs::path() : fs::absolute(attnlab_cache);
  }
  if (given(xdg_cache_home) && fs::path(xdg_cache_home).is_absolute()) {
    return fs::path(xdg_cache_home) / "attnlab";
  }
  return given(home) ? fs::path(home) / ".cache" / "attnlab" : fs::path();
}

std::shared_ptr<const Pack> prepared(const Recipe& recipe, const std::function<Pack()>& make) {
  const Key key = key_of(recipe);
  const auto slot = held().slot(key.whole());
  const std::scoped_lock lock(slot->making);
  auto pack = held().pack(*slot);
  if (!pack) pack = from_disk_or_made(recipe, key, make);
  held().keep(*slot, pack);
  return pack;
}

}  // namespace reading
