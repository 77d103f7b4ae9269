"""data_cache_story.py: data files are read once for all ranks, trials and runs, and the results are those of a run that reads them itself."""
import ctypes
import glob
import os
import struct
import unittest

from program import Story

IN_OPEN = 0x20

GRID = """\
name: shared-data
trial:
  task: {plugin: text_classification, path: texts.tsv, unit: word, max_length: 8, validation: 0.2}
  model:
    dim: 8
    readout: mean
    head: {classes: from_task}
  loss: cross_entropy
  optimizer: {plugin: gradient_descent, learning_rate: 0.1}
  training: {steps: 5, batch: 8, precision: float64}
  record:
    data: true
sweep:
  grid:
    seed: {range: [0, 6]}
"""
WORDS = ("a good dull fine bad film plot cast joy mess of the and it").split()


class Opens:
    """Counts how often a file is opened, by any process."""

    def __init__(self, file):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = self.libc.inotify_init1(os.O_NONBLOCK)
        if self.descriptor < 0 or self.libc.inotify_add_watch(self.descriptor, os.fsencode(file), IN_OPEN) < 0:
            raise unittest.SkipTest("inotify is not to be had")

    def count(self):
        n = 0
        while True:
            try:
                events = os.read(self.descriptor, 65536)
            except BlockingIOError:
                return n
            while events:
                _, mask, _, length = struct.unpack_from("iIII", events)
                n += bool(mask & IN_OPEN)
                events = events[16 + length:]


class DataCache(Story):
    def setUp(self):
        super().setUp()
        self.grid = self.write("grid.yaml", GRID)
        self.write_texts(0)

    def write_texts(self, shift):
        lines = []
        for i in range(300):
            words = " ".join(WORDS[(i * k + shift) % len(WORDS)] for k in range(1, 2 + i % 9))
            lines.append(f"{'pos' if i % 2 else 'neg'}\t{words}\n")
        self.write("texts.tsv", "".join(lines))

    def environment(self):
        return dict(super().environment(), ATTNLAB_CACHE=getattr(self, "cache", self.path("cache")))

    def files(self):
        return sorted(glob.glob(self.path("cache", "*.data")))

    def results(self, name):
        return self.path(name, "results.h5")

    def run_without(self, name="plain"):
        self.cache = "off"
        done = self.attnlab("run", self.grid, "--out", name)
        del self.cache
        return done

    def test_ranks_and_runs_share_one_reading(self):
        opens = Opens(self.path("texts.tsv"))
        plain = self.run_without()
        self.assertGreater(opens.count(), 0)  # the watch sees what is there to see
        first = self.attnlab("run", self.grid, "--out", "two", ranks=2)
        self.assertEqual(opens.count(), 1)
        second = self.attnlab("run", self.grid, "--out", "again", ranks=2)
        self.assertEqual(opens.count(), 0)
        self.assertEqual(len(self.files()), 1)

        def report(done):
            return [line for line in done.stderr.splitlines() if line.startswith("attnlab: data: ")]
        self.assertIn("data: training: 240 texts", plain.stderr)
        self.assertEqual(report(plain), report(first))
        self.assertEqual(report(plain), report(second))
        for name in ("two", "again"):
            self.assert_same_results(self.results("plain"), self.results(name))

    def test_isolated_children_find_the_data_too(self):
        opens = Opens(self.path("texts.tsv"))
        self.attnlab("run", self.grid, "--out", "isolated", "--isolate", ranks=2)
        self.assertEqual(opens.count(), 1)
        self.run_without()
        self.assert_same_results(self.results("plain"), self.results("isolated"))

    def test_a_changed_file_is_read_anew(self):
        self.attnlab("run", self.grid, "--out", "before")
        self.write_texts(1)
        self.attnlab("run", self.grid, "--out", "after")
        self.assertEqual(len(self.files()), 2)
        self.run_without()
        self.assert_same_results(self.results("plain"), self.results("after"))

    def test_a_damaged_file_is_named_and_made_anew(self):
        self.attnlab("run", self.grid, "--out", "first")
        file, = self.files()
        with open(file, "r+b") as it:
            it.seek(-200, os.SEEK_END)
            it.write(b"garbage")
        done = self.attnlab("run", self.grid, "--out", "second", ranks=2)
        self.assertEqual(done.stderr.count(f"data cache: {file} is damaged"), 1, done.stderr)
        again = self.attnlab("run", self.grid, "--out", "third")
        self.assertNotIn("data cache", again.stderr)
        self.assert_same_results(self.results("first"), self.results("second"))

    def test_a_folder_that_cannot_be_made_does_not_stop_the_run(self):
        self.cache = "/proc/no-such-folder"
        done = self.attnlab("run", self.grid, "--out", "out", ranks=2)
        self.assertEqual(done.stderr.count("data cache: /proc/no-such-folder cannot be made"), 1, done.stderr)
        self.assertIn("ATTNLAB_CACHE", done.stderr)
        self.run_without()
        self.assert_same_results(self.results("plain"), self.results("out"))

    def test_two_programs_at_once_share_one_reading(self):
        opens = Opens(self.path("texts.tsv"))
        running = [self.begin("run", self.grid, "--out", name) for name in ("a", "b")]
        for it in running:
            it.communicate(timeout=60)
            self.assertEqual(it.returncode, 0)
        self.assertEqual(opens.count(), 1)
        self.assert_same_results(self.results("a"), self.results("b"))


if __name__ == "__main__":
    unittest.main()
