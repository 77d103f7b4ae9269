// instance.hpp: what making an instance of any kind of plugin begins with.
#pragma once

#include <attnlab/plugin.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "host/options.hpp"
#include "host/plugins.hpp"
#include "host/voice.hpp"

namespace attnlab {

struct Preparation {
  std::string name;
  const attnlab_plugin* entry = nullptr;
  std::shared_ptr<Voice> voice;
  OptionValues options;
};

// Looks up settings["plugin"] and builds the values of its options. Fails with the reason for a
// refusal, or with the nearest name, if there is no such plugin.
Result<Preparation> prepare(const Plugins& plugins, PluginKind kind, const Settings& settings,
                            const std::filesystem::path& folder);

// Owns what create() made: `destroy` runs when the last copy goes, while `lent` (voice, problem) is
// still there.
template <class Lent>
std::shared_ptr<void> owned(void* self, void (*destroy)(void*), std::shared_ptr<Voice> voice,
                            Lent lent) {
  return std::shared_ptr<void>(
      self, [destroy, voice = std::move(voice), lent = std::move(lent)](void* gone) {
        voice->succeeds([&] {
          destroy(gone);
          return ATTNLAB_OK;
        });
      });
}

}  // namespace attnlab
