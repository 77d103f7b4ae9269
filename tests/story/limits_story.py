"""limits_story.py: what the machine refuses (a full disk behind stdout, a file-size limit, closed streams) is exit code 3 or costs nothing."""
import os
import resource
import signal
import subprocess
import time
import unittest

from program import ATTNLAB, PATIENCE, SMALL, Story


class Limits(Story):
    def setUp(self):
        super().setUp()
        self.grid = self.write("small.yaml", SMALL)

    def under(self, *words, bytes_a_file=0, **options):
        limit = (bytes_a_file, bytes_a_file)
        return subprocess.run([ATTNLAB, *words], capture_output=True, text=True, env=self.environment(), cwd=self.folder,
                              timeout=60 * PATIENCE, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
                              **options)

    def test_a_file_size_limit_is_the_machines_fault_for_every_verb_that_writes(self):
        self.attnlab("run", self.grid, "--out", "out")
        for words in (("run", self.grid, "--out", "new"), ("merge", "out"), ("report", "out", "--out", "page.html"),
                      ("landscape", "out", "--trial", "0", "--points", "3"), ("new", "kernel", "mine"),
                      ("submit", self.grid, "--out", "new", "--scheduler", "slurm", "--script", "job.sh")):
            with self.subTest(verb=words[0]):
                done = self.under(*words)
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn("cannot be", done.stderr)
        for name in ("page.html", "page.html.tmp", "job.sh", "mine"):
            self.assertFalse(os.path.exists(self.path(name)), name)
        self.attnlab("verify", "out")

    def test_a_file_size_limit_under_mpirun(self):
        launcher = ["mpirun", "-n", "2", "--oversubscribe", "--bind-to", "none", "sh", "-c", 'ulimit -f 0; exec "$0" "$@"']
        done = subprocess.run([*launcher, ATTNLAB, "run", self.grid, "--out", "out"], capture_output=True, text=True,
                              env=self.environment(), cwd=self.folder, timeout=60 * PATIENCE)
        self.assertEqual(done.returncode, 3, done.stderr)

    def test_an_answer_that_does_not_fit_is_not_given(self):
        self.attnlab("run", self.grid, "--out", "out")
        for words in (("plan", self.grid), ("check", "--list"), ("--help",), ("landscape", "out", "--trial", "0", "--points", "3"),
                      ("submit", self.grid, "--out", "new", "--scheduler", "pbs")):
            with self.subTest(verb=words[0]), open("/dev/full", "w") as full:
                done = subprocess.run([ATTNLAB, *words], stdout=full, stderr=subprocess.PIPE, text=True, cwd=self.folder,
                                      env=self.environment(), timeout=60 * PATIENCE)
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn("stdout: ", done.stderr)

    def test_a_reader_who_goes_away_has_what_he_wanted(self):
        for words in (("check", "--list"), ("status", "out"), ("--version",)):  # more than a buffer, flushed by the verb, little
            with self.subTest(verb=words[0]):
                if words[0] == "status":
                    self.attnlab("run", self.grid, "--out", "out")
                reader, writer = os.pipe()
                os.close(reader)
                done = subprocess.run([ATTNLAB, *words], stdout=writer, stderr=subprocess.PIPE, text=True, cwd=self.folder,
                                      env=self.environment(), timeout=60 * PATIENCE, restore_signals=False)  # SIGPIPE is ignored
                os.close(writer)
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_closed_streams_do_not_open_a_file_to_what_is_said(self):
        done = subprocess.run(["sh", "-c", '"$0" run "$1" --out out <&- >&- 2>&-', ATTNLAB, self.grid], cwd=self.folder,
                              env=self.environment(), timeout=60 * PATIENCE)
        self.assertEqual(done.returncode, 0)
        self.attnlab("verify", "out")
        with open(self.path("out", "journal", "lock")) as lock:
            self.assertRegex(lock.read(), r"\Aprocess \d+ on \S+ since \S+\n\Z")

    def test_a_report_never_takes_the_place_of_its_results_or_of_a_device(self):
        self.attnlab("run", self.grid, "--out", "out")
        self.attnlab("report", "out", "--out", "out/results.h5", expect=2)
        self.attnlab("report", "out/results.h5", "--out", "out/results.h5", expect=2)
        self.attnlab("report", "out", "--out", "out", expect=2)
        self.attnlab("verify", "out")
        os.mkfifo(self.path("pipe"))
        with open(self.path("page.html"), "w") as page:
            reader = subprocess.Popen(["cat", self.path("pipe")], stdout=page)
        self.addCleanup(reader.kill)
        self.attnlab("report", "out", "--out", "pipe")
        self.assertEqual(reader.wait(timeout=10 * PATIENCE), 0)
        with open(self.path("page.html")) as page:
            self.assertIn("</html>", page.read())
        os.symlink(self.write("page.html", ""), self.path("link"))
        self.attnlab("report", "out", "--out", "link")
        self.assertTrue(os.path.islink(self.path("link")))
        with open(self.path("page.html")) as page:
            self.assertIn("</html>", page.read())

    def test_a_signal_before_the_plugins_are_read_is_a_stop_in_good_order(self):
        os.makedirs(self.path("plugins", "kernel"))
        os.mkfifo(self.path("plugins", "kernel", "waits.so"))  # nobody writes: reading it takes for ever
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            with self.subTest(signal=number):
                running = self.begin("run", self.grid, "--out", "out", "--plugins", "plugins")
                time.sleep(0.5 * PATIENCE)
                running.send_signal(number)
                _, told = running.communicate(timeout=10 * PATIENCE)
                self.assertEqual(running.returncode, 75, told)
                self.assertIn("the same command continues", told)


class Begun(Story):
    def test_a_run_that_died_before_it_wrote_its_plan_has_finished_nothing(self):
        grid = self.write("small.yaml", SMALL)
        for folder in ("journal", "segments", "checkpoints", "log"):
            os.makedirs(self.path("out", folder))
        self.assertIn("only begun", self.attnlab("status", "out").stdout)
        self.assertIn('"complete": false', self.attnlab("status", "out", "--format", "json").stdout)
        self.attnlab("verify", "out")
        self.attnlab("check", "out")
        self.attnlab("merge", "out", expect=1)
        self.attnlab("run", grid, "--out", "out")
        self.attnlab("verify", "out")


if __name__ == "__main__":
    unittest.main()
