"""damage_faults.py: a real run directory with bytes cut off or flipped: `verify` finds it, `status` answers, and `run` trains again
what was hurt, to the same bits. Places are drawn from a seed that is printed."""
import os
import random
import shutil
import time
import unittest

from program import PATIENCE, SMALL, Story

SEED = int(os.environ.get("ATTNLAB_SEED", "20250"))
SLOW = (SMALL.split("sweep:")[0].replace("name: small", "name: long").replace("steps: 40", "steps: 200000")
        .replace("every: 5", "every: 1000") + "sweep:\n  grid:\n    seed: [0, 1]\n")


def flip(file, place, bit):
    with open(file, "r+b") as out:
        out.seek(place)
        byte = out.read(1)[0]
        out.seek(place)
        out.write(bytes([byte ^ (1 << bit)]))


class Damage(Story):
    def setUp(self):
        super().setUp()
        self.draw = random.Random(SEED)
        print(f"seed {SEED}", flush=True)

    def run_whole(self, text):
        self.grid = self.write("grid.yaml", text)
        self.attnlab("run", self.grid, "--out", "whole", "--commit-every", "0.001s", "--threads", 1)
        self.whole = self.path("whole", "results.h5")

    def fresh_copy(self):
        shutil.rmtree(self.path("out"), ignore_errors=True)
        shutil.copytree(self.path("whole"), self.path("out"))

    def files(self, folder, ending):
        found = sorted(name for name in os.listdir(self.path("whole", folder)) if name.endswith(ending))
        self.assertGreater(len(found), 0)
        return found

    def assert_heals(self, name, must_be_named=True):
        """`out` is damaged in the file `name`."""
        verified = self.attnlab("verify", "out", expect=None)
        if must_be_named:
            self.assertEqual(verified.returncode, 1, verified.stdout)
            self.assertIn(name, verified.stdout + verified.stderr)
        else:
            self.assertIn(verified.returncode, (0, 1))
        self.attnlab("status", "out")
        again = self.attnlab("run", self.grid, "--out", "out")
        if must_be_named:
            self.assertIn(name, again.stderr)
        for done in (verified, again):
            self.assert_no_traceback(done)
        self.assert_same_results(self.path("out", "results.h5"), self.whole)
        self.attnlab("verify", "out")
        return again

    def test_a_segment_that_is_cut_or_flipped_costs_its_own_trials(self):
        self.run_whole(SMALL)
        segments = self.files("segments", ".h5")
        for n in range(10):
            self.fresh_copy()
            name = self.draw.choice(segments)
            file = self.path("out", "segments", name)
            size = os.path.getsize(file)
            if n % 2:
                place, bit = self.draw.randrange(size), self.draw.randrange(8)
                with self.subTest(segment=name, flipped=(place, bit)):
                    flip(file, place, bit)
                    self.assertRegex(self.assert_heals(name).stderr, r"\b[1-9]\d* to train")
            else:
                place = self.draw.choice([0, 1, size - 1, self.draw.randrange(size)])
                with self.subTest(segment=name, cut=place):
                    os.truncate(file, place)
                    self.assertRegex(self.assert_heals(name).stderr, r"\b[1-9]\d* to train")

    def test_a_journal_that_is_flipped_names_its_line(self):
        self.run_whole(SMALL)
        name = self.files("journal", ".log")[0]
        with open(self.path("whole", "journal", name), "rb") as file:
            text = file.read()
        for _ in range(6):
            self.fresh_copy()
            place = self.draw.randrange(text.rindex(b"\n", 0, -1))  # not in the last line: it may be torn
            bit = self.draw.randrange(5)  # 32 turns a digit of the checksum into its capital: no damage
            with self.subTest(flipped=(place, bit)):
                flip(self.path("out", "journal", name), place, bit)
                self.assert_heals(name + ":")

    def test_a_journal_that_is_cut_anywhere_costs_what_was_behind(self):
        self.run_whole(SMALL)
        name = self.files("journal", ".log")[0]
        size = os.path.getsize(self.path("whole", "journal", name))
        for place in [0, 1, size - 1] + [self.draw.randrange(size) for _ in range(5)]:
            self.fresh_copy()
            with self.subTest(cut=place):
                os.truncate(self.path("out", "journal", name), place)
                self.assertRegex(self.assert_heals(name, must_be_named=False).stderr, r"\b[1-9]\d* to train")

    def test_a_results_file_that_is_hurt_is_found_and_built_again(self):
        self.run_whole(SMALL)
        size = os.path.getsize(self.whole)
        n_found = 0
        for n in range(8):
            self.fresh_copy()
            file = self.path("out", "results.h5")
            place, bit = self.draw.randrange(size), self.draw.randrange(8)
            with self.subTest(cut=place) if n % 2 else self.subTest(flipped=(place, bit)):
                os.truncate(file, place) if n % 2 else flip(file, place, bit)
                verified = self.attnlab("verify", "out", expect=None)
                self.assert_no_traceback(verified)
                # A flip may hit bytes that HDF5 does not use; then the content is the same.
                if verified.returncode == 0:
                    self.assertEqual(n % 2, 0, "a cut file is never sound")
                    self.assert_same_results(file, self.whole)
                else:
                    self.assertIn("results.h5", verified.stdout + verified.stderr)
                    n_found += 1
                self.attnlab("merge", "out")
                self.assert_same_results(file, self.whole)
                self.attnlab("verify", "out")
        self.assertGreater(n_found, 3)

    def test_a_checkpoint_that_is_cut_or_flipped_is_named_and_its_trial_starts_over(self):
        self.run_whole(SLOW)
        running = self.begin("run", self.grid, "--out", "stopped", "--threads", 2, "--trials-at-once", 2)
        self.wait_until(lambda: os.path.exists(self.path("stopped", "log", "trials.txt")))
        time.sleep(0.5)
        running.terminate()
        running.communicate(timeout=10 * PATIENCE)
        self.assertEqual(running.returncode, 75)
        checkpoints = sorted(os.listdir(self.path("stopped", "checkpoints")))
        self.assertEqual(len(checkpoints), 2)
        for n in range(6):
            name = checkpoints[n % 2]
            shutil.rmtree(self.path("out"), ignore_errors=True)
            shutil.copytree(self.path("stopped"), self.path("out"))
            file = self.path("out", "checkpoints", name)
            size = os.path.getsize(file)
            place, bit = self.draw.choice([self.draw.randrange(300), self.draw.randrange(size)]), self.draw.randrange(8)
            with self.subTest(cut=place) if n % 2 else self.subTest(flipped=(place, bit)):
                os.truncate(file, place) if n % 2 else flip(file, place, bit)
                self.attnlab("status", "out")
                again = self.attnlab("run", self.grid, "--out", "out")
                self.assertRegex(again.stderr, rf"warning: .*{name}: is (damaged|a checkpoint).*starts over")
                self.assertIn("continues at step", again.stderr)  # the other one
                self.assert_same_results(self.path("out", "results.h5"), self.whole)


if __name__ == "__main__":
    unittest.main()
