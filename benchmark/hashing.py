"""Seeded hashes: every coin that must fall the same way on every machine is flipped here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt


def seeded_hash(seed: int | str, *parts: str) -> int:
    """64-bit BLAKE2b hash of `seed` and `parts`; the parts are length-prefixed, so no two lists collide by joining."""
    digest = hashlib.blake2b(digest_size=8)
    for part in (str(seed), *parts):
        raw = part.encode()
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return int.from_bytes(digest.digest(), "big")


def seeded_hashes(seed: int | str, keys: Iterable[str]) -> npt.NDArray[np.uint64]:
    """`seeded_hash(seed, key)` for each key, in order."""
    return np.fromiter((seeded_hash(seed, key) for key in keys), dtype=np.uint64)


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
