"""From defaults, file, environment and command line to one `Settings`.

Each source gives a list of `Given`; the last one that names a setting wins, but for the names to
withhold, which add up. Whatever is no setting, or no value for it, is a `ConfigError` that names
the key, the place it came from and the nearest valid key. Nothing is guessed or ignored.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple, cast

from rewind.config.forms import EXPORT_SUFFIX, MEMORY, Refused, boolean
from rewind.config.settings import TABLE, Settings, cache_folder
from rewind.errors import ConfigError

PREFIX: Final = "REWIND_"
NO_SETTINGS: Final = (
    "REWIND_CHROMIUM",
    "REWIND_CONFIG",
    "REWIND_DASHBOARD",
    "REWIND_DISABLE",
    "REWIND_ENV",
    "REWIND_UI_TOKEN",
)
"""Variables that mean something but are no settings (`docs/configuration.md`)."""
_RESERVED = ("REWIND_RUN_", "REWIND_TEST_")
_FILE_NAME = "rewind.toml"
_ADDS_UP: Final = "redact_fields"
"""What one source withholds, another one that says nothing of it does not reveal."""
_SQLITE = "sqlite:///"


class Given(NamedTuple):
    """A value for a setting, before it is checked."""

    name: str
    value: object
    origin: str
    """Where it came from, as a message says it: a file and line, a variable, an option."""


class Resolution(NamedTuple):
    """The settings, and where each one that is not a default came from."""

    settings: Settings
    origins: Mapping[str, str]


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of a process that was started without a command line of ours.

    Raises `ConfigError`.
    """
    return resolve(environ=environ).settings


def resolve(
    options: Iterable[Given] = (),
    config: str | None = None,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Resolution:
    """Return the settings that hold in `folder` (default: the current one).

    `options` come from the command line, `config` names the file to read instead of the one that
    is found. Relative paths are made absolute against `folder`. Raises `ConfigError`.
    """
    environ = os.environ if environ is None else environ
    folder = _here() if folder is None else folder
    file = _file(config or environ.get("REWIND_CONFIG"), folder)
    given = [*_from_file(file), *_from_environment(environ), *options]
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    for each in given:
        value, origin = _checked(each), each.origin
        if each.name == _ADDS_UP and each.name in values:
            value = (*cast("tuple[str, ...]", values[each.name]), *cast("tuple[str, ...]", value))
            origin = f"{origins[each.name]}; {origin}"
        values[each.name], origins[each.name] = value, origin
    if is_disabled(environ):
        values["enabled"], origins["enabled"] = False, "REWIND_DISABLE"
    settings = Settings()._replace(**{"cache": cache_folder(environ), **values})  # type: ignore[arg-type]
    return Resolution(_anchored(settings, folder), origins)


def _here() -> Path:
    try:
        return Path.cwd()
    except OSError as error:
        message = f"the current folder cannot be used: {error.strerror}"
        raise ConfigError(message) from None


def _anchored(settings: Settings, folder: Path) -> Settings:
    """Make relative paths absolute: the program may change its folder, its recording does not."""
    return settings._replace(
        database=_anchored_url(settings.database, folder),
        spool=folder / settings.spool,
        cache=folder / settings.cache,
    )


def _anchored_url(url: str, folder: Path) -> str:
    path = url.removeprefix(_SQLITE)
    is_export = "://" not in url and url.endswith(EXPORT_SUFFIX)
    if url == MEMORY or (path in {url, ""} and not is_export) or path.startswith(":memory:"):
        return url
    return f"{_SQLITE}{folder / path}"


def is_disabled(environ: Mapping[str, str]) -> bool:
    """Return whether `REWIND_DISABLE` is set, which wins over everything; raises `ConfigError`."""
    value = environ.get("REWIND_DISABLE")
    if not value:
        return False
    try:
        return boolean().parse(value)
    except Refused:
        message = f"REWIND_DISABLE must be {boolean().allowed}, not {value!r}"
        raise ConfigError(message) from None


def _checked(given: Given) -> object:
    setting = TABLE.get(given.name)
    if setting is None:
        hint = _nearest(given.name, TABLE)
        message = f"{given.origin}: there is no setting {given.name!r}{hint}"
        raise ConfigError(message)
    try:
        return setting.form.parse(given.value)
    except Refused as refusal:
        hint = _nearest(str(refusal.part), refusal.valid)
        # The address of a database may hold a password.
        shown = "" if given.name == "database" else f", not {refusal.part or given.value!r}"
        message = f"{given.origin}: {given.name} must be {setting.form.allowed}{shown}{hint}"
        raise ConfigError(message) from None


def _nearest(word: str, valid: Collection[str]) -> str:
    # Imported for an error only: half a millisecond that a good configuration need not pay.
    from difflib import get_close_matches  # noqa: PLC0415

    for cutoff, hint in ((0.5, "did you mean {!r}?"), (0.0, "the nearest one is {!r}")):
        close = get_close_matches(word, valid, n=1, cutoff=cutoff)
        if close:
            return f"; {hint.format(close[0])}"
    return ""


def _from_environment(environ: Mapping[str, str]) -> Iterator[Given]:
    service = environ.get("OTEL_SERVICE_NAME")
    if service:
        yield Given("service", service, "OTEL_SERVICE_NAME")
    for variable in sorted(environ):
        if variable == "REWIND":
            message = "REWIND in the environment is no setting; did you mean 'REWIND_ENABLED'?"
            raise ConfigError(message)
        # An empty variable counts as not set.
        if _is_setting(variable) and environ[variable]:
            yield _from_variable(variable, environ[variable])


def _is_setting(variable: str) -> bool:
    return (
        variable.startswith(PREFIX)
        and variable not in NO_SETTINGS
        and not variable.startswith(_RESERVED)
    )


def _from_variable(variable: str, value: str) -> Given:
    name = variable.removeprefix(PREFIX).lower()
    if name not in TABLE:
        valid = [PREFIX + name.upper() for name in TABLE]
        hint = _nearest(variable, [*valid, *NO_SETTINGS])
        message = f"{variable} in the environment is no setting{hint}"
        raise ConfigError(message)
    return Given(name, value, f"{variable} in the environment")


def _file(named: str | None, folder: Path) -> Path | None:
    """Return the file to read: the one named, or the nearest from `folder` upwards."""
    if named:
        path = folder / named
        if not path.is_file():
            message = f"there is no configuration file {named}"
            raise ConfigError(message)
        return path
    for parent in (folder, *folder.parents):
        if (parent / _FILE_NAME).is_file():
            return parent / _FILE_NAME
        if _is_ours(parent / "pyproject.toml"):
            return parent / "pyproject.toml"
    return None


def _is_ours(project: Path) -> bool:
    try:
        text = project.read_bytes()
    except OSError:
        return False
    return b"rewind" in text and _table(project) is not None


def _from_file(path: Path | None) -> Iterator[Given]:
    if path is None:
        return
    for name, value in (_table(path) or {}).items():
        yield Given(name, value, f"{path}{_line(path, name)}")


def _table(path: Path) -> Mapping[str, object] | None:
    """Return Rewind's settings in a TOML file; None if it is a pyproject.toml without any."""
    # Imported for a file only: most processes have none.
    import tomllib  # noqa: PLC0415

    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        message = f"{path} cannot be read: {error}"
        raise ConfigError(message) from None
    if path.name != "pyproject.toml":
        return content
    table = content.get("tool", {}).get("rewind")
    return table if isinstance(table, dict) else None


def _line(path: Path, name: str) -> str:
    lines = path.read_text("utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        if line.partition("=")[0].strip().strip("\"'") == name:
            return f", line {number}"
    return ""
