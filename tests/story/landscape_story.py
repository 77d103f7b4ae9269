"""landscape_story.py: a slice of the loss surface around a trained trial, and the Hessian's largest eigenvalues."""
import hashlib
import os
import pathlib
import shutil
import unittest

import h5py
import numpy
import xarray
from program import SMALL, Story

REGRESSION = """\
name: regression
trial:
  task: {plugin: token_regression, samples: 4, tokens: 4, dim: 32, outputs: 1}
  loss: squared
  model: {heads: 4, key_dim: 8, value_dim: 8, bias: false, readout: tokens, train: [W_V],
          init: {default: {normal: 0.5}}}
  optimizer: {plugin: gradient_descent, learning_rate: {jacobian: 0.5}}
  training: {steps: 200}
  record: {metrics: {every: 50}, measures: [jacobian]}
sweep: {grid: {model.attention.kernel.plugin: [softmax, gaussian]}}
"""


def landscape_of(folder):
    names = [name for name in os.listdir(folder) if name.startswith("landscape-")]
    assert len(names) == 1, names
    return os.path.join(folder, names[0])


class Landscape(Story):
    def test_the_centre_is_the_trained_trial_and_the_file_opens_everywhere(self):
        grid = self.write("small.yaml", SMALL)
        self.attnlab("run", grid, "--out", "out")
        before = hashlib.sha256(pathlib.Path(self.path("out", "results.h5")).read_bytes())
        said = self.attnlab("landscape", "out", "--trial", 7, "--points", 9).stdout
        self.assertIn("stored records", said)
        file = landscape_of(self.path("out"))
        self.assertIn("landscape-", said.splitlines()[-1])
        after = hashlib.sha256(pathlib.Path(self.path("out", "results.h5")).read_bytes())
        self.assertEqual(before.digest(), after.digest())
        with xarray.open_dataset(file, group="landscape") as data, \
                h5py.File(self.path("out", "results.h5")) as results:
            self.assertEqual(data.loss.dims, ("alpha", "beta"))
            self.assertEqual(float(data.loss.sel(alpha=0, beta=0)), results["trials/final_loss"][7])
            self.assertEqual(float(data.accuracy[4, 4]), results["trials/final_accuracy"][7])
            self.assertEqual(data.attrs["trial"], results["trials/id"].asstr()[7])
            self.assertEqual(data.sizes, {"alpha": 9, "beta": 9, "eigenvalue": 5})
            self.assertTrue((numpy.diff(data.hessian_eigenvalues) <= 0).all())
            self.assertLess(float(data.hessian_residuals.max()), 1e-5)
            self.assertGreater(float(data.loss.max()), float(data.centre_loss))
        self.attnlab("run", grid, "--out", "out")  # the directory is still ours
        self.attnlab("verify", "out")
        self.attnlab("report", "out", "--out", "page.html")
        self.assertIn('"landscapes":[{"trial":7,"axis":[-1.0,', pathlib.Path(self.path("page.html")).read_text())

    def test_trained_again_or_read_the_surface_is_the_same(self):
        self.attnlab("run", self.write("a.yaml", SMALL), "--out", "a")
        bare = SMALL.replace("parameters: {steps: [0, last]}", "parameters: {steps: [0]}")
        self.attnlab("run", self.write("b.yaml", bare), "--out", "b")
        for out in ("a", "b"):
            self.attnlab("landscape", out, "--trial", 2, "--points", 5, "--seed", 1)
        with h5py.File(landscape_of(self.path("a"))) as a, h5py.File(landscape_of(self.path("b"))) as b:
            self.assertEqual(b["landscape"].attrs["parameters_from"], "training again")
            for name in ("loss", "accuracy", "hessian_eigenvalues", "roughness"):
                self.assertEqual(a["landscape"][name][()].tobytes(), b["landscape"][name][()].tobytes())

    def test_the_largest_eigenvalue_is_that_of_the_jacobian(self):
        """With W_V alone the outputs are linear in it: H = J^T J, whose eigenvalues the measure records."""
        self.attnlab("run", self.write("regression.yaml", REGRESSION), "--out", "out")
        for trial in (0, 1):
            self.attnlab("landscape", "out", "--trial", trial, "--points", 3)
            with h5py.File(landscape_of(self.path("out"))) as file, h5py.File(self.path("out", "results.h5")) as r:
                cohort = r[f"cohorts/c{r['trials/cohort'][trial]}"]
                expected = cohort["jacobian_lambda_max"][r["trials/row"][trial], -1]
                self.assertAlmostEqual(file["landscape/hessian_eigenvalues"][0] / expected, 1, delta=1e-8)
                os.remove(file.filename)

    def test_check_compares_the_slices_and_results_stay_as_they_were(self):
        """Pairs are made by hand: the gaussian's slice is replaced by that of softmax, then by a rougher one."""
        sweep = "{model.attention.kernel.plugin: [softmax, gaussian], seed: [1, 2, 3]}"
        grid = self.write("small.yaml", SMALL.split("sweep:")[0] + f"sweep:\n  grid: {sweep}\n")
        self.attnlab("run", grid, "--out", "out")
        before = pathlib.Path(self.path("out", "results.h5")).read_bytes()
        claims = ("lra_less_rough", "lra_fewer_minima", "lra_less_negative_curvature")
        check = ("check", "out", "--claims", ",".join(claims))
        self.assertIn("attnlab landscape", self.attnlab(*check, expect=1).stdout)
        with h5py.File(self.path("out", "results.h5")) as results:
            ids = list(results["trials/id"].asstr())
        files = [self.path("out", f"landscape-{trial}.h5") for trial in ids]
        for trial in range(6):
            self.attnlab("landscape", "out", "--trial", trial, "--points", 5, "--seed", 1)
        for softmax, gaussian in zip(files[:3], files[3:]):
            shutil.copy(softmax, gaussian)
        self.assertIn("3 of 3 verdicts hold", self.attnlab(*check).stdout)
        self.assertIn("3 of 3 verdicts hold", self.attnlab("check", "out/results.h5", *check[2:]).stdout)
        with h5py.File(files[5], "r+") as file:
            file["landscape/roughness"][...] = file["landscape/roughness"][()] + 0.25
        said = self.attnlab(*check, expect=1).stdout
        self.assertIn("2 of 3 verdicts hold", said)
        self.assertRegex(said, r"lra_less_rough +trials 0-5 +0.25 +0 +does not hold")
        self.assertEqual(before, pathlib.Path(self.path("out", "results.h5")).read_bytes())

    def test_the_sharpness_over_training_is_that_of_the_jacobian_too(self):
        grid = self.write("sharp.yaml", REGRESSION.replace("[jacobian]", "[jacobian, sharpness]"))
        plain = self.write("plain.yaml", REGRESSION)
        self.attnlab("run", grid, "--out", "out")
        self.attnlab("run", plain, "--out", "plain")
        for trial in (0, 1):
            with h5py.File(self.path("out", "results.h5")) as r, h5py.File(self.path("plain", "results.h5")) as p:
                cohort, row = r[f"cohorts/c{r['trials/cohort'][trial]}"], r["trials/row"][trial]
                numpy.testing.assert_allclose(cohort["sharpness"][row], cohort["jacobian_lambda_max"][row], rtol=1e-7)
                self.assertLess(cohort["sharpness_residual"][row].max(), 1e-5)
                watched_not = p[f"cohorts/c{p['trials/cohort'][trial]}"]["loss"][p["trials/row"][trial]]
                self.assertEqual(cohort["loss"][row].tobytes(), watched_not.tobytes())  # watching changes nothing
        single = self.write("single.yaml", REGRESSION.replace("[jacobian]", "[sharpness]")
                            .replace("steps: 200", "steps: 200, precision: float32"))
        self.assertIn("float64", self.attnlab("run", single, "--out", "single", expect=2).stderr)

    def test_the_same_bits_on_any_number_of_ranks_and_threads(self):
        self.attnlab("run", self.write("small.yaml", SMALL), "--out", "out")
        shutil.copy(self.path("out", "results.h5"), self.path("results.h5"))
        content = []
        for words, ranks in ((["out"], 0), (["results.h5"], 2), (["out", "--threads", 2], 3)):
            self.attnlab("landscape", *words, "--trial", 5, "--points", 6, ranks=ranks)
            with h5py.File(landscape_of(self.path("out" if "out" in words else ""))) as file:
                content.append({name: file["landscape"][name][()].tobytes() for name in file["landscape"]})
        self.assertEqual(content[0], content[1])
        self.assertEqual(content[0], content[2])

    def test_nonsense_is_told_and_writes_nothing(self):
        wild = SMALL.replace("[0.01, 0.05, 0.1]", "[1.0e+200]").replace("loss: logistic", "loss: squared")
        self.attnlab("run", self.write("small.yaml", wild), "--out", "out", expect=1)
        self.assertIn("is not done but diverged",
                      self.attnlab("landscape", "out", "--trial", 0, expect=2).stderr)
        self.assertIn("from 0 to 3", self.attnlab("landscape", "out", "--trial", 4, expect=2).stderr)
        self.assertIn("no trial 'x'",
                      self.attnlab("landscape", "out/results.h5", "--trial", "x", ranks=2, expect=2).stderr)
        for words in (["--trial", 0, "--points", 1], ["--trial", 0, "--range", -1], [], ["--trial", 0, "--samples", 0]):
            self.attnlab("landscape", "out", *words, expect=2)
        self.attnlab("landscape", "gone", "--trial", 0, expect=2)
        self.assertEqual([n for n in os.listdir(self.path("out")) if "landscape" in n], [])


if __name__ == "__main__":
    unittest.main()
