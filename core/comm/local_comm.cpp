// local_comm.cpp: mailboxes behind one mutex.
#include "comm/local_comm.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "base/assert.hpp"

namespace attnlab {

struct LocalWorld::Inside {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::deque<Message>> boxes;
  // A collective call in two halves: all bring their word, all take the answer, then the next may begin.
  std::vector<std::int64_t> words;
  std::string text;
  std::size_t n_arrived = 0;
  std::size_t n_left = 0;
};

namespace {

class LocalComm : public Comm {
 public:
  LocalComm(LocalWorld::Inside& world, int rank) : world_(world), rank_(rank) {}
  int rank() const override { return rank_; }
  int size() const override { return static_cast<int>(world_.boxes.size()); }

  void send(int to, int tag, std::span<const std::int64_t> words) override {
    ATTNLAB_ASSERT(to >= 0 && to < size());
    const std::scoped_lock lock(world_.mutex);
    world_.boxes[static_cast<std::size_t>(to)].push_back({rank_, tag, {words.begin(), words.end()}});
  }

  std::optional<Message> poll() override {
    const std::scoped_lock lock(world_.mutex);
    auto& box = world_.boxes[static_cast<std::size_t>(rank_)];
    if (box.empty()) return std::nullopt;
    Message message = std::move(box.front());
    box.pop_front();
    return message;
  }

  std::string broadcast(std::string text) override {
    meet(0, rank_ == 0 ? &text : nullptr, [&](const LocalWorld::Inside& world) { text = world.text; });
    return text;
  }

  std::vector<std::int64_t> gather(std::int64_t word) override {
    std::vector<std::int64_t> all;
    meet(word, nullptr, [&](const LocalWorld::Inside& world) {
      if (rank_ == 0) all = world.words;
    });
    return all;
  }

  std::int64_t maximum(std::int64_t word) override {
    std::int64_t largest = word;
    meet(word, nullptr,
         [&](const LocalWorld::Inside& world) { largest = *std::ranges::max_element(world.words); });
    return largest;
  }

 private:
  template <class Take>
  void meet(std::int64_t word, const std::string* text, Take take) {
    std::unique_lock lock(world_.mutex);
    const std::size_t n = world_.boxes.size();
    world_.changed.wait(lock, [&] { return world_.n_arrived < n; });  // the last meeting is over
    world_.words[static_cast<std::size_t>(rank_)] = word;
    if (text != nullptr) world_.text = *text;
    if (++world_.n_arrived == n) world_.changed.notify_all();
    world_.changed.wait(lock, [&] { return world_.n_arrived == n; });
    take(world_);
    if (++world_.n_left == n) {
      world_.n_arrived = world_.n_left = 0;
      world_.changed.notify_all();
    } else {
      world_.changed.wait(lock, [&] { return world_.n_left == 0; });
    }
  }

  LocalWorld::Inside& world_;
  int rank_;
};

}  // namespace

LocalWorld::LocalWorld(int n_ranks) : inside_(std::make_unique<Inside>()) {
  inside_->boxes.resize(static_cast<std::size_t>(n_ranks));
  inside_->words.resize(static_cast<std::size_t>(n_ranks));
}
LocalWorld::~LocalWorld() = default;

std::unique_ptr<Comm> LocalWorld::rank(int number) {
  return std::make_unique<LocalComm>(*inside_, number);
}

}  // namespace attnlab
