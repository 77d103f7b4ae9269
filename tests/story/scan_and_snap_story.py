"""scan_and_snap_story.py: trajectories of yz and slaved_decoder against the equations in NumPy, from the stored data and start."""
import os
import subprocess
import unittest

import h5py
import numpy as np

from program import ATTNLAB, Story

GRID = """\
name: scan-and-snap
trial:
  seed: 3
  loss: cross_entropy
  task: {{plugin: token_classes, {task}}}
  model: {{parameterization: {kind}, {model}}}
  optimizer: {{plugin: gradient_descent, {optimizer}}}
  training: {{steps: {steps}, batch: full, precision: float64}}
  record:
    metrics: {{every: 1}}
    attention: {{steps: [0, last], samples: 2}}
    parameters: {{log_spaced: 8}}
    data: true
"""
SMALL = "num_common: 4, num_unique_per_next: 5"


def outer_softmax(o):
    e = np.exp(o - o.max())
    return e / e.sum()


class Reference:
    """Scan and Snap on dense vectors over the vocabulary: every sample is a distribution P over the tokens, a query and a target."""

    def __init__(self, file, kernel="softmax", a=1.0, l2=True, residual=False):
        data = file["cohorts/c0"]
        tokens, self.targets = data["data_tokens"][0], data["data_targets"][0]
        self.M = data["parameter_Z"].shape[-1]
        self.queries = tokens[:, -1]
        self.P = np.zeros((len(tokens), self.M))
        weights = data["data_weights"][0][:, :-1] if "data_weights" in data else np.full(tokens[:, :-1].shape, 1.0)
        for i, row in enumerate(tokens[:, :-1]):
            np.add.at(self.P[i], row, weights[i])
        self.weighted = "data_weights" in data
        self.kernel, self.a, self.l2, self.residual = kernel, a, l2, residual

    def attention(self, i, z):
        """c, and the function that takes dl/dc to dl/dz."""
        if self.kernel == "softmax":
            e = self.P[i] * np.exp(z)
            c = e / e.sum()
            return c, lambda d: c * (d - c @ d)
        c = self.P[i] * np.exp(-(z - self.a) ** 2 / (2 * self.a))
        return c, lambda d: c * d * (self.a - z) / self.a

    def features(self, i, Z):
        c, back = self.attention(i, Z[self.queries[i]])
        r = c + np.eye(self.M)[self.queries[i]] * self.residual
        if not self.l2:
            return r, back
        f = r / np.sqrt(r @ r)
        return f, lambda d: back((d - f * (f @ d)) / np.sqrt(r @ r))

    def loss(self, Y, Z):
        """Mean loss, and its gradients."""
        loss, dY, dZ, n = 0.0, np.zeros_like(Y), np.zeros_like(Z), len(self.P)
        for i, target in enumerate(self.targets):
            f, back = self.features(i, Z)
            alpha = outer_softmax(f @ Y)
            loss -= np.log(alpha[target]) / n
            d = (alpha - np.eye(self.M)[target]) / n
            dY += np.outer(f, d)
            dZ[self.queries[i]] += back(Y @ d)
        return loss, dY, dZ

    def slaved(self, x, Z):
        """Velocities of Z, the clock, B and Gamma at rate 1: section 3.5 as it stands in the paper."""
        K, M = len(self.P), self.M
        F, backs = zip(*[self.features(i, Z) for i in range(K)])
        F = np.array(F).T
        gamma = (M - 1) ** 2 * (x / M) / ((M - 1) + np.exp(x))
        S = np.where(np.eye(K) > 0, M / (M - 1), -M / (M - 1) ** 2)
        Co = gamma * np.linalg.inv(F.T @ F) @ S
        dZ = np.zeros_like(Z)
        for n in range(K):
            g = F @ Co[:, n]
            dZ[self.queries[n]] += F[:, n] * (g - F[:, n] * (F[:, n] @ g)) / K
        off = Co * (F.T @ F)
        xi = -(off.sum(0) - np.diag(off)) / K
        return dZ, M / K / ((M - 1) + np.exp(x)), xi, gamma


class ScanAndSnap(Story):
    def train(self, **changes):
        parts = dict(kind="yz", task=SMALL, model="norm: l2", optimizer="learning_rate: 1", steps=20)
        parts.update(changes)
        grid, out = self.write("grid.yaml", GRID.format(**parts)), self.path("out")
        done = subprocess.run([ATTNLAB, "run", grid, "--out", out, "--fresh", "--threads", "1"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return h5py.File(os.path.join(out, "results.h5"))

    def close(self, ours, theirs, bound=1e-9):
        scale = np.abs(theirs).max()
        self.assertLess(np.abs(np.asarray(ours) - theirs).max(), bound * max(scale, 1e-300))

    def follows(self, file, reference, rate_y, rate_z, momentum):
        data = file["cohorts/c0"]
        steps = list(data["parameter_step"][:])
        Y, Z = data["parameter_Y"][0, 0].copy(), data["parameter_Z"][0, 0].copy()
        vY, vZ = 0 * Y, 0 * Z
        for step in range(steps[-1] + 1):
            loss, dY, dZ = reference.loss(Y, Z)
            self.close([data["loss"][0, step]], np.array([loss]))
            self.close(data["grad_norm"][0, step], np.array([np.linalg.norm(dY), np.linalg.norm(dZ)]), 1e-8)
            if step in steps:
                self.close(data["parameter_Y"][0, steps.index(step)], Y)
                self.close(data["parameter_Z"][0, steps.index(step)], Z)
            vY, vZ = momentum * vY + dY, momentum * vZ + dZ
            Y, Z = Y - rate_y * vY, Z - rate_z * vZ

    def test_sampled_descent_with_momentum_follows_the_equations(self):
        for model, options in [("norm: l2", {}), ("norm: none", {"l2": False}), ("norm: l2, residual: true", {"residual": True}),
                               ("norm: l2, attention: {kernel: {plugin: gaussian, temperature: 3}}", {"kernel": "gaussian", "a": 3.0})]:
            with self.subTest(model):
                file = self.train(task=SMALL + ", num_last: 2, num_next_per_last: 2, num_common_per_last: 2, sequence_length: 16, samples: 24",
                                  model=model, optimizer="learning_rate: {Y: 0.5, Z: 1}, momentum: 0.9")
                self.follows(file, Reference(file, **options), 0.5, 1.0, 0.9)

    def test_the_population_flow_follows_the_equations(self):
        for model, options in [("norm: l2", {}), ("norm: none", {"l2": False}), ("norm: none, residual: true", {"l2": False, "residual": True}),
                               ("norm: l2, attention: {kernel: gaussian}", {"kernel": "gaussian"})]:
            with self.subTest(model):
                file = self.train(task=SMALL + ", num_last: 2, num_next_per_last: 2, population: true", model=model,
                                  optimizer="learning_rate: {Y: 1, Z: 0.5}")
                self.follows(file, Reference(file, **options), 1.0, 0.5, 0.0)

    def test_rows_that_start_at_zero_keep_their_sums(self):
        file = self.train(model="norm: l2, init: zeros", task="samples: 32", optimizer="learning_rate: 1, momentum: 0.9")
        for name in "YZ":
            self.assertLess(np.abs(file["cohorts/c0/parameter_" + name][0].sum(-1)).max(), 1e-12)

    def test_snapshots_are_the_attention(self):
        file = self.train(task=SMALL + ", population: true", model="norm: l2, init: zeros")
        data = file["cohorts/c0"]
        reference = Reference(file)
        self.assertEqual(data["attention"].shape, (1, 2, 1, 1, 2, 1, reference.M))
        self.assertTrue((data["attention_tokens"][0] == np.arange(reference.M)).all())
        for row, step in ((0, 0), (1, -1)):
            for n in range(2):
                c = reference.attention(n, data["parameter_Z"][0, step][reference.queries[n]])[0]
                self.close(data["attention"][0, row, 0, 0, n, 0], c, 1e-6)
                entropy = -sum(p * np.log(p) for p in c if p > 0) / 2 + (entropy if n else 0)
            self.close([data["attention_entropy"][0, step, 0, 0]], np.array([entropy]))
        self.close(data["attention"][0, 0, 0, 0, :, 0], reference.P, 1e-6)  # Z = 0: the distribution itself

        sampled = self.train(task=SMALL + ", samples: 4, sequence_length: 8", model="norm: l2, init: zeros")["cohorts/c0"]
        self.assertEqual(sampled["attention"].shape[-1], 8)
        self.close(sampled["attention"][0, 0, 0, 0, 0, 0], np.array([1 / 7] * 7 + [0.0]), 1e-6)  # the query stays out

    def test_the_slaved_decoder_follows_the_theory(self):
        file = self.train(kind="slaved_decoder", task=SMALL + ", num_last: 3, num_next_per_last: 2, population: true",
                          model="init: {Z: {normal: 0.1}}", optimizer="learning_rate: {Y: 2, Z: 0.5}", steps=60)
        data, reference = file["cohorts/c0"], Reference(file)
        steps = list(data["parameter_step"][:])
        Z, x, B, G = data["parameter_Z"][0, 0].copy(), 0.0, np.zeros(6), 0.0
        for step in range(steps[-1] + 1):
            self.close([data["loss"][0, step]], np.array([np.log1p((reference.M - 1) * np.exp(-x))]))
            if step in steps:
                at = steps.index(step)
                self.close(data["parameter_Z"][0, at], Z)
                self.assertAlmostEqual(data["parameter_clock"][0, at, 0, 0], x, 9)
                self.assertLess(np.abs(data["parameter_B"][0, at, 0, :] - B).max(), 1e-9)
                self.assertAlmostEqual(data["parameter_Gamma"][0, at, 0, 0], G, 9)
            dZ, dx, xi, gamma = reference.slaved(x, Z)
            Z, x, B, G = Z + 0.5 * dZ, x + 2 * dx, B + 0.5 * xi, G + 0.5 * gamma
        self.assertTrue((B > 0).all() and x > 1)

    def test_small_euler_steps_keep_theorem_three(self):
        file = self.train(kind="slaved_decoder", task=SMALL + ", population: true", model="init: zeros",
                          optimizer="learning_rate: 0.01", steps=2000)
        data, reference = file["cohorts/c0"], Reference(file)
        z = data["parameter_Z"][0, -1]
        for n in range(2):
            own = [l for l in range(reference.M) if reference.P[n, l] > 0 and reference.P[1 - n, l] == 0]
            row, p = z[reference.queries[n]], reference.P[n]
            self.assertGreater(row[own].min(), 0)
            last = own[-1]
            for l in own[:-1]:
                start, end = ((p[l] * np.exp(s * row[l])) / (p[last] * np.exp(s * row[last])) for s in (0, 1))
                law = (start ** 2 - 1) * np.exp(2 * row[l])
                self.assertLess(abs((end ** 2 - 1) / law - 1), 1e-2)

    def test_what_does_not_fit_is_refused_with_a_sentence(self):
        cases = [(dict(task="samples: 8", model="layers: 2"), "has one layer"),
                 (dict(task="samples: 8", model="norm: post_layer"), "take none or l2"),
                 (dict(task="samples: 8", model="head: {classes: from_task}"), "without a head"),
                 (dict(task="samples: 8", kind="slaved_decoder", model="init: zeros"), "population: true"),
                 (dict(task="population: true", kind="qkv", model="head: {classes: from_task}"), "have weights"),
                 (dict(model="norm: l2"), "fresh samples at every step"),
                 (dict(task="sequence_length: 1", model="norm: l2"), "sequence_length")]
        for changes, sentence in cases:
            with self.subTest(sentence):
                parts = dict(kind="yz", task=SMALL, model="", optimizer="learning_rate: 1", steps=2)
                parts.update(changes)
                grid = self.write("grid.yaml", GRID.format(**parts))
                done = subprocess.run([ATTNLAB, "run", grid, "--out", self.path("no")], capture_output=True, text=True)
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.assertIn(sentence, done.stderr)
                self.assertFalse(os.path.exists(self.path("no")))


if __name__ == "__main__":
    unittest.main()
