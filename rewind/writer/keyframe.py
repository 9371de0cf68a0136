"""Writing the state before a chunk, and reading it again (`docs/format.md`, part 4)."""

from collections.abc import Callable, Collection

from msgpack import Packer, Unpacker

from rewind.model.wire import array_header
from rewind.writer.callstack import (
    HANDLE,
    LAST,
    NUMBER,
    SITE,
    CallStack,
    Frame,
    FrameFunction,
    called_from,
    variables,
)

_FRAME = array_header(6)
_WRITE = array_header(4)


def encode(stack: CallStack) -> bytes:
    """Return the state as a msgpack map."""
    pack = Packer(unicode_errors="surrogatepass").pack
    return b"".join(
        (
            b"\x82",  # a map of two
            pack("stack"),
            _frames(stack.open_frames, pack),
            pack("suspended"),
            _frames(stack.suspended.values(), pack),
        )
    )


def _frames(frames: Collection[Frame], pack: Callable[[object], bytes]) -> bytes:
    parts = [array_header(len(frames))]
    for frame in frames:
        written = variables(frame)
        parts.append(_FRAME)
        parts += map(pack, (frame[NUMBER], frame[SITE], frame[HANDLE], frame[LAST]))
        parts.append(array_header(len(written)))
        for name, (n, site, value) in written.items():
            parts += (_WRITE, pack(name), pack(n), pack(site), value)
        parts.append(pack(called_from(frame)))
    return b"".join(parts)


def decode(raw: bytes, function: Callable[[int], FrameFunction]) -> CallStack:
    """Return the state that `encode` wrote; `function` tells what function a site is in."""
    stack = CallStack()
    unpacker = Unpacker(use_list=False, unicode_errors="surrogatepass", max_buffer_size=0)
    unpacker.feed(raw)
    for _ in range(unpacker.read_map_header()):
        name = unpacker.unpack()
        frames = [_frame(raw, unpacker, function) for _ in range(unpacker.read_array_header())]
        if name == "stack":
            stack.frames += frames
        elif name == "suspended":
            stack.set_aside(frames)
    return stack


def _frame(raw: bytes, unpacker: Unpacker, function: Callable[[int], FrameFunction]) -> Frame:
    unpacker.read_array_header()
    number, site, handle, last = (unpacker.unpack() for _ in range(4))
    written = {}
    for _ in range(unpacker.read_array_header()):
        unpacker.read_array_header()
        name, n, at = (unpacker.unpack() for _ in range(3))
        start = unpacker.tell()
        unpacker.skip()
        written[name] = (n, at, raw[start : unpacker.tell()])
    return [number, site, handle, last, written, function(site), None, unpacker.unpack()]
