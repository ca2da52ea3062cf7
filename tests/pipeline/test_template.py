import pytest

from pipeline.cli import build_parser
from pipeline.run_command import pass_options
from pipeline.template import LEFT_OUT, run_arguments, template_options

LAUNCHER = (  # what Dataflow's launcher adds
    "--runner=DataflowRunner",
    "--project=my-project",
    "--region=europe-west3",
    "--job_name=newsbeam",
    "--template_location=gs://news/beam/staging/template_launches/1/job_object",
    "--temp_location=gs://news/beam/temp",
    "--max_num_workers=2",
)
NEEDED = ("--feeds=gs://news/feeds.opml", "--output=gs://news/warehouse", "--contact=me@x.org")


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ("--feeds=https://a.org/f  gs://b/c.opml", ["https://a.org/f", "gs://b/c.opml"]),
        ("--output=gs://n/w bq://p.d", ["--output=gs://n/w", "--output=bq://p.d"]),
        ("--host_delay=2 a.org=5", ["--host-delay=2", "--host-delay=a.org=5"]),
        ("--contact=Amina Orr, me@x.org", ["--contact=Amina Orr, me@x.org"]),
        ("--force=true", ["--force"]),
        ("--force=false", []),
        ("--limit=", []),
        ("--max_num_workers=2", ["--max_num_workers=2"]),
        ("--show=3", ["--show=3"]),
    ],
)
def test_a_parameter_becomes_options(parameter: str, expected: list[str]) -> None:
    assert sorted(set(run_arguments([parameter])) - set(run_arguments([]))) == sorted(expected)


def test_a_launch_is_a_detached_run_in_the_image() -> None:
    arguments, beam_args = build_parser().parse_known_args(run_arguments([*NEEDED, *LAUNCHER]))
    options = pass_options(arguments, beam_args)
    assert options.detach
    assert options.feeds == ("gs://news/feeds.opml",)
    assert options.beam_args == ("--sdk_location=container", *LAUNCHER)


def test_every_option_is_a_parameter_or_left_out_for_a_reason() -> None:
    (commands,) = (a for a in build_parser()._actions if a.choices)
    given = {a.option_strings[-1] for a in commands.choices["run"]._actions if a.option_strings}  # type: ignore[union-attr, call-overload]
    named = {f"--{name.replace('_', '-')}" for name in template_options()} - {"--feeds"}
    assert given == named | set(LEFT_OUT)
