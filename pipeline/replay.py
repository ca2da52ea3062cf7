"""A run from WARC files instead of the network: archived pages again, with a better model."""

from __future__ import annotations

from dataclasses import replace

from pipeline.committed_files import committed_files
from pipeline.graph import build_replay_graph
from pipeline.options import RunOptions, choose_workers
from pipeline.outputs.publishing import publish_pending
from pipeline.run import (
    RunReport,
    Watch,
    commit_run,
    execute_graph,
    open_for_run,
    plan_run,
    wanted_workers,
)
from pipeline.runners import check_known, check_output
from transforms.annotate_articles import Model
from transforms.known_articles import write_known
from transforms.polling import Agenda
from transforms.read_archive import find_archive
from transforms.state import StateFiles

BYTES_A_PAGE = 15_000  # of a WARC file, compressed: a guess


def replay_once(options: RunOptions, watch: Watch) -> RunReport:
    """Make articles of the pages in `options.from_warc` and commit them as one run.

    What the tables hold decides over revisions, so that a replay, however late, goes on where they
    end: a text that this model has annotated gives nothing. Raises as `pipeline.run.run_once`.
    """
    assert options.from_warc is not None
    check_known(options.beam_args)
    check_output(options.beam_args, options.output)
    archive = find_archive(options.from_warc)
    model = Model(options.spacy_model)
    with open_for_run(options) as (warehouse, outputs):
        workers = choose_workers(wanted_workers(options), 0, archive.bytes // BYTES_A_PAGE)
        held = model.acquire()  # until the graph of this process has found it loaded
        plan = plan_run(warehouse, Agenda(due=()), model, model.version(), workers)
        known = write_known(
            [file.path for file in committed_files(warehouse.layout).get("articles", [])],
            f"{plan.staging}/known",
        )
        looked_up = replace(plan, state=StateFiles((known, *plan.state.paths)))
        with watch(looked_up):
            execute_graph(
                plan,
                options,
                workers,
                lambda root: build_replay_graph(root, looked_up, options, archive),
            )
        del held
        report = commit_run(warehouse, plan, options)
        publish_pending(warehouse.layout, outputs)
        return replace(report, archive=str(archive))
