"""selfcheck_story.py: a grid is run in several ways and every bit is compared."""
import os
import subprocess
import unittest

from program import SMALL, Story, slow


class Selfcheck(Story):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("tmp"))
        os.mkdir(self.path("bin"))

    def selfcheck(self, *words, path=None, expect=0):
        environment = dict(self.environment(), TMPDIR=self.path("tmp"))
        if path:
            environment["PATH"] = path
        done = subprocess.run(self.command("selfcheck", *words), capture_output=True, text=True,
                              env=environment, cwd=self.folder, timeout=150, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done

    def test_all_ways_agree_and_nothing_stays_behind(self):
        said = self.selfcheck(self.write("small.yaml", SMALL)).stdout
        self.assertIn("small: 8 of 12 trials", said)
        self.assertRegex(said, r"1 rank x 1 thread +\S+ +\d\d +the measure")
        self.assertRegex(said, r"2 ranks x 2 threads +\S+ +\d\d +equal")
        self.assertRegex(said, r"killed and continued \(.*\) +\S+ +\d\d +equal")
        self.assertIn("every bit is the same", said)
        self.assertEqual(os.listdir(self.path("tmp")), [])

    def test_a_run_is_truly_killed_half_way(self):
        grid = self.write("slow.yaml", slow(12, 5, 40))
        said = self.selfcheck(grid, "--trials", 6, "--steps", 20).stdout
        self.assertIn("6 of 12 trials", said)
        self.assertRegex(said, r"killed and continued \(after [0-6] trials?\) +\S+ +\d+ +equal")

    def test_without_mpirun_threads_only_are_tried(self):
        done = self.selfcheck(self.write("small.yaml", SMALL), "--threads", 3, path=self.path("bin"))
        self.assertIn("mpirun is not in PATH", done.stderr)
        self.assertRegex(done.stdout, r"1 rank x 3 threads +\S+ +\d+ +equal")

    def test_a_way_that_computes_something_else_is_found_and_kept(self):
        launcher = self.write("bin/mpirun", '#!/bin/sh\nshift 2\nexec "$@" --set loss=squared\n')
        os.chmod(launcher, 0o755)
        done = self.selfcheck(self.write("small.yaml", SMALL),
                              path=self.path("bin") + ":" + os.environ["PATH"], expect=1)
        self.assertRegex(done.stdout, r"2 ranks x 2 threads +\S+ +\d+ +\d+ DIFFERENT")
        self.assertRegex(done.stdout, r"cohorts/c0/loss: at \[0, 0\]: [0-9.]+ and [0-9.]+")
        self.assertEqual(len(os.listdir(self.path("tmp"))), 1)

    def test_a_wrong_grid_is_the_users_mistake(self):
        self.selfcheck(self.write("wrong.yaml", SMALL.replace("softmax", "sofmax")), expect=2)
        self.selfcheck("gone.yaml", expect=2)
        self.assertEqual(os.listdir(self.path("tmp")), [])


if __name__ == "__main__":
    unittest.main()
