"""Importing a log of one's own into a store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmark.errors import DataError
from benchmark.hashing import sha256_file
from benchmark.labels.clicks.store.context import Context
from benchmark.labels.clicks.store.draft import Draft
from benchmark.labels.clicks.store.finish import finish
from benchmark.labels.clicks.store.layout import columns_of, find_layout, optional_of
from benchmark.labels.clicks.store.lists import make_lists
from benchmark.labels.clicks.store.long import long_draft
from benchmark.labels.clicks.store.manifest import LogManifest, read_manifest
from benchmark.labels.clicks.store.nested import nested_draft
from benchmark.labels.clicks.store.problems import Problems
from benchmark.labels.clicks.store.runs import whole_impressions
from benchmark.labels.clicks.store.schema import PAIR_LIMIT, QUERY_LIMIT
from benchmark.labels.clicks.store.sources.open import open_source
from benchmark.labels.clicks.store.sources.source import Source
from benchmark.labels.clicks.store.texts import QueryTexts
from benchmark.labels.clicks.store.vocabulary import Codes, PairIndex, grown
from benchmark.labels.clicks.store.writer import LogWriter

Progress = Callable[[Path, float], None]
"""Told the file that is read and the share of it that was."""

PAIRS_AT_ONCE = 1 << 20


def import_log(
    files: Sequence[Path],
    out: Path,
    *,
    skip_bad: bool = False,
    simulated: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> LogManifest:
    """Write the impressions of `files`, in their order, into the store `out`; columns as in `COLUMNS`.

    Memory grows with the distinct qids, docnos and pairs, not with impressions but for 16 bytes for each of a long
    file. Raises `DataError` at the first row
    that is wrong, or, with `skip_bad`, counts the impressions that it leaves out in the manifest's `skipped`; a file
    that cannot be read at all, is given twice, or in which an impression stands in two places, is always an error.
    Nothing is left of a store that was not finished.
    """
    sources = [open_source(path) for path in files]
    _check_files(files)
    layouts = [find_layout(source) for source in sources]
    columns = optional_of(sources[0])
    for source in sources[1:]:
        if optional_of(source) != columns:
            ours, theirs = (", ".join(names) or "none" for names in (columns, optional_of(source)))
            told = f"has the optional columns {theirs}, {sources[0].place.file} has {ours}"
            raise DataError(f"{source.place.file}: {told}; give all files the same")
    problems = Problems(skip_bad)
    try:
        with LogWriter(
            out, simulated=simulated, columns=columns, sources=[path.name for path in files], overwrite=overwrite
        ) as writer:
            importer = _Importer(writer, Context(sources[0].place, problems))
            for path, source, layout in zip(files, sources, layouts, strict=True):
                rows = 0
                for draft, done in importer.drafts(source, layout == "long"):
                    rows += len(draft)
                    importer.add(draft)
                    if progress is not None:
                        progress(path, done)
                problems.settle()
                if rows == 0 and not problems.skipped:
                    raise DataError(f"{path}: has no rows; give a file with impressions")
            importer.check()
            writer.skipped = dict(problems.skipped)
            writer.write_queries(importer.queries())
    except OSError as error:  # a full disk, no permission; sources have told their own
        reason = error.strerror or (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"{out}: cannot be written ({reason}); nothing was left") from error
    return read_manifest(out)


def _check_files(files: Sequence[Path]) -> None:
    """Raises `DataError` where a file is given twice, under whichever names; only files of one size are compared."""
    sizes = Counter(path.stat().st_size for path in files)
    known: dict[str, Path] = {}
    for path in files:
        if sizes[path.stat().st_size] > 1 and (other := known.setdefault(sha256_file(path), path)) is not path:
            told = "is given twice" if path.samefile(other) else f"holds the same as {other}"
            raise DataError(f"{path}: {told}; give each file once")


class _Importer:
    """Numbers the queries and documents of what is kept and hands it to the writer."""

    def __init__(self, writer: LogWriter, context: Context) -> None:
        self._writer, self._context = writer, context
        self._pairs = PairIndex()
        self._query_of = np.full(1024, -1, dtype=np.int32)  # query by number of its qid
        self._qid_of: list[Codes] = []
        self._texts: QueryTexts | None = None
        self._count = 0

    def drafts(self, source: Source, long: bool) -> Iterator[tuple[Draft, float]]:
        """The blocks of a file, checked but for the number of documents, and the share that was read."""
        context = self._context
        context.place = source.place
        if long:
            context.together.begin(source)
        batches = source.batches(columns_of(source, "long" if long else "nested"), context.problems)
        for batch in whole_impressions(batches) if long else batches:
            draft = long_draft(batch, context) if long else nested_draft(batch, context)
            finish(draft, context)
            context.problems.settle()
            yield draft, batch.done
        if long:
            context.together.end()

    def check(self) -> None:
        """Raises `DataError` where the rows of an impression stand apart in what was read."""
        self._context.together.check()

    def add(self, draft: Draft) -> None:
        """Write a block; raises `DataError` where a query has too many documents."""
        while len(draft):
            query, new = self._number(draft.qid)
            positions = self._pairs.positions(np.repeat(query, draft.lengths), draft.docno, QUERY_LIMIT)
            over = positions >= QUERY_LIMIT
            if not over.any():
                break
            draft.drop_cells(over, "too many documents", lambda i: f"has more than {QUERY_LIMIT:,} documents")
            self._context.problems.settle()
        if not len(draft):
            return
        if self._pairs.count > PAIR_LIMIT:
            raise DataError(f"{draft.place.file}: more than {PAIR_LIMIT:,} pairs of query and document; split the log")
        self._query_of[draft.qid[new]] = query[new]
        self._qid_of.append(draft.qid[new])
        self._count += len(new)
        if "text" in draft.per_impression:
            self._texts = self._texts or QueryTexts()
            self._texts.add(query, draft.per_impression.pop("text"))
        extra = draft.per_impression | draft.per_document
        self._writer.write_flat(query, draft.lengths, positions, draft.clicked, extra)

    def _number(self, qid: Codes) -> tuple[Codes, Codes]:
        """The query of each impression, and the impressions that are the first of a new query, in order."""
        top = len(self._context.qids)
        self._query_of = grown(self._query_of, top)
        query = self._query_of[qid]
        unknown = np.flatnonzero(query < 0)
        _, first, inverse = np.unique(qid[unknown], return_index=True, return_inverse=True)
        number = np.empty(len(first), dtype=np.int32)
        number[np.argsort(first)] = np.arange(self._count, self._count + len(first))
        query[unknown] = number[inverse]
        return query, unknown[np.sort(first)].astype(np.int32)

    def queries(self) -> Iterator[pa.RecordBatch]:
        """The queries in the order of their numbers, some at a time."""
        lengths, documents = self._pairs.lists()
        if not len(lengths):
            return
        docnos, qids = self._context.docnos.strings(), self._context.qids.strings()
        qids = qids.take(pa.array(np.concatenate(self._qid_of)))
        ends = np.cumsum(lengths)
        begin = 0
        while begin < len(lengths):
            read = int(ends[begin - 1]) if begin else 0
            end = max(begin + 1, int(np.searchsorted(ends, read + PAIRS_AT_ONCE)))
            strings = docnos.take(pa.array(documents[read : int(ends[end - 1])])).cast(pa.string())
            columns = {
                "qid": qids.slice(begin, end - begin).cast(pa.string()),
                "docnos": make_lists(lengths[begin:end], strings),
            }
            if self._texts is not None:
                columns["text"] = self._texts.of(begin, end)
            yield pa.RecordBatch.from_pydict(columns)
            begin = end
