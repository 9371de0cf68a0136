"""The table of settings: its forms, its documentation, its way to another process."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from rewind.config import REDACTED_NAMES, Given, Settings, resolve
from rewind.config.forms import Refused
from rewind.config.settings import TABLE
from rewind.errors import ConfigError
from rewind.model.events import DEFAULT_KINDS, FRAME_KINDS

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "config.example.toml"


def given(name: str, value: object) -> object:
    options = [Given(name, value, f"--{name}")]
    return getattr(resolve(options, environ={}, folder=Path("/")).settings, name)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("enabled", "on", True),
        ("enabled", False, False),
        ("max_items", 7, 7),
        ("max_items", "7", 7),
        ("max_events_per_session", "none", None),
        ("max_events_per_session", "10", 10),
        ("sampling_rate", 1, 1.0),
        ("sampling_rate", "0.25", 0.25),
        ("name", "", None),
        ("name", "nightly", "nightly"),
        ("include", "a, b.*,", ("a", "b.*")),
        ("include", ["a", "b.*"], ("a", "b.*")),
        ("capture_events", "branch", ("branch",)),
        ("redact_fields", ["-session", "iban"], ("-session", "iban")),
        ("overflow", "stop", "stop"),
        ("spool", "/var/spool/rewind", Path("/var/spool/rewind")),
    ],
)
def test_a_value_is_read_in_its_form(name: str, value: object, expected: object) -> None:
    assert given(name, value) == expected


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("enabled", "maybe", "must be 1, true, yes or on"),
        ("enabled", 1, "must be 1, true, yes or on"),
        ("max_items", 0, "must be a whole number from 1, not 0"),
        ("max_items", True, "not True"),
        ("max_items", 1.5, "not 1.5"),
        ("max_items", "many", "not 'many'"),
        ("max_events_per_session", "-1", 'from 1, or "none"'),
        ("sampling_rate", 2, "must be a number from 0 to 1"),
        ("name", 5, "must be text"),
        ("include", 5, "must be a list of names"),
        ("include", [5], "must be a list of names"),
        ("capture_events", "call,retrun", "did you mean 'return'?"),
        ("redact_fields", "-tokn", "did you mean '-token'?"),
        ("overflow", "oldst", "must be oldest or stop, not 'oldst'; did you mean 'oldest'?"),
        ("database", "orders.db", "must be an address such as sqlite:///file.db"),
        ("spool", "", "must be a folder's path"),
    ],
)
def test_a_value_out_of_form_is_refused_with_what_is_allowed(
    name: str, value: object, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        given(name, value)
    assert str(caught.value).startswith(f"--{name}: {name} must be ")
    assert message in str(caught.value)


def test_the_example_documents_every_setting_and_no_other() -> None:
    assert list(tomllib.loads(EXAMPLE.read_text())) == list(TABLE)


def test_every_documented_value_is_the_default() -> None:
    documented = resolve(config=str(EXAMPLE), environ={}).settings
    empty = resolve(environ={}, folder=Path("/")).settings
    assert documented._replace(database="", spool=Path()) == empty._replace(
        database="", spool=Path()
    )


def test_the_example_names_every_built_in_redacted_name() -> None:
    text = EXAMPLE.read_text().replace("\n# ", " ")
    assert f"({', '.join(REDACTED_NAMES)})" in text


def test_every_meaning_is_one_sentence() -> None:
    for setting in TABLE.values():
        assert setting.meaning.endswith(".")
        assert ". " not in setting.meaning


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Settings().enabled = True  # type: ignore[misc]


def test_settings_survive_the_way_to_another_process() -> None:
    settings = Settings(
        enabled=True, include=("a", "b"), max_events_per_session=5, name="n", spool=Path("/s")
    )
    assert Settings.from_json(settings.to_json()) == settings
    assert Settings.from_json(Settings().to_json()) == Settings()


@pytest.mark.parametrize("source", ["", "[]", '{"max_itmes": 1}', '{"max_items": "x"}'])
def test_a_foreign_hand_over_is_refused(source: str) -> None:
    with pytest.raises(ConfigError, match="not settings written by this version"):
        Settings.from_json(source)


def test_kinds_that_carry_the_frames_are_always_recorded() -> None:
    assert Settings(capture_events=("branch",)).captured_kinds == {"branch", *FRAME_KINDS}
    assert Settings().captured_kinds == set(DEFAULT_KINDS)


def test_redacted_names_are_the_built_in_ones_adjusted() -> None:
    names = Settings(redact_fields=("-session", "iban")).redacted_names
    assert names == (set(REDACTED_NAMES) - {"session"}) | {"iban"}


def test_the_cache_respects_the_users_cache_folder() -> None:
    found = resolve(environ={"XDG_CACHE_HOME": "/caches"}).settings
    assert found.cache == Path("/caches/rewind")


def test_the_recorded_process_pays_for_the_standard_library_only() -> None:
    program = "import sys, rewind.config; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT
    )
    foreign = set(done.stdout.split()) - sys.stdlib_module_names - {"__main__", "rewind"}
    # Start-up hooks of installed packages are loaded whether or not Rewind is.
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert foreign - {name.partition(".")[0] for name in bare.stdout.split()} == set()
    assert "tomllib" not in done.stdout


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        *((False, "none"), ("off", "none"), ("none", "none"), ("calls", "calls")),
        *((True, "all"), ("1", "all"), ("all", "all")),
    ],
)
def test_expressions_is_a_switch_with_a_word_between(given: object, meant: str) -> None:
    assert TABLE["expressions"].form.parse(given) == meant


@pytest.mark.parametrize("given", ["call", 2, None, ["calls"]])
def test_expressions_takes_no_other_word(given: object) -> None:
    with pytest.raises(Refused):
        TABLE["expressions"].form.parse(given)
