"""Version of newsbeam, as installed."""

from importlib.metadata import PackageNotFoundError, version


def newsbeam_version() -> str:
    """Return the installed version; "0+source" where newsbeam runs from a folder uninstalled."""
    try:
        return version("newsbeam")
    except PackageNotFoundError:
        return "0+source"
