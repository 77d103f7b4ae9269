"""text_story.py: language models and ListOps as whole runs: they learn, share their data, and find damage before anything is trained."""
import collections
import gzip
import os
import unittest

import h5py
import numpy
from program import Story

SHAKESPEARE = os.path.join(os.path.dirname(__file__), "..", "..", "..", "shared", "data", "tinyshakespeare", "input.txt")

LANGUAGE_MODEL = """\
name: language-model
trial:
  task: {plugin: text_corpus, path: PATH, sequence_length: 32, columns: 16, validation_limit: 5000}
  model:
    dim: 32
    heads: 2
    positions: sinusoidal
    attention: {kernel: {plugin: softmax}, mask: causal}
    residual: true
    norm: post_layer
    feed_forward: {hidden: 64, activation: relu}
    readout: tokens
    head: {classes: from_task}
  loss: cross_entropy
  optimizer: {plugin: adam, learning_rate: 0.003}
  training: {steps: 200, batch: 16, precision: float32}
  record:
    metrics: {every: 50}
    attention: {steps: [last], samples: 2}
"""

LISTOPS = """\
name: listops
trial:
  task: {plugin: listops, min_length: 5, max_length: 24, samples: 40}
  model:
    dim: 8
    readout: mean
    head: {classes: from_task}
  loss: cross_entropy
  optimizer: {plugin: gradient_descent, learning_rate: 0.1}
  training: {steps: 5, batch: 8, precision: float32}
  record:
    data: true
sweep:
  grid:
    optimizer.learning_rate: [0.1, 0.2]
    seed: [1, 2]
"""


class Text(Story):
    def results(self, out):
        return h5py.File(self.path(out, "results.h5"), "r")

    @unittest.skipUnless(os.path.exists(SHAKESPEARE), f"{SHAKESPEARE} is absent")
    def test_a_byte_level_language_model_learns(self):
        grid = self.write("lm.yaml", LANGUAGE_MODEL.replace("PATH", os.path.realpath(SHAKESPEARE)))
        done = self.attnlab("run", grid, "--out", "out")
        self.assertIn("data: training: 1003855 bytes", done.stderr)
        with open(SHAKESPEARE, "rb") as file:
            text = file.read()
        unigram = collections.Counter(text[-111539:][:5000]).most_common(1)[0][1] / 5000
        with self.results("out") as results:
            cohort = results["cohorts/c0"]
            loss, accuracy = cohort["validation_loss"][0], cohort["validation_accuracy"][0]
            attention = cohort["attention"][0, 0, 0]
        self.assertGreater(loss[0], 5.0)  # ln 256 = 5.5
        self.assertLess(loss[-1], 0.5 * loss[0])
        self.assertLess(loss[-1], 3.0)  # guessing by frequency alone costs 3.28
        self.assertGreater(accuracy[-1], unigram + 0.08)
        self.assertEqual(numpy.abs(numpy.triu(attention, 1)).max(), 0.0)  # nobody sees the future
        numpy.testing.assert_allclose(attention.sum(-1), 1.0, atol=1e-5)

    def test_trials_of_equal_seed_see_equal_expressions(self):
        grid = self.write("listops.yaml", LISTOPS)
        done = self.attnlab("run", grid, "--out", "out")
        self.assertIn("data: training: 40 expressions", done.stderr)
        with self.results("out") as results:
            tokens, targets = (results["cohorts/c0"][name][...] for name in ("data_tokens", "data_targets"))
        numpy.testing.assert_array_equal(tokens[0], tokens[2])
        numpy.testing.assert_array_equal(targets[1], targets[3])
        self.assertTrue((tokens[0] != tokens[1]).any())
        self.assertTrue(((targets >= 0) & (targets < 10)).all())
        self.attnlab("run", grid, "--out", "two", ranks=2)
        self.assert_same_results(self.path("out", "results.h5"), self.path("two", "results.h5"))

    def test_a_file_that_is_cut_off_is_found_before_training(self):
        text = "".join(f"{i % 2}\t[MAX {i % 2} {i % 2} ]\n" for i in range(5000)).encode()
        whole = gzip.compress(text)
        with open(self.path("cut.tsv.gz"), "wb") as file:
            file.write(whole[:len(whole) // 2])
        for plugin in ("text_corpus", "text_classification", "listops"):
            task = f"{{plugin: {plugin}, path: cut.tsv.gz}}"
            grid = self.write("grid.yaml", "name: cut\ntrial:\n  task: " + task + "\n  training: {batch: 4}\n")
            done = self.attnlab("run", grid, "--out", "out", expect=2)
            self.assertIn("cut.tsv.gz is cut off", done.stderr)
            self.assertFalse(os.path.exists(self.path("out")))


if __name__ == "__main__":
    unittest.main()
