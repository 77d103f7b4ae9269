// parts.cpp: which files a path stands for, as training, validation and test text.
#include "parts.hpp"

#include <array>
#include <attnlab/plugin.hpp>
#include <nlohmann/json.hpp>

namespace text_corpus {
namespace {

using attnlab::Failure;
using reading::is_folder;
using reading::is_there;

// What stands before and after train, valid, test; the first one that is there counts.
struct Names {
  const char *before, *after;
};
constexpr std::array<Names, 4> layouts{
    Names{"wiki.", ".tokens"}, {"wiki.", ".raw"}, {"ptb.", ".txt"}, {"", ".txt"}};

constexpr const char* wanted =
    "Looked for a text file, or a folder with wiki.train.tokens, wiki.valid.tokens, "
    "wiki.test.tokens (or .raw; WikiText-2 and WikiText-103, "
    "https://huggingface.co/datasets/Salesforce/wikitext), ptb.train.txt ... (Penn Treebank, "
    "Mikolov's), or train.txt, valid.txt, test.txt; all may be .gz";

fs::path part(const fs::path& folder, const Names& names, const char* word) {
  for (const char* ending : {"", ".gz"}) {
    const fs::path file = folder / (std::string(names.before) + word + names.after + ending);
    if (is_there(file)) return file;
  }
  return {};
}

std::string listed(const fs::path& folder) {
  std::string out;
  for (const fs::path& file : reading::listing(folder).files) {
    if (out.size() > 200) return out + ", ...";
    out += (out.empty() ? "" : ", ") + file.filename().string();
  }
  return out.empty() ? "no files" : out;
}

Places in_folder(const fs::path& folder) {
  for (const Names& names : layouts) {
    const fs::path train = part(folder, names, "train");
    if (train.empty()) continue;
    return {train, part(folder, names, "valid"), part(folder, names, "test")};
  }
  throw Failure(folder.string() + " holds no training text, but " + listed(folder) +
                "; give the file itself as path, and another one as validation. " + wanted);
}

}  // namespace

HeldOut held_out_from(const std::string& json) {
  const nlohmann::json value = nlohmann::json::parse(json);
  if (value.is_null()) return {};
  if (value.is_number() && value.get<double>() >= 0 && value.get<double>() < 1) {
    return {false, value.get<double>(), ""};
  }
  if (value.is_string() && !value.get<std::string>().empty()) {
    return {false, 0, value.get<std::string>()};
  }
  throw Failure("validation is " + value.dump() +
                ": give a share from 0 to below 1, `test`, or the path of another text file");
}

Places places_of(const fs::path& given, const HeldOut& held_out, const fs::path& base) {
  if (given.empty()) throw Failure("path is not given. " + std::string(wanted));
  const fs::path path = reading::found(given);
  if (!is_there(path)) throw Failure(path.string() + " does not exist. " + wanted);
  Places out = is_folder(path) ? in_folder(path) : Places{path, {}, {}};
  if (held_out.is_default) {
    if (out.validation.empty()) out.share = held_out.share;
    return out;
  }
  if (held_out.place.empty()) {
    out.validation.clear();
    out.share = held_out.share;
  } else if (held_out.place == "test") {
    if (out.test.empty()) {
      throw Failure("validation: test, but " + path.string() +
                    " has no test file beside its "
                    "training file");
    }
    out.validation = out.test;
  } else {
    out.validation = reading::found(base / held_out.place);  // an absolute one stays
    if (!is_there(out.validation) || is_folder(out.validation)) {
      throw Failure("validation: " + out.validation.string() +
                    (is_folder(out.validation) ? " is a folder" : " does not exist") +
                    "; give a share such as 0.1, the path of a text file, or `test`");
    }
  }
  return out;
}

std::string text_of(const fs::path& file) {
  std::string text = reading::content_of(file);
  if (text.empty()) throw Failure(file.string() + " is empty");
  return text;
}

}  // namespace text_corpus
