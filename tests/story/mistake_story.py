"""mistake_story.py: wrong input is answered with sentences, exit code 2, and nothing written."""
import json
import os
import unittest

from program import SMALL, Story


class Mistakes(Story):
    def refused(self, *words, code=2):
        done = self.attnlab(*words, expect=code)
        self.assertRegex(done.stderr, r"\A(error|--set \S[^:]*|[^\s:]+(:\d+:\d+)?): ", done.stderr)
        self.assert_no_traceback(done)
        return done.stderr

    def test_words_that_the_program_does_not_know(self):
        grid = self.write("small.yaml", SMALL)
        self.assertIn("did you mean 'run'?", self.refused("rum", grid))
        self.assertIn("did you mean '--threads'?", self.refused("run", grid, "--out", "o", "--thread", 2))
        self.assertIn("--out", self.refused("run", grid))
        self.refused()
        self.assertIn("90s", self.refused("run", grid, "--out", "o", "--time-limit", "soon"))
        self.refused("run", grid, "--out", "o", "--threads", 0)
        self.assertIn("loud not in {auto,plain,none}", self.refused("run", grid, "--out", "o", "--progress", "loud"))
        self.refused("run", grid, "--out", "")
        self.assertFalse(os.path.exists(self.path("o")))

    def test_help_and_version_are_results(self):
        self.assertIn("run", self.attnlab("--help").stdout)
        self.assertIn("--time-limit", self.attnlab("run", "--help").stdout)
        for verb in ("plan", "plugins", "status", "explain", "merge", "verify"):
            self.assertEqual(self.attnlab(verb, "--help").stderr, "")
        self.assertRegex(self.attnlab("--version").stdout, r"^attnlab \d+\.\d+\.\d+")

    def test_all_mistakes_of_a_grid_at_once_and_nothing_written(self):
        grid = self.write("bad.yaml", SMALL.replace("softmax", "sofmax").replace("steps: 40", "stepps: 40"))
        told = self.refused("run", grid, "--out", "out")
        self.assertRegex(told, r"bad\.yaml:\d+:\d+: .*softmax")
        self.assertRegex(told, r"bad\.yaml:\d+:\d+: .*steps")
        self.assertFalse(os.path.exists(self.path("out")))

    def test_a_plugin_that_was_refused_is_named_with_its_file(self):
        os.makedirs(self.path("mine", "kernel"))
        file = self.write(os.path.join("mine", "kernel", "sharp.so"), "no library\n")
        grid = self.write("sharp.yaml", SMALL.replace("softmax", "sharp"))
        for words in (("plan", grid), ("run", grid, "--out", "out")):
            told = self.refused(*words, "--plugins", "mine")
            self.assertRegex(told, r"sharp\.yaml:\d+:\d+: no kernel plugin is called 'sharp'; \S*/mine/kernel/sharp\.so: refused: ")
        self.assertTrue(os.path.exists(file))
        self.assertFalse(os.path.exists(self.path("out")))

    def test_a_mistake_is_told_once_under_mpirun_too(self):
        grid = self.write("bad.yaml", SMALL.replace("softmax", "sofmax"))
        done = self.attnlab("run", grid, "--out", "out", ranks=2, expect=2)
        self.assertEqual(done.stderr.count("sofmax"), 1, done.stderr)
        self.attnlab("rum", ranks=2, expect=2)

    def test_a_task_that_cannot_be_made_is_found_before_anything_is_written(self):
        grid = self.write("bad.yaml", SMALL.replace("samples: 12", "samples: 13"))
        self.assertRegex(self.refused("run", grid, "--out", "out"), r"bad\.yaml:\d+:\d+: task plugin")
        self.assertFalse(os.path.exists(self.path("out")))

    def test_sizes_that_no_memory_holds(self):
        grid = self.write("wide.yaml", SMALL)
        self.assertIn("this machine offers", self.refused("run", grid, "--out", "out", "--set", "model.head.hidden=500000000"))
        self.assertFalse(os.path.exists(self.path("out")))
        # A plan may be made for a larger machine than this one.
        self.assertIn("run it on a larger one", self.attnlab("plan", grid, "--set", "model.head.hidden=500000000").stderr)
        self.assertIn("no machine has more", self.refused("plan", grid, "--set", "model.head.hidden=1000000000",
                                                          "--set", "model.dim=100000"))

    def test_mistakes_that_only_a_look_at_the_trials_finds_have_a_place(self):
        grid = self.write("e.yaml", "name: x\ntrial:\n  model: {output_projection: false}\n  training: {steps: 10}\n")
        self.assertIn("e.yaml:3:3: model.head: ", self.refused("run", grid, "--out", "out"))
        often = SMALL.replace("steps: 40", "steps: 1000000000")
        grid = self.write("often.yaml", often)
        self.assertRegex(self.refused("run", grid, "--out", "out", "--set", "record.metrics.every=1"),
                         r"records in one trial need at least .*iB")
        text = "name: x\ntrial: {seed: 1}\nsweep: {grid: {seed: [1]}, exclude: [{seed: 1}]}\n"
        self.assertIn("e.yaml:3:", self.refused("plan", self.write("e.yaml", text)))

    def test_mistakes_of_the_trials_are_told_with_those_of_the_file(self):
        bad = SMALL.replace("samples: 12", "samples: 13").replace("steps: 40", "stepps: 40") + "claims: [two_phase]\n"
        told = self.refused("run", self.write("bad.yaml", bad), "--out", "out")
        self.assertIn("did you mean 'steps'?", told)
        self.assertIn("did you mean 'two_phases'?", told)
        self.assertRegex(told, r"bad\.yaml:\d+:\d+: task plugin 'cooccurrence': samples is 13")
        bad = ("name: x\ntrial:\n  task: {plugin: cooccurrence, samples: 60}\n  loss: cross_entropy\n"
               "  optimizer: {nesterov: true, learning_rate: {W_F1: 1}}\n"
               "  record: {measures: [sharpnes], parameters: {steps: [0], matrices: [W_F2]}}\n")
        told = self.refused("plan", self.write("bad.yaml", bad))
        for part in ("5:31: optimizer.learning_rate: the model has no matrix 'W_F1'",
                     "5:3: optimizer plugin 'gradient_descent': nesterov needs a momentum",
                     "6:12: record.measures: 'sharpnes' is not a measure; did you mean 'sharpness'?",
                     "6:59: record.parameters.matrices: the model has no matrix 'W_F2'"):
            self.assertIn("bad.yaml:" + part, told)
        # What may follow from another mistake is not told: the head that is misspelt.
        bad = "name: x\ntrial:\n  task: token_classes\n  model: {headd: {classes: from_task}}\n  loss: logistic\n"
        told = self.refused("plan", self.write("bad.yaml", bad))
        self.assertIn("bad.yaml:4:11: model has no key 'headd'", told)
        self.assertEqual(told.count("\n"), 1, told)

    def test_numbers_of_things_that_no_memory_could_list(self):
        for path, sentence in (("model.layers=1000000000", "1000000000 layers need at least 1.86 TiB"),
                               ("model={heads: 1000000000, key_dim: 1}", "1000000000 heads need at least 7.45 GiB"),
                               ("record.metrics={log_spaced: 1000000000000000}", "records in one trial need at least")):
            with self.subTest(path):
                told = self.refused("run", self.write("x.yaml", "name: x\ntrial: {}\n"), "--out", "out", "--set", path)
                self.assertIn(sentence, told)
                self.assertFalse(os.path.exists(self.path("out")))

    def test_a_trial_of_defaults_is_a_grid(self):
        for text in ("trial: {}\n", "trial:\n"):
            plan = json.loads(self.attnlab("plan", self.write("x.yaml", text), "--format", "json").stdout)
            self.assertEqual(plan["trials"][0]["settings"]["model"]["head"], "none")

    def test_a_trial_that_cannot_fit_says_how_much_it_needs(self):
        huge = SMALL.replace("dim: 8\n", "dim: 4000000\n")
        told = self.refused("run", self.write("huge.yaml", huge), "--out", "out")
        self.assertRegex(told, r"needs about .*iB.* offers .*iB")
        self.assertFalse(os.path.exists(self.path("out")))

    def test_out_folders_that_will_not_do(self):
        grid = self.write("small.yaml", SMALL)
        self.write("file", "text")
        self.refused("run", grid, "--out", "file")
        self.refused("run", grid, "--out", "file/below", code=3)
        os.mkdir(self.path("foreign"))
        self.write("foreign/thesis.txt", "text")
        self.refused("run", grid, "--out", "foreign")
        self.assertEqual(os.listdir(self.path("foreign")), ["thesis.txt"])
        self.attnlab("run", grid, "--out", "out")
        other = self.write("other.yaml", SMALL.replace("name: small", "name: other"))
        self.refused("run", other, "--out", "out")

    def test_folders_that_are_no_run_directory(self):
        for verb in (("status", "nowhere"), ("explain", "nowhere", 0), ("merge", "nowhere"),
                     ("verify", "nowhere"), ("run", "nowhere.yaml", "--out", "o"), ("plan", "nowhere.yaml"),
                     ("plugins", "sofmax")):
            with self.subTest(verb=verb):
                self.refused(*verb)


if __name__ == "__main__":
    unittest.main()
