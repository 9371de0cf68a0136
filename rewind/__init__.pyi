from typing import Final, TypeVar

from rewind.agent.starting import start as start
from rewind.agent.starting import stop as stop
from rewind.config import Settings as Settings
from rewind.errors import ConfigError as ConfigError
from rewind.errors import FormatError as FormatError
from rewind.errors import RewindError as RewindError
from rewind.errors import StartError as StartError
from rewind.errors import StoreError as StoreError
from rewind.integrations.asgi import asgi as asgi
from rewind.integrations.dev import dev_routes as dev_routes
from rewind.integrations.wsgi import wsgi as wsgi
from rewind.sessions import CurrentSession as CurrentSession
from rewind.sessions import current_session as current_session
from rewind.sessions import note as note
from rewind.sessions import session as session

_T = TypeVar("_T")

__all__ = [
    "ConfigError",
    "CurrentSession",
    "FormatError",
    "RewindError",
    "Settings",
    "StartError",
    "StoreError",
    "__version__",
    "asgi",
    "current_session",
    "dev_routes",
    "note",
    "only",
    "session",
    "skip",
    "start",
    "stop",
    "wsgi",
]

__version__: Final[str]

def skip(target: _T) -> _T: ...
def only(target: _T) -> _T: ...
