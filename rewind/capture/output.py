"""What the program prints becomes events, at their moment.

The native extension sees each text that is written to `sys.stdout` or `sys.stderr`, whichever core
records; `print`, the streams and their methods stay the objects that they are. Nothing is seen
where the extension is not, of a stream that is no `io.TextIOWrapper`, and of bytes that are written
past it.
"""

import importlib
from collections.abc import Callable
from typing import Any

from rewind.capture.said import Said
from rewind.model.events import OUTPUT


class Output:
    """Listens to the standard streams from `start` to `stop`.

    Told by any thread, of what that has written. The child of a fork goes on listening. Raises
    nothing of ours: `fault` takes it, and raises what is not ours.
    """

    def __init__(self, said: Said, fault: Callable[[str, Exception], None]) -> None:
        self._said = said
        self._fault = fault
        self._seen: Any = None
        """The extension, while it listens."""

    def start(self) -> str | None:
        """Listen from now on; returns why that cannot be, None where it can."""
        try:
            # The Python core does without, and most of the time needs nothing else of it.
            native: Any = importlib.import_module("rewind.capture._native")
            native.see_output(self.told)
        except (ImportError, AttributeError, TypeError) as error:
            return f"what the program prints is not recorded: {error}"
        self._seen = native
        return None

    def stop(self) -> None:
        """Listen no more."""
        seen, self._seen = self._seen, None
        if seen is not None:
            seen.forget_output()

    def told(self, stream: int, text: str) -> None:
        """Record a text that was written, in the session that runs, if one does."""
        try:
            self._said.say(OUTPUT, text, stream)
        except RecursionError:
            # There is no room to look, so near to the limit.
            return
        except Exception as error:
            self._fault("output", error)
            self.stop()
