#!/usr/bin/env python3
"""scale.py: 100,000 trials for real: planned, handed out, trained under mpirun, merged, read. Prints one table.

Wants build/release with the targets attnlab, bench_hand_out and bench_many_ranks, and python3 with h5py and mpi4py. Options: --trials N,
--ranks R, --repeat N, --skip-run, --skip-hand-out, --many-ranks (adds the simulated runs on up to 100,000 ranks, with the message times just measured; some minutes), --keep DIR.
Memory and processor time are the system's own count of each rank (wait4), so nothing else needs to be installed.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

here = os.path.dirname(os.path.abspath(__file__))
bin_folder = os.path.join(here, "..", "..", "build", "release", "bin")
attnlab = os.path.abspath(os.path.join(bin_folder, "attnlab"))
meter = [sys.executable, os.path.abspath(__file__), "--measure"]
environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")

GRID = """\
name: scale
trial:
  task: {plugin: cooccurrence, dim: 8, sequence_length: 3, samples: 6}
  model:
    embedding: one_hot
    key_dim: 4
    value_dim: 4
    output_projection: false
    bias: false
    head: {hidden: 4, activation: identity, second_layer: fixed_signs}
  optimizer: {plugin: gradient_descent, learning_rate: 0.01}
  training: {steps: %d}
  record: {metrics: {every: 10}, attention: {steps: []}}
sweep:
  grid:
    optimizer.learning_rate: {linspace: [0.01, 0.1, 10]}
    seed: {range: [0, %d]}
"""

# The same number of tasks that do nothing, one message each way, as mpi4py.futures hands them out.
FUTURES = """
import sys, time
from mpi4py import MPI
from mpi4py.futures import MPICommExecutor
n = int(sys.argv[1])
with MPICommExecutor(MPI.COMM_WORLD, root=0) as pool:
    if pool is not None:
        best = 1e9
        for _ in range(int(sys.argv[2])):
            began = time.perf_counter()
            assert sum(1 for _ in pool.map(abs, range(n))) == n
            best = min(best, time.perf_counter() - began)
        print(best / n * 1e6)
"""


def mpirun(ranks, *words):
    return ["mpirun", "--oversubscribe", "-n", str(ranks), "--bind-to", "none", *map(str, words)]


def output(words, folder):
    done = subprocess.run(words, env=environment, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
    return done


def measure(words):
    """Runs a command as it is; then one line on stderr: peak=MiB of the most memory it had, cpu=seconds, rank."""
    child = os.spawnvp(os.P_NOWAIT, words[0], words)
    _, status, used = os.wait4(child, 0)  # its own waited-for children included
    rank = os.environ.get("OMPI_COMM_WORLD_RANK", "0")
    print(f"peak={used.ru_maxrss / 1024:.1f} cpu={used.ru_utime + used.ru_stime:.2f} rank={rank}", file=sys.stderr, flush=True)
    return os.waitstatus_to_exitcode(status) % 256


def measured(stderr):
    """What `measure` said: rank -> (MiB, seconds of processor time)."""
    return {int(rank): (float(peak), float(cpu)) for peak, cpu, rank in re.findall(r"peak=([\d.]+) cpu=([\d.]+) rank=(\d+)", stderr)}


def row(what, figure, goal):
    print(f"{what:58} {figure:>16}   {goal}", flush=True)


def plan(folder, repeat):
    best = 1e9
    for _ in range(repeat):
        began = time.perf_counter()
        output([attnlab, "plan", "grid.yaml"], folder)
        best = min(best, time.perf_counter() - began)
    memory = measured(output([*meter, attnlab, "plan", "grid.yaml"], folder).stderr)[0][0]
    row("plan, with its table", f"{best:.2f} s", "< 2 s")
    row("plan, memory", f"{memory:.0f} MiB", "")


def hand_out(folder, n_trials, repeat):
    program = os.path.abspath(os.path.join(bin_folder, "bench_hand_out"))
    with open(os.path.join(folder, "futures.py"), "w") as file:
        file.write(FUTURES)
    n_futures = n_trials // 10  # it is slow; the figure is a trial's
    for ranks in (2, 16):
        ours, theirs = [], []
        for _ in range(2):  # by turns: the machine may be busy
            ours.append(json.loads(output(mpirun(ranks, program, n_trials, repeat), folder).stdout))
            theirs.append(float(output(mpirun(ranks, sys.executable, "futures.py", n_futures, 1), folder).stdout))
        us = min(one["us_a_trial"] for one in ours)
        row(f"handing out, {ranks} ranks", f"{us:.3f} us", "< 20 us a trial")
        row(f"  mpi4py.futures, {ranks} ranks ({n_futures} tasks)", f"{min(theirs):.1f} us", "")
        row("  ratio", f"{min(theirs) / us:.0f}", "> 20")
        row("  messages that rank 0 heard", str(ours[0]["messages_of_rank_0"]), "")
        row("  one question and its answer", f"{min(one['us_a_question'] for one in ours):.1f} us", "")
        row("  ... of ranks that rest between looks, as in a run", f"{max(one['us_a_resting_question'] for one in ours):.0f} us", "")
        row("  a message keeps rank 0 busy for", f"{max(one['us_an_answer'] for one in ours):.2f} us", "")
    return max(one["us_an_answer"] for one in ours), max(one["us_a_resting_question"] for one in ours)


def merge(folder, repeat):
    best = 1e9
    for _ in range(repeat):
        began = time.perf_counter()
        output([attnlab, "merge", "out"], folder)
        best = min(best, time.perf_counter() - began)
    row("merge", f"{best:.1f} s", "< 15 s")


def columns(file, repeat):
    import h5py
    with h5py.File(file) as results:
        for name in ("trials/final_loss", "trials/seed"):
            best = 1e9
            for _ in range(repeat):
                began = time.perf_counter()
                values = results[name][:]
                best = min(best, time.perf_counter() - began)
            row(f"h5py reads /{name}, {len(values)} numbers", f"{best * 1e3:.1f} ms", "< 100 ms")
        walls = results["provenance/wall_seconds"][:]
    return float(walls.sum()), float(sorted(walls)[len(walls) // 2])


def run(folder, ranks, n_trials, repeat):
    began = time.perf_counter()
    done = output(mpirun(ranks, *meter, attnlab, "run", "grid.yaml", "--out", "out", "--threads", 1, "--progress", "none"), folder)
    took = time.perf_counter() - began
    used = measured(done.stderr)
    if len(used) != ranks:
        sys.exit(f"{len(used)} of {ranks} ranks said what they used:\n{done.stderr}")
    cpu = sum(seconds for _, seconds in used.values())
    n_files = len(os.listdir(os.path.join(folder, "out", "segments")))
    row(f"run, {ranks} ranks: wall time", f"{took:.0f} s", "")
    row("run, processor time of all ranks, everything included", f"{cpu / n_trials * 1e6:.0f} us", "a trial")
    row("run, most memory of rank 0", f"{used[0][0]:.0f} MiB", "< 500 MB")
    row("run, most memory of any other rank", f"{max([mib for rank, (mib, _) in used.items() if rank > 0], default=0):.0f} MiB", "")
    row("run, files in segments/", str(n_files), f"<= {ranks + int(took / 60) + 1}: ranks + minutes")
    merge(folder, repeat)
    total, median = columns(os.path.join(folder, "out", "results.h5"), 5)
    row("run, median trial", f"{median * 1e3:.2f} ms", "")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100000)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--skip-run", action="store_true")
    parser.add_argument("--skip-hand-out", action="store_true")
    parser.add_argument("--many-ranks", action="store_true")
    parser.add_argument("--keep")
    options = parser.parse_args()
    folder = options.keep or tempfile.mkdtemp(prefix="attnlab-scale-")
    os.makedirs(folder, exist_ok=True)
    try:
        with open(os.path.join(folder, "grid.yaml"), "w") as file:
            file.write(GRID % (options.steps, options.trials // 10))
        print(f"{options.trials} trials; load of the last minute {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        plan(folder, options.repeat)
        times = (5, 1000)  # us: an answer, a question; guesses, unless they are measured
        if not options.skip_hand_out:
            times = hand_out(folder, options.trials, options.repeat)
        if not options.skip_run:
            run(folder, options.ranks, options.trials, options.repeat)
        if options.many_ranks:
            print(output([os.path.join(os.path.abspath(bin_folder), "bench_many_ranks"), *map(str, times), "50", "100000"], folder).stdout)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(measure(sys.argv[2:]) if sys.argv[1:2] == ["--measure"] else main())
