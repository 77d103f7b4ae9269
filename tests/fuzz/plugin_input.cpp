// plugin_input.cpp: structs of the C border built from any bytes, as a plugin would answer them.
// The host refuses them with a sentence, or what it understood can be shown, given options, and
// swept.
//
// Texts and arrays are as long as the structs say and not a byte longer, so that AddressSanitizer
// sees one that is read too far.
#include <attnlab/kernel.h>
#include <attnlab/optimizer.h>
#include <attnlab/task.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "bytes_of_input.hpp"
#include "claim.hpp"
#include "grid/grid.hpp"
#include "host/admit.hpp"
#include "host/describe.hpp"
#include "host/options.hpp"

namespace attnlab::fuzz {
namespace {

class Plugin {  // what one input describes; owns all that its pointers reach
 public:
  explicit Plugin(Input& in) : in_(in) {
    plugin_.magic = in.one_in(20) ? in.number<std::uint32_t>() : ATTNLAB_ABI_MAGIC;
    plugin_.abi_major = in.one_in(20) ? in.number<std::uint32_t>() : ATTNLAB_ABI_MAJOR;
    plugin_.abi_minor = in.one_in(20) ? in.number<std::uint32_t>() : ATTNLAB_ABI_MINOR;
    plugin_.struct_size =
        in.one_in(20) ? in.number<std::uint32_t>() : std::uint32_t{sizeof plugin_};
    plugin_.kind = in.one_in(20) ? in.number<std::int32_t>() : std::int32_t(1 + in.below(3));
    name_ = in.one_in(6) ? std::string(in.text()) : "plugin";
    plugin_.name = in.one_in(20) ? nullptr : text(name_);
    plugin_.version = maybe_text();
    plugin_.summary = maybe_text();
    plugin_.formula = maybe_text();
    plugin_.paper = maybe_text();
    plugin_.build = maybe_text();
    make_options();
    make_table();
  }
  const attnlab_plugin& border() const { return plugin_; }
  const std::string& name() const { return name_; }

 private:
  char* room(std::size_t n) {
    rooms_.push_back(std::make_unique<std::max_align_t[]>((n + sizeof(std::max_align_t) - 1) /
                                                          sizeof(std::max_align_t)));
    return reinterpret_cast<char*>(rooms_.back().get());
  }
  const char* text(std::string_view text) {
    texts_.push_back(std::make_unique<char[]>(text.size() + 1));
    std::memcpy(texts_.back().get(), text.data(), text.size());
    return texts_.back().get();
  }
  const char* maybe_text() { return in_.one_in(8) ? nullptr : text(in_.text()); }

  void make_options() {
    const std::int64_t n = in_.below(5);
    const std::uint32_t stride =
        in_.one_in(12) ? in_.number<std::uint32_t>() : std::uint32_t{sizeof(attnlab_option)};
    plugin_.n_options = in_.one_in(20) ? in_.number<std::int64_t>() : n;
    if (in_.one_in(30)) return;  // no pointer
    // A description of the size it states. A host that has refused the stride must not walk on.
    const bool sound = stride >= sizeof(attnlab_option) && stride <= 4096 && stride % 8 == 0;
    const std::int64_t there =
        sound && plugin_.n_options > 0 && plugin_.n_options <= 1000 ? plugin_.n_options : 1;
    const std::size_t step = sound ? stride : sizeof(attnlab_option);
    char* const at = room(static_cast<std::size_t>(there) * step);
    for (std::int64_t i = 0; i < there; ++i) {
      const attnlab_option option = i < 6 ? one_option(stride) : attnlab_option{};
      std::memcpy(at + static_cast<std::size_t>(i) * step, &option, sizeof option);
    }
    plugin_.options = reinterpret_cast<const attnlab_option*>(at);
  }

  attnlab_option one_option(std::uint32_t stride) {
    constexpr double bounds[] = {-INFINITY, INFINITY, 0, 1, -1, 1e300, NAN, 9.3e18};
    attnlab_option option{};
    option.struct_size = stride;
    option.type = in_.one_in(20) ? in_.number<std::int32_t>() : std::int32_t(1 + in_.below(7));
    option.name = maybe_text();
    option.fallback = maybe_text();
    option.minimum = in_.one_in(3) ? in_.number<double>() : bounds[in_.below(8)];
    option.maximum = in_.one_in(3) ? in_.number<double>() : bounds[in_.below(8)];
    option.choices = maybe_text();
    option.unit = maybe_text();
    option.sentence = maybe_text();
    return option;
  }

  // Slots hold a pointer or none; the host only looks whether they are there.
  template <class Table>
  void fill_table() {
    const std::uint32_t size = in_.one_in(8) ? in_.number<std::uint16_t>() : sizeof(Table);
    char* const at = room(std::max<std::size_t>(size, sizeof(Table)));
    const std::uint64_t missing = in_.one_in(8) ? in_.number<std::uint64_t>() : 0;
    for (std::size_t i = 1; i < sizeof(Table) / sizeof(void*); ++i) {
      const std::uint64_t slot = (missing >> i & 1) != 0 ? 0 : 1;
      std::memcpy(at + i * sizeof(void*), &slot, sizeof slot);
    }
    std::memcpy(at, &size, sizeof size);
    if constexpr (std::is_same_v<Table, attnlab_optimizer>) {
      const double rate = in_.one_in(2) ? in_.number<double>() : 0.1;
      std::memcpy(at + offsetof(attnlab_optimizer, default_learning_rate), &rate, sizeof rate);
    }
    plugin_.table = at;
  }
  void make_table() {
    if (in_.one_in(30)) return;
    if (plugin_.kind == ATTNLAB_TASK) fill_table<attnlab_task>();
    if (plugin_.kind == ATTNLAB_KERNEL) fill_table<attnlab_kernel>();
    if (plugin_.kind == ATTNLAB_OPTIMIZER) fill_table<attnlab_optimizer>();
  }

  Input& in_;
  attnlab_plugin plugin_{};
  std::string name_;
  std::deque<std::unique_ptr<std::max_align_t[]>> rooms_;
  std::deque<std::unique_ptr<char[]>> texts_;
};

void check_errors(const Errors& errors) {
  claim(!errors.empty(), "a refusal has a sentence");
  for (const Error& error : errors) claim(!error.what.empty(), "a refusal says why");
}

// The description reads a grid as any other would.
void read_a_grid(const PluginDescription& plugin, std::string_view values) {
  static const char* const places[] = {"task", "model.attention.kernel", "optimizer"};
  const std::string word = Settings(plugin.name).dump();
  const std::string place = places[static_cast<int>(plugin.kind)];
  const auto grid =
      grid_from("trial: {}\n", "g.yaml", "/tmp",
                {place + ".plugin=" + word, place + "." + std::string(values)}, {plugin}, {});
  if (!grid) check_errors(grid.errors());
}

void run(Input in) {
  const Plugin plugin(in);
  const auto understood = admit(&plugin.border(), "/p/" + plugin.name() + ".so", std::nullopt);
  if (!understood) return check_errors(understood.errors());
  claim(understood->options.size() == static_cast<std::size_t>(plugin.border().n_options),
        "every option was understood");
  const Catalogue catalogue{*understood};
  plugin_table(catalogue);
  claim(static_cast<bool>(plugin_page(catalogue, understood->name)), "a plugin has a page");
  const Settings given = Settings::parse(in.text(), nullptr, false);
  const auto values = option_values(*understood, given, "/tmp");
  if (!values) {
    check_errors(values.errors());
  } else {
    claim(values->values.size() == understood->options.size(), "every option has a value");
  }
  read_a_grid(*understood, in.text());
}

}  // namespace
}  // namespace attnlab::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  attnlab::fuzz::run({data, size});
  return 0;
}
