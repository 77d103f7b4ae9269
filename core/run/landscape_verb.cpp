// landscape_verb.cpp: `attnlab landscape RESULTS --trial T`: a slice of the loss surface around a
// trained trial, its roughness and the Hessian's largest eigenvalues, stored beside the results.
//
// Rank 0 finds the trial and its parameters; all ranks compute points; rank 0 does the rest.
#include <cmath>
#include <cstdio>
#include <functional>
#include <future>

#include "base/bytes.hpp"
#include "grid/tree.hpp"
#include "landscape/centre.hpp"
#include "landscape/roughness.hpp"
#include "run/landscape_points.hpp"
#include "run/machine.hpp"
#include "run/pack.hpp"
#include "run/speak.hpp"
#include "run/trained_parameters.hpp"
#include "run/verbs.hpp"
#include "store/landscape_file.hpp"
#include "store/store.hpp"

namespace attnlab {
namespace {

namespace fs = std::filesystem;

struct Ground {  // what rank 0 finds
  StoredTrial stored;
  fs::path beside;  // the folder of the results
  fs::path folder;  // where relative paths of the task begin
  double final_loss = 0;
  std::string settings;  // YAML
};

Result<Ground> find_ground(const Options& options) {
  std::error_code ignored;
  const fs::path path = options.path;
  const bool is_file = fs::is_regular_file(path, ignored);
  auto stored = is_file ? find_in_results(path, options.name) : find_stored(path, options.name);
  if (!stored) return stored.errors();
  const auto status = stored->file.numbers("trials/status", stored->table_row, 1);
  if (!status) return status.errors();
  if (status->values[0] != 0 || stored->cohort.empty()) {
    const auto ending = static_cast<TrialStatus>(static_cast<int>(status->values[0]));
    return Error{"trial " + stored->id,
                 "is not done but " + to_string(ending) + ", so it has no trained parameters",
                 "name a trial that is done"};
  }
  const auto loss = stored->file.numbers("trials/final_loss", stored->table_row, 1);
  if (!loss) return loss.errors();
  const auto settings = stored->file.texts(stored->cohort + "/settings");
  if (!settings) return settings.errors();
  fs::path folder = fs::absolute(path, ignored).parent_path();
  fs::path beside = folder;
  if (!is_file) {
    const auto origin = read_origin(path);
    if (!origin) return origin.errors();
    folder = origin->folder;
    beside = path;
  }
  const std::string yaml = settings->at(static_cast<std::size_t>(stored->row));
  return Ground{*std::move(stored), beside, folder, loss->values[0], yaml};
}

// Runs `job` on the threads of `workers` and waits.
void in_arena(Workers& workers, const std::function<void()>& job) {
  std::promise<void> ended;
  workers.start([&] {
    job();
    ended.set_value();
  });
  ended.get_future().wait();
}

// The exit code of all ranks; the lowest rank that failed says why.
int agree(Comm& comm, const Errors& errors) {
  const int n = comm.size();
  const auto first = n - comm.maximum(errors.empty() ? 0 : n - comm.rank());
  const int code = first == comm.rank() ? complain(errors) : 0;
  return static_cast<int>(comm.maximum(code));
}

void tell(const Landscape& l, const TopEigenvalues& top, Index not_finite, const fs::path& file) {
  const std::size_t n = l.axis.size();
  std::printf("trial %s: %zu x %zu points from %g to %g, %td samples, parameters from %s\n",
              l.trial.c_str(), n, n, l.axis.front(), l.axis.back(), l.samples,
              l.parameters_from.c_str());
  std::printf("loss at the centre        %.10g (the trial recorded %.10g)\n", l.centre_loss,
              l.final_loss);
  std::printf("norm of the gradient      %.6g\n", l.gradient_norm);
  std::printf("roughness                 %.6g\n", l.roughness);
  std::printf("local minima              %lld\n", static_cast<long long>(l.minima));
  std::printf("negative curvature share  %.6g\n", l.negative_curvature_share);
  std::printf("basin share               %.6g\n", l.basin_share);
  if (not_finite > 0) std::printf("points without finite loss %td\n", not_finite);
  if (!l.eigenvalues.empty()) {
    std::printf("Hessian eigenvalues      ");
    for (const double lambda : l.eigenvalues) std::printf(" %.8g", lambda);
    std::printf(" (%td products)\n", top.products);
  }
  if (!top.converged) {
    warn("only " + std::to_string(l.eigenvalues.size()) +
         " of the Hessian's eigenvalues converged; fewer with --eigenvalues are easier");
  }
  std::printf("landscape: %s\n", file.c_str());
}

std::uint64_t seed_of(const Options& options, const std::string& id) {
  return options.direction_seed ? *options.direction_seed : std::stoull(id, nullptr, 16);
}

}  // namespace

int landscape_verb(Comm& comm, const Options& options, const std::string& command_line) {
  fix_arithmetic();
  const bool speaks = comm.rank() == 0;
  Errors errors;
  std::optional<Ground> ground;
  std::string text;
  if (speaks) {
    auto found = find_ground(options);
    if (found) {
      ground.emplace(*std::move(found));
      text = pack({ground->stored.id, ground->folder.string(), ground->settings});
    } else {
      errors = found.errors();
    }
  }
  if (const int code = agree(comm, errors)) return code;
  const std::vector<std::string> told = unpack(comm.broadcast(std::move(text)));
  const std::string& id = told[0];
  Mistakes mistakes;
  const auto tree = read_tree(told[2], mistakes);
  const Settings settings = tree ? to_settings(*tree, mistakes) : Settings();

  const int n_threads =
      options.threads > 0 ? options.threads : default_threads(cores(), ranks_here());
  auto plugins = Plugins::scan(plugin_folders(options.plugin_folders, installed_plugins()));
  std::unique_ptr<LossSurface> surface;
  if (plugins) {
    auto made = LossSurface::make(settings, *plugins, told[1], options.samples, n_threads);
    if (made) {
      surface = *std::move(made);
      if (n_moving(surface->layout(), options.embeddings) == 0) {
        errors = {{"trial " + id, "has no trained matrix that a direction could move",
                   "--embeddings moves the embedding tables, too"}};
      }
    } else {
      errors = made.errors();
    }
  } else {
    errors = plugins.errors();
  }
  if (const int code = agree(comm, errors)) return code;

  const auto n = static_cast<std::size_t>(surface->layout().n);
  std::vector<double> w(n);
  std::string from;
  text.clear();
  if (speaks) {
    auto trained =
        trained_parameters(ground->stored, surface->layout(), *plugins, told[1], n_threads);
    if (trained) {
      w = trained->values;
      from = trained->from;
      ByteWriter bytes;
      bytes.numbers(std::span<const double>(w));
      text = bytes.take();
    } else {
      errors = trained.errors();
    }
  }
  if (const int code = agree(comm, errors)) return code;
  const std::string bytes = comm.broadcast(std::move(text));
  ByteReader(bytes).numbers(std::span(w));

  const std::uint64_t seed = seed_of(options, id);
  const std::vector<double> axis = slice_axis(options.points, options.range);
  const Directions directions = filter_directions(surface->layout(), w, seed, options.embeddings);
  Workers workers(n_threads);
  std::optional<Result<SliceValues>> mine;
  std::optional<Result<Centre>> centre;
  in_arena(workers, [&] {
    mine = points_of_rank(*surface, w, directions, axis, comm.rank(), comm.size());
    if (speaks && *mine) centre = look_at_centre(*surface, w, options.eigenvalues, seed);
  });
  if (!*mine) errors = mine->errors();
  if (centre && !*centre) errors = centre->errors();
  if (const int code = agree(comm, errors)) return code;
  const SliceValues all = gather_points(comm, **mine, options.points * Index{options.points});

  if (speaks) {
    const Roughness rough = roughness_of(all.loss, options.points);
    const Centre& at = **centre;
    const Landscape out{.trial = id,
                        .settings = ground->settings,
                        .command_line = command_line,
                        .attnlab_version = ATTNLAB_VERSION,
                        .parameters_from = from,
                        .seed = seed,
                        .embeddings_moved = options.embeddings,
                        .samples = surface->n_samples(),
                        .axis = axis,
                        .loss = all.loss,
                        .accuracy = all.accuracy,
                        .centre_loss = at.value.loss,
                        .final_loss = ground->final_loss,
                        .gradient_norm = at.gradient_norm,
                        .roughness = rough.roughness,
                        .negative_curvature_share = rough.negative_curvature_share,
                        .basin_share = rough.basin_share,
                        .minima = rough.minima,
                        .eigenvalues = at.top.values,
                        .residuals = at.top.residuals};
    const fs::path file = ground->beside / ("landscape-" + id + ".h5");
    if (const auto written = write_landscape(file, out)) {
      tell(out, at.top, rough.not_finite, file);
    } else {
      errors = written.errors();
    }
  }
  return agree(comm, errors);
}

}  // namespace attnlab
