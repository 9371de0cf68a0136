"""Finding the Pythons of this machine."""

import os
import subprocess
import sys
from pathlib import Path


def own_version() -> str:
    """Return the version of the Python that runs this, as `3.12`."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def interpreter(version: str) -> str:
    """Return the path of that Python, from the PATH or from pyenv; raises `LookupError`."""
    if version == own_version():
        return getattr(sys, "_base_executable", sys.executable)
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    for candidate in (f"python{version}", *sorted(pyenv.glob(f"{version}.*/bin/python"))):
        found = _executable(str(candidate))
        if found is not None:
            return found
    message = f"there is no Python {version} on this machine"
    raise LookupError(message)


def _executable(candidate: str) -> str | None:
    # A shim of pyenv without a Python behind it fails.
    try:
        done = subprocess.run(
            [candidate, "-c", "import sys; print(sys.executable)"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
