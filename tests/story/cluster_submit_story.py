"""cluster_submit_story.py: the job scripts that `attnlab submit` writes: what they ask for, and that they do it."""
import os
import shutil
import signal
import socket
import subprocess
import unittest

from program import PATIENCE, ATTNLAB, SMALL, Story, slow

PREFIX = os.path.dirname(os.path.dirname(os.path.realpath(ATTNLAB)))


class Submit(Story):
    def script(self, *words, **more):
        done = self.attnlab("submit", *words, **more)
        self.assertEqual(done.stderr, "")
        self.sound(done.stdout)
        return done.stdout

    def sound(self, text):
        subprocess.run(["bash", "-n"], input=text, text=True, check=True)
        self.assertNotIn("{{", text)
        if shutil.which("shellcheck"):
            judged = subprocess.run(["shellcheck", "-"], input=text, text=True, capture_output=True)
            self.assertEqual(judged.returncode, 0, judged.stdout + text)

    def command_of(self, text):
        """The words that bash makes of the script's command."""
        part = text[text.index("command=("):]
        part = part[:part.index("\n)\n") + 3]
        done = subprocess.run(["bash", "-c", part + "printf '%s\\0' \"${command[@]}\""], capture_output=True, check=True,
                              env={"PBS_NODEFILE": "/a b"})
        return done.stdout.decode().split("\0")[:-1]

    def directives(self, text, name):
        return [line[len(name) + 2:] for line in text.splitlines() if line.startswith(f"#{name} ")]

    def test_slurm_asks_for_what_was_said(self):
        grid = self.write("small.yaml", SMALL)
        text = self.script(grid, "--out", "out", "--scheduler", "slurm", "--nodes", 2, "--ranks", 8, "--threads", 6,
                           "--time", "28h30m", "--partition", "long", "--account", "lab-7")
        asked = self.directives(text, "SBATCH")
        for line in ["--job-name=small", "--nodes=2", "--ntasks-per-node=4", "--cpus-per-task=6", "--time=1-04:30:00",
                     "--partition=long", "--account=lab-7", "--signal=B:USR1@120", "--requeue", "--open-mode=append"]:
            self.assertIn(line, asked)
        self.assertNotIn("--exclusive", asked)
        words = self.command_of(text)
        supervise = os.path.join(PREFIX, "share/attnlab/launch/supervise")
        self.assertTrue(os.access(supervise, os.X_OK))
        self.assertEqual(words, [supervise, "--", "mpirun", "-n", "8", "--map-by", "ppr:4:node:PE=6", "--bind-to", "core",
                                 os.path.realpath(ATTNLAB), "run", grid, "--out", "out", "--threads", "6"])

    def test_whole_nodes_where_no_threads_were_said(self):
        grid = self.write("small.yaml", SMALL)
        text = self.script(grid, "--out", "out", "--scheduler", "slurm", "--nodes", 3)
        asked = self.directives(text, "SBATCH")
        self.assertIn("--exclusive", asked)
        self.assertIn("--ntasks-per-node=1", asked)
        self.assertFalse([line for line in asked if line.startswith(("--time", "--cpus", "--partition", "--account"))])
        self.assertEqual(self.command_of(text)[2:9], ["mpirun", "-n", "3", "--map-by", "ppr:1:node", "--bind-to", "none"])

    def test_pbs_asks_for_what_was_said(self):
        grid = self.write("small.yaml", SMALL)
        text = self.script(grid, "--out", "out", "--scheduler", "pbs", "--nodes", 2, "--ranks", 8, "--threads", 6,
                           "--time", "28h30m", "--partition", "long", "--account", "lab-7")
        asked = self.directives(text, "PBS")
        for line in ["-N small", "-l select=2:ncpus=24:mpiprocs=4", "-l place=scatter", "-l walltime=28:30:00", "-q long",
                     "-A lab-7", "-r y"]:
            self.assertIn(line, asked)
        self.assertEqual(self.command_of(text)[2:], [
            "mpirun", "-n", "8", "--hostfile", "/a b", "--map-by", "ppr:4:node:PE=6", "--bind-to", "core",
            os.path.realpath(ATTNLAB), "run", grid, "--out", "out", "--threads", "6", "--time-limit", "102480s"])

    def test_short_times_are_warned_early_enough(self):
        grid = self.write("small.yaml", SMALL)
        for time, lead in [("1m", 10), ("10m", 60), ("20m", 120), ("2-00:00:00", 120)]:
            text = self.script(grid, "--out", "out", "--scheduler", "slurm", "--time", time)
            self.assertIn(f"--signal=B:USR1@{lead}", self.directives(text, "SBATCH"))

    def test_odd_names_reach_the_program_as_they_are(self):
        odd = "it's $(touch gone) `touch gone` \"a\" *;&|#\n{{name}} \\"
        os.mkdir(self.path(odd))
        self.folder_before, self.folder = self.folder, self.path(odd)
        grid = self.write("a grid.yaml", SMALL)
        os.mkdir(self.path(odd))
        for scheduler in ("slurm", "pbs"):
            done = self.attnlab("submit", "a grid.yaml", "--out", odd + "2", "--scheduler", scheduler, "--set", f"description={odd}",
                                "--plugins", odd)
            subprocess.run(["bash", "-n"], input=done.stdout, text=True, check=True)
            words = self.command_of(done.stdout)
            start = words.index("run")
            self.assertEqual(words[start:], ["run", "a grid.yaml", "--out", odd + "2", "--set", f"description={odd}", "--plugins", odd])
            self.assertFalse([line for line in done.stdout.split("\ncd --")[0].splitlines()[1:] if not line.startswith("#") and line])
        self.assertTrue(os.path.exists(grid))
        self.folder = self.folder_before
        self.assertEqual([f for f, _, files in os.walk(self.folder) if "gone" in files], [])

    def test_mistakes_write_nothing(self):
        good = self.write("small.yaml", SMALL)
        bad = self.write("bad.yaml", SMALL.replace("softmax", "sofmax"))
        other = self.write("other.yaml", SMALL.replace("name: small", "name: other"))
        self.write("file", "mine\n")
        self.attnlab("run", other, "--out", "taken")
        os.mkdir(self.path("foreign"))
        self.write("foreign/thesis.txt", "mine\n")
        slurm = ("--scheduler", "slurm", "--script", "job.sh")
        for words, sentence in [
                ((bad, "--out", "out", *slurm), "did you mean 'softmax'?"),
                ((good, "--out", "out", *slurm, "--nodes", 2, "--ranks", 3), "--ranks 2 or 4"),
                ((good, "--out", "out", *slurm, "--ranks", 0), "--ranks"),
                ((good, "--out", "out", *slurm, "--time", "soon"), "is not a length of time"),
                ((good, "--out", "out", *slurm, "--time", "5s"), "write 1m or more"),
                ((good, "--out", "out", *slurm, "--partition", "a\n#SBATCH --uid=0"), "no name that a scheduler knows"),
                ((good, "--out", "out", "--scheduler", "lsf", "--script", "job.sh"), "lsf"),
                ((good, "--out", "out", "--script", "job.sh"), "--scheduler"),
                ((good, *slurm), "--out"),
                ((good, "--out", "", *slurm), "empty"),
                ((good, "--out", "file", *slurm), "is a file, not a folder"),
                ((good, "--out", "taken", *slurm), "holds a run of the grid 'other'"),
                ((good, "--out", "foreign", *slurm), "'thesis.txt'"),
                ((good, "--out", "out", "--scheduler", "slurm", "--script", "file"), "no job script")]:
            done = self.attnlab("submit", *words, expect=2)
            self.assertIn(sentence, done.stderr)
            self.assertEqual(done.stdout, "")
            self.assertFalse(os.path.exists(self.path("job.sh")))
            self.assertFalse(os.path.exists(self.path("out")))
        with open(self.path("file")) as file:
            self.assertEqual(file.read(), "mine\n")

    def test_a_script_file_is_written_anew_and_can_be_run(self):
        grid = self.write("small.yaml", SMALL)
        for ranks in (2, 1):
            self.attnlab("submit", grid, "--out", "out", "--scheduler", "slurm", "--ranks", ranks, "--script", "job.sh")
        self.assertTrue(os.access(self.path("job.sh"), os.X_OK))
        with open(self.path("job.sh")) as file:
            self.assertIn("-n 1 ", file.read())
        self.assertFalse(os.path.exists(self.path("out")))

    def test_without_a_scheduler_now_is_the_machines_fault(self):
        grid = self.write("small.yaml", SMALL)
        for scheduler, program in [("slurm", "sbatch"), ("pbs", "qsub")]:
            done = subprocess.run(self.command("submit", grid, "--out", "out", "--scheduler", scheduler, "--now"),
                                  env={**self.environment(), "PATH": self.folder}, cwd=self.folder, capture_output=True, text=True)
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertIn(f"{program}: is not on this machine", done.stderr)

    def begin_script(self, name, **environment):
        running = subprocess.Popen(["bash", self.path(name)], env={**self.environment(), **environment}, cwd="/", text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        self.addCleanup(self.end, running)
        return running

    def test_a_script_stops_in_good_order_and_continues(self):
        """The script itself, without its scheduler: bash, supervise, mpirun, attnlab."""
        grid = self.write("slow.yaml", slow(n_trials=12, sleep_ms=10, steps=20))
        self.attnlab("submit", grid, "--out", "an out", "--scheduler", "slurm", "--script", "job.sh")
        running = self.begin_script("job.sh")
        self.wait_until(lambda: os.path.isdir(self.path("an out", "segments")))
        self.wait_until(lambda: self.attnlab("status", "an out", expect=None).returncode == 0)
        running.terminate()
        out, told = running.communicate(timeout=20 * PATIENCE)
        self.assertEqual(running.returncode, 75, out + told)
        self.assertIn("the same command continues", told)
        self.assertNotIn("back into the queue", out)  # there is none
        again = self.begin_script("job.sh")
        out, told = again.communicate(timeout=60 * PATIENCE)
        self.assertEqual(again.returncode, 0, out + told)
        self.attnlab("run", grid, "--out", "whole")
        self.assert_same_results(self.path("an out", "results.h5"), self.path("whole", "results.h5"))

    def test_a_pbs_job_submits_itself_again(self):
        """There is no PBS to be had here: a stand-in for qsub notes what it was given."""
        grid = self.write("slow.yaml", slow(n_trials=12, sleep_ms=10, steps=20))
        self.attnlab("submit", grid, "--out", "out", "--scheduler", "pbs", "--script", "job.sh")
        self.write("nodes", socket.gethostname() + "\n")
        self.write("qsub", '#!/bin/sh\necho "$@" >"${0%/*}/given"\n')
        os.chmod(self.path("qsub"), 0o755)
        running = self.begin_script("job.sh", PBS_JOBID="7.here", PBS_NODEFILE=self.path("nodes"),
                                    PATH=f"{self.folder}:{os.environ['PATH']}")
        self.wait_until(lambda: os.path.isdir(self.path("out", "segments")))
        running.send_signal(signal.SIGUSR1)
        out, told = running.communicate(timeout=20 * PATIENCE)
        self.assertEqual(running.returncode, 75, out + told)
        self.assertIn("submits itself again", out)
        with open(self.path("given")) as file:
            self.assertEqual(file.read().strip(), self.path("job.sh"))

    def test_an_installed_program_names_its_own_files(self):
        prefix = self.path("a prefix")
        subprocess.run(["cmake", "--install", PREFIX, "--prefix", prefix], check=True, capture_output=True)
        grid = self.write("small.yaml", SMALL)
        done = subprocess.run([os.path.join(prefix, "bin/attnlab"), "submit", grid, "--out", "out", "--scheduler", "slurm"],
                              env=self.environment(), cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.sound(done.stdout)
        words = self.command_of(done.stdout)
        for word in (words[0], words[words.index("run") - 1]):
            self.assertTrue(word.startswith(os.path.realpath(prefix)), word)
            self.assertTrue(os.access(word, os.X_OK), word)


if __name__ == "__main__":
    unittest.main()
