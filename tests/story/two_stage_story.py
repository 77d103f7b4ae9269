"""two_stage_story.py: configs/papers/two_stage.py makes a second grid whose trials start where one of the first grid ended."""
import pathlib
import subprocess
import sys
import unittest

import h5py
import numpy
from program import SMALL, Story

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "configs" / "papers" / "two_stage.py"


def stored(results, trial, name, step):
    with h5py.File(results) as file:
        return file[f"cohorts/c{file['trials/cohort'][trial]}"][name][file["trials/row"][trial], step]


def matrices(results, trial, step):
    with h5py.File(results) as file:
        names = [n for n in file[f"cohorts/c{file['trials/cohort'][trial]}"]
                 if n.startswith("parameter_") and n != "parameter_step"]
    return {name: stored(results, trial, name, step) for name in names}


class TwoStages(Story):
    def second_grid(self, trial, kernels):
        done = subprocess.run([sys.executable, SCRIPT, "first/results.h5", str(trial), kernels], cwd=self.folder,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.write("second.yaml", done.stdout)

    def both_stages(self, grid, trial):
        self.attnlab("run", self.write("first.yaml", grid), "--out", "first")
        self.attnlab("run", self.second_grid(trial, "softmax,gaussian"), "--out", "second")
        first, second = self.path("first", "results.h5"), self.path("second", "results.h5")
        end = matrices(first, trial, -1)
        self.assertGreater(len(end), 3)
        for kernel in (0, 1):
            start = matrices(second, kernel, 0)
            self.assertEqual(sorted(start), sorted(end))
            for name in end:
                self.assertEqual(start[name].tobytes(), end[name].tobytes(), name)
                if "W_" in name and "W_H2" not in name:  # softmax does not see b_K; signs are fixed
                    self.assertFalse(numpy.array_equal(matrices(second, kernel, -1)[name], end[name]), name)
        # The same kernel goes on where it stopped; another one does not start with its loss.
        self.assertEqual(stored(second, 0, "loss", 0), stored(first, trial, "loss", -1))
        self.assertNotEqual(stored(second, 1, "loss", 0), stored(first, trial, "loss", -1))
        with h5py.File(second) as file:
            self.assertEqual(list(file["trials/model.attention.kernel.plugin"].asstr()), ["softmax", "gaussian"])
            self.assertEqual(list(file["trials/seed"]), [3, 3])
            settings = file["cohorts/c0/settings"].asstr()[1]
        with h5py.File(first) as file:
            before = file[f"cohorts/c{file['trials/cohort'][trial]}/settings"].asstr()[file["trials/row"][trial]]
        self.assertEqual(settings.split("task:")[1], before.split("task:")[1])
        self.assertEqual(settings[settings.index("loss:"):settings.index("model:")], before[before.index("loss:"):before.index("model:")])

    def test_every_kernel_starts_from_the_matrices_of_one_trial(self):
        self.both_stages(SMALL, 7)

    def test_two_layers_with_heads_and_positions(self):
        grid = SMALL.replace("    dim: 8\n", "    dim: 8\n    heads: 2\n    layers: 2\n    residual: true\n    norm: pre_layer\n"
                                             "    positions: learned\n")
        self.both_stages(grid, 3)

    def test_a_trial_without_parameters_is_told(self):
        bare = SMALL.replace("parameters: {steps: [0, last]}", "parameters: {steps: []}")
        self.attnlab("run", self.write("first.yaml", bare), "--out", "first")
        done = subprocess.run([sys.executable, SCRIPT, "first/results.h5", "0", "softmax"], cwd=self.folder,
                              capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("kept no parameters", done.stderr)

    def test_called_wrongly_it_says_how(self):
        done = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("two_stage.py RESULTS.h5 TRIAL", done.stderr)


if __name__ == "__main__":
    unittest.main()
