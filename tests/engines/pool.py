"""Beam's stock worker pool: it starts a worker process for whatever engine asks for one."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from pipeline.stopping import children

START_S = 120.0


class WorkerPool:
    """A pool on a free port of this machine, until the block ends."""

    def __init__(self, log: Path) -> None:
        with socket.create_server(("localhost", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "WorkerPool":
        module = "apache_beam.runners.worker.worker_pool_main"
        bin_folder = str(Path(sys.executable).parent)  # the pool starts `python` from the path
        environment = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, f"--service_port={self.port}"],
                stdout=log,
                stderr=log,
                env=environment,
            )
        self._wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._process is not None
        self.kill_workers()
        self._process.kill()
        self._process.wait()

    def workers(self) -> list[int]:
        """Return the processes that work."""
        return children(self._process.pid) if self._process is not None else []

    def kill_workers(self) -> int:
        """End all workers as the machine's fault would; return how many there were."""
        workers = self.workers()
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        return len(workers)

    def _wait(self) -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            with socket.socket() as client:
                if client.connect_ex(("localhost", self.port)) == 0:
                    return
            time.sleep(0.2)
        raise TimeoutError(f"the worker pool does not listen; see {self._log}")
