"""interrupted_story.py: whatever ends a run, the same command continues, and the results are those of a run that nothing ended."""
import os
import resource
import signal
import subprocess
import time
import unittest

from program import PATIENCE, SMALL, Story, slow


class Interrupted(Story):
    def start_slow(self, ranks=0, extra=()):
        self.grid = self.write("slow.yaml", slow(n_trials=12, sleep_ms=10, steps=20))
        running = self.begin("run", self.grid, "--out", "out", "--commit-every", "0.2s", "--threads", 2,
                             *extra, ranks=ranks)
        self.wait_until(lambda: self.finished("out") >= 2)
        return running

    def assert_continues(self):
        before = self.finished("out")
        self.assertGreaterEqual(before, 2)
        self.assertLess(before, 12)
        rest = self.attnlab("run", self.grid, "--out", "out")
        self.assertIn(f"{before} finished before; {12 - before} to train", rest.stderr)
        self.attnlab("run", self.grid, "--out", "whole")
        self.assert_same_results(self.path("out", "results.h5"), self.path("whole", "results.h5"))
        self.attnlab("verify", "out")

    def test_kill(self):
        running = self.start_slow()
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        self.assert_continues()

    def test_term_ends_within_a_second(self):
        running = self.start_slow()
        began = time.monotonic()
        running.terminate()
        _, told = running.communicate(timeout=10 * PATIENCE)
        self.assertEqual(running.returncode, 75, told)
        self.assertLess(time.monotonic() - began, 1.2 * PATIENCE)
        self.assertIn("the same command continues", told)
        self.assert_continues()

    def test_usr1_to_mpirun_ends_all_ranks(self):
        running = self.start_slow(ranks=2)
        began = time.monotonic()
        running.send_signal(signal.SIGUSR1)
        _, told = running.communicate(timeout=20 * PATIENCE)
        self.assertEqual(running.returncode, 75, told)
        self.assertLess(time.monotonic() - began, 5 * PATIENCE)
        self.assert_continues()

    def test_a_long_step_does_not_hold_up_a_stop(self):
        grid = self.write("slow.yaml", slow(n_trials=2, sleep_ms=20000, steps=2))
        running = self.begin("run", grid, "--out", "out")
        self.wait_until(lambda: os.path.isdir(self.path("out", "journal")))
        time.sleep(0.5)
        began = time.monotonic()
        running.terminate()
        running.communicate(timeout=10 * PATIENCE)
        self.assertEqual(running.returncode, 75)
        self.assertLess(time.monotonic() - began, 1.2 * PATIENCE)
        again = self.begin("run", grid, "--out", "out")  # the lock is free
        time.sleep(0.5)
        self.assertIsNone(again.poll())

    def test_a_second_signal_ends_at_once(self):
        grid = self.write("slow.yaml", slow(n_trials=2, sleep_ms=20000, steps=2))
        running = self.begin("run", grid, "--out", "out")
        self.wait_until(lambda: os.path.isdir(self.path("out", "journal")))
        time.sleep(0.5)
        running.send_signal(signal.SIGINT)
        time.sleep(0.3)
        self.assertIsNone(running.poll())
        began = time.monotonic()
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=10 * PATIENCE)
        self.assertEqual(running.returncode, 75)
        self.assertLess(time.monotonic() - began, 0.5 * PATIENCE)

    def test_the_time_limit_is_kept(self):
        for ranks in (0, 2):
            grid = self.write("slow.yaml", slow(n_trials=100, sleep_ms=10, steps=50))
            began = time.monotonic()
            done = self.attnlab("run", grid, "--out", f"out{ranks}", "--time-limit", "4s", ranks=ranks, expect=75)
            self.assertLess(time.monotonic() - began, 4 + 3 * (PATIENCE - 1) + (1.5 if ranks else 0))
            self.assertGreater(time.monotonic() - began, 1.5)
            self.assertIn("stopped early", done.stderr)
            self.assertGreater(self.finished(f"out{ranks}"), 0)

    def test_two_runs_at_once_do_not_harm_each_other(self):
        running = self.start_slow()
        second = self.attnlab("run", self.grid, "--out", "out", expect=None)
        self.assertIn(second.returncode, (0, 2), second.stderr)
        if second.returncode == 2:
            self.assertIn("in use", second.stderr)
        running.communicate(timeout=30 * PATIENCE)
        self.assertEqual(running.returncode, 0)
        self.attnlab("run", self.grid, "--out", "whole")
        self.assert_same_results(self.path("out", "results.h5"), self.path("whole", "results.h5"))

    def test_a_file_size_limit_is_the_machines_fault_and_costs_nothing_finished(self):
        grid = self.write("small.yaml", SMALL)
        done = subprocess.run(self.command("run", grid, "--out", "out"), capture_output=True, text=True,
                              env=self.environment(), cwd=self.folder,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)))
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("file-size limit", done.stderr)
        self.attnlab("run", grid, "--out", "out")
        self.attnlab("run", grid, "--out", "whole")
        self.assert_same_results(self.path("out", "results.h5"), self.path("whole", "results.h5"))


if __name__ == "__main__":
    unittest.main()
