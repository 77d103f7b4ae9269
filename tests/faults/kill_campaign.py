#!/usr/bin/env python3
"""kill_campaign.py --kills N: SIGKILLs at random moments of real jobs; the same command continues each time, until the end.

Then: no trial that the journal named before a kill was trained again, and no bit differs from a run that nobody disturbed.
A kill takes the whole job, mpirun alone, or one rank. Its moment is drawn at random, or follows a sign that something
delicate has begun: every trial is named and results.h5 is not there yet, its temporary file is there, a checkpoint's is.
All is drawn from --seed; the operating system adds its own."""
import argparse
import collections
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))
os.environ.setdefault("ATTNLAB", os.path.join(ROOT, "build", "release", "bin", "attnlab"))
from compare_results import differences  # noqa: E402
from program import ATTNLAB, SMALL  # noqa: E402

TRIAL = SMALL.split("sweep:")[0].replace("name: small", "name: kills")
# kind -> grid, number of its trials, options of the run
GRIDS = {
    "short": (TRIAL.replace("steps: 40", "steps: 5000").replace("every: 5", "every: 100")
              + "sweep:\n  grid:\n    seed: {range: [0, 60]}\n", 60, ["--commit-every", "0.1s"]),
    "checkpoint": (TRIAL.replace("steps: 40", "steps: 120000").replace("every: 5", "every: 1000")
                   + "    checkpoint: {every_seconds: 0.05}\nsweep:\n  grid:\n    seed: {range: [0, 4]}\n",
                   4, ["--commit-every", "0.1s"]),
    "isolated": (TRIAL.replace("steps: 40", "steps: 5000").replace("every: 5", "every: 100")
                 + "sweep:\n  grid:\n    seed: {range: [0, 40]}\n", 40, ["--commit-every", "0.1s", "--isolate"]),
}


def journal_lines(out):
    """Trial id -> number of sound journal lines that name it, with those that a mending start put aside."""
    lines = collections.Counter()
    folder = os.path.join(out, "journal")
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        if ".log" in name and not name.startswith("."):
            with open(os.path.join(folder, name), "rb") as file:
                for line in file.read().split(b"\n")[:-1]:
                    if line and int(line[:8], 16) == zlib.crc32(line[9:]):
                        lines[json.loads(line[9:])["trial"]] += 1
    return lines


def lost_or_doubled(before, after):
    """Trials that a journal named before a kill, and now not exactly as often: lost, or trained again."""
    return sorted(trial for trial in before if after[trial] != before[trial])


def what_is_wrong(out, whole, n_trials, counted):
    """A run directory that says it is done, judged: (lost or doubled, differences from `whole`, complaints)."""
    after = journal_lines(out)
    complaints = []
    if len(after) != n_trials:
        complaints.append(f"{len(after)} of {n_trials} trials are named at the end")
    results = os.path.join(out, "results.h5")
    found = differences(whole, results) if os.path.exists(results) else [f"{results} is not there"]
    verified = subprocess.run([ATTNLAB, "verify", out], capture_output=True, text=True)
    if verified.returncode != 0:
        complaints.append(f"verify: {verified.stdout}{verified.stderr}")
    return lost_or_doubled(counted, after), found, complaints


def temporary(out, folder, word):
    try:
        return any(name.startswith(".") and word in name for name in os.listdir(os.path.join(out, folder)))
    except OSError:
        return False


def processes(session):
    """pid -> (parent, name) of all that live in the session, whatever their process groups."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    head, rest = file.read().rsplit(")", 1)
            except OSError:
                continue
            rest = rest.split()
            if int(rest[3]) == session and rest[0] != "Z":
                found[int(entry)] = (int(rest[1]), head.split("(", 1)[1])
    return found


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Campaign:
    def __init__(self, kills, seed, folder, ranks):
        self.wanted, self.draw, self.folder, self.ranks = kills, random.Random(seed), folder, ranks
        self.kills = collections.Counter()   # what was killed
        self.phases = collections.Counter()  # where the run was
        self.lost = self.different = self.rounds = self.named = 0
        self.complaints = []
        self.environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")

    def n_kills(self):
        return sum(self.kills.values())

    def path(self, name):
        return os.path.join(self.folder, name)

    def command(self, kind, out):
        return ["mpirun", "-n", str(self.ranks), "--oversubscribe", "--bind-to", "none", ATTNLAB, "run",
                self.path(f"{kind}.yaml"), "--out", out, "--threads", "1", *GRIDS[kind][2]]

    def start(self, kind, out):
        log = open(self.path("log.txt"), "wb")
        return subprocess.Popen(self.command(kind, out), stdout=log, stderr=subprocess.STDOUT, env=self.environment,
                                stdin=subprocess.DEVNULL, start_new_session=True)

    def undisturbed(self, kind):
        """The results of a run that nobody disturbs, and its seconds."""
        with open(self.path(f"{kind}.yaml"), "w") as file:
            file.write(GRIDS[kind][0])
        began = time.monotonic()
        running = self.start(kind, self.path(f"{kind}-whole"))
        if running.wait(timeout=300) != 0:
            sys.exit(f"the undisturbed run failed:\n{self.told()}")
        return os.path.join(self.path(f"{kind}-whole"), "results.h5"), time.monotonic() - began

    def told(self):
        with open(self.path("log.txt"), errors="replace") as file:
            return file.read()[-2000:]

    def wait_for(self, running, sign, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end and running.poll() is None and not sign():
            time.sleep(0.0005)

    def wait_for_the_moment(self, running, kind, out, seconds):
        """Draws a moment and sleeps until it has come, or the run has ended."""
        n_trials = GRIDS[kind][1]
        signs = {"any": None,
                 "named": lambda: len(journal_lines(out)) == n_trials,
                 "merge": lambda: temporary(out, "", "results.h5"),
                 "checkpoint": lambda: temporary(out, "checkpoints", ".ckpt"),
                 "segment": lambda: temporary(out, "segments", ".h5")}
        moment = self.draw.choice(["any", "any", "any", "named", "merge", "segment",
                                   "checkpoint" if kind == "checkpoint" else "any"])
        if signs[moment]:
            self.wait_for(running, signs[moment], 60)
            time.sleep(self.draw.uniform(0, 0.01))
        else:
            pause = self.draw.uniform(0, seconds)
            self.wait_for(running, lambda: False, pause)

    def phase(self, kind, out):
        if temporary(out, "", "results.h5"):
            return "results.h5 half written"
        n = len(journal_lines(out))
        if n == GRIDS[kind][1]:
            return "all trials named"
        if temporary(out, "checkpoints", ".ckpt"):
            return "a checkpoint half written"
        if temporary(out, "segments", ".h5"):
            return "a segment half written"
        return "training" if os.path.exists(os.path.join(out, "log", "trials.txt")) else "starting"

    def strike(self, running, kind, out):
        """Kills something of the job that runs."""
        alive = processes(running.pid)
        ranks = sorted(pid for pid, (parent, name) in alive.items() if parent == running.pid and name == "attnlab")
        what = self.draw.choice(["job", "job", "rank", "mpirun"])
        if what == "rank" and not ranks:
            what = "job"
        phase = self.phase(kind, out)
        for pid in {"job": list(alive), "rank": [self.draw.choice(ranks)] if ranks else [],
                    "mpirun": [running.pid]}[what]:
            kill(pid)
        self.kills[what] += 1
        self.phases[phase] += 1
        try:
            running.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.complaints.append(f"the job did not end after the kill of its {what}: {self.told()}")
        self.wait_for_the_rest(running.pid, what)

    def wait_for_the_rest(self, session, what):
        """Ranks that lost their mpirun, and ranks whose sibling died, end by themselves."""
        end = time.monotonic() + 30
        while processes(session):
            if time.monotonic() > end:
                self.complaints.append(f"processes outlived the kill of their {what}: {processes(session)}")
                for pid in processes(session):
                    kill(pid)
            time.sleep(0.005)

    def round(self, kind, whole, seconds):
        """One run directory, from nothing to DONE."""
        out = self.path(f"out-{self.rounds}")
        self.rounds += 1
        counted = collections.Counter()  # lines that were in the journal after a kill
        while True:
            running = self.start(kind, out)
            if self.n_kills() < self.wanted:
                self.wait_for_the_moment(running, kind, out, seconds)
            else:
                running.wait(timeout=300)
            if running.poll() is None:
                self.strike(running, kind, out)
                after = journal_lines(out)
                self.lost += len(lost_or_doubled(counted, after))
                self.named += len(after)
                counted = after
                continue
            if running.returncode != 0:
                self.complaints.append(f"exit {running.returncode}: {self.told()}")
            break
        lost, found, complaints = what_is_wrong(out, whole, GRIDS[kind][1], counted)
        self.lost += len(lost)
        self.different += len(found)
        self.complaints += found + complaints
        shutil.rmtree(out)

    def run(self):
        began = time.monotonic()
        # A short campaign has no time for three undisturbed runs.
        kinds = list(GRIDS) if self.wanted >= 30 else ["short"]
        wholes = {kind: self.undisturbed(kind) for kind in kinds}
        while self.n_kills() < self.wanted:
            kind = kinds[self.rounds % len(kinds)]
            self.round(kind, *wholes[kind])
        print(f"{self.n_kills()} kills in {time.monotonic() - began:.0f} s, {self.rounds} runs completed")
        print("killed: " + ", ".join(f"{n} x {what}" for what, n in sorted(self.kills.items())))
        print("while: " + ", ".join(f"{n} x {phase}" for phase, n in sorted(self.phases.items())))
        print(f"finished trials that stood in a journal at a kill: {self.named} in all, lost or trained again: {self.lost}")
        print(f"datasets and attributes with other bits than the undisturbed run: {self.different}")
        for complaint in self.complaints:
            print("complaint: " + complaint)
        return 1 if self.lost or self.different or self.complaints else 0


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--kills", type=int, default=200)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--ranks", type=int, default=2)
    chosen = words.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    place = tempfile.mkdtemp(prefix="attnlab-kills-")
    try:
        sys.exit(Campaign(chosen.kills, chosen.seed, place, chosen.ranks).run())
    finally:
        shutil.rmtree(place, ignore_errors=True)
