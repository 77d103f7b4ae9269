"""crash_faults.py: a plugin that kills the process it trains in is found out by the runs that follow, and the grid ends."""
import os
import shutil
import signal
import subprocess
import time
import unittest

import h5py
from isolate_faults import CRASHED, DONE, WICKED, grid_of
from program import PATIENCE, ATTNLAB, SMALL, TEST_PLUGINS, Story

ACTS = {"segfault": "died of SIGSEGV at step 3", "abort": "died of SIGABRT at step 3",
        "fpe": "died of SIGFPE at step 3", "overflow": "died of SIGSEGV at step 3",
        "throw": "died of SIGABRT at step 3", "exit": "exit(0) at step 3"}
PROGRAM = os.path.dirname(os.path.dirname(ATTNLAB))


def marks_in(out):
    """The lines about crashes that processes left in a run directory."""
    lines = []
    for name in os.listdir(os.path.join(out, "log")):
        if name.startswith("crashes-"):
            with open(os.path.join(out, "log", name)) as file:
                lines += file.read().splitlines()
    return lines


class Poisoned(Story):
    def run_until_it_ends(self, grid, out, *options, ranks=0, most=12):
        """Starts the same command again and again; the numbers of starts that died, and the last one."""
        for died in range(most):
            done = self.attnlab("run", grid, "--out", out, *options, ranks=ranks, expect=None)
            if os.path.exists(self.path(out, "DONE")):
                return died, done
            self.assertNotIn(done.returncode, (0, 1, 2, 3, 75), done.stdout + done.stderr)
        self.fail(f"no end after {most} starts: {marks_in(self.path(out))}\n{done.stderr}")

    def check_results(self, out, acts):
        with h5py.File(self.path(out, "results.h5")) as results:
            for i, act in enumerate(acts):
                status, error = results["trials/status"][i], results["trials/error"].asstr()[i]
                if act == "none":
                    self.assertEqual((status, error), (DONE, ""))
                    continue
                self.assertEqual(status, CRASHED, error)
                self.assertIn(ACTS[act], error)
                self.assertIn("3 times", error)
                self.assertEqual(results["provenance/attempts"][i], 3)


class Crashes(Poisoned):
    def test_without_isolation_the_third_crash_is_the_last(self):
        for act in ACTS:
            with self.subTest(act):
                acts = ["none", act, "none"]
                grid = self.write(f"{act}.yaml", grid_of(acts))
                died, done = self.run_until_it_ends(grid, act, "--no-isolate", "--commit-every", "0.1s")
                self.assertEqual(died, 3)
                self.assertEqual(done.returncode, 1)
                self.check_results(act, acts)
                self.attnlab("verify", act)
                again = self.attnlab("run", grid, "--out", act, "--no-isolate", expect=1)
                self.assertIn("nothing to train", again.stderr)
                self.assertEqual(marks_in(self.path(act)), [])

    def test_several_crash_on_two_ranks(self):
        acts = ["none", "segfault", "none", "abort", "none", "exit"]
        grid = self.write("bad.yaml", grid_of(acts))
        _, done = self.run_until_it_ends(grid, "out", "--no-isolate", ranks=2)
        self.assertEqual(done.returncode, 1)
        self.check_results("out", acts)

    def test_a_sentence_says_which_trial_it_was(self):
        grid = self.write("bad.yaml", grid_of(["segfault"]))
        done = self.attnlab("run", grid, "--out", "out", "--no-isolate", expect=None)
        self.assertEqual(done.returncode, -signal.SIGSEGV)
        self.assertRegex(done.stderr, r"attnlab: trial [0-9a-f]{16} died of SIGSEGV at step 3")

    def test_an_exit_is_not_a_success(self):
        grid = self.write("bad.yaml", grid_of(["exit"]))
        done = self.attnlab("run", grid, "--out", "out", "--no-isolate", expect=None)
        self.assertEqual(done.returncode, 70, done.stderr)

    def test_a_trial_beside_a_crash_is_not_blamed(self):
        """A thread of the plugin's own dies: nobody knows whose it was, so all are tried in children."""
        acts = ["none", "thread", "none"]
        grid = self.write("thread.yaml", grid_of(acts, sleep_ms=5))
        died, done = self.run_until_it_ends(grid, "out", "--no-isolate", "--trials-at-once", 3, "--threads", 3)
        self.assertEqual(died, 1)
        self.assertIn("2 done, 1 crashed", done.stdout)

    def test_a_kill_from_outside_never_counts(self):
        grid = self.write("slow.yaml", grid_of(["none"] * 2, sleep_ms=25))
        for number in (signal.SIGKILL, signal.SIGSEGV):  # the latter sent by another process
            for _ in range(5):
                running = self.begin("run", grid, "--out", f"out{number}", "--no-isolate")
                self.wait_until(lambda: os.path.exists(self.path(f"out{number}", "log", "trials.txt")))
                time.sleep(0.4)
                os.kill(running.pid, number)
                running.communicate(timeout=10 * PATIENCE)
                self.assertEqual(marks_in(self.path(f"out{number}")), [])
            done = self.attnlab("run", grid, "--out", f"out{number}", "--no-isolate")
            self.assertIn("2 trials: 2 done", done.stdout)

    def test_crashes_in_children_count_over_runs(self):
        grid = self.write("bad.yaml", grid_of(["segfault"]))
        self.attnlab("run", grid, "--out", "out", "--no-isolate", expect=None)
        self.attnlab("run", grid, "--out", "out", "--no-isolate", expect=None)
        self.assertEqual(len(marks_in(self.path("out"))), 2)
        done = self.attnlab("run", grid, "--out", "out", expect=1)
        self.assertEqual(done.stderr.count("wicked does segfault\n"), 1, done.stderr)
        self.check_results("out", ["segfault"])


class OfTheTree(Poisoned):
    """The plugin lies in the program's own tree, as one that came with it: it trains in the rank."""

    def setUp(self):
        super().setUp()
        os.makedirs(self.path("tree", "bin"))
        self.program = shutil.copy2(ATTNLAB, self.path("tree", "bin"))
        plugins = self.path("tree", "lib", "attnlab", "plugins")
        for kind, name in (("task", "cooccurrence"), ("kernel", "softmax"), ("optimizer", "gradient_descent")):
            os.makedirs(os.path.join(plugins, kind))
            shutil.copy2(os.path.join(PROGRAM, "lib/attnlab/plugins", kind, f"{name}.so"), os.path.join(plugins, kind))
        shutil.copy2(os.path.join(TEST_PLUGINS, "optimizer", "wicked.so"), os.path.join(plugins, "optimizer"))

    def command(self, *words, ranks=0):
        return [self.program if word == ATTNLAB else word for word in super().command(*words, ranks=ranks)]

    def environment(self):
        return dict(super().environment(), ATTNLAB_PLUGIN_PATH="")

    def test_the_second_start_tries_the_trial_in_a_child(self):
        acts = ["none", "segfault", "none"]
        grid = self.write("bad.yaml", grid_of(acts))
        died, done = self.run_until_it_ends(grid, "out")
        self.assertEqual((died, done.returncode), (1, 1))
        self.check_results("out", acts)

    def test_supervise_ends_a_poisoned_grid(self):
        acts = ["segfault", "none", "abort", "none"]
        grid = self.write("bad.yaml", grid_of(acts))
        supervise = os.path.join(os.path.dirname(__file__), "..", "..", "launch", "supervise")
        for how, ranks in (("--commit-every=30s", 1), ("--no-isolate", 0)):
            with self.subTest(how):
                out = "out" + how[2:4]
                words = self.command("run", grid, "--out", out, how, "--trials-at-once", 2, ranks=ranks)
                done = subprocess.run(["bash", supervise, "--", *words], capture_output=True, text=True,
                                      env=self.environment(), cwd=self.folder, timeout=120 * PATIENCE)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.check_results(out, acts)


if __name__ == "__main__":
    unittest.main()
