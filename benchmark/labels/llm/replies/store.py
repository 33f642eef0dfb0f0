"""An append-only store of replies in a folder: JSON lines, one reply each, and the models that gave them.

Whatever follows the last line break is a line that was being written when a process died: it is cut off when the store
is opened to write, and not read before. One process writes at a time.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, get_args

from pydantic import ValidationError

from benchmark.errors import DataError
from benchmark.files import write_atomically
from benchmark.labels.llm.judges.judge import Reply, ReplyStatus
from benchmark.labels.llm.judges.model import Model
from benchmark.labels.llm.problems import first_problem

REPLIES = "replies.jsonl"
MODELS = "models"
SECONDS = 10.0
"""How often, at most, the system is told to put on the disk what was written."""
_FIELDS = {field.name for field in fields(Reply)}


class ReplyStore:
    """Replies by address (see `address`), in memory and on disk.

    A reply that `failed` is kept as what happened and asked for again by the next run; any other is final. Open with
    `writing` to add some.
    """

    def __init__(self, folder: Path) -> None:
        """Raises `DataError` where a line is no reply, or something else than a folder is there."""
        if folder.exists() and not folder.is_dir():
            raise DataError(f"{folder}: is no folder; replies are kept in one, name another")
        self.folder = folder
        self._path = folder / REPLIES
        self._replies: dict[str, Reply] = dict(_read(self._path)) if self._path.is_file() else {}
        self._stream: IO[bytes] | None = None
        self._synced = -math.inf  # by the monotonic clock
        self._model: Model | None = None
        self._told: Model | None = None

    def __len__(self) -> int:
        return len(self._replies)

    @property
    def replies(self) -> Mapping[str, Reply]:
        """All replies by address, the latest of each; also those that failed."""
        return self._replies

    def final(self, address: str) -> Reply | None:
        """The reply that need not be asked for again, if there is one."""
        reply = self._replies.get(address)
        return None if reply is None or reply.status == "failed" else reply

    @contextmanager
    def writing(self, model: Model) -> Iterator[ReplyStore]:
        """Hold the store for replies of `model`; `DataError` if another process does."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("ab") as lock:
            _hold(lock, self.folder)
            self._model = model.after(self.ran_on(model))
            with self._path.open("ab+", buffering=0) as stream:  # closing then writes nothing more
                _cut(stream)
                self._replies = dict(_read(self._path))  # another process may have added some before it let go
                self._stream = stream
                try:
                    yield self
                finally:
                    self._stream = self._model = self._told = None
                    with self._written():
                        os.fsync(stream.fileno())

    def models(self) -> list[Model]:
        """The models that gave the replies, each with all that it ran on; `DataError` for a file that tells of none."""
        return [_model(path) for path in sorted((self.folder / MODELS).glob("*.json"))]

    def ran_on(self, model: Model) -> Model:
        """The model, with all that it ran on when it gave the replies that are here."""
        path = self._file_of(model)
        return _model(path) if path.exists() else model

    def add(self, address: str, reply: Reply, prompts: str = "") -> None:
        """Append a reply under its address; `prompts` names what asked.

        When this returns the reply outlives this process, however that ends; the machine too within `SECONDS`, when the
        next one comes, and when `writing` ends. Raises `DataError` where it cannot be written; those before it are as
        they were.
        """
        if self._stream is None:
            raise RuntimeError("open the store with `writing` first")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        line = json.dumps({"address": address, **asdict(reply), "prompts": prompts, "at": now}) + "\n"
        with self._written():
            self._tell_model(reply.served)
            _write(self._stream, line.encode("ascii"))  # half of a surrogate pair has no other encoding
            if time.monotonic() - self._synced >= SECONDS:
                os.fsync(self._stream.fileno())
                self._synced = time.monotonic()
        self._replies[address] = reply

    def restore_model(self) -> None:
        """Tell of the model that gave replies which are here, where its file is gone: what it ran on is unknown then.

        Raises `DataError` where it cannot be written.
        """
        if self._model is None:
            raise RuntimeError("open the store with `writing` first")
        if not self._file_of(self._model).exists():
            with self._written():
                self._write_model(self._model.model_copy(update={"device": "", "processor": "", "versions": {}}))

    def _tell_model(self, served: str) -> None:
        """Before a reply: what the model runs on now, after what it ran on before, and what it is called there."""
        assert self._model is not None
        self._model = self._model.answered_by([served])
        if self._model != self._told:
            self._write_model(self._model)
            self._told = self._model

    def _file_of(self, model: Model) -> Path:
        return self.folder / MODELS / f"{model.identity}.json"

    def _write_model(self, model: Model) -> None:
        write_atomically(self._file_of(model), model.model_dump_json(indent=2) + "\n")

    @contextmanager
    def _written(self) -> Iterator[None]:
        """What the disk refuses becomes a `DataError` of one line."""
        try:
            yield
        except OSError as error:
            raise DataError(f"{self.folder}: cannot be written to ({error.strerror}); mend that") from error


def _hold(lock: IO[bytes], folder: Path) -> None:
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise DataError(
            f"{folder}: another process is writing replies there; wait for it, or name another folder"
        ) from None


def _write(stream: IO[bytes], data: bytes) -> None:
    """Until all of it is taken: of a disk that is nearly full a part may be first."""
    left = memoryview(data)
    while left:
        left = left[stream.write(left) :]


def _cut(stream: IO[bytes]) -> None:
    """Remove what stands after the last line break."""
    end = size = stream.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - 65536)
        stream.seek(start)
        at = stream.read(end - start).rfind(b"\n")
        end = start if at < 0 else start + at + 1
        if at >= 0:
            break
    if end < size:
        stream.truncate(end)
    stream.seek(0, os.SEEK_END)


def _read(path: Path) -> Iterator[tuple[str, Reply]]:
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
        try:
            told = json.loads(line)
            yield told["address"], _reply(told)
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"{path}: line {number}: is no reply ({error}); remove the line, it will be asked for again"
            ) from error


def _model(path: Path) -> Model:
    try:
        return Model.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise DataError(
            f"{path}: describes no model ({first_problem(error)}); remove it, and ask the model "
            "itself again with this store: nothing is asked twice, and the file is written anew"
        ) from error


def _reply(told: dict[str, Any]) -> Reply:
    values = {name: value for name, value in told.items() if name in _FIELDS}
    if values["status"] not in get_args(ReplyStatus):
        raise ValueError(f"status {values['status']!r}")
    said = values.get("log_probabilities")
    values["log_probabilities"] = None if said is None else tuple(map(float, said))
    return Reply(**values)
