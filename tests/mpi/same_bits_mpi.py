"""same_bits_mpi.py: 1, 2 and 4 ranks with 1 and 2 threads write the same results, bit for bit."""
import unittest

from program import SMALL, Story


class SameBits(Story):
    def test_ranks_and_threads_do_not_change_a_bit(self):
        grid = self.write("small.yaml", SMALL)
        self.attnlab("run", grid, "--out", "alone", "--threads", 1)
        for ranks in (1, 2, 4):
            for threads in (1, 2):
                with self.subTest(ranks=ranks, threads=threads):
                    out = f"out-{ranks}-{threads}"
                    done = self.attnlab("run", grid, "--out", out, "--threads", threads, ranks=ranks)
                    self.assertIn("12 trials: 12 done", done.stdout)
                    self.assertEqual(done.stdout.count("12 done"), 1)  # rank 0 speaks, alone
                    self.assert_same_results(self.path("alone", "results.h5"), self.path(out, "results.h5"))

    def test_more_ranks_than_trials(self):
        grid = self.write("small.yaml", SMALL.replace("[0.01, 0.05, 0.1]", "[0.05]").replace("[0, 4]", "[0, 2]"))
        self.attnlab("run", grid, "--out", "alone")
        self.attnlab("run", grid, "--out", "out", ranks=4)
        self.assert_same_results(self.path("alone", "results.h5"), self.path("out", "results.h5"))


if __name__ == "__main__":
    unittest.main()
