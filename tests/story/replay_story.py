"""replay_story.py: one trial is trained alone and compared with what was stored of it."""
import os
import unittest

import h5py
from program import SMALL, Story


class Replay(Story):
    def test_every_bit_is_the_same(self):
        grid = self.write("small.yaml", SMALL)
        self.attnlab("run", grid, "--out", "out", "--threads", 2)
        said = self.attnlab("replay", "out", 7).stdout
        self.assertIn("every bit is the same", said)
        for dataset in ("loss", "grad_norm", "attention", "parameter_W_Q", "settings", "final_loss"):
            self.assertRegex(said, rf"(?m)^{dataset} +\d+ +equal$")
        with h5py.File(self.path("out", "results.h5")) as results:
            identity = results["trials/id"].asstr()[7]
        self.assertEqual(said, self.attnlab("replay", "out", identity, "--threads", 3).stdout)

    def test_a_changed_number_is_found_and_named(self):
        grid = self.write("small.yaml", SMALL)
        self.attnlab("run", grid, "--out", "out")
        with h5py.File(self.path("out", "results.h5"), "r+") as results:
            loss = results["cohorts/c0/loss"]
            loss[5, 3] = loss[5, 3] * (1 + 2**-52)
        done = self.attnlab("replay", "out", 5, expect=1)
        self.assertRegex(done.stdout, r"(?m)^loss +9 +DIFFERENT at \[0, 3\]: [0-9.]+ and [0-9.]+$")
        self.assertIn("1 of ", done.stdout)
        self.attnlab("replay", "out", 6)

    def test_a_changed_attribute_is_found_and_named(self):
        grid = self.write("small.yaml", SMALL)
        self.attnlab("run", grid, "--out", "out")
        with h5py.File(self.path("out", "results.h5"), "r+") as results:
            results["cohorts/c0/loss"].attrs["units"] = "nats"
        done = self.attnlab("replay", "out", 5, expect=1)
        self.assertRegex(done.stdout, r"(?m)^attributes +\d+ +DIFFERENT of cohorts/c0/loss: 'units'$")

    def test_without_results_the_segments_are_read(self):
        grid = self.write("small.yaml", SMALL)
        self.attnlab("run", grid, "--out", "out")
        os.remove(self.path("out", "results.h5"))
        self.assertIn("every bit is the same", self.attnlab("replay", "out", 11).stdout)

    def test_a_diverged_trial_is_replayed_too(self):
        grid = self.write("wild.yaml", SMALL.replace("[0.01, 0.05, 0.1]", "[1.0e+200]")
                          .replace("loss: logistic", "loss: squared"))
        self.attnlab("run", grid, "--out", "out", expect=1)
        said = self.attnlab("replay", "out", 0).stdout
        self.assertIn("every bit is the same", said)

    def test_a_trial_whose_data_are_gone_is_the_users_mistake(self):
        data = self.write("texts.tsv", "".join(f"{i % 2}\ttext {i}\n" for i in range(20)))
        grid = self.write("texts.yaml", "name: texts\ntrial:\n"
                          "  task: {plugin: text_classification, path: texts.tsv, max_length: 4}\n"
                          "  model: {dim: 4, readout: mean, head: {classes: from_task}}\n"
                          "  loss: cross_entropy\n  training: {steps: 2, batch: 4}\n")
        self.attnlab("run", grid, "--out", "out")
        os.rename(data, data + ".away")
        self.assertRegex(self.attnlab("replay", "out", 0, expect=2).stderr,
                         "cannot be trained again: .*texts.tsv does not exist")

    def test_unknown_trials_and_folders_are_the_users_mistake(self):
        grid = self.write("small.yaml", SMALL)
        self.attnlab("run", grid, "--out", "out")
        self.assertIn("from 0 to 11", self.attnlab("replay", "out", 12, expect=2).stderr)
        self.attnlab("replay", "out", "0123456789abcdef", expect=2)
        self.attnlab("replay", "gone", 0, expect=2)


if __name__ == "__main__":
    unittest.main()
