"""leaders_mpi.py: ranks that ask the leader of their node write the same bits, stop in good order, and lose nothing."""
import unittest

from program import SMALL, Story, slow


class Leaders(Story):
    def environment(self):
        return dict(super().environment(), ATTNLAB_RANKS_PER_LEADER="2")  # 4 ranks: two nodes

    def test_leaders_do_not_change_a_bit(self):
        grid = self.write("small.yaml", SMALL.replace("[0, 4]", "[0, 20]"))
        self.attnlab("run", grid, "--out", "alone", "--threads", 1)
        for ranks in (1, 3, 4):
            with self.subTest(ranks=ranks):
                out = f"out-{ranks}"
                done = self.attnlab("run", grid, "--out", out, "--threads", 1, ranks=ranks)
                self.assertIn("60 trials: 60 done", done.stdout)
                self.assert_same_results(self.path("alone", "results.h5"), self.path(out, "results.h5"))

    def test_leaders_are_told_of(self):
        grid = self.write("small.yaml", SMALL)
        done = self.attnlab("run", grid, "--out", "out", ranks=4)
        self.assertIn("2 nodes: ranks ask the leader of their node for trials", done.stderr)

    def test_a_stop_reaches_every_rank_and_the_run_continues(self):
        grid = self.write("slow.yaml", slow(40, 5, 40))
        stopped = self.attnlab("run", grid, "--out", "out", "--threads", 1, "--time-limit", "2s",
                               ranks=4, expect=75)
        self.assertIn("the same command continues", stopped.stderr)
        self.attnlab("run", grid, "--out", "out", "--threads", 1, ranks=4)
        self.attnlab("run", grid, "--out", "alone", "--threads", 2)
        self.assert_same_results(self.path("alone", "results.h5"), self.path("out", "results.h5"))


if __name__ == "__main__":
    unittest.main()
