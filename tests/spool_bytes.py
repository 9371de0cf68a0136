"""What a segment holds, as the bytes that it would hold without echoes.

Test support only; it checks nothing by itself.
"""

from pathlib import Path

from msgpack import Unpacker

from rewind.model.elements import MARK, plain_head
from rewind.spool.echoes import expand
from rewind.spool.reader import SegmentReader
from rewind.spool.segment import HEADER_SIZE
from rewind.writer.records import read_head, read_unsigned


def published(path: Path) -> bytes:
    """Return all that was published in a segment, echoes and all."""
    reader, data = SegmentReader(path), b""
    while (piece := reader.read()) is not None:
        data += piece.data
    reader.close()
    return data


def whole(path: Path) -> bytes:
    """Return the same with what echoes stand for in their place."""
    data, out, at = published(path), bytearray(), 0
    unpacker = Unpacker(max_buffer_size=0)
    unpacker.feed(data)
    while at < len(data):
        unpacker.skip()
        record, place = data[at : unpacker.tell()], HEADER_SIZE + at
        at = unpacker.tell()
        out += _plain(record, bytes(HEADER_SIZE) + data, place) if record[0] == MARK else record
    return bytes(out)


def _plain(record: bytes, segment: bytes, place: int) -> bytes:
    _, time_at = read_head(record, 0)
    _, payload_at = read_unsigned(record, time_at)
    head, time = plain_head(record[:time_at]), record[time_at:payload_at]
    return head + time + expand(record[payload_at:], segment, place)
