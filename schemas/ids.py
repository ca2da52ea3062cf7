"""Ids that follow from what they name, so that a second try gives the same ones."""

import hashlib


def stable_id(*parts: str | int | None) -> str:
    """Return 32 hex digits that depend on every part and on their order."""
    joined = "\x1f".join("" if part is None else str(part) for part in parts)
    return sha256_hex(joined)[:32]


def sha256_hex(text: str) -> str:
    """Return the hex SHA-256 of a text as UTF-8; lone surrogates count as themselves."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
