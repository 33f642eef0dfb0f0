"""Parquet files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.errors import DataError
from benchmark.labels.clicks.store.problems import Place, Problems
from benchmark.labels.clicks.store.sources.source import Batch

VALUES = 1 << 21
"""About how many values of the longest column make a batch."""


class ParquetSource:
    """A Parquet file; its rows are counted from 1."""

    def __init__(self, path: Path) -> None:
        self.place = Place(str(path), "row")
        self._path = path
        try:
            with pq.ParquetFile(path) as file:
                self._schema = file.schema_arrow
                metadata = file.metadata
                self._count = metadata.num_rows
                groups = [metadata.row_group(i) for i in range(min(metadata.num_row_groups, 8))]
        except (OSError, pa.ArrowException) as error:
            raise self._damaged(error) from error
        rows = sum(group.num_rows for group in groups)
        values = sum(max((group.column(i).num_values for i in range(group.num_columns)), default=0) for group in groups)
        self._batch = int(np.clip(VALUES * rows // max(values, 1), 1, VALUES))
        self.names = list(self._schema.names)
        if twice := [name for name, count in Counter(self.names).items() if count > 1]:
            raise DataError(f"{path}: column {twice[0]} stands twice; rename one")

    @property
    def types(self) -> dict[str, pa.DataType]:
        """The Arrow type of each column."""
        return {field.name: field.type for field in self._schema}

    def batches(self, columns: Collection[str], problems: Problems) -> Iterator[Batch]:
        """See `Source`; raises `DataError` where the file is damaged."""
        read = 0
        try:
            with pq.ParquetFile(self._path) as file:
                for batch in file.iter_batches(self._batch, columns=list(columns)):
                    rows = np.arange(read + 1, read + 1 + len(batch))
                    read += len(batch)
                    yield Batch(pa.Table.from_batches([batch]), rows, read / self._count)
        except (OSError, pa.ArrowException) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> DataError:
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        return DataError(f"{self.place.file}: is not a whole Parquet file ({reason}); write or copy it again")
