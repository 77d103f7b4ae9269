// optimizer.cpp: an instance of an optimizer plugin, with a copy of the problem that outlives it.
#include <deque>

#include "host/instance.hpp"
#include "host/plugins.hpp"

namespace attnlab {
namespace {

// The problem as the plugin may keep it: blocks and names stay where they are.
struct KeptProblem {
  std::deque<std::string> names;
  std::vector<attnlab_block> blocks;
  attnlab_problem problem;

  explicit KeptProblem(const attnlab_problem& from) : problem(from) {
    for (std::int64_t b = 0; b < from.n_blocks; ++b) {
      blocks.push_back(from.blocks[b]);
      blocks.back().struct_size = sizeof(attnlab_block);
      blocks.back().name = names.emplace_back(from.blocks[b].name).c_str();
    }
    problem.struct_size = sizeof problem;
    problem.blocks = blocks.data();
  }
};

}  // namespace

Result<Optimizer> Optimizer::create(const Plugins& plugins, const Settings& settings,
                                    const attnlab_problem& problem) {
  auto prepared = prepare(plugins, PluginKind::optimizer, settings, {});
  if (!prepared) return prepared.errors();
  const auto& [name, entry, voice, options] = *prepared;

  Optimizer optimizer;
  optimizer.name_ = name;
  optimizer.voice_ = voice;
  optimizer.table_ = static_cast<const attnlab_optimizer*>(entry->table);
  const auto kept = std::make_shared<KeptProblem>(problem);
  void* self = nullptr;
  const bool made = voice->succeeds([&, host = voice->host(), values = std::span(options.values)] {
    return optimizer.table_->create(host, values.data(), std::ssize(values), &kept->problem, &self);
  });
  if (!made) return voice->failure("create");
  optimizer.self_ = owned(self, optimizer.table_->destroy, voice, kept);
  return optimizer;
}

Error Optimizer::failure(const char* what) const { return voice_->failure(what); }

}  // namespace attnlab
