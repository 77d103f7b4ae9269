"""text_attention_story.py: the measure of attention on held-back text against NumPy. The held-back text is the training text itself, so that
snapshots of training samples show the same maps."""
import unittest

import h5py
import numpy as np
from program import Story

GRID = """\
name: text
trial:
  task: {plugin: text_corpus, path: text.txt, validation: text.txt, sequence_length: 9, columns: 4}
  model:
    dim: 16
    heads: 2
    layers: 2
    positions: sinusoidal
    attention: {kernel: {plugin: softmax}, mask: MASK}
    residual: true
    norm: post_layer
    dropout: 0.1
    readout: tokens
    head: {classes: from_task}
  loss: cross_entropy
  optimizer: {plugin: gradient_descent, learning_rate: 0.2}
  training: {steps: 200, batch: 8, precision: float32}
  record:
    metrics: {every: 50}
    attention: {every: 50, samples: 1000}
    data: true
sweep:
  grid: {seed: [1, 2]}
"""


def ranks(x):
    return np.array([np.sum(x < v) + (np.sum(x == v) + 1) / 2 for v in x])


def spearman(x, y):
    a, b = ranks(x), ranks(y)
    a, b = a - a.mean(), b - b.mean()
    size = np.sqrt((a @ a) * (b @ b))
    return a @ b / size if size > 0 else np.nan


class TextAttention(Story):
    def test_the_measure_is_that_of_numpy(self):
        rng = np.random.default_rng(5)
        self.write("text.txt", "".join("abcdefgh"[k] for k in rng.integers(0, 8, 700)))
        for mask, n_keys in (("causal", lambda q: q + 1), ("none", lambda q: 9)):
            with self.subTest(mask):
                out = "out-" + mask
                self.attnlab("run", self.write("text.yaml", GRID.replace("MASK", mask)), "--out", out)
                with h5py.File(self.path(out, "results.h5")) as results:
                    self.compare(results["cohorts/c0"], n_keys)

    def test_samples_with_too_many_weights_go_without_it(self):
        self.write("text.txt", "abcdefgh" * 200)
        grid = self.write("text.yaml", GRID.replace("MASK", "causal"))
        long = ["--set", "task.sequence_length=363", "--set", "task.columns=1", "--set", "training.steps=1"]  # 2 heads x 363^2 > 2^18
        named = self.attnlab("run", grid, "--out", "named", *long, "--set", "record.measures=[text_attention]", expect=2)
        self.assertIn("more than 262144 weights", named.stderr)
        self.attnlab("run", grid, "--out", "automatic", *long, "--set", "record.attention.samples=1")
        with h5py.File(self.path("automatic", "results.h5")) as results:
            self.assertIn("validation_loss", results["cohorts/c0"])
            self.assertNotIn("validation_entropy", results["cohorts/c0"])

    def compare(self, group, n_keys):
        for trial in range(2):
            maps = group["attention"][trial].astype(float)  # [step, layer, head, sample, query, key]
            tokens, targets = group["data_tokens"][trial], group["data_targets"][trial]
            entropy = -np.where(maps > 0, maps * np.log(np.maximum(maps, 1e-300)), 0).sum(-1).mean((-2, -1))
            np.testing.assert_allclose(group["validation_entropy"][trial], entropy, rtol=1e-4)
            lowest = maps[:, 0, :, :20]
            moved = np.abs(lowest[2:] - lowest[:-2]).sum(-1).mean((1, 2, 3))
            self.assertTrue(np.isnan(group["validation_attention_moved"][trial, :2]).all())
            np.testing.assert_allclose(group["validation_attention_moved"][trial, 2:], moved, rtol=1e-5)
            scores = self.scores(tokens, targets, n_keys)
            rho = [np.nanmean([spearman(step[h, i, q, :n_keys(q)], score) for h in range(2) for (i, q), score in scores.items()])
                   for step in lowest]
            np.testing.assert_allclose(group["attention_distinctness"][trial], rho, rtol=1e-6, atol=1e-9)

    def scores(self, tokens, targets, n_keys):
        # The last window of a column overlaps the one before: what was asked there has no target again.
        pairs = np.array([(tokens[i, q], tokens[i, k], targets[i, q]) for i, q in np.argwhere(targets >= 0)
                          for k in range(n_keys(q))])

        def count(*wanted):
            fits = np.ones(len(pairs), bool)
            for place, token in enumerate(wanted):
                if token is not None:
                    fits &= pairs[:, place] == token
            return np.sum(fits)

        out = {}
        for i in range(20):
            for q, m in enumerate(tokens[i]):
                if n_keys(q) < 3:
                    continue
                n = targets[i, q]
                expected = [count(m, l, None) * count(m, None, n) / count(m, None, None) for l in tokens[i, :n_keys(q)]]
                both = [count(m, l, n) for l in tokens[i, :n_keys(q)]]
                out[i, q] = np.log((np.array(both) + 1) / (np.array(expected) + 1))
        return out


if __name__ == "__main__":
    unittest.main()
