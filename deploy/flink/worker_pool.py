"""Beam's worker pool on one address of this machine.

python deploy/flink/worker_pool.py 127.0.0.2:50000

The stock pool (`apache_beam.runners.worker.worker_pool_main`) listens on all addresses. It is right
where every machine has one task manager; of two on one machine both would ask it for a worker
called 1-1, and stop each other's. With an address each they have a pool each.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
from apache_beam.portability.api import beam_fn_api_pb2_grpc
from apache_beam.runners.worker.worker_pool_main import BeamFnExternalWorkerPoolServicer

THREADS = 8


def serve(address: str) -> None:
    """Start a worker process for whoever asks at this address, until the process is ended."""
    # A pool that found its address taken must not share it: without this, gRPC would.
    server = grpc.server(ThreadPoolExecutor(THREADS), options=[("grpc.so_reuseport", 0)])
    pool = BeamFnExternalWorkerPoolServicer(use_process=True, data_buffer_time_limit_ms=-1)
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(pool, server)
    server.add_insecure_port(address)
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    serve(sys.argv[1])
