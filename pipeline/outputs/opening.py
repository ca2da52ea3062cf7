"""Make the outputs that the options name ready, before anything is fetched."""

from collections.abc import Sequence

from pipeline.outputs.publishing import Output
from pipeline.outputs.targets import BigQueryOptions
from schemas.errors import UsageError


def open_outputs(options: BigQueryOptions, beam_args: Sequence[str]) -> tuple[Output, ...]:
    """Return the outputs besides the files, each seen to be writable; UsageError else."""
    outputs = make_outputs(options, beam_args)
    for output in outputs:
        output.prepare()
    return outputs


def make_outputs(options: BigQueryOptions, beam_args: Sequence[str]) -> tuple[Output, ...]:
    """Return the outputs besides the files, which somebody has opened before.

    The libraries of Google are only imported where a dataset is named.
    """
    if not options.addresses:
        return ()
    try:
        from pipeline.outputs.bigquery import BigQueryOutput
    except ImportError as error:
        raise UsageError(
            f"needs packages that are not installed ({error.name}): pip install 'newsbeam[gcp]'",
            str(options.addresses[0]),
        ) from error
    return tuple(BigQueryOutput(a, options, tuple(beam_args)) for a in options.addresses)
