"""The exceptions of newsbeam.

NewsbeamError
├── UsageError            wrong input: exit status 2
│   ├── FeedListError     a feed list that cannot be read
│   ├── OutputError       an output that cannot be written
│   │   └── LockedError   another run is writing to it
│   └── ModelError        a language pipeline that is not installed
├── ElementError          one element failed; becomes a row of `failures`
│   ├── FetchError
│   ├── ParseError
│   ├── ExtractError
│   └── AnnotateError
└── CommitError           the run could not be committed: exit status 4
    └── PublishError      it was, but another output has not got it yet
"""


class NewsbeamError(Exception):
    """Base of all: `target` is the address, path or id it is about; survives pickling."""

    def __init__(self, message: str, target: str | None = None) -> None:
        super().__init__(message, target)
        self.message = message
        self.target = target

    def __str__(self) -> str:
        return f"{self.target}: {self.message}" if self.target else self.message


class UsageError(NewsbeamError):
    """The user asked for something that cannot be done; says what to do instead."""


class FeedListError(UsageError):
    """A feed list is missing or is not what its name says."""


class OutputError(UsageError):
    """The output cannot be written."""


class LockedError(OutputError):
    """Another run is writing to the output; later it can be written."""


class ModelError(UsageError):
    """The language pipeline is not installed or does not fit."""


class ElementError(NewsbeamError):
    """One element of the stream failed; the run goes on."""

    code = "element_error"


class FetchError(ElementError):
    """A feed or page could not be retrieved."""

    code = "fetch_error"


class ParseError(ElementError):
    """A feed could not be read at all."""

    code = "parse_error"


class ExtractError(ElementError):
    """No text could be had from a page or its feed."""

    code = "extract_error"


class AnnotateError(ElementError):
    """The language pipeline failed on one text."""

    code = "annotate_error"


class CommitError(NewsbeamError):
    """The run could not be put in place; the tables are as before."""


class PublishError(CommitError):
    """The run is committed, but another output has not got it; the next start goes on."""
