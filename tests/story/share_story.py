"""share_story.py: several runs train one grid side by side in one directory, as the jobs of an array do."""
import os
import signal
import subprocess
import unittest

from program import PATIENCE, SMALL, Story, slow


class Shares(Story):
    def journal(self, out):
        """The trial ids of every journal line, of all writers."""
        ids = []
        for name in os.listdir(self.path(out, "journal")):
            if name.endswith(".log"):
                with open(self.path(out, "journal", name)) as file:
                    ids += [line.split('"trial":"')[1][:16] for line in file if line.strip()]
        return ids

    def test_three_at_once_train_every_trial_once(self):
        grid = self.write("slow.yaml", slow(n_trials=14, sleep_ms=20, steps=20))
        shares = [self.begin("run", grid, "--out", "out", "--share", f"{i}/3", "--threads", 1, "--commit-every", "0.2s")
                  for i in (1, 2, 3)]
        self.wait_until(lambda: self.finished("out") >= 1)
        for words, sentence in [((), "is in use by"), (("--share", "2/3"), "trains share 2/3"),
                                (("--share", "1/2"), "trains share")]:
            refused = self.attnlab("run", grid, "--out", "out", *words, expect=2)
            self.assertIn(sentence, refused.stderr)
        for share in shares:
            stdout, stderr = share.communicate(timeout=60 * PATIENCE)
            self.assertEqual(share.returncode, 0, stdout + stderr)
        self.assertTrue(os.path.exists(self.path("out", "DONE")))
        ids = self.journal("out")
        self.assertEqual((len(ids), len(set(ids))), (14, 14))
        self.attnlab("run", grid, "--out", "whole")
        self.assert_same_results(self.path("out", "results.h5"), self.path("whole", "results.h5"))
        self.attnlab("verify", "out")
        again = self.attnlab("run", grid, "--out", "out")
        self.assertIn("nothing to train", again.stderr)

    def test_one_after_the_other_and_killed(self):
        grid = self.write("slow.yaml", slow(n_trials=9, sleep_ms=10, steps=20))
        first = self.attnlab("run", grid, "--out", "out", "--share", "1/2", ranks=2)
        self.assertIn("share 1/2 is finished", first.stderr)
        self.assertIn("other shares have 4 trials to train", first.stderr)
        self.assertFalse(os.path.exists(self.path("out", "DONE")))
        running = self.begin("run", grid, "--out", "out", "--share", "2/2", "--threads", 1, "--commit-every", "0.1s")
        self.wait_until(lambda: self.finished("out") >= 6)
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        self.attnlab("run", grid, "--out", "out", "--share", "2/2")
        self.assertTrue(os.path.exists(self.path("out", "DONE")))
        self.attnlab("run", grid, "--out", "whole")
        self.assert_same_results(self.path("out", "results.h5"), self.path("whole", "results.h5"))

    def test_shares_of_other_trials_are_refused(self):
        grid = self.write("slow.yaml", slow(n_trials=4, sleep_ms=30, steps=20))
        running = self.begin("run", grid, "--out", "out", "--share", "1/2")
        self.wait_until(lambda: os.path.exists(self.path("out", "log", "trials.txt")))
        refused = self.attnlab("run", grid, "--out", "out", "--share", "2/2", "--set", "training.steps=3", expect=2)
        self.assertIn("other trials", refused.stderr)
        running.communicate(timeout=30 * PATIENCE)
        self.assertEqual(running.returncode, 0)

    def test_failures_of_the_share_and_mistakes(self):
        text = slow(n_trials=4, sleep_ms=0, steps=10).split("sweep:")[0] + """\
sweep:
  zip:
    - {optimizer.fail_at: [-1, 3, -1, -1], seed: [0, 1, 2, 3]}
"""
        grid = self.write("mixed.yaml", text)
        self.attnlab("run", grid, "--out", "out", "--share", "2/4", expect=1)
        self.attnlab("run", grid, "--out", "out", "--share", "1/4")
        for word in ("0/3", "4/3", "1", "1/3/2", "a/b", "-1/2"):
            done = self.attnlab("run", grid, "--out", "none", f"--share={word}", expect=2)
            self.assertIn("I/N", done.stderr)
        self.attnlab("run", grid, "--out", "out", "--share", "1/2", "--fresh", expect=2)
        self.assertFalse(os.path.exists(self.path("none")))

    def test_more_shares_than_trials(self):
        grid = self.write("slow.yaml", slow(n_trials=1, sleep_ms=0, steps=5))
        empty = self.attnlab("run", grid, "--out", "out", "--share", "2/3")
        self.assertIn("nothing to train", empty.stderr)
        self.attnlab("run", grid, "--out", "out", "--share", "1/3")
        self.assertTrue(os.path.exists(self.path("out", "DONE")))


class Arrays(Story):
    def script(self, *words):
        done = self.attnlab("submit", self.write("slow.yaml", slow(n_trials=6, sleep_ms=10, steps=20)), "--out", "out",
                            "--array", 3, "--script", "job.sh", *words)
        self.assertEqual(done.stderr, "")
        subprocess.run(["bash", "-n", self.path("job.sh")], check=True)
        with open(self.path("job.sh")) as file:
            return file.read()

    def jobs(self, numbers, **environments):
        jobs = []
        for number in numbers:
            environment = {name: value or number for name, value in environments.items()}
            jobs.append(subprocess.Popen(["bash", self.path("job.sh")], cwd="/", text=True, start_new_session=True,
                                         env={**self.environment(), **environment},
                                         stdout=subprocess.PIPE, stderr=subprocess.PIPE))
            self.addCleanup(self.end, jobs[-1])
        return jobs

    def test_slurm_jobs_share_the_grid(self):
        self.assertIn("\n#SBATCH --array=1-3\n", self.script("--scheduler", "slurm"))
        for job in self.jobs(("1", "2", "3"), SLURM_ARRAY_TASK_ID=""):
            stdout, stderr = job.communicate(timeout=90 * PATIENCE)
            self.assertEqual(job.returncode, 0, stdout + stderr)
            self.assertNotIn("starting it again", stderr)
        self.assertTrue(os.path.exists(self.path("out", "DONE")))

    def test_a_pbs_job_submits_its_own_share_again(self):
        self.assertIn("\n#PBS -J 1-3\n", self.script("--scheduler", "pbs"))
        self.write("qsub", '#!/bin/sh\n{ echo "$@"; cat; } >"${0%/*}/given"\n')
        self.write("nodes", os.uname().nodename + "\n")
        os.chmod(self.path("qsub"), 0o755)
        job = self.jobs(("2",), PBS_ARRAY_INDEX="", PBS_JOBID="7[2].here", PBS_NODEFILE=self.path("nodes"),
                        PATH=f"{self.folder}:{os.environ['PATH']}")[0]
        self.wait_until(lambda: os.path.isdir(self.path("out", "segments")))
        job.send_signal(signal.SIGUSR1)
        stdout, stderr = job.communicate(timeout=30 * PATIENCE)
        self.assertEqual(job.returncode, 75, stdout + stderr)
        with open(self.path("given")) as file:
            given = file.read()
        self.assertIn("-v ATTNLAB_SHARE=2\n", given)
        self.assertNotIn("\n#PBS -J ", given)
        self.assertIn("#PBS -N small", given)


if __name__ == "__main__":
    unittest.main()
