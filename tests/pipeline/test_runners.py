import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import DirectOptions, StandardOptions, StreamingOptions

from pipeline.runners import beam_options, check_known, check_output, engine_workers
from schemas.errors import UsageError


def test_the_local_runner_is_pinned_so_that_nothing_is_downloaded() -> None:
    options = beam_options((), workers=1)
    assert options.view_as(StandardOptions).runner == "DirectRunner"
    version = options.view_as(StreamingOptions).update_compatibility_version
    assert version == beam.__version__


@pytest.mark.parametrize(("workers", "mode"), [(1, "in_memory"), (2, "multi_processing")])
def test_more_than_one_worker_means_processes(workers: int, mode: str) -> None:
    options = beam_options((), workers).view_as(DirectOptions)
    assert options.direct_running_mode == mode
    assert options.direct_num_workers == workers


def test_another_runner_is_left_as_it_is() -> None:
    options = beam_options(("--runner=FlinkRunner", "--flink_master=localhost:8081"), workers=2)
    assert options.view_as(StandardOptions).runner == "FlinkRunner"
    assert options.view_as(StreamingOptions).update_compatibility_version is None


@pytest.mark.parametrize("argument", ["--flink_master=h:1", "--project=p", "--region=r"])
def test_options_of_beam_pass(argument: str) -> None:
    check_known([argument])


@pytest.mark.parametrize("argument", ["--outptu=x", "--no-such-option", "stray"])
def test_an_unknown_option_is_named(argument: str) -> None:
    with pytest.raises(UsageError, match=argument):
        check_known([argument])


@pytest.mark.parametrize(
    ("arguments", "workers"),
    [
        (["--runner=FlinkRunner", "--parallelism=6"], 6),
        (["--runner=DataflowRunner", "--num_workers=2", "--max_num_workers=5"], 5),
        (["--runner=DataflowRunner"], None),
        (["--parallelism=6"], None),
    ],
)
def test_an_engine_says_how_many_workers_it_has(arguments: list[str], workers: int | None) -> None:
    assert engine_workers(arguments) == workers


def test_output_that_the_workers_do_not_see_is_refused() -> None:
    with pytest.raises(UsageError, match="gs://BUCKET"):
        check_output(["--runner=DataflowRunner"], "warehouse")


@pytest.mark.parametrize(
    ("arguments", "output"),
    [([], "warehouse"), (["--runner=DataflowRunner"], "gs://b/w"), (["--runner=X"], "/mnt/w")],
)
def test_other_outputs_are_not(arguments: list[str], output: str) -> None:
    check_output(arguments, output)
