"""isolate_faults.py: what a plugin does wrong costs its own trial; every other trial has the same bits as without it."""
import os
import shutil
import signal
import subprocess
import time
import unittest

import h5py
from program import PATIENCE, SMALL, Story

WICKED = SMALL.split("sweep:")[0].replace("{plugin: gradient_descent, learning_rate: 0.05}",
                                          "{plugin: wicked, learning_rate: 0.05}")
DONE, TIMED_OUT, CRASHED = 0, 3, 4


def grid_of(acts, first_seed=1, **options):
    """One trial for each act, each with its own seed."""
    lines = [f"    - seed: {list(range(first_seed, first_seed + len(acts)))}",
             f"      optimizer.act: [{', '.join(acts)}]"]
    for name, value in options.items():
        lines.append(f"      optimizer.{name}: [{', '.join([str(value)] * len(acts))}]")
    return WICKED + "sweep:\n  zip:\n" + "\n".join(lines) + "\n"


def children_of(pid):
    """All processes below pid."""
    below = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    rest = file.read().rsplit(")", 1)[1].split()
                if rest[0] != "Z":
                    below.setdefault(int(rest[1]), []).append(int(entry))
            except OSError:
                pass
    found, waiting = [], [pid]
    while waiting:
        more = below.get(waiting.pop(), [])
        found += more
        waiting += more
    return found


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class BadPlugins(Story):
    ACTS = {"segfault": "SIGSEGV at step 3", "abort": "SIGABRT at step 3", "fpe": "SIGFPE at step 3",
            "exit": "exit(0) at step 3", "_exit": "exit(7) at step 3", "throw": "SIGABRT at step 3",
            "overflow": "SIGSEGV at step 3",
            "garbage": "wrote into the channel", "close": "3 times"}

    def check(self, ranks):
        acts = [act for bad in self.ACTS for act in ("none", bad)] + ["shout"]
        grid = self.write("bad.yaml", grid_of(acts))
        done = self.attnlab("run", grid, "--out", "bad", expect=1, ranks=ranks, timeout=200)
        self.assertIn(f"{len(self.ACTS)} crashed", done.stdout)
        good = self.write("good.yaml", grid_of(["none"] * len(acts)))
        self.attnlab("run", good, "--out", "good", "--no-isolate")
        with h5py.File(self.path("bad", "results.h5")) as a, h5py.File(self.path("good", "results.h5")) as b:
            for i, act in enumerate(acts):
                status, error = a["trials/status"][i], a["trials/error"].asstr()[i]
                if act in self.ACTS:
                    self.assertEqual(status, CRASHED, act)
                    self.assertIn(self.ACTS[act], error)
                    self.assertIn("3 times", error)
                    self.assertIn(f"wicked does {act}", error)
                    continue
                self.assertEqual(status, DONE, f"{act}: {error}")
                for name in ("loss", "attention", "parameter_W_Q", "grad_norm"):
                    one = a[f"cohorts/c{a['trials/cohort'][i]}/{name}"][a["trials/row"][i]]
                    two = b[f"cohorts/c{b['trials/cohort'][i]}/{name}"][b["trials/row"][i]]
                    self.assertEqual(one.tobytes(), two.tobytes(), (act, name))
        again = self.attnlab("run", grid, "--out", "bad", expect=1, ranks=ranks)
        self.assertIn("nothing to train", again.stderr)

    def test_alone(self):
        self.check(0)

    def test_on_two_ranks(self):
        self.check(2)

    def test_what_dies_while_it_is_made_costs_its_own_trials(self):
        """Rank 0 looks at every kind of trial before the run: in a child, too."""
        for ranks in (0, 2):
            with self.subTest(ranks=ranks):
                acts = ["none", "segfault", "exit", "none"]
                grid = self.write("made.yaml", grid_of(acts, at=-1))
                done = self.attnlab("run", grid, "--out", f"out{ranks}", expect=1, ranks=ranks)
                self.assertIn("2 done, 2 crashed", done.stdout)
                self.assertRegex(done.stderr, "warning: a look at the trials of the plugins .*'wicked'.* died of SIGSEGV")
                with h5py.File(self.path(f"out{ranks}", "results.h5")) as results:
                    self.assertIn("died of SIGSEGV before its first step", results["trials/error"].asstr()[1])

    def test_what_refuses_while_it_is_made_costs_its_own_trials(self):
        for how in ("--isolate", "--no-isolate"):
            for ranks in (0, 2):
                with self.subTest(how=how, ranks=ranks):
                    grid = self.write("made.yaml", grid_of(["none", "refuse", "none"], at=-1))
                    out = f"out{how}{ranks}"
                    done = self.attnlab("run", grid, "--out", out, how, expect=1, ranks=ranks)
                    self.assertIn("2 done, 1 failed", done.stdout)
                    self.assertEqual(done.stderr.count("warning: optimizer plugin 'wicked': wicked refuses"), 1)
                    with h5py.File(self.path(out, "results.h5")) as results:
                        self.assertEqual(results["trials/error"].asstr()[1], "optimizer plugin 'wicked': wicked refuses")

    def test_plan_and_submit_look_in_a_child(self):
        grid = self.write("made.yaml", grid_of(["none", "segfault", "exit"], at=-1))
        for words in (("plan", grid, "--format", "csv"), ("submit", grid, "--out", "out", "--scheduler", "slurm")):
            done = self.attnlab(*words)
            self.assertRegex(done.stderr, "warning: a look at the trials of the plugins .*'wicked'.* died of SIGSEGV")
            self.assertRegex(done.stderr, r"ended its own process with exit\(0\)")
        self.assertFalse(os.path.exists(self.path("out")))

    def test_mistakes_are_found_in_children_too(self):
        grid = self.write("wrong.yaml", WICKED.replace("parameters: {steps: [0, last]}", "parameters: {steps: [0], matrices: [W_P]}"))
        done = self.attnlab("run", grid, "--out", "out", expect=2)
        self.assertRegex(done.stderr, r"wrong.yaml:\d+:\d+: record.parameters.matrices: the model has no matrix 'W_P'")
        self.assertFalse(os.path.exists(self.path("out")))

    @unittest.skipIf(PATIENCE > 1, "AddressSanitizer reserves more address space than any limit allows")
    def test_memory_without_end_meets_its_limit(self):
        grid = self.write("devour.yaml", grid_of(["none", "devour", "none"]))
        words = self.command("run", grid, "--out", "out")
        done = subprocess.run(["prlimit", f"--as={3 << 30}", *words], capture_output=True, text=True,
                              env=self.environment(), cwd=self.folder, timeout=120 * PATIENCE)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("2 done, 1 crashed", done.stdout)
        self.assertIn("SIGSEGV at step 3", done.stdout)  # malloc answered null

    def test_an_endless_loop_ends_at_the_limit(self):
        grid = self.write("loop.yaml", grid_of(["none", "loop", "none"]))
        done = self.attnlab("run", grid, "--out", "out", "--trial-limit", "2s", expect=1)
        self.assertIn("2 done, 1 timed_out", done.stdout)
        with h5py.File(self.path("out", "results.h5")) as results:
            self.assertEqual(results["trials/status"][...].tolist(), [DONE, TIMED_OUT, DONE])
            self.assertIn("limit of 2 s, at step 3", results["trials/error"].asstr()[1])

    def test_a_slow_trial_ends_at_the_limit_in_this_process_too(self):
        grid = self.write("slow.yaml", grid_of(["none"], sleep_ms=100))
        for how in ("--isolate", "--no-isolate"):
            with self.subTest(how):
                self.attnlab("run", grid, "--out", how.strip("-"), how, "--trial-limit", "1s", expect=1)
                with h5py.File(self.path(how.strip("-"), "results.h5")) as results:
                    self.assertEqual(results["trials/status"][0], TIMED_OUT)
                    self.assertEqual(results["trials/cohort"][0], 0)  # it keeps the records it has

    def test_a_crash_that_does_not_come_back_costs_nothing(self):
        acts = ["none", "segfault"]
        grid = self.write("once.yaml", grid_of(acts, once=self.path("mark")))
        self.attnlab("run", grid, "--out", "out")
        with h5py.File(self.path("out", "results.h5")) as results:
            self.assertEqual(results["provenance/attempts"][...].tolist(), [1, 2])

    def test_a_loop_does_not_hold_up_a_stop(self):
        grid = self.write("loop.yaml", grid_of(["loop"]))
        began = time.monotonic()
        self.attnlab("run", grid, "--out", "out", "--time-limit", "3s", expect=75)
        self.assertLess(time.monotonic() - began, 4)


class Bits(Story):
    def test_isolated_trials_have_the_same_bits(self):
        grid = self.write("small.yaml", SMALL)
        self.attnlab("run", grid, "--out", "inside", "--no-isolate")
        self.attnlab("run", grid, "--out", "outside", "--isolate", "--threads", 2)
        self.assert_same_results(self.path("inside", "results.h5"), self.path("outside", "results.h5"))
        self.attnlab("run", grid, "--out", "ranks", "--isolate", ranks=2)
        self.assert_same_results(self.path("inside", "results.h5"), self.path("ranks", "results.h5"))


    def test_a_plugin_that_changes_how_its_thread_rounds_changes_no_other_trial(self):
        grid = self.write("good.yaml", grid_of(["none"] * 3))
        self.attnlab("run", grid, "--out", "good")
        grid = self.write("round.yaml", grid_of(["none", "round", "none"]))
        for how in ("--isolate", "--no-isolate"):
            with self.subTest(how):
                self.attnlab("run", grid, "--out", how.strip("-"), how, "--threads", 1)
                with h5py.File(self.path("good", "results.h5")) as a, h5py.File(self.path(how.strip("-"), "results.h5")) as b:
                    for name in ("loss", "grad_norm", "parameter_W_Q"):
                        for row in (0, 2):
                            one, two = a[f"cohorts/c0/{name}"][row], b[f"cohorts/c0/{name}"][row]
                            self.assertEqual(one.tobytes(), two.tobytes(), (name, row))

    def test_a_replay_without_its_plugin_is_a_mistake_with_a_sentence(self):
        grid = self.write("one.yaml", grid_of(["none"]))
        self.attnlab("run", grid, "--out", "out")
        os.makedirs(self.path("plugins", "optimizer"))
        shutil.copy(self.wicked_file(), self.path("plugins", "optimizer"))
        bare = dict(self.environment(), ATTNLAB_PLUGIN_PATH="")
        done = subprocess.run(self.command("replay", "out", 0), capture_output=True, text=True, env=bare, cwd=self.folder,
                              timeout=60 * PATIENCE)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("no optimizer plugin is called 'wicked'; --plugins DIR says where it is", done.stderr)
        done = subprocess.run(self.command("explain", "out", 0, "--plugins", "plugins"), capture_output=True, text=True, env=bare,
                              cwd=self.folder, timeout=60 * PATIENCE)
        self.assertIn(f" --plugins '{self.path('plugins')}' --out ", done.stdout)

    def wicked_file(self):
        with h5py.File(self.path("out", "results.h5")) as results:
            return [f for f in results["provenance/plugin_file"].asstr() if f.endswith("wicked.so")][0]


class Kills(Story):
    def begin_slow(self, ranks=0):
        grid = self.write("slow.yaml", grid_of(["none"] * 2, sleep_ms=50))
        running = self.begin("run", grid, "--out", f"out-{ranks}", "--trials-at-once", 1, ranks=ranks)
        self.wait_until(lambda: self.trainers(running.pid))
        return running

    def trainers(self, pid):
        """Of the sandbox's processes those that train: they have threads, and are nobody's parent."""
        found = []
        for p in children_of(pid):
            try:
                with open(f"/proc/{p}/cmdline") as file:
                    named = file.read().startswith("attnlab-sandbox")
                if named and not children_of(p) and len(os.listdir(f"/proc/{p}/task")) > 1:
                    found.append(p)
            except OSError:
                pass  # it is gone
        return found

    def test_from_outside_they_make_no_trial_crashed(self):
        running = self.begin_slow()
        for _ in range(5):
            self.wait_until(lambda: self.trainers(running.pid))
            os.kill(self.trainers(running.pid)[0], signal.SIGKILL)
            time.sleep(0.3)
        stdout, stderr = running.communicate(timeout=60 * PATIENCE)
        self.assertEqual(running.returncode, 0, stdout + stderr)
        self.assertIn("2 trials: 2 done", stdout)

    def test_of_the_process_that_starts_children_end_the_run_with_a_sentence(self):
        for ranks in (0, 2):
            with self.subTest(ranks=ranks):
                running = self.begin_slow(ranks)
                nurseries = [p for p in children_of(running.pid) if self.is_sandbox(p) and children_of(p)]
                self.assertTrue(nurseries)
                os.kill(nurseries[0], signal.SIGKILL)
                stdout, stderr = running.communicate(timeout=30 * PATIENCE)
                self.assertEqual(running.returncode, 3, stdout + stderr)
                self.assertIn("the small process that starts children is gone", stderr)
                done = self.attnlab("run", self.path("slow.yaml"), "--out", f"out-{ranks}")
                self.assertIn("2 trials: 2 done", done.stdout)

    def is_sandbox(self, pid):
        try:
            with open(f"/proc/{pid}/cmdline") as file:
                return file.read().startswith("attnlab-sandbox")
        except OSError:
            return False

    def test_of_the_rank_leave_no_child_behind(self):
        for ranks in (0, 2):
            with self.subTest(ranks=ranks):
                running = self.begin_slow(ranks)
                below = children_of(running.pid)
                self.assertGreaterEqual(len(below), 2)
                os.kill(running.pid, signal.SIGKILL)
                self.wait_until(lambda: not any(alive(p) for p in below), 10)
                self.end(running)


if __name__ == "__main__":
    unittest.main()
