import pytest

from tests.transforms.web.h2_server import serve_http2, write_certificate
from transforms.retrieve import FetchOutcome, RetrieveOptions, RetrieveRequest, retrieve_all

OPTIONS = RetrieveOptions(
    allow_networks=("127.0.0.0/8",), obey_robots=False, max_retries=0, total_timeout_s=10
)


@pytest.fixture
def server(tmp_path):
    certificate, key = write_certificate(tmp_path)
    with serve_http2(certificate, key, b"over HTTP/2") as (url, paths):
        yield url, paths, certificate


def test_server_that_speaks_http2_is_spoken_to_in_http2(server, monkeypatch):
    url, paths, certificate = server
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    requests = [RetrieveRequest(f"{url}/{n}") for n in range(5)]
    assert [r.body for r in retrieve_all(requests, OPTIONS)] == [b"over HTTP/2"] * 5
    assert sorted(paths) == [f"/{n}" for n in range(5)]


def test_certificate_that_nobody_vouches_for_is_a_tls_error(server):
    (found,) = retrieve_all([RetrieveRequest(server[0])], OPTIONS)
    assert found.outcome is FetchOutcome.TLS_ERROR
    assert "certificate" in found.error.lower()
