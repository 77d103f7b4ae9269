"""kernel_theory_story.py: the regression theory of Song et al. 2024: the measures against NumPy, the claims where they hold and where
they must not."""
import os
import unittest

import h5py
import numpy as np
from program import Story

CONFIGS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "configs", "papers")

# Small enough for J by finite differences: 3 samples of 3 tokens, 2 heads.
SMALL = """\
name: theory
trial:
  task: {plugin: token_regression, samples: 3, tokens: 3, dim: 6, outputs: 1}
  loss: squared
  model:
    heads: 2
    key_dim: 4
    value_dim: 3
    attention: {kernel: {plugin: KERNEL}}
    bias: false
    readout: tokens
    init: {W_Q: {normal: 1.0}, W_K: {normal: 1.0}, W_V: {normal: 1.0}, W_O: {normal: 0.6}}
    train: [W_Q, W_K, W_V]
  optimizer: {plugin: gradient_descent, learning_rate: {jacobian: 0.5}}
  training: {steps: 60}
  record: {metrics: {every: 20}, measures: [jacobian, kernel_matrix], data: true, parameters: {every: 20}}
"""


class Layer:
    """One head after the other, written out."""

    def __init__(self, group, row, kernel):
        self.x = group["data_inputs"][0]
        self.y = group["data_targets"][0]
        self.p = {name: group[f"parameter_{name}"][0, row] for name in ("W_Q", "W_K", "W_V", "W_O")}
        self.kernel = kernel

    def maps(self, p):
        out = np.zeros((2, 3, 3, 3))
        for h in range(2):
            for i in range(3):
                q, k = self.x[i] @ p["W_Q"][h], self.x[i] @ p["W_K"][h]
                tau = 2.0  # sqrt(4)
                if self.kernel == "softmax":
                    e = np.exp(q @ k.T / tau)
                    out[h, i] = e / e.sum(1, keepdims=True)
                else:
                    out[h, i] = np.exp(-((q[:, None] - k[None]) ** 2).sum(2) / (2 * tau))
        return out

    def outputs(self, p):
        s = self.maps(p)
        return np.concatenate([sum(s[h, i] @ self.x[i] @ p["W_V"][h] @ p["W_O"][h] for h in range(2))
                               for i in range(3)])[:, 0]

    def features(self):
        s = self.maps(self.p)
        return np.concatenate([np.concatenate([s[h, i] @ self.x[i] for h in range(2)], 1) for i in range(3)])

    def jacobian(self):
        columns = []
        for name in ("W_Q", "W_K", "W_V"):
            for at in np.ndindex(self.p[name].shape):
                sides = []
                for sign in (1, -1):
                    p = {n: m.copy() for n, m in self.p.items()}
                    p[name][at] += sign * 1e-5
                    sides.append(self.outputs(p))
                columns.append((sides[0] - sides[1]) / 2e-5)
        return np.array(columns).T


class KernelTheory(Story):
    def test_the_measures_are_those_of_numpy(self):
        for kernel in ("softmax", "gaussian"):
            with self.subTest(kernel):
                grid = self.write("theory.yaml", SMALL.replace("KERNEL", kernel))
                self.attnlab("run", grid, "--out", kernel)
                with h5py.File(self.path(kernel, "results.h5")) as results:
                    self.compare(results["cohorts/c0"], kernel)

    def compare(self, group, kernel):
        start = Layer(group, 0, kernel)
        rate = 0.5 / np.linalg.eigvalsh(start.jacobian() @ start.jacobian().T)[-1]
        np.testing.assert_allclose(group["learning_rate"][0], rate, rtol=1e-7)
        for row in range(group["record"].shape[0]):
            layer = Layer(group, row, kernel)
            maps = layer.maps(layer.p)
            sigma = np.linalg.svd(layer.features(), compute_uv=False)
            out = min(np.linalg.svd(layer.p["W_O"][h], compute_uv=False)[-1] for h in range(2))
            spectrum = np.linalg.eigvalsh(layer.jacobian() @ layer.jacobian().T)
            values = np.array([[layer.x[i] @ layer.p["W_V"][h] @ layer.p["W_O"][h] for h in range(2)] for i in range(3)])
            low, high = values.min(2).sum(1)[:, 0], values.max(2).sum(1)[:, 0]  # [sample]
            y = layer.y[:, :, 0]
            floor = 0.5 * (np.maximum(np.maximum(low[:, None] - y, y - high[:, None]), 0) ** 2).sum()
            mass = np.maximum(values, 0).sum((1, 2))[:, 0]  # of all weights 1
            residual = layer.outputs(layer.p) - layer.y.reshape(-1)
            expected = {
                "loss": 0.5 * residual @ residual, "feature_sigma_max": sigma[0],
                "feature_sigma_min": sigma[8], "pl_constant": (sigma[8] * out) ** 2,
                "kernel_row_mass": maps.sum(3).mean(), "kernel_row_max": maps.max(3).mean(),
                "kernel_condition": np.median(np.linalg.cond(maps.reshape(6, 3, 3))),
                "kernel_drift": np.linalg.norm(maps - start.maps(start.p)) / np.linalg.norm(start.maps(start.p)),
                "convex_floor": floor, "mass_floor": 0.5 * (np.maximum(y - mass[:, None], 0) ** 2).sum()}
            for name, value in expected.items():
                np.testing.assert_allclose(group[name][0, row], value, rtol=1e-9, atol=1e-12, err_msg=f"{name} {row}")
            np.testing.assert_allclose(group["jacobian_lambda_max"][0, row], spectrum[-1], rtol=1e-7)
            np.testing.assert_allclose(group["jacobian_lambda_min"][0, row], spectrum[0], rtol=1e-4, atol=1e-9)

    def check(self, name, *overrides, expect=0):
        out = f"{name}-{len(os.listdir(self.folder))}"
        words = [word for override in overrides for word in ("--set", override)]
        self.attnlab("run", os.path.join(CONFIGS, name + ".yaml"), "--out", out, "--progress", "none", *words)
        return self.attnlab("check", out, expect=expect).stdout

    def test_queries_alone_separate_the_kernels(self):
        self.assertIn("15 of 15 verdicts hold", self.check("c-queries"))
        # Control: targets well inside the hull, where softmax has nothing to stall at.
        self.assertRegex(self.check("c-queries", "task.targets={token_mean: 0.05}", expect=1),
                         r"kernel_separation .* does not hold")

    def test_a_basin_at_infinity(self):
        self.assertIn("2 of 2 verdicts hold", self.check("c-basin"))
        # Control: from the other side softmax finds zero loss.
        self.assertIn("1 of 2 verdicts hold",
                      self.check("c-basin", "model.init.W_Q={values: [[2.0], [1.75], [2.25]]}", expect=1))

    def test_the_rank_of_the_jacobian(self):
        said = self.check("c-rank", expect=1)  # linear adds an epsilon: its rows do not sum to one exactly
        self.assertIn("8 of 9 verdicts hold", said)
        self.assertRegex(said, r"does not hold  linear")

    def test_values_alone_converge_only_if_wide_enough(self):
        said = self.check("c-values", "training.steps=2000", "sweep.grid.seed=[0]", expect=None)
        self.assertRegex(said, r"value_gradient_bound +trial 0 .* holds")
        narrow = self.check("c-values", "training.steps=2000", "sweep.grid.seed=[0]", "task.dim=2", expect=1)
        self.assertRegex(narrow, r"global_convergence +trial 0 .* does not hold")
        self.assertRegex(narrow, r"value_gradient_bound +trial 0 +- .* does not hold +cannot be judged")

    def test_the_jacobian_step_needs_squared_loss_and_few_rows(self):
        grid = self.write("wide.yaml", SMALL.replace("KERNEL", "softmax").replace("samples: 3", "samples: 300"))
        self.assertIn("Jacobian would have 900 rows", self.attnlab("run", grid, "--out", "no", expect=2).stderr)
        self.assertFalse(os.path.exists(self.path("no")))


if __name__ == "__main__":
    unittest.main()
