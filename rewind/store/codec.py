"""Compression of blobs, by the name that their row's `codec` column holds."""

import zlib
from collections.abc import Callable
from threading import local
from typing import Final, NamedTuple

import zstandard

from rewind.errors import FormatError

_LEVEL = 3
"""zstd: 30 to 90 ns an event; higher levels gain a tenth in size and cost several times that."""


class _Zstd(local):
    """A pair of contexts for each thread: they may not be shared, and take 20 us to make."""

    def __init__(self) -> None:
        # Four bytes more, by which a changed byte is noticed.
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
        self._decompressor = zstandard.ZstdDecompressor()

    def compress(self, raw: bytes) -> bytes:
        return self._compressor.compress(raw)

    def decompress(self, packed: bytes) -> bytes:
        return self._decompressor.decompress(packed)


class _Codec(NamedTuple):
    compress: Callable[[bytes], bytes]
    decompress: Callable[[bytes], bytes]


_zstd = _Zstd()

_CODECS: Final = {
    "zstd": _Codec(_zstd.compress, _zstd.decompress),
    "zlib": _Codec(zlib.compress, zlib.decompress),
    "none": _Codec(bytes, bytes),
}

CODECS: Final = tuple(_CODECS)
"""Names of the codecs, the default first."""


def compress(codec: str, raw: bytes) -> bytes:
    """Return `raw` compressed; raises `KeyError` for a codec that does not exist."""
    return _CODECS[codec].compress(raw)


def decompress(codec: str, packed: bytes) -> bytes:
    """Return what was compressed; raises `FormatError` for bytes that are not that codec's."""
    try:
        return _CODECS[codec].decompress(packed)
    except (KeyError, MemoryError, TypeError, zlib.error, zstandard.ZstdError) as error:
        message = f"a blob of the database cannot be read as {codec}: {error}"
        raise FormatError(message) from error
