// kernel.cpp: an instance of a kernel plugin.
#include <limits>

#include "host/instance.hpp"
#include "host/plugins.hpp"

namespace attnlab {

Result<Kernel> Kernel::create(const Plugins& plugins, const Settings& settings) {
  auto prepared = prepare(plugins, PluginKind::kernel, settings, {});
  if (!prepared) return prepared.errors();
  const auto& [name, entry, voice, options] = *prepared;

  Kernel kernel;
  kernel.name_ = name;
  kernel.voice_ = voice;
  kernel.table_ = static_cast<const attnlab_kernel*>(entry->table);
  kernel.temperature_ = std::numeric_limits<double>::quiet_NaN();
  if (const Settings* given = find(settings, "temperature");
      given != nullptr && !given->is_null()) {
    if (!given->is_number() || !(given->get<double>() > 0)) {
      return Error{"kernel plugin '" + name + "'",
                   "the temperature must be a number above 0, not " + given->dump(), ""};
    }
    kernel.temperature_ = given->get<double>();
  }
  void* self = nullptr;
  const bool made = voice->succeeds([&, host = voice->host(), values = std::span(options.values)] {
    return kernel.table_->create(host, values.data(), std::ssize(values), &self);
  });
  if (!made) return voice->failure("create");
  kernel.self_ = owned(self, kernel.table_->destroy, voice, 0);
  return kernel;
}

Error Kernel::failure(const char* what) const { return voice_->failure(what); }

}  // namespace attnlab
