"""Serve the package `gcp-storage-emulator` and print its address.

`python -m tests.emulators.storage FOLDER BUCKET`; FOLDER/.cloudstorage holds the buckets. Added
here: the precondition `ifGenerationMatch`, which the package passes over and a lock depends on, and
the token that a service account asks for. A connection that is left open holds up no other.
"""

import sys
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from typing import Any

from gcp_storage_emulator.exceptions import NotFound
from gcp_storage_emulator.handlers import objects


def _with_precondition(handler: Callable[..., Any]) -> Callable[..., Any]:
    def checked(request: Any, response: Any, storage: Any, *args: Any, **kwargs: Any) -> Any:
        wanted = request.query.get("ifGenerationMatch")
        if wanted and int(wanted[0]) != _generation(request, storage):
            response.status = HTTPStatus.PRECONDITION_FAILED
            response.json({"error": {"code": 412, "message": "conditionNotMet"}})
            return None
        return handler(request, response, storage, *args, **kwargs)

    return checked


def _generation(request: Any, storage: Any) -> int:
    name = request.params.get("object_id") or request.query.get("name", [None])[0]
    if name is None:
        data = request.data or {}
        name = data.get("meta", data).get("name")
    try:
        return int(storage.get_file_obj(request.params["bucket_name"], name)["generation"])
    except NotFound:
        return 0


def _one_at_a_time(handle: Callable[..., Any]) -> Callable[..., Any]:
    lock = threading.Lock()

    def locked(*args: Any, **kwargs: Any) -> Any:
        with lock:
            return handle(*args, **kwargs)

    return locked


def _token(request: Any, response: Any, storage: Any, *args: Any, **kwargs: Any) -> None:
    response.json({"access_token": "emulated", "expires_in": 3600, "token_type": "Bearer"})


if __name__ == "__main__":
    objects.insert = _with_precondition(objects.insert)
    objects.delete = _with_precondition(objects.delete)
    from gcp_storage_emulator import server as module
    from gcp_storage_emulator.server import create_server

    module.server.HTTPServer = ThreadingHTTPServer
    module.Router.handle = _one_at_a_time(module.Router.handle)
    module.HANDLERS = ((r"^/token$", {module.POST: _token}), *module.HANDLERS)
    server = create_server(
        "127.0.0.1", 0, in_memory=False, data_dir=sys.argv[1], default_bucket=sys.argv[2]
    )
    server.start()
    host, port = server._api._httpd.server_address
    print(f"http://{host}:{port}", flush=True)
    while True:
        time.sleep(3600)
