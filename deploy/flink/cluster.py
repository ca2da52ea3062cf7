"""A Flink cluster on this machine: a job manager, and task managers with a worker pool beside each.

python deploy/flink/cluster.py build/flink

Each task manager has an address of its own (127.0.0.2, 127.0.0.3, …), with its pool at that
address, and takes `localhost` for it: as if each were a machine, and all read the same options.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from json import load
from pathlib import Path
from types import TracebackType
from typing import Any

HERE = Path(__file__).parent
JOB_MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
TASK_MANAGER = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
RESOURCES = "org.apache.flink.runtime.util.bash.BashJavaUtils"
RESULT = "BASH_JAVA_UTILS_EXEC_RESULT:"
START_S = 120.0


@dataclass(frozen=True)
class ClusterOptions:
    """What differs from one cluster to the next."""

    home: Path  # made by distribution.py
    work: Path  # logs and temporary files
    task_managers: int = 2
    rest_port: int = 8081
    rpc_port: int = 6123
    pool_port: int = 50000


@dataclass
class Machine:
    """A task manager and the worker pool beside it."""

    address: str
    task_manager: "subprocess.Popen[bytes]"
    pool: "subprocess.Popen[bytes]"

    def kill(self) -> None:
        """End both, and the workers, at once: the machine is lost."""
        for process in (self.task_manager, self.pool):
            kill(process)


@dataclass
class FlinkCluster:
    """A running cluster, until the block ends."""

    options: ClusterOptions
    machines: list[Machine] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> "FlinkCluster":
        self.options.work.mkdir(parents=True, exist_ok=True)
        with self._stack:
            self._start_job_manager()
            for number in range(self.options.task_managers):
                self.add_machine(f"127.0.0.{2 + number}")
            self.wait_for(self.options.task_managers)
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def beam_options(self) -> list[str]:
        """Return what `newsbeam run` takes to run here."""
        return [
            "--runner=FlinkRunner",
            f"--flink_master=http://127.0.0.1:{self.options.rest_port}",
            f"--flink_job_server_jar={self.options.home / 'lib' / 'beam-flink-job-server.jar'}",
            f"--parallelism={self.options.task_managers}",
            "--environment_type=EXTERNAL",
            f"--environment_config=localhost:{self.options.pool_port}",
            "--environment_cache_millis=60000",
        ]

    def ask(self, path: str) -> Any:
        """Return what Flink's REST interface answers."""
        url = f"http://127.0.0.1:{self.options.rest_port}/{path}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return load(answer)

    def wait_for(self, task_managers: int) -> None:
        """Wait until so many task managers have registered."""
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            with suppress(OSError):
                if self.ask("overview")["taskmanagers"] == task_managers:
                    return
            time.sleep(0.5)
        raise TimeoutError(f"no {task_managers} task managers; see {self.options.work}/*.log")

    def add_machine(self, address: str) -> None:
        """Start a task manager at an address, and a worker pool beside it."""
        hosts = self.options.work / f"hosts-{address}"
        hosts.write_text(f"{address} localhost\n127.0.0.1 {socket.gethostname()}\n")
        own = ("taskmanager.host", "taskmanager.bind-host", "taskmanager.resource-id")
        task_manager = self._start_java(
            f"taskmanager-{address}",
            TASK_MANAGER,
            self._resources("GET_TM_RESOURCE_PARAMS"),
            [part for name in own for part in ("-D", f"{name}={address}")],
            [f"-Djdk.net.hosts.file={hosts}"],
        )
        pool = self._start(
            f"workers-{address}",
            [sys.executable, HERE / "worker_pool.py", f"{address}:{self.options.pool_port}"],
        )
        self.machines.append(Machine(address, task_manager, pool))

    def _start_job_manager(self) -> None:
        self._start_java("jobmanager", JOB_MANAGER, self._resources("GET_JM_RESOURCE_PARAMS"))

    def _start_java(
        self,
        name: str,
        main: str,
        resources: tuple[list[str], list[str]],
        more: Sequence[str] = (),
        jvm: Sequence[str] = (),
    ) -> "subprocess.Popen[bytes]":
        sizes, settings = resources
        temporary = self.options.work / f"{name}.tmp"
        temporary.mkdir(exist_ok=True)
        return self._start(
            name,
            [
                *("java", f"@{HERE / 'jvm.options'}", *sizes, *jvm),
                f"-Djava.io.tmpdir={temporary}",
                f"-Dlog4j.configurationFile=file:{HERE / 'log4j.properties'}",
                *("-cp", f"{self.options.home}/lib/*", main, "--configDir", HERE),
                *(*settings, *more),
                *("-D", f"rest.port={self.options.rest_port}"),
                *("-D", f"jobmanager.rpc.port={self.options.rpc_port}"),
                *("-D", f"io.tmp.dirs={temporary}"),
            ],
        )

    def _start(self, name: str, command: Sequence[str | Path]) -> "subprocess.Popen[bytes]":
        bin_folder = str(Path(sys.executable).parent)  # the pool starts `python` from the path
        environment = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"}
        with (self.options.work / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=log, env=environment, start_new_session=True
            )
        self._stack.callback(kill, process)
        return process

    def _resources(self, what: str) -> tuple[list[str], list[str]]:
        """Return the JVM's sizes and Flink's settings that follow from the configuration."""
        path = f"{self.options.home}/bin/bash-java-utils.jar:{self.options.home}/lib/*"
        command = ["java", "-cp", path, RESOURCES, what, "--configDir", str(HERE)]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        sizes, settings = (
            line.removeprefix(RESULT).split()
            for line in told.splitlines()
            if line.startswith(RESULT)
        )
        return sizes, settings


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End a process and those it has started, and wait until it is gone."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def main() -> None:
    """Run a cluster until it is interrupted."""
    parser = argparse.ArgumentParser(description="A Flink cluster on this machine.")
    parser.add_argument("home", type=Path, help="the distribution that distribution.py made")
    parser.add_argument("--task-managers", type=int, default=2)
    parser.add_argument("--work", type=Path, help="logs and temporary files (default: HOME/work)")
    arguments = parser.parse_args()
    work = arguments.work or arguments.home / "work"
    options = ClusterOptions(arguments.home.resolve(), work.resolve(), arguments.task_managers)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with suppress(KeyboardInterrupt), FlinkCluster(options) as cluster:
        print("newsbeam run FEEDS --output /shared/warehouse \\\n ", end=" ")
        print(" \\\n  ".join(cluster.beam_options()), flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
