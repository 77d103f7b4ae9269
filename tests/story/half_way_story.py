"""half_way_story.py: a long trial that is killed or stopped goes on where it was, to the same bits."""
import json
import os
import re
import shutil
import signal
import tempfile
import time
import unittest

import h5py

from program import PATIENCE, SMALL, Story, slow


def long_trials(every_seconds):
    """Two trials of a few seconds: moments, shuffled batches, dropout and a schedule that moves at every step."""
    return (SMALL.split("sweep:")[0]
            .replace("name: small", "name: long")
            .replace("{plugin: gradient_descent, learning_rate: 0.05}",
                     "{plugin: adam, learning_rate: 0.0005, schedule: {shape: cosine, warm_up: 100}}")
            .replace("    readout: sum\n", "    readout: sum\n    dropout: 0.1\n")
            .replace("{kernel: {plugin: softmax}}", "{kernel: {plugin: softmax}, dropout: 0.1}")
            .replace("steps: 40, batch: full", "steps: 240000, batch: 5").replace("every: 5", "every: 400")
            .replace("{steps: [0, last], samples: 2}", "{log_spaced: 30, samples: 2}")
            + f"    checkpoint: {{every_seconds: {every_seconds}}}\n"
            + "sweep:\n  grid:\n    seed: [0, 1]\n")


class HalfWay(Story):
    wholes = {}  # every_seconds -> a folder with the run that nothing interrupted

    @classmethod
    def tearDownClass(cls):
        for folder in cls.wholes.values():
            shutil.rmtree(folder, ignore_errors=True)

    def start(self, every_seconds, *extra, ranks=0):
        self.grid = self.write("long.yaml", long_trials(every_seconds))
        if every_seconds not in self.wholes:
            self.wholes[every_seconds] = tempfile.mkdtemp(prefix="attnlab-story-")
            self.attnlab("run", self.grid, "--out", os.path.join(self.wholes[every_seconds], "run"))
        self.whole = os.path.join(self.wholes[every_seconds], "run", "results.h5")
        return self.begin("run", self.grid, "--out", "out", *extra, ranks=ranks)

    def checkpoints(self):
        return sorted(f for f in os.listdir(self.path("out", "checkpoints")) if f.endswith(".ckpt"))

    def wait_for_checkpoints(self, n):
        self.wait_until(lambda: os.path.isdir(self.path("out", "checkpoints")) and len(self.checkpoints()) >= n)

    def wait_for_training(self):
        """One trial is always half-way by then: nothing tells from outside when training begins."""
        self.wait_until(lambda: os.path.exists(self.path("out", "log", "trials.txt")))
        time.sleep(0.6)
        self.assertIsNone(self.running.poll(), "the trials are too short for this test")

    def continue_run(self):
        """Steps at which trials were continued, by trial."""
        rest = self.attnlab("run", self.grid, "--out", "out")
        found = {int(trial): int(step) for trial, step
                 in re.findall(r"trial (\d+) \([0-9a-f]{16}\) continues at step (\d+)", rest.stderr)}
        self.assert_same_results(self.path("out", "results.h5"), self.whole)
        self.attnlab("verify", "out")
        self.assertEqual(os.listdir(self.path("out", "checkpoints")), [])
        return found, rest

    def assert_continued(self, steps, n=1):
        self.assertGreaterEqual(len(steps), n)
        for step in steps.values():
            self.assertGreater(step, 0)
            self.assertLess(step, 240000)
        with h5py.File(self.path("out", "results.h5")) as file:
            attempts = file["provenance/attempts"][...]
        for trial in range(2):
            self.assertEqual(attempts[trial], 2 if trial in steps else 1)

    def test_a_kill_costs_what_came_after_the_last_checkpoint(self):
        self.running = self.start(0.05)
        self.wait_for_checkpoints(1)
        time.sleep(0.3)
        os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait()
        self.assertGreater(len(self.checkpoints()), 0)
        steps, _ = self.continue_run()
        self.assert_continued(steps)

    def test_each_of_many_kills_comes_further(self):
        self.running = self.start(0.05)
        reached = [0]
        for _ in range(4):
            self.wait_for_checkpoints(1)
            time.sleep(0.4)
            self.assertIsNone(self.running.poll(), "the trials are too short for this test")
            os.killpg(self.running.pid, signal.SIGKILL)
            _, told = self.running.communicate()
            reached += [max(map(int, re.findall(r"continues at step (\d+)", told)))] if len(reached) > 1 else [1]
            self.running = self.begin("run", self.grid, "--out", "out")
        self.assertEqual(reached, sorted(set(reached)))
        self.running.communicate(timeout=60 * PATIENCE)
        self.assertEqual(self.running.returncode, 0)
        self.continue_run()

    def test_a_stop_keeps_every_running_trial_at_once(self):
        self.running = self.start(300, "--threads", 2, "--trials-at-once", 2)
        self.wait_for_training()
        self.assertEqual(self.checkpoints(), [])
        began = time.monotonic()
        self.running.terminate()
        _, told = self.running.communicate(timeout=10 * PATIENCE)
        self.assertLess(time.monotonic() - began, 1.0)
        self.assertEqual(self.running.returncode, 75, told)
        self.assertEqual(len(self.checkpoints()), 2)
        status = json.loads(self.attnlab("status", "out", "--format", "json").stdout)
        self.assertEqual((status["finished"], status["half_way"]), (0, 2))
        steps, _ = self.continue_run()
        self.assert_continued(steps, 2)

    def test_the_time_limit_keeps_them_too(self):
        self.running = self.start(300, "--threads", 2, "--trials-at-once", 2, "--time-limit", "1.5s")
        _, told = self.running.communicate(timeout=10 * PATIENCE)
        self.assertEqual(self.running.returncode, 75, told)
        self.assertEqual(len(self.checkpoints()), 2)
        steps, _ = self.continue_run()
        self.assert_continued(steps, 2)

    def test_a_stop_under_mpirun_keeps_the_trials_of_all_ranks(self):
        self.running = self.start(300, "--threads", 1, ranks=2)
        self.wait_for_training()
        self.running.send_signal(signal.SIGUSR1)
        _, told = self.running.communicate(timeout=10 * PATIENCE)
        self.assertEqual(self.running.returncode, 75, told)
        self.assertEqual(len(self.checkpoints()), 2)
        steps, _ = self.continue_run()
        self.assert_continued(steps, 2)

    def test_an_update_that_is_cut_short_is_taken_back(self):
        self.grid = self.write("asking.yaml", slow(n_trials=2, sleep_ms=4, steps=400)
                               .replace("sleep_ms: 4", "sleep_ms: 4, asks: true"))
        self.running = self.begin("run", self.grid, "--out", "out", "--threads", 2, "--trials-at-once", 2)
        self.wait_for_training()
        self.running.terminate()
        self.running.communicate(timeout=10 * PATIENCE)
        self.assertEqual(self.running.returncode, 75)
        self.assertEqual(len(self.checkpoints()), 2)
        self.attnlab("run", self.grid, "--out", "whole")
        self.whole = self.path("whole", "results.h5")
        steps, _ = self.continue_run()
        self.assert_continued(steps, 2)

    def test_a_gradient_flow_goes_on_with_its_step_size_and_time(self):
        for precision in ("float64", "float32"):
            with self.subTest(precision):
                flow = (long_trials(0.05).replace("plugin: adam, learning_rate: 0.0005, schedule: {shape: cosine, warm_up: 100}",
                                                  "plugin: gradient_flow, end_time: 400, spacing: log, first_time: 0.01, relative_tolerance: 1e-5")
                        .replace("    dropout: 0.1\n", "").replace(", dropout: 0.1}", "}").replace("steps: 240000, batch: 5", "steps: 30000, batch: full")
                        .replace("every: 400", "every: 100").replace("float64", precision))
                self.grid = self.write("flow.yaml", flow)
                out, self.whole = "out-" + precision, self.path("whole-" + precision, "results.h5")
                self.running = self.begin("run", self.grid, "--out", out)
                folder = self.path(out, "checkpoints")
                self.wait_until(lambda: os.path.isdir(folder) and os.listdir(folder))
                time.sleep(0.3)
                self.assertIsNone(self.running.poll(), "the trials are too short for this test")
                os.killpg(self.running.pid, signal.SIGKILL)
                self.running.wait()
                rest = self.attnlab("run", self.grid, "--out", out)
                self.assertRegex(rest.stderr, r"trial \d+ \([0-9a-f]{16}\) continues at step [1-9]")
                self.attnlab("run", self.grid, "--out", "whole-" + precision)
                self.assert_same_results(self.path(out, "results.h5"), self.whole)
                with h5py.File(self.whole) as file:
                    cohort = file["cohorts/c0"]
                    steps, times = cohort["record"][...], cohort["time"][0]
                    self.assertEqual((times[0], times[-1]), (0, 400))
                    self.assertAlmostEqual(times[steps == 15000][0] / (0.01 * 40000 ** (14999 / 29999)), 1, 10)
                    self.assertLess(cohort["loss"][0, -1], cohort["loss"][0, 0])

    def test_a_damaged_checkpoint_is_named_and_its_trial_starts_over(self):
        self.running = self.start(300, "--threads", 2, "--trials-at-once", 2)
        self.wait_for_training()
        self.running.terminate()
        self.running.communicate(timeout=10 * PATIENCE)
        damaged, intact = self.checkpoints()
        with open(self.path("out", "checkpoints", damaged), "r+b") as file:
            file.seek(-100, os.SEEK_END)
            byte = file.read(1)
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte[0] ^ 1]))
        steps, rest = self.continue_run()
        self.assertEqual(len(steps), 1)
        self.assert_continued(steps)
        self.assertRegex(rest.stderr, rf"warning: .*{damaged}: is damaged.*starts over")
        self.assertNotIn(intact + ":", rest.stderr)


if __name__ == "__main__":
    unittest.main()
