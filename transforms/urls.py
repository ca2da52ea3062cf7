"""Web addresses: what identifies an article, which host it is, which canonical link to believe."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import SplitResult, quote, unquote_plus, urljoin, urlsplit, urlunsplit

import courlan
import idna
from tld import get_fld

from schemas.ids import sha256_hex

_HTTP = ("http", "https")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
)  # RFC 3986, 2.3
_PATH_SAFE = "/%!$&'()*+,;=:@-._~"
_ESCAPED_AMPERSAND = re.compile("(?:^|&)(?:amp;)+", re.IGNORECASE)
_PATH_PARAMETER = re.compile(";([^=;/]+)=[^;/]*")
_QUERY_SAFE = "%!$'()*+,;=:@/?-._~[]"
_GOOGLE_AMP = re.compile(r"^/amp/(s/)?(?P<rest>[^/]+\..+)$")
_AMP_CACHE = re.compile(r"^/(?:c|v|i|wp)/(s/)?(?P<rest>[^/]+\..+)$")


@dataclass(frozen=True)
class _Rules:
    tracking_parameters: frozenset[str]
    tracking_prefixes: tuple[str, ...]
    session_parameters: frozenset[str]
    valued_parameters: Mapping[str, frozenset[str]]  # that identify nothing with these values
    amp_prefixes: tuple[str, ...]
    amp_suffixes: tuple[str, ...]
    mirror_labels: frozenset[str]
    gate_labels: frozenset[str]


@cache
def _rules() -> _Rules:
    text = (files("transforms") / "data" / "url_rules.toml").read_text("utf-8")
    data: dict[str, Any] = tomllib.loads(text)
    return _Rules(
        tracking_parameters=frozenset(data["tracking_parameters"]),
        tracking_prefixes=tuple(data["tracking_prefixes"]),
        session_parameters=frozenset(data["session_parameters"]),
        valued_parameters={
            name: frozenset(values)
            for table in ("rendering_parameters", "origin_parameters")
            for name, values in data[table].items()
        },
        amp_prefixes=tuple(data["amp_paths"]["prefixes"]),
        amp_suffixes=tuple(data["amp_paths"]["suffixes"]),
        mirror_labels=frozenset(data["hosts"]["mirror_labels"]),
        gate_labels=frozenset(data["hosts"]["gate_labels"]),
    )


def split_url(url: str) -> SplitResult | None:
    """Split an absolute http(s) address; None where it is none."""
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme.lower() in _HTTP and parts.hostname else None


def is_http_url(url: str) -> bool:
    """Whether this is an absolute http or https address with a host."""
    return split_url(url) is not None


def absolute_url(base: str, link: str | None, *, keep_fragment: bool = True) -> str | None:
    """Where a link in a document at `base` leads; None where that is no http(s) address."""
    if not link:
        return None
    try:
        target = urljoin(base, link.strip())
    except ValueError:
        return None
    if not keep_fragment:
        target = target.partition("#")[0]
    return target if is_http_url(target) else None


def host_name(url: str) -> str:
    """The host in lower case and ASCII (IDNA), without port; "" where there is none."""
    parts = split_url(url)
    return _ascii_host(parts.hostname or "") if parts else ""


def host_key(url: str) -> str:
    """The host whose politeness counts: without port and without "www."; "" where there is none."""
    host = host_name(url)
    return host.removeprefix("www.") if host.count(".") > 1 else host


def host_slot(url: str, slots: int) -> str:
    """One of `slots` names, the same for all addresses of a host: one worker talks to a host."""
    return f"slot-{int(sha256_hex(host_key(url))[:8], 16) % max(1, slots):04d}"


def feed_key(url: str) -> str:
    """What two listings of one feed share: http or https, a closing slash and case of the host."""
    parts = split_url(url)
    if parts is None:
        return url.strip()
    port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{host_name(url)}{port}{parts.path.rstrip('/')}{query}"


def registered_domain(url: str) -> str | None:
    """The domain somebody registered ("bbc.co.uk"); IP addresses and bare names as they are."""
    host = host_name(url)
    if not host:
        return None
    return host if is_ip(host) else _domain_of(host)


@lru_cache(maxsize=4096)
def _domain_of(host: str) -> str:
    found = get_fld(host, fail_silently=True, fix_protocol=True)
    if found:
        return str(found)
    labels = host.split(".")
    is_known_suffix = get_fld(f"probe.{labels[-1]}", fail_silently=True, fix_protocol=True)
    return host if is_known_suffix else ".".join(labels[-2:])


def is_ip(host: str) -> bool:
    """Whether a host name is an IP address (v6 without its brackets)."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)  # one article's address comes by several times
def normalize_url(url: str) -> str:
    """Return the form of an address by which the same article is recognized.

    Idempotent and total: what is no http(s) address comes back stripped. The scheme becomes https
    for named hosts without a port of their own; www, mobile and AMP variants, tracking parameters,
    default ports, fragments and a closing slash go; the query is sorted; ports of IP hosts stay.
    """
    text = url.strip()
    for _ in range(4):  # unwrapping an AMP cache can bring a new address to the surface
        after = _normalize_once(text)
        if after == text:
            break
        text = after
    return text


def _normalize_once(url: str) -> str:
    parts = split_url(url)
    if parts is None:
        return url
    wrapped = _unwrap_amp_cache(parts)
    if wrapped:
        return wrapped
    scheme = parts.scheme.lower()
    host = _without_mirror_labels(_ascii_host(parts.hostname or ""))
    port = parts.port
    if port in (None, _DEFAULT_PORTS[scheme]):
        port = None
        scheme = scheme if is_ip(host) or "." not in host else "https"
    netloc = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    path = _normalize_path(parts.path)
    query = _normalize_query(parts.query)
    fragment = _escape(parts.fragment, _QUERY_SAFE) if parts.fragment.startswith("!") else ""
    return urlunsplit((scheme, netloc, path, query, fragment))


def _ascii_host(host: str) -> str:
    host = host.lower().rstrip(".")
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return host


def _without_mirror_labels(host: str) -> str:
    if is_ip(host):
        return host
    mirrors = _rules().mirror_labels
    domain = _domain_of(host)
    extra = host.removesuffix(domain).rstrip(".") if host != domain else ""
    kept = [label for label in extra.split(".") if label and label not in mirrors]
    return ".".join([*kept, domain])


def _unwrap_amp_cache(parts: SplitResult) -> str | None:
    host = (parts.hostname or "").lower()
    if host.endswith(".cdn.ampproject.org"):
        found = _AMP_CACHE.match(parts.path)
    elif host in ("www.google.com", "google.com"):
        found = _GOOGLE_AMP.match(parts.path)
    else:
        return None
    if found is None:
        return None
    inner = "https://" + found["rest"] + (f"?{parts.query}" if parts.query else "")
    return inner if is_http_url(inner) else None


def _normalize_path(path: str) -> str:
    path = _without_dots(_without_session(path))
    path = urlsplit(courlan.normalize_url(SplitResult("https", "x.org", path, "", ""))).path
    path = _escape(path, _PATH_SAFE)
    for prefix in _rules().amp_prefixes:
        if path.startswith(prefix) and len(path) > len(prefix):
            path = "/" + path.removeprefix(prefix)
    path = path.rstrip("/")
    for suffix in _rules().amp_suffixes:
        if path.endswith(suffix) and len(path) > len(suffix):
            path = path.removesuffix(suffix).rstrip("/")
    return path or "/"


def _without_session(path: str) -> str:
    """Drop parameters of the path that only say which visit it is (";jsessionid=…")."""
    names = _rules().session_parameters
    return _PATH_PARAMETER.sub(lambda m: "" if m[1].lower() in names else m[0], path)


def _without_dots(path: str) -> str:
    """Resolve "." and ".." (RFC 3986, 5.2.4)."""
    if "/." not in path:
        return path
    return urlsplit(urljoin("https://x.org/", path.lstrip("/"))).path


def _normalize_query(query: str) -> str:
    query = _ESCAPED_AMPERSAND.sub("&", query)  # of feeds that escape twice
    kept = [_escape(part, _QUERY_SAFE) for part in query.split("&") if _identifies(part)]
    return "&".join(sorted(kept))


def _identifies(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    name, value = unquote_plus(name).strip().lower(), unquote_plus(value).strip().lower()
    rules = _rules()
    if not name or name in rules.tracking_parameters or name.startswith(rules.tracking_prefixes):
        return False
    if name in rules.session_parameters:
        return False
    values = rules.valued_parameters.get(name)
    return values is None or not ("*" in values or value in values)


def _escape(text: str, safe: str) -> str:
    """Percent-encode what has to be and decode what need not be (RFC 3986, 6.2.2.2)."""
    encoded = quote(text, safe=safe, errors="replace")
    return _ESCAPE.sub(_normal_escape, encoded)


def _normal_escape(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if code in _UNRESERVED else f"%{found[1].upper()}"


def believable_canonical(page_url: str, canonical: str | None) -> str | None:
    """Return a page's canonical link, absolute, or None where it is not to be believed.

    Believed is a link on the page's own registered domain (own host and port for IP addresses)
    that is neither the front page nor a section above the page.
    """
    if not canonical:
        return None
    try:
        absolute = urljoin(page_url, canonical.strip())
    except ValueError:
        return None
    page, link = split_url(normalize_url(page_url)), split_url(normalize_url(absolute))
    if page is None or link is None or not _same_site(page, link):
        return None
    is_section = page.path.startswith(link.path.rstrip("/") + "/") and page.path != link.path
    if not link.query and (is_section or (page.query and page.path == link.path == "/")):
        return None
    return absolute


def _same_site(one: SplitResult, other: SplitResult) -> bool:
    if is_ip(one.hostname or "") or is_ip(other.hostname or ""):
        return one.netloc == other.netloc
    return registered_domain(one.geturl()) == registered_domain(other.geturl())


def article_address(link: str | None, final_url: str | None, canonical: str | None) -> str | None:
    """Choose the address that identifies an article: canonical, after redirects, or the link.

    Where a redirect led to a front page or to a page about consent or a login, the link counts.
    """
    if final_url is None:
        return link
    if is_sent_elsewhere(link, final_url):
        return link
    return believable_canonical(final_url, canonical) or final_url


def is_sent_elsewhere(link: str | None, final_url: str) -> bool:
    """Whether a redirect led from an article to a front page, or to a consent or login page."""
    if link is None or link == final_url:
        return False
    parts, asked = split_url(final_url), split_url(link)
    if parts is None or asked is None:
        return True
    is_front = not parts.path.strip("/") and not parts.query
    was_front = not asked.path.strip("/") and not asked.query
    return (is_front and not was_front) or _is_gate(final_url) > _is_gate(link)


def _is_gate(url: str) -> bool:
    return host_name(url).partition(".")[0] in _rules().gate_labels


def article_id(normalized_url: str | None, entry_id: str | None, text: str) -> str:
    """Return 64 hex digits: SHA-256 of the normalized URL, else of the given id, else of the text.

    `sha256(normalized_url)` in SQL gives the same.
    """
    if normalized_url:
        return sha256_hex(normalized_url)
    return sha256_hex(f"entry:{entry_id}" if entry_id else f"text:{text}")
