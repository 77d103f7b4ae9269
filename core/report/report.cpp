// report.cpp: gathers what the page shows into one JSON value and puts it into the page.
#include "report/report.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <set>

#include "base/settings.hpp"
#include "report/page.hpp"
#include "store/files.hpp"
#include "store/reader.hpp"

namespace attnlab {
namespace {

using Json = nlohmann::ordered_json;

constexpr Index max_curves = 60, max_maps = 12, max_samples = 4, max_heads = 8, max_tokens = 64;

// JSON has no NaN and no infinity: they become null, a gap in the curve.
Json value(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

// `n` positions spread evenly over 0 .. size - 1.
std::set<Index> spread(Index size, Index n) {
  std::set<Index> out;
  for (Index i = 0; i < std::min(n, size); ++i) out.insert(i * size / std::min(n, size));
  return out;
}

// Axis 1 onwards of row `row`, cut down to nested JSON lists; `limits` bounds each axis (0: all).
Json nested(const Array& array, std::size_t axis, Index offset, const std::vector<Index>& limits) {
  Index stride = 1;
  for (std::size_t a = axis + 1; a < array.shape.size(); ++a) stride *= array.shape[a];
  Index n = array.shape[axis];
  if (axis < limits.size() && limits[axis] > 0) n = std::min(n, limits[axis]);
  Json out = Json::array();
  for (Index i = 0; i < n; ++i) {
    const Index at = offset + i * stride;
    if (axis + 1 == array.shape.size()) {
      out.push_back(value(array.values[static_cast<std::size_t>(at)]));
    } else {
      out.push_back(nested(array, axis + 1, at, limits));
    }
  }
  return out;
}

// A number as people write it: 1, not 1.0.
std::string spelled(double x) {
  const bool is_whole = std::floor(x) == x && std::abs(x) < 1e15;
  return is_whole ? std::to_string(static_cast<long long>(x)) : value(x).dump();
}

const std::set<std::string> fixed_columns{"trial",      "id",         "status",        "error",
                                          "cohort",     "row",        "seed",          "steps",
                                          "parameters", "final_loss", "final_accuracy"};

class Page {
 public:
  explicit Page(const Results& results) : results_(results) {}

  Result<Json> gather(const std::filesystem::path& folder) {
    if (auto done = table(); !done) return done.errors();
    shown_ = spread(static_cast<Index>(numbers_.size()), max_curves);
    mapped_ = spread(static_cast<Index>(numbers_.size()), max_maps);
    page_["cohorts"] = Json::array();
    page_["maps"] = Json::array();
    for (const std::string& name : results_.members("/cohorts")) {
      if (auto done = cohort("/cohorts/" + name); !done) return done.errors();
    }
    page_["shown"] = shown_.size();
    claims();
    landscapes(folder);
    return page_;
  }

 private:
  Result<Done> table() {
    const auto column = [&](const char* name) {
      return results_.numbers(std::string("/trials/") + name);
    };
    const auto trial = column("trial"), status = column("status"), loss = column("final_loss");
    const auto accuracy = column("final_accuracy");
    const auto id = results_.texts("/trials/id"), error = results_.texts("/trials/error");
    for (const Errors* errors : {&trial.errors(), &status.errors(), &loss.errors(),
                                 &accuracy.errors(), &id.errors(), &error.errors()}) {
      if (!errors->empty()) return *errors;
    }
    page_["name"] = text("grid_name");
    page_["description"] = text("description");
    page_["version"] = text("attnlab_version");
    std::vector<std::string> swept;
    for (const std::string& name : results_.members("/trials")) {
      if (!fixed_columns.contains(name)) swept.push_back(name);
    }
    const auto seeds = column("seed");
    if (seeds && std::set<double>(seeds->values.begin(), seeds->values.end()).size() > 1)
      swept.push_back("seed");
    page_["swept"] = swept;
    page_["trials"] = Json::array();
    for (std::size_t i = 0; i < trial->values.size(); ++i) {
      numbers_.push_back(static_cast<Index>(trial->values[i]));
      page_["trials"].push_back({{"number", numbers_.back()},
                                 {"id", (*id)[i]},
                                 {"swept", Json::array()},
                                 {"status", static_cast<int>(status->values[i])},
                                 {"error", (*error)[i]},
                                 {"final_loss", value(loss->values[i])},
                                 {"final_accuracy", value(accuracy->values[i])}});
    }
    for (const std::string& name : swept) {
      if (auto done = swept_column(name); !done) return done.errors();
    }
    return Done{};
  }

  Result<Done> swept_column(const std::string& name) {
    if (results_.is_text("/trials/" + name)) {
      const auto texts = results_.texts("/trials/" + name);
      if (!texts) return texts.errors();
      for (std::size_t i = 0; i < texts->size(); ++i)
        page_["trials"][i]["swept"].push_back((*texts)[i]);
      return Done{};
    }
    const auto numbers = results_.numbers("/trials/" + name);
    if (!numbers) return numbers.errors();
    for (std::size_t i = 0; i < numbers->values.size(); ++i) {
      page_["trials"][i]["swept"].push_back(spelled(numbers->values[i]));
    }
    return Done{};
  }

  // Every record of a cohort with the axes [trial, record], or with one short named axis behind
  // them.
  Result<Done> cohort(const std::string& path) {
    const auto trials = results_.numbers(path + "/trial");
    const auto record = results_.numbers(path + "/record");
    if (!trials || !record) return Done{};
    Json out{{"trials", trials->values}, {"record", record->values}, {"series", Json::object()}};
    for (const std::string& name : results_.members(path)) {
      const std::vector<Index> shape = results_.shape(path + "/" + name);
      if (shape.size() < 2 || results_.is_text(path + "/" + name)) continue;
      if (shape[0] != static_cast<Index>(trials->values.size())) continue;
      if (shape[1] != static_cast<Index>(record->values.size())) continue;
      if (shape.size() == 2) {
        if (auto done = curve(path + "/" + name, name, -1, *trials, out); !done)
          return done.errors();
      } else if (shape.size() == 3 && shape[2] <= 32) {
        const char* scale = name == "group_loss" ? "group" : "matrix";
        const auto labels = results_.texts(path + "/" + scale);
        for (Index k = 0; k < shape[2]; ++k) {
          const std::string label = labels && k < static_cast<Index>(labels->size())
                                        ? (*labels)[static_cast<std::size_t>(k)]
                                        : std::to_string(k);
          if (auto done = curve(path + "/" + name, name + " " + label, k, *trials, out); !done) {
            return done.errors();
          }
        }
      }
    }
    page_["cohorts"].push_back(std::move(out));
    return maps(path, *trials);
  }

  bool is_shown(double trial, const std::set<Index>& chosen) const {
    const auto at = std::find(numbers_.begin(), numbers_.end(), static_cast<Index>(trial));
    return at != numbers_.end() && chosen.contains(at - numbers_.begin());
  }

  // One line a trial; trials that are not shown get null. `k`: position on the third axis, -1:
  // there is none.
  Result<Done> curve(const std::string& path, const std::string& name, Index k, const Array& trials,
                     Json& out) {
    Json lines = Json::array();
    for (std::size_t row = 0; row < trials.values.size(); ++row) {
      if (!is_shown(trials.values[row], shown_)) {
        lines.push_back(nullptr);
        continue;
      }
      const auto values = results_.numbers(path, static_cast<Index>(row), 1);
      if (!values) return values.errors();
      const Index n = values->shape[1], width = values->shape.size() > 2 ? values->shape[2] : 1;
      Json line = Json::array();
      for (Index i = 0; i < n; ++i) {
        line.push_back(
            value(values->values[static_cast<std::size_t>(i * width + std::max<Index>(k, 0))]));
      }
      lines.push_back(std::move(line));
    }
    out["series"][name] = std::move(lines);
    return Done{};
  }

  // weights[step][layer and head][sample][query][key] of the chosen trials.
  Result<Done> maps(const std::string& path, const Array& trials) {
    if (!results_.has(path + "/attention")) return Done{};
    const auto steps = results_.numbers(path + "/attention_step");
    if (!steps) return steps.errors();
    for (std::size_t row = 0; row < trials.values.size(); ++row) {
      if (!is_shown(trials.values[row], mapped_)) continue;
      const auto found = results_.numbers(path + "/attention", static_cast<Index>(row), 1);
      if (!found) return found.errors();
      const std::vector<Index>& s = found->shape;  // [1, step, layer, head, sample, query, key]
      if (s.size() != 7) continue;
      Array flat{{s[1], s[2] * s[3], s[4], s[5], s[6]}, found->values};
      Json heads = Json::array();
      for (Index h = 0; h < std::min(flat.shape[1], max_heads); ++h) {
        heads.push_back("layer " + std::to_string(h / s[3]) + ", head " + std::to_string(h % s[3]));
      }
      Json map{{"trial", trials.values[row]},
               {"steps", steps->values},
               {"heads", heads},
               {"tokens", nullptr}};
      map["samples"] = Json::array();
      for (Index i = 0; i < std::min(s[4], max_samples); ++i) map["samples"].push_back(i);
      map["weights"] = nested(flat, 0, 0, {0, max_heads, max_samples, max_tokens, max_tokens});
      if (const auto tokens =
              results_.numbers(path + "/attention_tokens", static_cast<Index>(row), 1)) {
        const Array flat_tokens{{tokens->shape[1], tokens->shape[2]}, tokens->values};
        map["tokens"] = nested(flat_tokens, 0, 0, {max_samples, max_tokens});
      }
      page_["maps"].push_back(std::move(map));
    }
    return Done{};
  }

  void claims() {
    page_["claims"] = Json::array();
    const auto claim = results_.texts("/claims/claim"), trials = results_.texts("/claims/trials");
    const auto sentence = results_.texts("/claims/sentence");
    const auto holds = results_.numbers("/claims/holds"),
               measured = results_.numbers("/claims/measured");
    const auto bound = results_.numbers("/claims/bound");
    if (!claim || !trials || !sentence || !holds || !measured || !bound) return;
    for (std::size_t i = 0; i < claim->size(); ++i) {
      page_["claims"].push_back({{"claim", (*claim)[i]},
                                 {"trials", (*trials)[i]},
                                 {"sentence", (*sentence)[i]},
                                 {"holds", holds->values[i] != 0},
                                 {"measured", value(measured->values[i])},
                                 {"bound", value(bound->values[i])}});
    }
  }

  // The slices of loss surfaces that `attnlab landscape` left beside the results.
  void landscapes(const std::filesystem::path& folder) {
    page_["landscapes"] = Json::array();
    for (const Json& trial : page_["trials"]) {
      const auto path = folder / ("landscape-" + trial["id"].get<std::string>() + ".h5");
      std::error_code ignored;
      if (!std::filesystem::exists(path, ignored)) continue;
      const auto file = Results::open(path);
      if (!file) continue;
      const auto axis = file->numbers("/landscape/alpha"), loss = file->numbers("/landscape/loss");
      if (!axis || !loss) continue;
      Json one{
          {"trial", trial["number"]}, {"axis", axis->values}, {"loss", nested(*loss, 0, 0, {})}};
      for (const char* name : {"roughness", "negative_curvature_share", "basin_share", "minima"}) {
        const auto number = file->numbers(std::string("/landscape/") + name);
        one[name] = number ? value(number->values[0]) : Json(nullptr);
      }
      const auto top = file->numbers("/landscape/hessian_eigenvalues");
      one["sharpness"] = top && !top->values.empty() ? value(top->values[0]) : Json(nullptr);
      page_["landscapes"].push_back(std::move(one));
    }
  }

  std::string text(const char* attribute) const {
    const auto found = results_.attribute(attribute);
    return found ? *found : "";
  }

  const Results& results_;
  Json page_;
  std::vector<Index> numbers_;
  std::set<Index> shown_, mapped_;
};

// A closing tag inside the data would end the script element: "</" is written as "<\/", which JSON
// reads as the same.
std::string harmless(std::string json) {
  for (std::size_t at = json.find("</"); at != std::string::npos; at = json.find("</", at + 3)) {
    json.replace(at, 2, "<\\/");
  }
  return json;
}

// The page never takes the place of the results that it shows.
Result<Done> check_place(const std::filesystem::path& results, const std::filesystem::path& out) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::is_directory(out, ignored)) {
    return Error{out.string(), "is a folder", "name the page, as in `--out report.html`"};
  }
  const fs::path file = fs::is_directory(results, ignored) ? results / "results.h5" : results;
  if (fs::equivalent(out, file, ignored)) {
    return Error{out.string(), "is the results file itself",
                 "name another file, as in `--out report.html`"};
  }
  return Done{};
}

}  // namespace

Result<Done> write_report(const std::filesystem::path& results, const std::filesystem::path& out) {
  if (auto fine = check_place(results, out); !fine) return fine.errors();
  const auto file = Results::open(results);
  if (!file) return file.errors();
  std::error_code ignored;
  const auto folder =
      std::filesystem::is_directory(results, ignored) ? results : results.parent_path();
  auto data = Page(*file).gather(folder);
  if (!data) return data.errors();
  const std::string title = (*data)["name"].get<std::string>();
  const auto json = data->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const std::string page = page_with(title, harmless(json));
  // A pipe or a device takes it as it comes; a link leads to the file that is to be written.
  if (std::filesystem::exists(out, ignored) && !std::filesystem::is_regular_file(out, ignored)) {
    std::ofstream stream(out, std::ios::binary);
    stream << page;
    stream.close();
    if (stream) return Done{};
    return Error{out.string(), "cannot be written", std::strerror(errno), Blame::machine};
  }
  std::error_code nowhere;
  const auto end = std::filesystem::canonical(out, nowhere);
  return write_safely(nowhere || !std::filesystem::is_symlink(out, ignored) ? out : end, page);
}

}  // namespace attnlab
