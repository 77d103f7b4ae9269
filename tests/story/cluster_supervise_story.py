"""cluster_supervise_story.py: launch/supervise starts what died again, as long as it helps."""
import os
import signal
import subprocess
import time
import unittest

from program import PATIENCE, ATTNLAB, SMALL, Story, slow

SUPERVISE = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(ATTNLAB))), "share/attnlab/launch/supervise")
MPIRUN = ["mpirun", "-n", "2", "--oversubscribe", "--bind-to", "none"]


def children(pid):
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    if file.read().rsplit(")", 1)[1].split()[1] == str(pid):
                        found.append(int(entry))
            except OSError:
                pass
    return found


def descendants(pid):
    return [d for c in children(pid) for d in [c, *descendants(c)]]


class Supervise(Story):
    def begin_supervised(self, *command, options=()):
        # As root it needs no flag from the user.
        environment = {k: v for k, v in self.environment().items() if not k.startswith("OMPI_ALLOW")}
        running = subprocess.Popen([SUPERVISE, *options, "--", *map(str, command)], env=environment, cwd=self.folder, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.end_all, running)
        return running

    def end_all(self, running):
        for pid in [running.pid, *descendants(running.pid)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        running.communicate()

    def ranks_of(self, running):
        found = []
        for pid in descendants(running.pid):
            try:
                with open(f"/proc/{pid}/cmdline") as file:
                    words = file.read().split("\0")
            except OSError:
                continue
            if os.path.basename(words[0]) == "attnlab" and "run" in words[1:2]:
                found.append(pid)
        return found

    def test_a_run_whose_ranks_are_killed_ends_with_the_same_bits(self):
        grid = self.write("slow.yaml", slow(n_trials=24, sleep_ms=20, steps=20))
        running = self.begin_supervised(*MPIRUN, ATTNLAB, "run", grid, "--out", "out", "--commit-every", "0.2s")
        for _ in range(2):
            self.wait_until(lambda: len(self.ranks_of(running)) == 2, 30)
            before = self.finished("out")
            self.wait_until(lambda: self.finished("out") > before, 30)
            ranks = self.ranks_of(running)
            os.kill(ranks[-1], signal.SIGKILL)
            self.wait_until(lambda: not set(ranks) & set(self.ranks_of(running)), 30)
        out, told = running.communicate(timeout=60 * PATIENCE)
        self.assertEqual(running.returncode, 0, told)
        self.assertEqual(told.count("starting it again"), 2, told)
        self.attnlab("run", grid, "--out", "whole")
        self.assert_same_results(self.path("out", "results.h5"), self.path("whole", "results.h5"))
        self.attnlab("verify", "out")

    def test_it_gives_up_when_nothing_helps(self):
        running = self.begin_supervised("bash", "-c", "echo once >>starts; kill -SEGV $$", "bash", ATTNLAB, "run", "g.yaml",
                                        "--out=out", options=["--limit", "2"])
        _, told = running.communicate(timeout=30 * PATIENCE)
        self.assertEqual(running.returncode, 128 + signal.SIGSEGV)
        with open(self.path("starts")) as file:
            self.assertEqual(file.read().split(), ["once"] * 3)  # the first, and two more
        self.assertIn("given up with 0 finished", told)

    def test_a_complete_looking_exit_code_without_DONE_is_a_death(self):
        running = self.begin_supervised("bash", "-c", "exit 0", "bash", ATTNLAB, "run", "g.yaml", "--out", "out",
                                        options=["--limit=0"])
        _, told = running.communicate(timeout=30 * PATIENCE)
        self.assertIn("given up", told)

    def test_commands_that_end_by_themselves_are_left_alone(self):
        grid = self.write("small.yaml", SMALL)
        bad = self.write("bad.yaml", SMALL.replace("softmax", "sofmax"))
        long = self.write("slow.yaml", slow(n_trials=40, sleep_ms=20, steps=20))
        for words, code in [((grid, "--out", "out"), 0), ((grid, "--out", "out"), 0), ((bad, "--out", "out2"), 2),
                            ((grid, "--out", "/proc/no/such"), 3), ((long, "--out", "out3", "--time-limit", "3s"), 75),
                            ((grid, "--out", "out4", "--set", "sweep={}", "--set", "optimizer.learning_rate=1e300"), 1)]:
            for launcher in ([], MPIRUN):
                running = self.begin_supervised(*launcher, ATTNLAB, "run", *words)
                _, told = running.communicate(timeout=60 * PATIENCE)
                self.assertEqual(running.returncode, code, told)
                self.assertNotIn("supervise:", told)

    def test_signals_are_handed_on_and_end_it(self):
        grid = self.write("slow.yaml", slow(n_trials=40, sleep_ms=20, steps=20))
        for number in (signal.SIGUSR1, signal.SIGTERM, signal.SIGINT):
            running = self.begin_supervised(*MPIRUN, ATTNLAB, "run", grid, "--out", "out", "--commit-every", "0.2s")
            before = self.finished("out")
            self.wait_until(lambda: self.finished("out") > before and len(self.ranks_of(running)) == 2, 30)
            began = time.monotonic()
            running.send_signal(number)
            _, told = running.communicate(timeout=20 * PATIENCE)
            self.assertEqual(running.returncode, 75, told)
            self.assertLess(time.monotonic() - began, 6)
            self.assertIn("the same command continues", told)
            self.assertNotIn("starting it again", told)
        self.attnlab("verify", "out")

    def test_wrong_words_are_told(self):
        for words, sentence in [([], "the command is missing"), (["--", "mpirun", "hostname"], "attnlab run"),
                                (["--", ATTNLAB, "run", "g.yaml"], "no --out"), (["--limit", "x", "--", "a"], "a number"),
                                (["--often"], "not known")]:
            done = subprocess.run([SUPERVISE, *words], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn(sentence, done.stderr)


if __name__ == "__main__":
    unittest.main()
