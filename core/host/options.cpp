// options.cpp: settings -> checked values of the C border.
#include "host/options.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace attnlab {
namespace {

std::string number(double x) { return Settings(x).dump(); }

std::string outside(const Option& option, double x) {
  if (std::isnan(x)) return "must be a number, not NaN";
  if (x < option.minimum)
    return "must be at least " + number(option.minimum) + ", not " + number(x);
  if (x > option.maximum) return "must be at most " + number(option.maximum) + ", not " + number(x);
  return "";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

attnlab_value as_border(const Option& option, const Settings& value,
                        const std::filesystem::path& folder, std::deque<std::string>& texts) {
  attnlab_value out{};
  out.struct_size = sizeof out;
  out.type = static_cast<std::int32_t>(option.type) + 1;
  out.text = "";
  if (value.is_null()) {
    out.is_null = 1;
    return out;
  }
  const auto keep = [&](std::string text) {
    out.text = texts.emplace_back(std::move(text)).c_str();
  };
  switch (option.type) {
    case OptionType::integer: out.integer = value.get<std::int64_t>(); break;
    case OptionType::real: out.real = value.get<double>(); break;
    case OptionType::boolean: out.integer = value.get<bool>() ? 1 : 0; break;
    case OptionType::text:
    case OptionType::choice: keep(value.get<std::string>()); break;
    case OptionType::value: keep(value.dump()); break;
    case OptionType::path: {
      const auto path = value.get<std::string>();
      if (!path.empty())
        keep((std::filesystem::absolute(folder) / path).lexically_normal().string());
      break;
    }
  }
  return out;
}

// The numbers of the C border follow the order of OptionType.
static_assert(ATTNLAB_INTEGER == static_cast<int>(OptionType::integer) + 1);
static_assert(ATTNLAB_VALUE == static_cast<int>(OptionType::value) + 1);

}  // namespace

std::string mistake(const Option& option, const Settings& value) {
  if (value.is_null()) return "";
  switch (option.type) {
    case OptionType::integer:
      if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) {
        return "is too large for a whole number: " + value.dump();
      }
      if (!value.is_number_integer()) return "must be a whole number, not " + value.dump();
      return outside(option, value.get<double>());
    case OptionType::real:
      if (!value.is_number()) return "must be a number, not " + value.dump();
      return outside(option, value.get<double>());
    case OptionType::boolean:
      return value.is_boolean() ? "" : "must be true or false, not " + value.dump();
    case OptionType::text:
    case OptionType::path:
      if (!value.is_string()) return "must be text, not " + value.dump();
      return value.get<std::string>().find('\0') == std::string::npos ? "" : "holds a zero byte";
    case OptionType::choice: {
      const bool known =
          value.is_string() &&
          std::ranges::find(option.choices, value.get<std::string>()) != option.choices.end();
      return known ? "" : "must be one of " + joined(option.choices) + ", not " + value.dump();
    }
    case OptionType::value: return "";
  }
  return "is of an unknown type";
}

Result<OptionValues> option_values(const PluginDescription& plugin, const Settings& settings,
                                   const std::filesystem::path& folder) {
  const std::string where = to_string(plugin.kind) + " plugin '" + plugin.name + "'";
  OptionValues out;
  Errors errors;
  for (const Option& option : plugin.options) {
    const bool given = settings.is_object() && settings.contains(option.name);
    if (!given && !option.fallback) {
      errors.push_back({where, "the option '" + option.name + "' must be given", option.sentence});
      continue;
    }
    const Settings& value = given ? settings[option.name] : *option.fallback;
    const bool may_be_null = option.fallback && option.fallback->is_null();
    std::string wrong = mistake(option, value);
    if (value.is_null() && !may_be_null && option.type != OptionType::value) {
      wrong = "must have a value";
    }
    if (!wrong.empty()) {
      errors.push_back({where, "the option '" + option.name + "' " + wrong, option.sentence});
      continue;
    }
    out.values.push_back(as_border(option, value, folder, out.texts));
  }
  if (!errors.empty()) return errors;
  return out;
}

}  // namespace attnlab
