"""papers_story.py: configs/papers/run trains the grids that a pattern names, but none that wants a cluster, and prints their verdicts."""
import pathlib
import subprocess
import unittest

from program import Story

RUN = pathlib.Path(__file__).resolve().parents[2] / "configs" / "papers" / "run"


class Papers(Story):
    def run_papers(self, pattern):
        done = subprocess.run([RUN, self.path("out"), pattern], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()[2:], done.stderr

    def test_grids_for_a_cluster_are_left_out(self):
        verdicts, told = self.run_papers("c-*-full")
        self.assertEqual(told, "c-pathfinder-full: left out, it is for a cluster\n"
                               "c-text-full: left out, it is for a cluster\n")
        self.assertEqual(verdicts, [])

    def test_a_line_a_claim_and_grid(self):
        verdicts, told = self.run_papers("c-rank")
        self.assertRegex(told, r"^c-rank: \d+ s\n$")
        self.assertEqual(len(verdicts), 1)
        self.assertRegex(verdicts[0], r"^\| jacobian_rank \| .* \| c-rank \| .* \| 8 of 9 \|$")


if __name__ == "__main__":
    unittest.main()
