"""slurm_test.py: jobs that `attnlab submit` wrote, on a real SLURM of two nodes on this machine.

Exit code 77, with the reason, where SLURM cannot be had.
"""
import os
import re
import sys
import time
import unittest

from program import Story, slow
from slurm_cluster import NoSlurm, SlurmCluster, why_not

SHOWN = os.environ.get("ATTNLAB_SLURM_LOGS")  # a folder that keeps the daemons' logs


class Jobs(Story):
    def setUp(self):
        super().setUp()
        self.slurm = SlurmCluster(keep_logs=SHOWN)
        self.slurm.__enter__()
        self.addCleanup(self.slurm.__exit__)
        # Both "nodes" have this machine's name, addresses and shared memory, whose segments would have equal names; between
        # real machines Open MPI needs none of this.
        self.one_machine = {"OMPI_MCA_btl": "self,tcp", "OMPI_MCA_btl_tcp_if_include": "lo", "OMPI_MCA_oob_tcp_if_include": "lo"}

    def environment(self):
        return {**super().environment(), **self.slurm.env, **self.one_machine,
                "ATTNLAB_PLUGIN_PATH": super().environment()["ATTNLAB_PLUGIN_PATH"]}

    def submit(self, *words):
        done = self.attnlab("submit", *words, "--scheduler", "slurm", "--now")
        job = re.search(r"Submitted batch job (\d+)", done.stdout)
        self.assertTrue(job, done.stdout + done.stderr)
        return job.group(1)

    def output(self, job):
        path = self.path(f"attnlab-small-{job}.out")
        if not os.path.exists(path):
            return ""
        with open(path) as file:
            return file.read()

    def hurry_until(self, job, holds, seconds):
        """Waits until `holds`, while the job, which was requeued, is asked to start without SLURM's two minutes of waiting.

        Not at once: a node refuses what starts in the very second in which the job's last run ended ("credential revoked", the
        job FAILS). And not only once: SLURM sets the time of start anew when the last process of that run has gone.
        """
        time.sleep(3)

        def hurried():
            if holds():
                return True
            self.slurm.call("scontrol", "update", f"JobId={job}", "StartTime=now", check=False)
            time.sleep(0.5)
            return False
        self.wait_until(hurried, seconds)

    def wait_for(self, job, states, seconds, restarts=0):
        try:
            return self.slurm.wait_for(job, states, seconds, restarts)
        except AssertionError as e:
            self.fail(f"{e}\n{self.output(job)}")

    def test_requeued_by_a_signal_and_by_force_with_the_same_bits(self):
        grid = self.write("a grid's file.yaml", slow(n_trials=16, sleep_ms=20, steps=20))
        job = self.submit(grid, "--out", "out of it", "--nodes", 2, "--ranks", 2, "--threads", 1, "--time", "10m",
                          "--set", "training.steps=22")
        self.wait_for(job, ["RUNNING"], 30)
        # A commit comes after thirty seconds or with a stop; so the stop shows that its trials were kept.
        self.wait_until(lambda: "16 to train" in self.output(job), 30)
        time.sleep(1.5)
        self.slurm.call("scancel", "--batch", "--signal=USR1", job)
        self.wait_for(job, ["PENDING", "RUNNING"], 30, restarts=1)
        kept = self.finished("out of it")
        self.assertGreater(kept, 0, self.output(job))
        self.assertLess(kept, 16)
        self.assertIn("goes back into the queue", self.output(job))

        self.hurry_until(job, lambda: f"{kept} finished before" in self.output(job), 90)
        self.slurm.call("scontrol", "requeue", job)
        self.wait_for(job, ["PENDING"], 30, restarts=2)
        self.hurry_until(job, lambda: self.slurm.state(job)[0] == "COMPLETED", 120)
        self.assertEqual(self.slurm.state(job), ("COMPLETED", 2, "0:0"))

        # Two ranks, each on a node of its own, bound to one core, as asked for.
        self.assertIn("rank 1 may use 1 of", self.output(job))
        self.attnlab("run", grid, "--out", "whole", "--set", "training.steps=22")
        self.assert_same_results(self.path("out of it", "results.h5"), self.path("whole", "results.h5"))
        self.attnlab("verify", "out of it")

    def test_preempted_and_back_again(self):
        grid = self.write("long.yaml", slow(n_trials=40, sleep_ms=20, steps=20))
        job = self.submit(grid, "--out", "out", "--nodes", 2, "--time", "10m")
        self.wait_until(lambda: "40 to train" in self.output(job), 30)
        urgent = self.slurm.call("sbatch", "--parsable", "-N2", "--exclusive", "-p", "urgent", "--output=/dev/null",
                                 "--wrap", "sleep 1").stdout.strip()
        self.wait_for(urgent, ["COMPLETED"], 60)
        self.wait_for(job, ["PENDING", "RUNNING"], 60, restarts=1)
        self.hurry_until(job, lambda: self.slurm.state(job)[0] == "COMPLETED", 120)
        self.assertEqual(self.slurm.state(job), ("COMPLETED", 1, "0:0"))
        self.assertIn("DUE TO PREEMPTION", self.output(job))
        self.attnlab("run", grid, "--out", "whole")
        self.assert_same_results(self.path("out", "results.h5"), self.path("whole", "results.h5"))

    def test_warned_before_the_time_limit_and_cancelled_for_good(self):
        grid = self.write("long.yaml", slow(n_trials=400, sleep_ms=50, steps=20))
        job = self.submit(grid, "--out", "out", "--nodes", 2, "--ranks", 4, "--time", "1m")
        self.wait_for(job, ["PENDING", "RUNNING"], 100, restarts=1)  # nobody sent a signal but SLURM
        kept = self.finished("out")
        self.assertIn("goes back into the queue", self.output(job))
        self.hurry_until(job, lambda: f"{kept} finished before" in self.output(job), 90)
        self.slurm.call("scancel", job)
        self.assertEqual(self.wait_for(job, ["CANCELLED"], 30)[1], 1)
        time.sleep(3)
        self.assertEqual(self.slurm.state(job)[:2], ("CANCELLED", 1))
        self.assertEqual(self.output(job).count("goes back into the queue"), 1)
        self.attnlab("verify", "out")

    def test_a_job_array_shares_the_grid_and_one_job_of_it_is_requeued(self):
        grid = self.write("long.yaml", slow(n_trials=30, sleep_ms=20, steps=20))
        array = self.submit(grid, "--out", "out", "--array", 3, "--ranks", 1, "--threads", 1, "--time", "10m")
        self.wait_until(lambda: [t[1] for t in self.slurm.tasks(array).values()] == ["RUNNING"] * 3, 30)
        jobs = {index: task[0] for index, task in self.slurm.tasks(array).items()}
        # One job of an array has the array's own number: the one that, called so, would take all others with it.
        index = next(i for i, job in jobs.items() if job == array)
        self.wait_until(lambda: all("10 to train" in self.output(job) for job in jobs.values()), 30)
        time.sleep(1)
        self.slurm.call("scancel", "--batch", "--signal=USR1", f"{array}_{index}")
        self.wait_until(lambda: self.slurm.tasks(array)[index][2] == 1, 30)
        self.hurry_until(f"{array}_{index}", lambda: [t[1] for t in self.slurm.tasks(array).values()] == ["COMPLETED"] * 3, 120)

        self.assertEqual({i: t[2] for i, t in self.slurm.tasks(array).items()}, {i: int(i == index) for i in (1, 2, 3)})
        self.assertIn(f"job {array}_{index} was stopped in good order and goes back", self.output(array))
        said = {i: self.output(job) for i, job in jobs.items()}
        self.assertEqual(sum("\nresults: " in text for text in said.values()), 1, said)  # one merged
        self.assertTrue(os.path.exists(self.path("out", "DONE")))
        self.attnlab("run", grid, "--out", "whole")
        self.assert_same_results(self.path("out", "results.h5"), self.path("whole", "results.h5"))
        self.attnlab("verify", "out")


if __name__ == "__main__":
    reason = why_not()
    if reason is None:
        try:
            with SlurmCluster():
                pass
        except NoSlurm as e:
            reason = f"SLURM does not start: {e}"
    if reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    unittest.main()
