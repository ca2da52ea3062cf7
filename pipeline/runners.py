"""Which runner really runs, and how: the stock switch downloads, so it is pinned."""

import argparse
from collections.abc import Sequence

import apache_beam as beam
from apache_beam.options.pipeline_options import (
    FlinkRunnerOptions,
    GoogleCloudOptions,
    PipelineOptions,
    PortableOptions,
    StandardOptions,
    WorkerOptions,
)

from schemas.errors import UsageError
from transforms import storage

LOCAL = "DirectRunner"
DATAFLOW = "DataflowRunner"
IN_PROCESS = (LOCAL, "FnApiRunner", "BundleBasedDirectRunner")
STREAMING = ("PrismRunner", "FlinkRunner", DATAFLOW, "PortableRunner")  # run a graph without end
ELSEWHERE = (DATAFLOW, "PortableRunner")  # what was submitted goes on by itself

JOB_SERVER_OPTIONS = (  # of Flink's job server, which Beam asks for them when a job is submitted
    *("checkpointing_interval", "checkpointing_mode", "checkpoint_timeout_millis"),
    *("min_pause_between_checkpoints", "num_concurrent_checkpoints", "savepoint_path"),
    *("externalized_checkpoints_enabled", "retain_externalized_checkpoints_on_cancellation"),
    *("fail_on_checkpointing_errors", "finish_bundle_before_checkpointing"),
    *("number_of_execution_retries", "execution_retry_delay", "allow_non_restored_state"),
    *("state_backend", "state_backend_storage_path", "flink_conf_dir", "object_reuse"),
    *("max_bundle_size", "max_bundle_time_mills", "auto_watermark_interval"),
)


def beam_options(beam_args: Sequence[str], workers: int) -> PipelineOptions:
    """Return Beam's options for a run.

    Without `--runner`, the in-process runner of this Beam version: `--update_compatibility_version`
    keeps DirectRunner from looking for Prism, which it would download. Raises UsageError for an
    option that Beam does not know.
    """
    check_known(beam_args)
    args = list(beam_args)
    if runner_of(args) == LOCAL:
        args += [f"--runner={LOCAL}", f"--update_compatibility_version={beam.__version__}"]
        if workers > 1:
            mode = "multi_processing"
            args += [f"--direct_num_workers={workers}", f"--direct_running_mode={mode}"]
            args += ["--default_sdk_harness_log_level=WARNING"]
    if runner_of(args) == DATAFLOW:
        args.insert(0, "--no_save_main_session")  # newsbeam is installed where the workers are
    return PipelineOptions(args)


def check_output(beam_args: Sequence[str], output: str) -> None:
    """Raise UsageError where the workers could not see what is written to this output."""
    if runner_of(beam_args) == DATAFLOW and not storage.is_remote(output):
        raise UsageError(
            "the workers of Dataflow do not see the files of this machine; write to gs://BUCKET/DIR",
            output,
        )


def engine_workers(beam_args: Sequence[str]) -> int | None:
    """Return how many workers an engine's own options name; None: none of them does."""
    options = PipelineOptions(list(beam_args))
    if runner_of(beam_args) == LOCAL:
        return None
    machines = options.view_as(WorkerOptions)
    named = (
        options.view_as(FlinkRunnerOptions).parallelism,
        machines.max_num_workers,
        machines.num_workers,
    )
    return next((number for number in named if number is not None and number > 0), None)


def goes_on_alone(beam_args: Sequence[str]) -> bool:
    """Say whether a graph that was submitted goes on when this process has ended."""
    workers = PipelineOptions(list(beam_args)).view_as(PortableOptions).environment_type
    return runner_of(beam_args) in ELSEWHERE and workers != "LOOPBACK"


def writes_template(beam_args: Sequence[str]) -> bool:
    """Say whether only a job's description is wanted, as the launcher of a Flex Template does."""
    return bool(PipelineOptions(list(beam_args)).view_as(GoogleCloudOptions).template_location)


def runner_of(args: Sequence[str]) -> str:
    """Return the name of the runner."""
    return PipelineOptions(list(args)).view_as(StandardOptions).runner or LOCAL


def check_known(beam_args: Sequence[str]) -> None:
    """Raise UsageError for options that neither newsbeam nor Beam knows."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for options in PipelineOptions.__subclasses__():
        if options.__module__.startswith("apache_beam"):
            options._add_argparse_args(_Lenient(parser))
    if runner_of(beam_args) in ("FlinkRunner", "PortableRunner"):
        for name in JOB_SERVER_OPTIONS:
            _Lenient(parser).add_argument(f"--{name}", nargs="?")
    _, unknown = parser.parse_known_args(list(beam_args))
    if unknown:
        raise UsageError(
            f"unknown option or argument {unknown[0]!r}; `newsbeam run --help` lists newsbeam's, "
            "and Beam's own (--runner, --flink_master, --project …) pass through"
        )


class _Lenient:
    """A parser that ignores a second declaration of an option: Beam's classes share a few."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._parser = parser

    def add_argument(self, *names: str, **kwargs: object) -> None:
        try:
            self._parser.add_argument(*names, **kwargs)  # type: ignore[arg-type]
        except argparse.ArgumentError:
            return

    def add_mutually_exclusive_group(self, **kwargs: object) -> "_Lenient":
        return self

    def add_argument_group(self, *args: object, **kwargs: object) -> "_Lenient":
        return self
