"""Signed articles as Arrow tables: hundreds are one element of Beam's, and columns are arrays.

A block's columns are those of the state's stories, and whether the articles are of this run.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from schemas.arrow_rows import from_record, schema_of
from schemas.story import SignedArticle
from transforms.state import ID_HASH, KEY_HASH, STORIES, hash_of
from transforms.syndication.clusters import Member
from transforms.syndication.signatures import SCHEME, SIZE, Keys, Numbers, numbers_of

IS_NEW = "is_new"
SCHEMA = STORIES.schema.append(pa.field(IS_NEW, pa.bool_()))


def pack(articles: Sequence[SignedArticle], *, is_new: bool) -> pa.Table:
    """Return articles as one block."""
    handles = pa.array([hash_of(article.article_id) for article in articles], pa.uint64())
    columns = {KEY_HASH: handles, ID_HASH: handles, IS_NEW: pa.array([is_new] * len(articles))}
    for field in schema_of(SignedArticle):
        values = [getattr(article, field.name) for article in articles]
        columns[field.name] = pa.array(values, field.type)
    return pa.table([columns[name] for name in SCHEMA.names], SCHEMA)


def unpack(block: pa.Table) -> list[Member]:
    """Return a block's rows as members."""
    return [Member(from_record(SignedArticle, row), row[IS_NEW]) for row in block.to_pylist()]


def to_bytes(table: pa.Table) -> bytes:
    """Return a table as it is shuffled."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def from_bytes(blocks: Iterable[bytes], schema: pa.Schema = SCHEMA) -> pa.Table:
    """Return the tables that `to_bytes` wrote as one."""
    tables = [pa.ipc.open_stream(block).read_all() for block in blocks]
    return pa.concat_tables([schema.empty_table(), *tables]).combine_chunks()


def deal_rows(table: pa.Table, places: Keys) -> Iterator[tuple[int, bytes]]:
    """Deal a table's rows to places."""
    for place, mine in by_place(places):
        yield place, to_bytes(table.take(pa.array(mine)))


def by_place(places: Keys) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield each place, and which elements are to go there."""
    order = np.argsort(places, kind="stable")
    found, starts = np.unique(places[order], return_index=True)
    if len(found):
        yield from zip(found.tolist(), np.split(order, starts[1:]), strict=True)


def handles_in(table: pa.Table) -> Keys:
    """Return the articles' handles: the first 64 bits of their ids' hashes."""
    return np.asarray(table.column(KEY_HASH).to_numpy(), np.uint64)


def moments_in(table: pa.Table, column: str) -> NDArray[np.int64]:
    """Return a column of moments in microseconds since 1970; none: the smallest number."""
    return np.asarray(table.column(column).cast(pa.int64()).fill_null(-(2**63)).to_numpy())


def comparable(table: pa.Table) -> pa.Table:
    """Return the rows whose signatures can be compared with those of this version."""
    whole = pc.equal(pc.binary_length(table.column("numbers")), 4 * SIZE)
    return table.filter(pc.and_(whole, pc.equal(table.column("scheme"), SCHEME)))


def numbers_in(table: pa.Table) -> Numbers:
    """Return the signatures of a comparable table as a matrix, a row each."""
    return numbers_of(table.column("numbers").to_pylist())
