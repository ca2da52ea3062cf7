"""The options of every command that asks servers for something: networks, politeness, our name."""

import argparse
import ipaddress

from transforms.retrieve import RetrieveOptions
from transforms.urls import host_key


def add_retrieve_options(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument(
        "--allow-network",
        metavar="CIDR",
        action="append",
        default=[],
        type=_network,
        help="private network that feeds and pages may come from (repeatable; default: none)",
    )
    parser.add_argument(
        "--host-delay",
        metavar="[HOST=]SECONDS",
        action="append",
        default=[],
        type=_host_delay,
        help="pause between two requests to a host, to this one or to all (repeatable; default: "
        f"{RetrieveOptions().host_delay_s:g}; 0 in allowed networks)",
    )
    parser.add_argument(
        "--user-agent",
        metavar="TEXT",
        help=f"how to introduce ourselves (default: {RetrieveOptions().user_agent})",
    )
    parser.add_argument(
        "--contact",
        metavar="TEXT",
        help="address or page of whom publishers can turn to; stands in the user agent",
    )


def retrieve_options(arguments: argparse.Namespace) -> RetrieveOptions:
    """Return what they say."""
    by_host = dict(arguments.host_delay)
    general = by_host.pop("", RetrieveOptions().host_delay_s)
    return RetrieveOptions(
        user_agent=user_agent(arguments.user_agent, arguments.contact),
        host_delay_s=general,
        host_delays_s=by_host,
        allow_networks=tuple(arguments.allow_network),
    )


def user_agent(given: str | None, contact: str | None) -> str:
    """Return how newsbeam introduces itself: as it was told, or by name with the contact."""
    name = given or RetrieveOptions().user_agent
    return f"{name.rstrip()} (+{contact.strip()})" if contact else name


def _host_delay(text: str) -> tuple[str, float]:
    """Read "HOST=SECONDS"; the host is "" for a number alone, which stands for all others."""
    host, _, seconds = text.rpartition("=")
    key = host_key(f"https://{host}/") if host else ""
    if host and not key:
        raise argparse.ArgumentTypeError(f"{host!r} is no host name; write it as example.org=5")
    return key, _not_negative(seconds)


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}; write it as 127.0.0.0/8") from None


def _not_negative(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return number
