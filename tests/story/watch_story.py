"""watch_story.py: how long will it take, and how far is it?"""
import json
import signal
import time
import unittest

from program import PATIENCE, SMALL, Story, slow


class Watch(Story):
    def test_watching_ends_with_the_run(self):
        grid = self.write("slow.yaml", slow(6, 10, 40))
        running = self.begin("run", grid, "--out", "out", "--threads", 1, "--commit-every", "0.2s")
        self.wait_until(lambda: self.finished("out") >= 1)
        said = self.attnlab("status", "out", "--watch").stdout
        self.assertRegex(said, r"(?m)^\d{4}-\d\d-\d\dT\S+Z  [1-6] of 6 trials")
        self.assertRegex(said, r"small: complete\n6 of 6 trials finished, 6 done")
        self.assertEqual(running.wait(timeout=10 * PATIENCE), 0)

    def test_watching_ends_when_the_run_was_stopped(self):
        grid = self.write("slow.yaml", slow(40, 10, 40))
        running = self.begin("run", grid, "--out", "out", "--threads", 1, "--commit-every", "0.2s")
        self.wait_until(lambda: self.finished("out") >= 1)
        running.send_signal(signal.SIGTERM)
        self.assertEqual(running.wait(timeout=10 * PATIENCE), 75)
        began = time.monotonic()
        self.assertIn("small: unfinished", self.attnlab("status", "out", "--watch").stdout)
        self.assertLess(time.monotonic() - began, 4)

    def test_a_run_that_is_over_is_told_once(self):
        grid = self.write("small.yaml", SMALL)
        self.attnlab("run", grid, "--out", "out")
        self.assertEqual(self.attnlab("status", "out", "--watch").stdout, self.attnlab("status", "out").stdout)

    def test_the_predicted_time_is_near_the_true_one(self):
        grid = self.write("slow.yaml", slow(6, 5, 40))  # 0.2 s a trial, asleep
        said = self.attnlab("plan", grid, "--ranks", 1, "--threads", 2).stdout
        self.assertRegex(said, r"predicted for 1 rank x 2 threads \(2 trials at once on each\): makespan 0\.[5-9]s, "
                               r"efficiency \d+\.\d %, lower bound 0\.[5-9]s")
        plan = json.loads(self.attnlab("plan", grid, "--ranks", 3, "--threads", 1, "--format", "json").stdout)
        prediction = plan["prediction"]
        self.assertEqual((prediction["ranks"], prediction["threads"]), (3, 1))
        self.assertGreaterEqual(prediction["makespan_seconds"], prediction["lower_bound_seconds"])
        self.assertAlmostEqual(prediction["makespan_seconds"], 0.4, delta=0.2)
        self.assertTrue(0 < prediction["efficiency"] <= 1)
        self.assertNotIn("prediction", self.attnlab("plan", grid, "--format", "json").stdout)
        self.attnlab("plan", grid, "--ranks", 0, expect=2)


if __name__ == "__main__":
    unittest.main()
