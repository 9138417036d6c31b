# SPDX-License-Identifier: MIT
"""A Slurm cluster of one node on the loopback interface, in a folder of its own.

munged, slurmctld and slurmd are started as children, with their own key, sockets and ports, so that they do not meet
a Slurm that this machine may belong to. Must be root: slurmd is.
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

CONF = """
ClusterName=nocsim
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
MpiDefault=none
SlurmctldPort={ctld}
SlurmdPort={slurmd}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1
JobRequeue=1
ReturnToService=2
SlurmdTimeout=5
SlurmctldTimeout=10
InactiveLimit=0
KillWait=5
MinJobAge=600
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=n1 Default=YES MaxTime=INFINITE State=UP
"""

DAEMONS = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "sinfo")


def missing():
    """Names of the programs that are not installed."""
    return [name for name in DAEMONS if shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin") is None]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, condition, seconds=60):
    """Waits for a condition; its first true value is the answer."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.1)


class Cluster:
    """Starts on entry and is gone on exit, with everything it has started."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.daemon = {}
        host = socket.gethostname().split(".")[0]
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        os.chmod(self.folder, 0o755)
        conf = CONF.format(host=host, folder=self.folder, ctld=free_port(), slurmd=free_port())
        (self.folder / "slurm.conf").write_text(conf)
        (self.folder / "cgroup.conf").write_text(
            "CgroupPlugin=cgroup/v1\n"
        )  # the one that asks nothing of the machine
        self.environment = {
            **os.environ,
            "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin",
            "SLURM_CONF": str(self.folder / "slurm.conf"),
        }

    def start(self, name, *command):
        with open(self.folder / f"{name}.out", "ab") as out:
            self.daemon[name] = subprocess.Popen(
                command, env=self.environment, stdout=out, stderr=out, cwd=self.folder
            )

    def start_slurmd(self):
        self.start("slurmd", "slurmd", "-D", "-N", "n1")

    def __enter__(self):
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        files = [f"--{kind}-file={self.folder}/munge.{kind}" for kind in ("key", "pid", "log", "seed")]
        self.start("munged", "munged", "--foreground", "--force", f"--socket={self.folder}/munge.socket", *files)
        wait_until("munged", (self.folder / "munge.socket").exists)
        self.start("slurmctld", "slurmctld", "-D", "-c")
        self.start_slurmd()
        try:
            wait_until("an idle node", lambda: self.node_state() == "idle")
        except TimeoutError:
            print(self.logs())
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.lose_power()
        for name in ("slurmctld", "munged"):
            if name in self.daemon:
                self.daemon[name].kill()
                self.daemon[name].wait()

    def logs(self):
        return "".join(
            f"--- {p.name}\n{p.read_text(errors='replace')[-3000:]}"
            for p in sorted(self.folder.glob("*.[lo][ou][gt]"))
        )

    def ask(self, *command):
        run = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=60)
        return run.stdout if run.returncode == 0 else ""

    def node_state(self):
        return self.ask("sinfo", "-h", "-n", "n1", "-o", "%T").strip()

    def job(self, number):
        """What scontrol knows of a job or a task of an array: a dictionary of each."""
        records = self.ask("scontrol", "-o", "show", "job", str(number)).splitlines()
        return [dict(field.split("=", 1) for field in record.split() if "=" in field) for record in records]

    def begin_now(self, number):
        """Starts a requeued job soon; Slurm would wait two minutes, lest the end of the first run be taken for that of
        the second. Here it is enough that the node has been idle for a while."""
        wait_until("an idle node", lambda: self.node_state() == "idle")
        time.sleep(3)
        self.ask("scontrol", "update", f"JobId={number}", "StartTime=now")

    def processes(self):
        """Everything that runs on the node: slurmd, its steps, and what they have started."""
        mark = f"SLURM_CONF={self.environment['SLURM_CONF']}".encode()
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            pid = int(folder.name)
            try:
                ours = mark in (folder / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if ours and pid not in (
                os.getpid(),
                *(self.daemon[name].pid for name in self.daemon if name != "slurmd"),
            ):
                yield pid

    def lose_power(self):
        """Ends everything on the node at once and without a word, as a failing machine does."""
        for _ in range(50):
            pids = list(self.processes())
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.daemon["slurmd"].wait()
            if not pids:
                return
            time.sleep(0.05)
