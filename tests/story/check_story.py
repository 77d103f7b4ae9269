"""check_story.py: claims of a grid are judged at the end of a run, stored, and judged again by `check`."""
import os
import shutil
import unittest

import h5py
from program import SMALL, Story

RATES = SMALL.replace("[0.01, 0.05, 0.1]", "[0.01, 0.2]") + "claims: [monotone_loss]\n"

PAIRS = """\
name: pairs
trial:
  task: {plugin: token_regression, samples: 4, tokens: 4, dim: 32, inputs: {value_columns: {heads: 2, low: 1.0, high: 2.0}},
         targets: {uniform: [0.5, 0.9]}}
  loss: squared
  model:
    heads: 2
    key_dim: 8
    value_dim: 8
    bias: false
    readout: tokens
    init: {W_Q: {normal: 0.5}, W_K: {normal: 0.5}, W_V: value_columns, W_O: value_columns}
    train: [W_Q]
  optimizer: {plugin: gradient_descent, learning_rate: 0.01}
  training: {steps: 20000}
  record: {metrics: {every: 1000}}
sweep:
  grid:
    seed: {range: [0, 20]}
    model.attention.kernel.plugin: [softmax, gaussian]
claims: [monotone_loss, separation_over_seeds]
"""


class Check(Story):
    def test_verdicts_are_stored_printed_and_decide_the_exit_code(self):
        grid = self.write("rates.yaml", RATES)
        run = self.attnlab("run", grid, "--out", "out")
        self.assertRegex(run.stdout, r"monotone_loss +trial 0 .* holds ")
        with h5py.File(self.path("out", "results.h5")) as results:
            rate = results["trials/optimizer.learning_rate"][()]
            holds = results["claims/holds"][()]
            self.assertTrue(all(holds[rate == 0.01]))
            self.assertFalse(all(holds[rate == 0.2]))
            self.assertEqual({name for name in results["claims/claim"].asstr()}, {"monotone_loss"})
            measured, bound = results["claims/measured"][()], results["claims/bound"][()]
            self.assertTrue(all((measured <= bound) == (holds == 1)))
        done = self.attnlab("check", "out", expect=1)
        self.assertIn("does not hold", done.stdout)
        self.assertEqual(done.stdout, self.attnlab("check", self.path("out", "results.h5"), expect=1).stdout)

    def test_claims_that_hold_end_with_zero(self):
        grid = self.write("rates.yaml", RATES.replace("[0.01, 0.2]", "[0.01]"))
        self.attnlab("run", grid, "--out", "out")
        self.assertIn("verdicts hold", self.attnlab("check", "out").stdout)

    def test_an_unfinished_run_is_judged_as_far_as_it_is(self):
        grid = self.write("rates.yaml", RATES)
        self.attnlab("run", grid, "--out", "out")
        os.remove(self.path("out", "DONE"))
        os.remove(self.path("out", "results.h5"))
        self.assertIn("does not hold", self.attnlab("check", "out", expect=1).stdout)

    def test_a_group_that_is_not_finished_is_not_wrong(self):
        grid = self.write("pairs.yaml", PAIRS)
        self.attnlab("run", grid, "--out", "out", "--set", "sweep.grid.seed=[0]")
        self.attnlab("run", grid, "--out", "out", "--time-limit", "2s", "--threads", 1, expect=75)
        said = self.attnlab("check", "out").stdout
        self.assertRegex(said, r"monotone_loss +trial \d+ .* holds ")
        self.assertRegex(said, r"\d+ of 40 trials are finished")
        self.assertIn("separation_over_seeds needs trials that are not finished\n", said)
        self.assertNotIn("does not hold", said)

    def test_a_run_with_nothing_finished_is_not_wrong(self):
        grid = self.write("rates.yaml", RATES)
        self.attnlab("run", grid, "--out", "out")
        shutil.rmtree(self.path("out", "segments"))
        shutil.rmtree(self.path("out", "journal"))
        os.mkdir(self.path("out", "segments"))
        os.mkdir(self.path("out", "journal"))
        os.remove(self.path("out", "DONE"))
        os.remove(self.path("out", "results.h5"))
        self.assertRegex(self.attnlab("check", "out").stdout, r"^0 of \d+ trials are finished")

    def test_words(self):
        listed = self.attnlab("check", "--list").stdout.splitlines()
        self.assertTrue(any(line.startswith("monotone_loss: ") for line in listed))
        grid = self.write("small.yaml", SMALL)
        self.attnlab("run", grid, "--out", "out")
        self.assertIn("names no claims", self.attnlab("check", "out").stderr)
        self.assertIn("did you mean 'monotone_loss'",
                      self.attnlab("check", "out", "--claims", "monotone_los", expect=2).stderr)
        self.attnlab("check", "out", "--claims", "monotone_loss", expect=None)
        wrong = self.write("wrong.yaml", RATES.replace("monotone_loss", "monotone_los"))
        self.assertIn("did you mean 'monotone_loss'",
                      self.attnlab("run", wrong, "--out", "new", expect=2).stderr)


if __name__ == "__main__":
    unittest.main()
