"""A server between newsbeam and an emulator that answers some requests with errors instead.

It can also refuse a job whose id it has seen, as BigQuery does: a fake, because the emulator never
refuses one.
"""

import http.client
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Fault:
    """An answer for requests whose method and path match a pattern."""

    pattern: str  # of "METHOD path"
    status: int
    reason: str
    message: str

    @property
    def body(self) -> bytes:
        """The error as Google's services write it."""
        errors = [{"reason": self.reason, "message": self.message, "domain": "global"}]
        error = {"code": self.status, "message": self.message, "errors": errors}
        return json.dumps({"error": error}).encode()


@dataclass
class Proxy:
    """Passes requests on, unless a fault matches; `seen` lists them."""

    target: str
    knows_jobs: bool = False  # refuses an id of a job that it has passed on
    jobs: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def proxy(target: str, *faults: Fault, knows_jobs: bool = False) -> Iterator[Proxy]:
    """Serve in front of an address until the block ends."""
    served = Proxy(target, knows_jobs, faults=list(faults))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(served))
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()


def job_in(body: bytes) -> str | None:
    """Return the id that a request gives its job: in JSON, or before a file that is uploaded."""
    found = re.search(rb'"jobId":\s*"([^"]+)"', body[:100_000])
    return found[1].decode() if found else None


def _handler(served: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            line = f"{self.command} {self.path}"
            served.seen.append(line)
            for fault in served.faults:
                if re.search(fault.pattern, line):
                    self._send(fault.status, fault.body, {"Content-Type": "application/json"})
                    return
            if served.knows_jobs and self.command == "POST" and "/jobs" in self.path:
                known = job_in(body)
                if known in served.jobs:
                    fault = Fault("", 409, "duplicate", f"Already Exists: Job {known}")
                    self._send(409, fault.body, {"Content-Type": "application/json"})
                    return
                served.jobs |= {known} if known else set()
            self._pass_on(body)

        def _pass_on(self, body: bytes) -> None:
            connection = http.client.HTTPConnection(urlsplit(served.target).netloc, timeout=60)
            headers = {name: value for name, value in self.headers.items() if name != "Host"}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            data = answer.read()
            kept = {
                n: v for n, v in answer.getheaders() if n.lower() in ("content-type", "location")
            }
            self._send(answer.status, data, kept)
            connection.close()

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            return

    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler._answer)
    return Handler
