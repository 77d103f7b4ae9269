"""program.py: the real program, used the way people and scripts use it."""
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from compare_results import differences

ATTNLAB = os.environ["ATTNLAB"]
TEST_PLUGINS = os.environ.get("ATTNLAB_TEST_PLUGINS", "")
PATIENCE = int(os.environ.get("ATTNLAB_PATIENCE", "1"))  # above 1: the program is sanitized, and slower by about that

SMALL = """\
name: small
trial:
  seed: 1
  task: {plugin: cooccurrence, sequence_length: 4, dim: 8, samples: 12}
  model:
    dim: 8
    attention: {kernel: {plugin: softmax}}
    head: {hidden: 8, activation: identity, second_layer: fixed_signs}
    readout: sum
  loss: logistic
  optimizer: {plugin: gradient_descent, learning_rate: 0.05}
  training: {steps: 40, batch: full, precision: float64}
  record:
    metrics: {every: 5}
    attention: {steps: [0, last], samples: 2}
    parameters: {steps: [0, last]}
sweep:
  grid:
    optimizer.learning_rate: [0.01, 0.05, 0.1]
    seed: {range: [0, 4]}
"""


def slow(n_trials, sleep_ms, steps):
    """A grid whose trials take steps x sleep_ms each."""
    return (SMALL.split("sweep:")[0]
            .replace("{plugin: gradient_descent, learning_rate: 0.05}",
                     f"{{plugin: stumbling, learning_rate: 0.05, sleep_ms: {sleep_ms}}}")
            .replace("steps: 40", f"steps: {steps}").replace("every: 5", "every: 1")
            + f"sweep:\n  grid:\n    seed: {{range: [0, {n_trials}]}}\n")


class Story(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="attnlab-story-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def command(self, *words, ranks=0):
        launcher = []
        if ranks:
            launcher = ["mpirun", "-n", str(ranks), "--oversubscribe", "--bind-to", "none"]
        return launcher + [ATTNLAB, *map(str, words)]

    def environment(self):
        return dict(os.environ, ATTNLAB_PLUGIN_PATH=TEST_PLUGINS, OMPI_ALLOW_RUN_AS_ROOT="1",
                    OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")

    def attnlab(self, *words, ranks=0, expect=0, timeout=60):
        done = subprocess.run(self.command(*words, ranks=ranks), capture_output=True, text=True,
                              env=self.environment(), cwd=self.folder, timeout=timeout * PATIENCE,
                              stdin=subprocess.DEVNULL)
        if expect is not None:
            self.assertEqual(done.returncode, expect,
                             f"attnlab {' '.join(map(str, words))}\n{done.stdout}\n{done.stderr}")
        return done

    def begin(self, *words, ranks=0):
        """The program in the background, in a session of its own."""
        running = subprocess.Popen(self.command(*words, ranks=ranks), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=self.environment(),
                                   cwd=self.folder, stdin=subprocess.DEVNULL, start_new_session=True)
        self.addCleanup(self.end, running)
        return running

    def end(self, running):
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
        running.communicate()

    def wait_until(self, holds, seconds=15):
        deadline = time.monotonic() + seconds * PATIENCE
        while time.monotonic() < deadline:
            if holds():
                return
            time.sleep(0.02)
        self.fail("waited in vain")

    def finished(self, out):
        """Trials that the journal names."""
        import json
        done = self.attnlab("status", out, "--format", "json", expect=None)
        return json.loads(done.stdout)["finished"] if done.returncode == 0 else 0

    def assert_same_results(self, a, b):
        self.assertEqual(differences(a, b), [])

    def assert_no_traceback(self, done):
        for noise in ("terminate called", "Segmentation", "Assertion"):
            self.assertNotIn(noise, done.stderr)
