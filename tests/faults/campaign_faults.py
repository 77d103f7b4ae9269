"""campaign_faults.py: the kill campaign's own judgement, tried on run directories that were hurt on purpose: what it counts must be able to
be more than nothing."""
import os
import shutil
import unittest

import h5py

import kill_campaign
from program import SMALL, Story


class Judgement(Story):
    def setUp(self):
        super().setUp()
        self.grid = self.write("grid.yaml", SMALL)
        self.attnlab("run", self.grid, "--out", "out", "--commit-every", "0.001s", "--threads", 1)
        self.whole = self.path("whole.h5")
        shutil.copy(self.path("out", "results.h5"), self.whole)
        self.counted = kill_campaign.journal_lines(self.path("out"))
        self.assertEqual(len(self.counted), 12)

    def judged(self):
        return kill_campaign.what_is_wrong(self.path("out"), self.whole, 12, self.counted)

    def a_journaled_segment(self):
        """A segment that holds a part of the trials."""
        names = sorted(os.listdir(self.path("out", "segments")))
        self.assertGreater(len(names), 1)
        return self.path("out", "segments", names[0])

    def test_nothing_is_wrong_with_a_whole_run(self):
        self.assertEqual(self.judged(), ([], [], []))

    def test_a_segment_that_is_gone_while_the_journal_names_it(self):
        os.remove(self.a_journaled_segment())
        lost, different, complaints = self.judged()
        self.assertEqual((lost, different), ([], []))  # journal and results.h5 are as they were
        self.assertIn("verify: ", complaints[0])
        self.assertIn("is missing", complaints[0])

    def test_its_trials_trained_again_by_the_next_start(self):
        segment = self.a_journaled_segment()
        with h5py.File(segment) as file:
            gone = sorted(file["trials/id"].asstr()[...])
        os.remove(segment)
        self.attnlab("run", self.grid, "--out", "out")
        lost, different, _ = self.judged()
        self.assertEqual((lost, different), (gone, []))

    def test_a_line_that_left_the_journal(self):
        folder = self.path("out", "journal")
        file = next(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".log"))
        with open(file) as journal:
            lines = journal.readlines()
        with open(file, "w") as journal:
            journal.writelines(lines[1:])
        gone = lines[0].split('"trial":"')[1][:16]
        lost, _, complaints = self.judged()
        self.assertEqual(lost, [gone])
        self.assertIn("11 of 12 trials are named at the end", complaints)

    def test_one_bit_of_one_number(self):
        with h5py.File(self.path("out", "results.h5"), "r+") as file:
            loss = file["cohorts/c0/loss"]
            loss[3, 2] = loss[3, 2] * (1 + 2**-52)
        _, different, complaints = self.judged()
        self.assertEqual(different, ["differs: cohorts/c0/loss"])
        self.assertIn("/cohorts/c0/loss", complaints[0])

    def test_results_that_are_not_there(self):
        os.remove(self.path("out", "results.h5"))
        self.assertEqual(len(self.judged()[1]), 1)


if __name__ == "__main__":
    unittest.main()
