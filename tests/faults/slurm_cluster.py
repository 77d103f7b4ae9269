"""slurm_cluster.py: a SLURM of two nodes on this one machine, for as long as a `with` block lasts.

munged, slurmctld and two slurmd of our own, with their own key, ports and folders; all of them are ended when the block ends,
however it ends. Needs root (slurmd sets users) and the packages slurm-wlm and munge.
"""
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

PROGRAMS = ["munged", "munge", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue", "srun"]
NODES = ["node1", "node2"]


class NoSlurm(Exception):
    """SLURM cannot be had here; the text says why."""


def why_not():
    """A sentence if this machine cannot have a SLURM of its own, else None."""
    missing = [p for p in PROGRAMS if shutil.which(p, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is None]
    if missing:
        return f"not installed: {' '.join(missing)} (packages slurm-wlm and munge)"
    if os.geteuid() != 0:
        return "slurmd wants to be root"
    return None


def free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


CONF = """\
ClusterName=attnlabtest
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={home}/munge.socket,cred_expire=10
StateSaveLocation={home}/state
SlurmdSpoolDir={home}/%n
SlurmctldPidFile={home}/slurmctld.pid
SlurmdPidFile={home}/%n.pid
SlurmctldLogFile={home}/slurmctld.log
SlurmdLogFile={home}/%n.log
ProctrackType=proctrack/linuxproc
MailProg=/bin/true
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=2,bf_interval=2
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=2
KillWait=10
SwitchType=switch/none
PropagateResourceLimits=NONE
NodeName={nodes[0]} NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs={cpus} Boards=1 SocketsPerBoard=1 CoresPerSocket={cpus} ThreadsPerCore=1 State=UNKNOWN
NodeName={nodes[1]} NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs={cpus} Boards=1 SocketsPerBoard=1 CoresPerSocket={cpus} ThreadsPerCore=1 State=UNKNOWN
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=both Nodes={nodes[0]},{nodes[1]} Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=urgent Nodes={nodes[0]},{nodes[1]} MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF
"""


class SlurmCluster:
    """`with SlurmCluster() as slurm: slurm.call("squeue")`."""

    def __init__(self, keep_logs=None):
        self.children = []
        self.keep_logs = keep_logs

    def __enter__(self):
        reason = why_not()
        if reason:
            raise NoSlurm(reason)
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="attnlab-slurm-", dir="/tmp"))
        self.env = dict(os.environ, SLURM_CONF=f"{self.home}/slurm.conf", MUNGE_SOCKET=f"{self.home}/munge.socket",
                        PATH=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        try:
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _start(self):
        os.chmod(self.home, 0o755)
        (self.home / "state").mkdir()
        for node in NODES:
            (self.home / node).mkdir()
        key = self.home / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        (self.home / "slurm.conf").write_text(CONF.format(host=socket.gethostname().split(".")[0], home=self.home,
                                                          ports=free_ports(3), nodes=NODES, cpus=os.cpu_count()))
        (self.home / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n")
        self._spawn("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={self.home}/munge.socket",
                    f"--pid-file={self.home}/munge.pid", f"--log-file={self.home}/munge.log", f"--seed-file={self.home}/munge.seed",
                    "--num-threads=2")
        self._until(lambda: (self.home / "munge.socket").exists(), 10, "munged does not listen")
        self._spawn("slurmctld", "-D", "-c")
        self._until(lambda: self.call("scontrol", "ping", check=False).stdout.find(" UP") >= 0, 20, "slurmctld does not answer")
        for node in NODES:
            self._spawn("slurmd", "-D", "-N", node)
        self._until(lambda: self.call("sinfo", "-h", "-p", "both", "-N", "-o", "%t", check=False).stdout.split() == ["idle", "idle"], 30,
                    "the nodes do not become idle")

    def _spawn(self, *words):
        with open(self.home / f"{words[0]}-{len(self.children)}.out", "w") as log:
            child = subprocess.Popen(words, env=self.env, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        self.children.append(child)

    def _until(self, happened, seconds, otherwise):
        end = time.monotonic() + seconds
        while not happened():
            dead = [c for c in self.children if c.poll() is not None]
            if dead or time.monotonic() > end:
                logs = "\n".join(f"{p.name}: {p.read_text(errors='replace')[-1500:]}" for p in sorted(self.home.glob("*.out")))
                raise NoSlurm(f"{otherwise}{' (a daemon ended: ' + str(dead[0].args[0]) + ')' if dead else ''}\n{logs}")
            time.sleep(0.1)

    def call(self, *words, check=True, **more):
        """Runs a client command against this SLURM; its output as text."""
        return subprocess.run(words, env={**self.env, **more.pop("env", {})}, text=True, capture_output=True, check=check,
                              timeout=60, **more)

    def state(self, job):
        """PENDING, RUNNING, COMPLETED ... and how often it was started again."""
        text = self.call("scontrol", "-o", "show", "job", str(job)).stdout
        fields = dict(word.split("=", 1) for word in text.split() if "=" in word)
        return fields["JobState"], int(fields["Restarts"]), fields["ExitCode"]

    def tasks(self, array):
        """Index -> (job id, state, how often started again) of the jobs of an array that have started."""
        found = {}
        for line in self.call("scontrol", "-o", "show", "job", str(array)).stdout.splitlines():
            fields = dict(word.split("=", 1) for word in line.split() if "=" in word)
            if fields.get("ArrayTaskId", "").isdigit():
                found[int(fields["ArrayTaskId"])] = (fields["JobId"], fields["JobState"], int(fields["Restarts"]))
        return found

    def wait_for(self, job, states, seconds, at_least_restarts=0):
        end = time.monotonic() + seconds
        while True:
            state = self.state(job)
            if state[0] in states and state[1] >= at_least_restarts:
                return state
            if time.monotonic() > end or state[0] in {"FAILED", "TIMEOUT", "NODE_FAIL"}:
                raise AssertionError(f"job {job} is {state}, not one of {states} within {seconds} s")
            time.sleep(0.2)

    def __exit__(self, *_):
        if len(self.children) > 1:
            jobs = self.call("squeue", "-h", "-o", "%i", check=False).stdout.split()
            if jobs:
                self.call("scancel", *jobs, check=False)
                end = time.monotonic() + 15
                while self.call("squeue", "-h", check=False).stdout.strip() and time.monotonic() < end:
                    time.sleep(0.2)
        for child in reversed(self.children):
            if child.poll() is None:
                child.terminate()
                try:
                    child.wait(10)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()
        if self.keep_logs:
            shutil.copytree(self.home, self.keep_logs, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.socket*"))
        shutil.rmtree(self.home, ignore_errors=True)
        return False
