"""failure_story.py: a trial that fails or diverges is a result with its reason; the others are trained as if it were not there."""
import json
import unittest

import h5py
import numpy
from program import Story, slow


class Failures(Story):
    def grid(self):
        text = slow(n_trials=4, sleep_ms=0, steps=10).split("sweep:")[0]
        return self.write("mixed.yaml", text + """\
sweep:
  zip:
    - optimizer.fail_at: [-1, 3, -1, -1]
      optimizer.nan_at: [-1, -1, 5, -1]
      seed: [0, 1, 2, 3]
""")

    def test_they_are_results_and_the_run_is_complete(self):
        done = self.attnlab("run", self.grid(), "--out", "out", expect=1)
        self.assertIn("4 trials: 2 done, 1 diverged, 1 failed", done.stdout)
        self.assertIn("stumbled at step 3", done.stdout)
        self.assertIn("2 of 4 trials are not done", done.stderr)
        with h5py.File(self.path("out", "results.h5"), "r") as results:
            self.assertEqual(results["trials/status"][...].tolist(), [0, 2, 1, 0])
            self.assertIn("stumbled at step 3", results["trials/error"].asstr()[1])
            self.assertEqual(results["trials/error"].asstr()[0], "")
            row = results["trials/row"][2]
            cohort = f"cohorts/c{results['trials/cohort'][2]}"
            losses = results[f"{cohort}/loss"][row]
            self.assertTrue(numpy.isfinite(losses[:6]).all(), losses)
            self.assertTrue(numpy.isnan(losses[7:]).all(), losses)

    def test_they_are_not_trained_again(self):
        grid = self.grid()
        first = self.attnlab("run", grid, "--out", "out", expect=1)
        again = self.attnlab("run", grid, "--out", "out", expect=1)
        self.assertIn("nothing to train", again.stderr)
        self.assertEqual(first.stdout, again.stdout)

    def test_status_and_explain_tell_the_reason(self):
        self.attnlab("run", self.grid(), "--out", "out", expect=1, ranks=2)
        status = json.loads(self.attnlab("status", "out", "--format", "json").stdout)
        self.assertEqual([f["trial"] for f in status["failures"]], [1, 2])
        self.assertIn("stumbled", status["failures"][0]["error"])
        self.assertIn("stumbled", self.attnlab("explain", "out", 1).stdout)


if __name__ == "__main__":
    unittest.main()
