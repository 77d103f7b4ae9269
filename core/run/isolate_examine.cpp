// isolate_examine.cpp: a look at trials of foreign plugins before the run: what kills the child
// that looks costs those trials, not the run.
#include <algorithm>
#include <chrono>

#include "base/bytes.hpp"
#include "run/child_end.hpp"
#include "run/isolate.hpp"
#include "run/machine.hpp"
#include "run/speak.hpp"

namespace attnlab {
namespace {

// Seconds. A trial that reads longer is tried all the same; after one that hung the others, of the
// same plugins mostly, have less.
constexpr double longest_look = 120, look_after_a_hang = 10;

bool read_text(ByteReader& in, std::string& out) {
  std::string_view text;
  if (!in.text(text)) return false;
  out = text;
  return true;
}

std::string names_of(const Settings& settings) {
  std::string names;
  for (const auto& [kind, name] : plugins_of(settings)) {
    if (!name.empty()) names += (names.empty() ? "'" : ", '") + name + "'";
  }
  return names;
}

}  // namespace

std::string encode(const Result<Examined>& examined) {
  ByteWriter out;
  out.number(static_cast<std::uint64_t>(examined ? 0 : examined.errors().size()));
  if (examined) {
    const Estimate& estimate = examined->estimate;
    out.number(estimate.parameters);
    for (const double number :
         {estimate.flops, estimate.working_bytes, estimate.result_bytes, examined->flops_per_step})
      out.number(number);
    return out.take();
  }
  for (const Error& error : examined.errors()) {
    out.text(error.where);
    out.text(error.what);
    out.text(error.hint);
    out.number(static_cast<std::int32_t>(error.blame));
  }
  return out.take();
}

std::optional<Result<Examined>> decode_examined(std::string_view bytes) {
  ByteReader in(bytes);
  std::uint64_t n_errors = 0;
  if (!in.number(n_errors)) return std::nullopt;
  if (n_errors == 0) {
    Examined out;
    Estimate& estimate = out.estimate;
    if (!in.number(estimate.parameters) || !in.number(estimate.flops) ||
        !in.number(estimate.working_bytes) || !in.number(estimate.result_bytes) ||
        !in.number(out.flops_per_step) || !in.at_end())
      return std::nullopt;
    return Result<Examined>(out);
  }
  Errors errors;
  for (std::uint64_t i = 0; i < n_errors; ++i) {
    Error& error = errors.emplace_back();
    std::int32_t blame = 0;
    if (!read_text(in, error.where) || !read_text(in, error.what) || !read_text(in, error.hint) ||
        !in.number(blame))
      return std::nullopt;
    error.blame = blame == static_cast<std::int32_t>(Blame::machine) ? Blame::machine : Blame::user;
  }
  return in.at_end() ? std::optional<Result<Examined>>(errors) : std::nullopt;
}

Result<Examined> Isolation::examine(const Settings& settings, const std::filesystem::path& folder,
                                    const std::vector<std::filesystem::path>& plugin_folders,
                                    std::uint64_t memory, double limit) {
  const auto tried_anyway = [&](const std::string& how) {
    examiner_.reset();
    warn("a look at the trials of the plugins " + names_of(settings) + " " + how +
         "; they are tried in children nevertheless");
    return Examined{};
  };
  for (int kills = 0; kills < 3; ++kills) {
    if (!examiner_) {
      auto child = sandbox_->child(memory);
      if (!child) return child.errors();
      examiner_ = *std::move(child);
    }
    Workshop workshop;
    workshop.folder = folder;
    const long kills_before = memory_kills();
    const double until =
        steady_seconds() + std::min(hung_ ? look_after_a_hang : longest_look, limit);
    const bool asked = examiner_->ask(
        encode(Question{Question::Wish::examine, workshop, plugin_folders, 0, {}, settings}));
    Heard heard;
    while (asked && heard.what == Heard::What::nothing && steady_seconds() < until)
      heard = examiner_->listen(std::chrono::milliseconds(200));
    if (heard.what == Heard::What::answer) {
      if (auto told = decode_examined(heard.answer)) return *std::move(told);
      return tried_anyway("gave an answer that is none");
    }
    if (heard.what == Heard::What::garbage)
      return tried_anyway("wrote into the channel of this program, or closed it");
    if (asked && heard.what == Heard::What::nothing) {
      hung_ = true;
      return tried_anyway("did not come to an end");
    }
    const ChildEnd end = end_of_child(heard.status, kills_before);
    if (heard.what == Heard::What::death && end.crashed) return tried_anyway(end.how);
    examiner_.reset();  // killed from outside: another one looks
  }
  return tried_anyway("was killed from outside, three times");
}

}  // namespace attnlab
