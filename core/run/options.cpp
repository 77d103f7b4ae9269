// options.cpp: the verbs and their options, by CLI11.
#include "run/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "base/duration.hpp"
#include "base/nearest.hpp"

namespace attnlab {
namespace {

using Words = std::vector<std::string>;

// Numbers and choices are checked by CLI11, lengths of time and shares by us.
struct Texts {
  std::optional<std::string> time_limit, trial_limit, commit_every, job_time, share;
  std::string progress = "auto";
};

CLI::App* verb(CLI::App& app, const char* name, const char* sentence) {
  CLI::App* sub = app.add_subcommand(name, sentence);
  sub->set_help_flag("-h,--help", "this text");
  return sub;
}

void add_plugins(CLI::App& sub, Options& o) {
  sub.add_option("--plugins", o.plugin_folders,
                 "look for plugins in DIR first (repeatable; then ATTNLAB_PLUGIN_PATH, then the "
                 "installed folder)")
      ->type_name("DIR")
      ->allow_extra_args(false);
}

void add_overrides(CLI::App& sub, Options& o) {
  sub.add_option("--set", o.overrides, "override a key of the grid file: task.dim=64 (repeatable)")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
}

void add_format(CLI::App& sub, Options& o, const Words& formats) {
  sub.add_option("--format", o.format, "how to print")
      ->check(CLI::IsMember(formats))
      ->type_name(CLI::detail::join(formats, "|"));
}

void add_grid(CLI::App& sub, Options& o) {
  sub.add_option("GRID.yaml", o.grid, "the grid file")->required();
}

void add_path(CLI::App& sub, Options& o, const char* name, const char* sentence) {
  sub.add_option(name, o.path, sentence)->required();
}

void add_run(CLI::App& app, Options& o, Texts& texts) {
  CLI::App* sub = verb(app, "run",
                       "train every trial of a grid that DIR does not yet hold; the same command "
                       "again continues. Under `mpirun -n R` it uses R ranks");
  add_grid(*sub, o);
  sub->add_option("--out", o.out, "the run directory")->required()->type_name("DIR");
  add_overrides(*sub, o);
  add_plugins(*sub, o);
  sub->add_option("--threads", o.threads,
                  "threads of each rank (default: the cores it is bound to)")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  sub->add_option("--trials-at-once", o.trials_at_once,
                  "trials that a rank trains side by side (default: chosen from the trials' size)")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  sub->add_option(
         "--time-limit", texts.time_limit,
         "stop in good order before this much time has passed: 90s, 20m, 4h30m, D-HH:MM:SS")
      ->type_name("DURATION");
  sub->add_option("--trial-limit", texts.trial_limit,
                  "end a trial that trains longer than this in one run; its status is timed_out")
      ->type_name("DURATION");
  sub->add_flag_callback(
      "--isolate", [&o] { o.isolate = Isolate::always; },
      "train every trial in a child process, so that a crash or a hang costs that trial alone "
      "(default: trials whose plugins do not lie in the program's own tree)");
  sub->add_flag_callback(
         "--no-isolate", [&o] { o.isolate = Isolate::never; }, "train every trial in this process")
      ->excludes("--isolate");
  sub->add_option("--commit-every", texts.commit_every,
                  "make finished trials safe at least this often (default: 30s)")
      ->type_name("DURATION");
  sub->add_flag("--fresh", o.fresh, "start over: move what DIR holds to DIR.old-N");
  sub->add_option(
         "--share", texts.share,
         "train only the I-th of N parts of the trials, beside the runs that train the others in "
         "the same DIR (job arrays); the last one to end makes results.h5")
      ->type_name("I/N")
      ->excludes("--fresh");
  sub->add_option("--progress", texts.progress, "auto: a bar on a terminal, else plain lines")
      ->check(CLI::IsMember(Words{"auto", "plain", "none"}))
      ->type_name("auto|plain|none");
}

void add_submit(CLI::App& app, Options& o, Texts& texts) {
  CLI::App* sub = verb(app, "submit",
                       "write a job script for a cluster that trains a grid; it goes back into the "
                       "queue until every trial is finished");
  const auto count = [&](const char* name, auto& target, const char* sentence, int most) {
    sub->add_option(name, target, sentence)->type_name("N")->check(CLI::Range(1, most));
  };
  add_grid(*sub, o);
  sub->add_option("--out", o.out, "the run directory, on a file system that all nodes share")
      ->required()
      ->type_name("DIR");
  sub->add_option("--scheduler", o.scheduler, "which one the cluster has")
      ->required()
      ->check(CLI::IsMember(Words{"slurm", "pbs"}))
      ->type_name("slurm|pbs");
  sub->add_option("--array", o.array,
                  "a job array of N jobs that share the trials in one DIR (see `run --share`)")
      ->type_name("N")
      ->check(CLI::Range(2, 10000));
  count("--nodes", o.nodes, "machines (default: 1)", 100000);
  count("--ranks", o.ranks, "ranks in all, as in mpirun -n (default: one a node)", 10000000);
  count("--threads", o.threads,
        "cores of each rank, which is bound to them (default: whole nodes, shared by their ranks)",
        4096);
  sub->add_option("--time", texts.job_time,
                  "the job's time limit: 20m, 4h30m, D-HH:MM:SS (default: the partition's)")
      ->type_name("DURATION");
  sub->add_option("--partition", o.partition, "SLURM's partition, PBS' queue")->type_name("NAME");
  sub->add_option("--account", o.account, "who pays")->type_name("NAME");
  add_overrides(*sub, o);
  add_plugins(*sub, o);
  sub->add_option("--script", o.script, "write the script to FILE, not to stdout")
      ->type_name("FILE");
  sub->add_flag("--now", o.now, "submit it, too (by sbatch or qsub)");
}

// Verbs that make things, or try whether they are as promised.
void add_workshop(CLI::App& app, Options& o) {
  CLI::App* made = verb(app, "new", "write a ready-to-build plugin into the folder NAME");
  made->add_option("KIND", o.kind, "task, kernel or optimizer")->required();
  made->add_option("NAME", o.name, "small letters, digits, underscores")->required();
  CLI::App* selfcheck =
      verb(app, "selfcheck",
           "run a grid as 1 rank x 1 thread, as several x several, and killed and "
           "continued, and compare every bit");
  add_grid(*selfcheck, o);
  add_overrides(*selfcheck, o);
  add_plugins(*selfcheck, o);
  const auto count = [&](const char* name, auto& target, const char* sentence, int most) {
    selfcheck->add_option(name, target, sentence)->type_name("N")->check(CLI::Range(1, most));
  };
  count("--trials", o.n_trials, "trials, evenly chosen (default: 8)", 1000000);
  count("--steps", o.n_steps, "steps of each trial (default: the grid's own)", 1000000000);
  count("--ranks", o.ranks, "ranks of the second way (default: 2)", 1000);
  count("--threads", o.threads, "threads of each rank (default: 2)", 4096);
  selfcheck->add_flag("--keep", o.keep, "keep the temporary folder");
  CLI::App* replay =
      verb(app, "replay",
           "train one trial alone from its stored settings and compare every bit of its "
           "datasets outside /provenance");
  add_path(*replay, o, "DIR", "a run directory");
  replay->add_option("TRIAL", o.name, "its number or its id")->required();
  replay->add_option("--threads", o.threads, "threads to train it on (default: 1)")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  add_plugins(*replay, o);
}

void add_landscape(CLI::App& app, Options& o) {
  CLI::App* sub = verb(app, "landscape",
                       "loss surface around a trained trial along two filter-normalised random "
                       "directions, with the largest eigenvalues of the Hessian; writes "
                       "landscape-ID.h5 beside the results. Under `mpirun -n R` the points are "
                       "shared by R ranks");
  add_path(*sub, o, "RESULTS", "a run directory or a results.h5");
  sub->add_option("--trial", o.name, "its number or its id")->required()->type_name("T");
  sub->add_option("--points", o.points, "points on each axis (default: 25)")
      ->type_name("N")
      ->check(CLI::Range(3, 1001));
  sub->add_option("--range", o.range,
                  "each axis goes from -X to X, in lengths of the weights (default: 1)")
      ->type_name("X")
      ->check(CLI::Range(1e-6, 1e6));
  sub->add_option("--samples", o.samples,
                  "only the first N samples of the training set (default: all; of a task that "
                  "draws fresh ones: 512)")
      ->type_name("N")
      ->check(CLI::Range(1, 1000000000));
  sub->add_option("--eigenvalues", o.eigenvalues,
                  "how many of the Hessian's largest eigenvalues; 0: none (default: 5)")
      ->type_name("K")
      ->check(CLI::Range(0, 1000));
  sub->add_option("--seed", o.direction_seed,
                  "seed of the directions; give two trials of one model the same to compare them "
                  "(default: the trial's id)")
      ->type_name("N");
  sub->add_flag("--embeddings", o.embeddings, "move the embedding tables W_E and W_P, too");
  sub->add_option("--threads", o.threads,
                  "threads of each rank (default: the cores it is bound to)")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  add_plugins(*sub, o);
}

void add_verbs(CLI::App& app, Options& o, Texts& texts) {
  add_run(app, o, texts);
  add_workshop(app, o);
  CLI::App* plan = verb(app, "plan", "list the trials of a grid, run nothing");
  add_grid(*plan, o);
  add_overrides(*plan, o);
  add_plugins(*plan, o);
  add_format(*plan, o, {"table", "json", "csv"});
  plan->add_option("--ranks", o.ranks, "predict how long a run on N ranks would take")
      ->type_name("N")
      ->check(CLI::Range(1, 1000000));
  plan->add_option("--threads", o.threads, "threads of each of those ranks (default: all cores)")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  CLI::App* plugins =
      verb(app, "plugins", "what is installed; with a name its options and formula");
  plugins->add_option("NAME", o.name, "a plugin");
  plugins->add_option("--check", o.check_file, "does this plugin keep the promises of the border?")
      ->type_name("FILE.so");
  add_plugins(*plugins, o);
  CLI::App* status =
      verb(app, "status", "counts, rate, time left and failures; works while the run is going");
  add_path(*status, o, "DIR", "a run directory");
  add_format(*status, o, {"table", "json"});
  status->add_flag("--watch", o.watch, "say it again every two seconds until the run has ended");
  CLI::App* explain =
      verb(app, "explain", "one trial: settings, status, error, the command that trains it alone");
  add_path(*explain, o, "DIR", "a run directory");
  explain->add_option("TRIAL", o.name, "its number or its id")->required();
  add_plugins(*explain, o);
  CLI::App* merge = verb(app, "merge", "build results.h5 from the trials that are finished");
  add_path(*merge, o, "DIR", "a run directory");
  add_plugins(*merge, o);
  CLI::App* check = verb(
      app, "check",
      "do the papers' claims hold? Prints claim, measured value, bound, verdict; exit 1 if one "
      "does not hold");
  check->add_option("RESULTS", o.path, "a run directory or a results.h5");
  check->add_option("--claims", o.claims, "judge these instead of the grid's (comma-separated)")
      ->delimiter(',')
      ->type_name("NAMES")
      ->allow_extra_args(false);
  check->add_flag("--list", o.list, "print every claim that is known, with its source");
  add_plugins(*check, o);
  CLI::App* verify =
      verb(app, "verify", "check checksums, the journal, and that no trial is double");
  add_path(*verify, o, "RESULTS", "a run directory or a results.h5");
  CLI::App* report = verb(app, "report", "draw results as one self-contained HTML page");
  add_path(*report, o, "RESULTS", "a run directory or a results.h5");
  report->add_option("--out", o.out, "the page to write")->required()->type_name("FILE.html");
  add_landscape(app, o);
  add_submit(app, o, texts);
}

// An option that no verb knows is told with the nearest one that this verb has; CLI11 would take
// its value for a positional word.
std::optional<Error> unknown_word(CLI::App& app, int argc, const char* const* argv) {
  Words verbs;
  for (const CLI::App* sub : app.get_subcommands(nullptr)) verbs.push_back(sub->get_name());
  const CLI::App* scope = &app;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--") break;
    if (word.size() > 1 && word[0] == '-' &&
        std::isdigit(static_cast<unsigned char>(word[1])) == 0) {
      const std::string name = word.substr(0, word.find('='));
      Words known;
      for (const CLI::Option* option : scope->get_options()) {
        for (const std::string& l : option->get_lnames()) known.push_back("--" + l);
        for (const std::string& s : option->get_snames()) known.push_back("-" + s);
      }
      if (std::ranges::find(known, name) == known.end()) {
        const std::string of = scope == &app ? "attnlab" : "attnlab " + scope->get_name();
        return Error{"", of + " has no option '" + name + "'", suggestion(name, known)};
      }
    } else if (scope == &app) {
      if (std::ranges::find(verbs, word) == verbs.end()) {
        return Error{"", "'" + word + "' is not a verb of attnlab", suggestion(word, verbs)};
      }
      scope = app.get_subcommand(word);
    }
  }
  return std::nullopt;
}

Result<Done> read_texts(const Texts& texts, Options& o) {
  for (const auto& [text, option, target] :
       {std::tuple{&texts.time_limit, "--time-limit", &o.time_limit},
        std::tuple{&texts.trial_limit, "--trial-limit", &o.trial_limit},
        std::tuple{&texts.commit_every, "--commit-every", &o.commit_seconds},
        std::tuple{&texts.job_time, "--time", &o.job_time}}) {
    if (!*text) continue;
    const auto seconds = parse_duration(**text);
    if (!seconds) {
      Error error = seconds.errors().front();
      error.where = option;
      return error;
    }
    *target = *seconds;
  }
  o.progress = texts.progress == "plain"  ? ProgressStyle::plain
               : texts.progress == "none" ? ProgressStyle::none
                                          : ProgressStyle::automatic;
  if (texts.share) {
    char rest = 0;
    const int n = std::sscanf(texts.share->c_str(), "%d/%d%c", &o.share.number, &o.share.of, &rest);
    if (n != 2 || o.share.number < 1 || o.share.of < o.share.number || o.share.of > 1000000) {
      return Error{"--share", "'" + *texts.share + "' is not a share",
                   "write I/N with I from 1 to N, `--share 2/3` for the second of three"};
    }
  }
  return Done{};
}

}  // namespace

Result<Request> read_command_line(int argc, const char* const* argv) {
  Options options;
  Texts texts;
  CLI::App app("attnlab: grids of training experiments on transformers, on MPI ranks, into HDF5.",
               "attnlab");
  app.set_help_flag("-h,--help", "this text");
  app.set_version_flag("--version", std::string("attnlab ") + ATTNLAB_VERSION);
  app.require_subcommand(1);
  app.footer("`attnlab VERB --help` explains a verb.");
  add_verbs(app, options, texts);
  const std::string hint_of_all = "`attnlab --help` lists the verbs";
  if (argc < 2) return Error{"", "a verb is missing", hint_of_all};
  if (const auto error = unknown_word(app, argc, argv)) return *error;
  const auto chosen = [&]() -> CLI::App* {
    const auto subs = app.get_subcommands();
    return subs.empty() ? nullptr : subs.front();
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Request{std::nullopt, chosen() != nullptr ? chosen()->help("attnlab") : app.help()};
  } catch (const CLI::CallForVersion& version) {
    return Request{std::nullopt, std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& e) {
    const CLI::App* sub = chosen();
    std::string hint = hint_of_all;
    if (sub != nullptr) hint = "see `attnlab " + sub->get_name() + " --help`";
    return Error{"", e.what(), hint};
  }
  options.verb = chosen()->get_name();
  for (const auto& [name, text] :
       {std::pair{"--out", &options.out}, {"--script", &options.script}}) {
    const CLI::Option* const option = chosen()->get_option_no_throw(name);
    if (option != nullptr && option->count() > 0 && text->empty()) {
      return Error{name, "the name is empty",
                   "write " + option->get_name() + " " + option->get_type_name()};
    }
  }
  if (auto read = read_texts(texts, options); !read) return read.errors();
  return Request{options, ""};
}

}  // namespace attnlab
