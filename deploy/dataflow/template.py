"""Print what Dataflow has to know of the Flex Template.

python deploy/dataflow/template.py > deploy/dataflow/metadata.json      its parameters
python deploy/dataflow/template.py IMAGE > newsbeam.json                the template's spec file

Names and help come from the options of `newsbeam run`; what a value looks like stands here.
"""

import json
import sys
from typing import Any, NamedTuple

from pipeline.template import FEEDS, template_options

_LIST = "{0}( +{0})*"
_ADDRESS = r"(https?|gs)://[^ ]+"
_BUCKET = r"gs://[a-z0-9][a-z0-9._-]{1,61}[a-z0-9](/[^ ,]*)?"
_DATASET = r"bq://([a-z0-9.-]+:)?[a-z]([a-z0-9-]*[a-z0-9])?\.[A-Za-z0-9_]+"
_SECONDS = r"[0-9]+(\.[0-9]+)?"
_DURATION = rf"{_SECONDS}(s|m|h|d)?"
_NETWORK = r"[0-9a-fA-F.:]+(/[0-9]{1,3})?"


class Form(NamedTuple):
    """What a parameter is called, and what its values look like."""

    label: str
    pattern: str  # of the whole value
    kind: str = "TEXT"  # `ParameterType` of Dataflow's API
    choices: tuple[str, ...] = ()


FORMS = {
    "feeds": Form("Feeds", _LIST.format(_ADDRESS)),
    "output": Form("Output", _LIST.format(f"({_BUCKET}|{_DATASET})")),
    "state": Form("State", _BUCKET, "GCS_WRITE_FOLDER"),
    "bigquery_method": Form(
        "Way into BigQuery",
        "(FILE_LOADS|STORAGE_WRITE_API)",
        "ENUM",
        ("FILE_LOADS", "STORAGE_WRITE_API"),
    ),
    "bigquery_location": Form("Location of a new dataset", "(EU|US|[a-z]+-[a-z]+[0-9]+)"),
    "allow_network": Form("Private networks", _LIST.format(_NETWORK)),
    "host_delay": Form("Pause", _LIST.format(rf"([A-Za-z0-9.-]+(:[0-9]+)?=)?{_SECONDS}")),
    "user_agent": Form("User agent", "[ -~]+"),
    "contact": Form("Contact", "[ -~]{4,}"),
    "force": Form("All feeds", "(true|false)", "BOOLEAN"),
    "min_interval": Form("Shortest interval", _DURATION),
    "max_interval": Form("Longest interval", _DURATION),
    "full_fetch": Form("Interval of whole fetches", _DURATION),
    "workers": Form("Slots", "(auto|[1-9][0-9]*)"),
    "spacy_model": Form("Language pipeline", "[A-Za-z_][A-Za-z0-9_]*"),
    "limit": Form("Most articles", "[1-9][0-9]*", "NUMBER"),
    "archive": Form("Archive of pages", _BUCKET, "GCS_WRITE_FOLDER"),
    "presume_dead_after": Form("Silence of a dead run", _DURATION),
}
REQUIRED = (FEEDS, "output", "contact")
MORE = {  # said instead of the option's help, where that speaks of a command line
    "feeds": "One or more, parted by spaces: feed addresses, or lists (OPML, or text with an "
    "address a line) as addresses or gs://BUCKET/NAME",
    "output": "Folder of the tables, gs://BUCKET/DIR, or bq://PROJECT.DATASET; both, parted by "
    "a space",
    "bigquery_method": "How rows reach BigQuery (default: FILE_LOADS)",
    "spacy_model": "A spaCy pipeline that is installed in the image (default: the bundled one)",
    "workers": "Slots into which hosts are dealt, best one a worker process (default: one a "
    "machine)",
    "allow_network": "Private networks that feeds and pages may come from, parted by spaces",
    "host_delay": "Seconds between two requests to a host, [HOST=]SECONDS, parted by spaces",
    "state": "Folder of state and staged files, gs://BUCKET/DIR, where the output is bq:// alone",
    "archive": "Folder in which the fetched pages are kept as WARC 1.1 files, gs://BUCKET/DIR",
}


def metadata() -> dict[str, Any]:
    """Return the template's metadata, as `TemplateMetadata` of Dataflow's API has it."""
    options = template_options()
    return {
        "name": "newsbeam",
        "description": "News feeds in, tables of articles, named entities and attributed "
        "quotations out. One pass over the feeds that are due; the job commits it by itself.",
        "parameters": [_parameter(name, options[name].help or "") for name in FORMS],
    }


def spec(image: str) -> dict[str, Any]:
    """Return the template's spec file, as `ContainerSpec` of Dataflow's API has it."""
    return {
        "image": image,
        "sdkInfo": {"language": "PYTHON"},
        "metadata": metadata(),
        "defaultEnvironment": {"sdkContainerImage": image},
    }


def _parameter(name: str, said: str) -> dict[str, Any]:
    form = FORMS[name]
    text = MORE.get(name, said)
    parameter: dict[str, Any] = {
        "name": name,
        "label": form.label,
        "helpText": f"{text[0].upper()}{text[1:].rstrip('. ')}.",
        "isOptional": name not in REQUIRED,
        "regexes": [f"^{form.pattern}$"],
        "paramType": form.kind,
    }
    if form.choices:
        parameter["enumOptions"] = [{"value": c, "label": c} for c in form.choices]
    return parameter


if __name__ == "__main__":
    made = spec(sys.argv[1]) if len(sys.argv) > 1 else metadata()
    print(json.dumps(made, indent=1))
