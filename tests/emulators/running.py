"""Start the emulators for a test, or skip it and say what is missing."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

PROJECT, BUCKET = "newsbeam-test", "news"
PACKAGES = ("bqemulator", "gcp_storage_emulator", "google.cloud.bigquery", "google.cloud.storage")


@dataclass(frozen=True)
class Cloud:
    """Where the two services answer."""

    bigquery: str
    streams: str  # BigQuery's Storage Write API: host and port
    storage: str
    key: Path  # of a service account that nobody checks

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to use them instead of the cloud."""
        return {
            "BIGQUERY_EMULATOR_HOST": self.bigquery,
            "BIGQUERY_STORAGE_EMULATOR_HOST": self.streams,
            "STORAGE_EMULATOR_HOST": self.storage,
            "GOOGLE_CLOUD_PROJECT": PROJECT,
            "GOOGLE_APPLICATION_CREDENTIALS": str(self.key),
            "HTTPS_PROXY": "http://127.0.0.1:9",  # nothing listens: Google itself is never asked
        }


@contextmanager
def emulators(folder: Path) -> Iterator[Cloud]:
    """Serve both, their data below a folder, until the block ends; the environment names them."""
    require_packages()
    with (
        _served("storage", str(folder), BUCKET) as storage,
        _served("bigquery", str(folder / ".cloudstorage")) as bigquery,
    ):
        cloud = Cloud(*bigquery.split(), storage, write_key(folder / "key.json", storage))
        with pytest.MonkeyPatch.context() as patch:
            for name, value in cloud.environment.items():
                patch.setenv(name, value)
            yield cloud


def write_key(path: Path, server: str) -> Path:
    """Write the key of a service account that gets its tokens from a server; return its path."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    account = {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": "1",
        "private_key": pem.decode(),
        "client_email": f"newsbeam@{PROJECT}.example",
        "client_id": "1",
        "token_uri": f"{server}/token",
    }
    path.write_text(json.dumps(account))
    return path


def require_packages() -> None:
    """Skip the test where the extra `gcp` or the emulators are not installed."""
    missing = [name for name in PACKAGES if not _is_installed(name)]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (pip install -e .[dev])")


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@contextmanager
def _served(name: str, *arguments: str) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", f"tests.emulators.{name}", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if os.environ.get("EMULATOR_LOG") is None else None,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.startswith("http://"):
                yield line.strip()
                return
        pytest.skip(f"the emulator of {name} did not start (exit {process.wait()})")
    finally:
        process.kill()
        process.wait()
