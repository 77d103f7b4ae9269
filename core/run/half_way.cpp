// half_way.cpp: the knot between train, which knows no files, and store, which knows no training.
#include "run/half_way.hpp"

#include "run/speak.hpp"

namespace attnlab {

std::string build_of(const Settings& trial, const Catalogue& catalogue) {
  std::string build = std::string(ATTNLAB_VERSION) + " " + ATTNLAB_BUILD_TAG;
  const auto add = [&](PluginKind kind, const Settings& plugin) {
    const std::string name = plugin.at("plugin").get<std::string>();
    if (const PluginDescription* found = find(catalogue, kind, name)) {
      build += "; " + name + " " + found->sha256;
    }
  };
  add(PluginKind::task, trial.at("task"));
  add(PluginKind::kernel, trial.at("model").at("attention").at("kernel"));
  add(PluginKind::optimizer, trial.at("optimizer"));
  return build;
}

CheckpointOfTrial::CheckpointOfTrial(const std::filesystem::path& dir, const Trial& trial,
                                     std::string build)
    : file_(dir, trial.id, std::move(build)),
      name_("trial " + std::to_string(trial.number) + " (" + to_string(trial.id) + ")") {}

std::optional<std::string> CheckpointOfTrial::load() {
  auto loaded = file_.load();
  if (!loaded) {
    warn(sentence(loaded.errors().front()));
    return std::nullopt;
  }
  if (!*loaded) return std::nullopt;
  attempts_ = (*loaded)->attempts + 1;
  return std::move((*loaded)->bytes);
}

void CheckpointOfTrial::save(std::int64_t step, const std::string& bytes) {
  const auto saved = file_.save(step, attempts_, bytes);
  if (saved || complained_) return;
  complained_ = true;
  warn(name_ + " goes on without a checkpoint. " + sentence(saved.errors().front()));
}

void CheckpointOfTrial::continued(std::int64_t step) {
  note("attnlab: " + name_ + " continues at step " + std::to_string(step));
}

void CheckpointOfTrial::refused(const std::string& why) {
  warn(file_.path().string() + ": " + why + "; the trial starts over");
}

}  // namespace attnlab
