"""Compression of blobs, by the name that their row's `codec` column holds."""

import zlib
from collections.abc import Callable
from typing import Final, NamedTuple

import zstandard

from rewind.errors import FormatError

_LEVEL = 3
"""zstd: 30 to 90 ns an event; higher levels gain a tenth in size and cost several times that."""


class _Codec(NamedTuple):
    compress: Callable[[bytes], bytes]
    decompress: Callable[[bytes], bytes]


# A (de)compressor object may not be used by two threads at once; a new one costs a microsecond.
_CODECS: Final = {
    "zstd": _Codec(
        lambda raw: zstandard.ZstdCompressor(level=_LEVEL).compress(raw),
        lambda packed: zstandard.ZstdDecompressor().decompress(packed),
    ),
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
    except (KeyError, zlib.error, zstandard.ZstdError) as error:
        message = f"a blob of the database cannot be read as {codec}: {error}"
        raise FormatError(message) from error
