"""two_runs_faults.py: two runs of one grid started in one folder at about the same time: one trains, the other is refused with a
sentence or finds all done; nothing is corrupted, nothing trained twice. Offsets are drawn from a seed that is printed."""
import collections
import os
import random
import time
import unittest

from kill_campaign import journal_lines
from program import PATIENCE, SMALL, Story

SEED = int(os.environ.get("ATTNLAB_SEED", "4711"))
REPETITIONS = 20


class TwoRuns(Story):
    def test_two_runs_at_once(self):
        print(f"seed {SEED}", flush=True)
        draw = random.Random(SEED)
        grid = self.write("grid.yaml", SMALL.replace("steps: 40", "steps: 1000").replace("every: 5", "every: 100"))
        began = time.monotonic()
        self.attnlab("run", grid, "--out", "whole", "--threads", 1)
        seconds = time.monotonic() - began
        answers = collections.Counter()
        for n in range(REPETITIONS):
            out = f"out{n}"
            ranks = [0, draw.choice([0, 0, 2])]
            draw.shuffle(ranks)
            offset = draw.choice([0, draw.uniform(0, 0.05), draw.uniform(0, 1.2 * seconds)])
            with self.subTest(repetition=n, offset=offset, ranks=ranks):
                first = self.begin("run", grid, "--out", out, "--threads", 1, "--commit-every", "0.05s", ranks=ranks[0])
                time.sleep(offset)
                second = self.begin("run", grid, "--out", out, "--threads", 1, "--commit-every", "0.05s", ranks=ranks[1])
                codes = []
                for running in (first, second):
                    _, told = running.communicate(timeout=60 * PATIENCE)
                    codes.append(running.returncode)
                    self.assertIn(running.returncode, (0, 2), told)
                    if running.returncode == 2:
                        self.assertRegex(told, rf"{out}: is in use by process \d+ on .* since")
                self.assertIn(0, codes)
                answers["refused" if 2 in codes else "found all done"] += 1
                lines = journal_lines(self.path(out))
                self.assertEqual((len(lines), set(lines.values())), (12, {1}))
                self.assert_same_results(self.path(out, "results.h5"), self.path("whole", "results.h5"))
                self.attnlab("verify", out)
        print(dict(answers))
        self.assertGreater(answers["refused"], 0)


if __name__ == "__main__":
    unittest.main()
