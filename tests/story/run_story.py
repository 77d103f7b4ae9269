"""run_story.py: a grid is trained, looked at, trained again, and grows."""
import json
import os
import re
import unittest

import h5py
from program import SMALL, Story


class Run(Story):
    def test_a_grid_becomes_a_table_and_a_results_file(self):
        grid = self.write("small.yaml", SMALL)
        done = self.attnlab("run", grid, "--out", "out")
        self.assertRegex(done.stdout, r"12 trials: 12 done")
        self.assertIn("results.h5", done.stdout)
        self.assertRegex(done.stderr, r"rank 0 may use \d+ of \d+ cores")
        self.assertTrue(os.path.exists(self.path("out", "DONE")))
        with h5py.File(self.path("out", "results.h5"), "r") as results:
            self.assertEqual(results["trials/trial"].shape, (12,))
            self.assertEqual(results["cohorts/c0/loss"].shape, (12, 9))
            self.assertTrue((results["trials/status"][...] == 0).all())

    def test_the_same_command_again_trains_nothing(self):
        grid = self.write("small.yaml", SMALL)
        first = self.attnlab("run", grid, "--out", "out")
        before = os.stat(self.path("out", "results.h5")).st_mtime_ns
        again = self.attnlab("run", grid, "--out", "out")
        self.assertIn("nothing to train", again.stderr)
        self.assertEqual(first.stdout, again.stdout)
        self.assertEqual(os.stat(self.path("out", "results.h5")).st_mtime_ns, before)

    def test_new_values_of_a_sweep_train_only_the_new_trials(self):
        grid = self.write("small.yaml", SMALL)
        self.attnlab("run", grid, "--out", "out")
        grown = self.write("grown.yaml", SMALL.replace("[0.01, 0.05, 0.1]", "[0.01, 0.05, 0.1, 0.2]"))
        more = self.attnlab("run", grown, "--out", "out")
        self.assertIn("12 finished before; 4 to train", more.stderr)
        self.attnlab("run", grown, "--out", "whole")
        self.assert_same_results(self.path("out", "results.h5"), self.path("whole", "results.h5"))

    def test_shrinking_a_sweep_leaves_the_others_out_of_the_results(self):
        grid = self.write("small.yaml", SMALL)
        self.attnlab("run", grid, "--out", "out")
        shrunk = self.write("shrunk.yaml", SMALL.replace("[0.01, 0.05, 0.1]", "[0.05]"))
        less = self.attnlab("run", shrunk, "--out", "out")
        self.assertIn("nothing to train", less.stderr)
        self.attnlab("run", shrunk, "--out", "whole")
        self.assert_same_results(self.path("out", "results.h5"), self.path("whole", "results.h5"))

    def test_fresh_keeps_the_old_content_aside(self):
        grid = self.write("small.yaml", SMALL)
        self.attnlab("run", grid, "--out", "out")
        fresh = self.attnlab("run", grid, "--out", "out", "--fresh")
        self.assertNotIn("finished before", fresh.stderr)
        self.assert_same_results(self.path("out", "results.h5"), self.path("out.old-1", "results.h5"))

    def test_threads_and_width_do_not_change_a_bit(self):
        grid = self.write("small.yaml", SMALL)
        self.attnlab("run", grid, "--out", "one", "--threads", 1)
        two = self.attnlab("run", grid, "--out", "two", "--threads", 3, "--trials-at-once", 3)
        self.attnlab("run", grid, "--out", "three", "--threads", 2, "--trials-at-once", 1)
        self.assert_same_results(self.path("one", "results.h5"), self.path("two", "results.h5"))
        self.assert_same_results(self.path("one", "results.h5"), self.path("three", "results.h5"))
        if (os.cpu_count() or 1) < 3:
            self.assertRegex(two.stderr, r"warning: --threads 3 is more than the cores")

    def test_the_verbs_speak_of_it(self):
        grid = self.write("small.yaml", SMALL)
        self.attnlab("run", grid, "--out", "out")
        status = json.loads(self.attnlab("status", "out", "--format", "json").stdout)
        self.assertEqual((status["trials"], status["finished"], status["complete"]), (12, 12, True))
        self.assertEqual(status["counts"]["done"], 12)
        self.attnlab("verify", "out")
        plan = json.loads(self.attnlab("plan", grid, "--format", "json").stdout)
        self.assertEqual(len(plan["trials"]), 12)
        by_number = self.attnlab("explain", "out", 5).stdout
        identity = plan["trials"][5]["id"]
        self.assertIn(identity, by_number)
        self.assertEqual(by_number, self.attnlab("explain", "out", identity).stdout)
        self.assertIn("status: done", by_number)
        os.remove(self.path("out", "results.h5"))
        self.attnlab("merge", "out")
        self.attnlab("run", grid, "--out", "whole")
        self.assert_same_results(self.path("out", "results.h5"), self.path("whole", "results.h5"))
        self.assertIn("softmax", self.attnlab("plugins").stdout)
        self.assertIn("learning_rate", self.attnlab("plugins", "gradient_descent").stdout)

    def test_explain_names_a_command_that_trains_the_trial_alone(self):
        grid = self.write("small.yaml", SMALL)
        self.attnlab("run", grid, "--out", "out")
        text = self.attnlab("explain", "out", 7).stdout
        command = re.search(r"^  attnlab (run .*)$", text, re.MULTILINE).group(1)
        import shlex
        words = shlex.split(command)
        alone = words[words.index("--out") + 1]
        self.attnlab(*words)
        os.mkdir(self.path("mine"))
        self.assertIn(f" --plugins '{self.path('mine')}' ", self.attnlab("explain", "out", 7, "--plugins", "mine").stdout)
        with h5py.File(self.path("out", "results.h5")) as whole, \
                h5py.File(self.path(alone, "results.h5")) as one:
            self.assertEqual(one["trials/id"].asstr()[0], whole["trials/id"].asstr()[7])
            self.assertEqual(one["cohorts/c0/loss"][0].tobytes(), whole["cohorts/c0/loss"][7].tobytes())


if __name__ == "__main__":
    unittest.main()
