"""Where settings come from, which source wins, and what is said of a wrong one."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from rewind.config import Given, Settings, load, resolve
from rewind.config.resolution import NO_SETTINGS
from rewind.errors import ConfigError


def settings(folder: Path, environ: Mapping[str, str] | None = None) -> Settings:
    return resolve(environ=environ or {}, folder=folder).settings


def refusal(folder: Path, environ: Mapping[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        settings(folder, environ)
    return str(caught.value)


def write(folder: Path, text: str, name: str = "rewind.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_without_any_source_the_defaults_hold(tmp_path: Path) -> None:
    assert settings(tmp_path).max_items == 50
    assert resolve(environ={}, folder=tmp_path).origins == {}


def test_each_source_wins_over_the_one_below_it(tmp_path: Path) -> None:
    write(tmp_path, "max_items = 2\nmax_depth = 2\nmax_sessions = 2\n")
    environ = {"REWIND_MAX_ITEMS": "3", "REWIND_MAX_DEPTH": "3"}
    options = [Given("max_items", "4", "--max-items")]
    found = resolve(options, environ=environ, folder=tmp_path).settings
    assert (found.max_items, found.max_depth, found.max_sessions) == (4, 3, 2)


def test_names_to_withhold_add_up_from_all_sources(tmp_path: Path) -> None:
    """A word on the command line reveals nothing that the project's file withholds."""
    path = write(tmp_path, "redact_fields = ['iban', '-session']\n")
    environ = {"REWIND_REDACT_FIELDS": "iban,tax_id"}
    options = [Given("redact_fields", ("voucher",), "--redact")]
    found = resolve(options, environ=environ, folder=tmp_path)
    assert found.settings.redact_fields == ("iban", "-session", "iban", "tax_id", "voucher")
    assert {"iban", "tax_id", "voucher"} <= found.settings.redacted_names
    assert "session" not in found.settings.redacted_names
    assert found.origins["redact_fields"] == (
        f"{path}, line 1; REWIND_REDACT_FIELDS in the environment; --redact"
    )


def test_the_origin_of_each_setting_is_known(tmp_path: Path) -> None:
    path = write(tmp_path, "\nmax_items = 2\n")
    environ = {"REWIND_MAX_DEPTH": "3"}
    options = [Given("overflow", "stop", "--overflow")]
    assert resolve(options, environ=environ, folder=tmp_path).origins == {
        "max_items": f"{path}, line 2",
        "max_depth": "REWIND_MAX_DEPTH in the environment",
        "overflow": "--overflow",
    }


def test_the_nearest_file_upwards_is_read(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    write(tmp_path, "max_items = 2")
    write(tmp_path / "a", "max_items = 3")
    assert settings(inner).max_items == 3


def test_a_table_in_pyproject_is_read(tmp_path: Path) -> None:
    write(tmp_path, "[tool.rewind]\nmax_items = 2", "pyproject.toml")
    assert settings(tmp_path).max_items == 2


def test_a_pyproject_without_the_table_is_passed_by(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    write(inner, "[project]\nname = 'rewind-user'", "pyproject.toml")
    write(tmp_path, "max_items = 2")
    assert settings(inner).max_items == 2


def test_rewind_toml_is_preferred_to_pyproject(tmp_path: Path) -> None:
    write(tmp_path, "[tool.rewind]\nmax_items = 2", "pyproject.toml")
    write(tmp_path, "max_items = 3")
    assert settings(tmp_path).max_items == 3


def test_a_named_file_is_read_instead_of_the_one_that_is_found(tmp_path: Path) -> None:
    write(tmp_path, "max_items = 2")
    write(tmp_path, "max_items = 3", "other.toml")
    assert settings(tmp_path, {"REWIND_CONFIG": "other.toml"}).max_items == 3
    named = resolve(config="other.toml", environ={"REWIND_CONFIG": "no.toml"}, folder=tmp_path)
    assert named.settings.max_items == 3


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    assert "no configuration file no.toml" in refusal(tmp_path, {"REWIND_CONFIG": "no.toml"})


def test_an_unknown_key_in_a_file_is_named_with_its_line_and_the_nearest(tmp_path: Path) -> None:
    path = write(tmp_path, "# first\nmax_itmes = 2\n")
    assert refusal(tmp_path) == (
        f"{path}, line 2: there is no setting 'max_itmes'; did you mean 'max_items'?"
    )


def test_an_unknown_key_that_is_like_none_names_the_nearest_all_the_same(tmp_path: Path) -> None:
    write(tmp_path, "nonsense = 2\n")
    assert "there is no setting 'nonsense'; the nearest one is '" in refusal(tmp_path)


def test_a_broken_file_is_an_error_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, "max_items = \n")
    assert refusal(tmp_path).startswith(f"{path} cannot be read: ")
    assert "line 1" in refusal(tmp_path)


def test_a_file_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "rewind.toml").write_bytes(b"\xff\xfe")
    assert "cannot be read" in refusal(tmp_path)


def test_an_unknown_variable_is_named_with_the_nearest(tmp_path: Path) -> None:
    assert refusal(tmp_path, {"REWIND_INCLUDES": "shop"}) == (
        "REWIND_INCLUDES in the environment is no setting; did you mean 'REWIND_INCLUDE'?"
    )


def test_the_short_variable_of_other_tools_leads_to_ours(tmp_path: Path) -> None:
    assert "REWIND_ENABLED" in refusal(tmp_path, {"REWIND": "1"})


@pytest.mark.parametrize("name", [*NO_SETTINGS, "REWIND_RUN_FOLDER", "REWIND_TEST_POSTGRES"])
def test_variables_that_are_no_settings_are_let_be(tmp_path: Path, name: str) -> None:
    (tmp_path / "1").touch()
    assert settings(tmp_path, {name: "1"}).max_items == 50


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    assert settings(tmp_path, {"REWIND_MAX_ITEMS": "", "REWIND_DISABLE": ""}).max_items == 50


@pytest.mark.parametrize("word", ["1", "true", "YES", "on"])
def test_disable_wins_over_the_command_line(tmp_path: Path, word: str) -> None:
    options = [Given("enabled", True, "rewind run")]
    found = resolve(options, environ={"REWIND_DISABLE": word}, folder=tmp_path)
    assert not found.settings.enabled
    assert found.origins["enabled"] == "REWIND_DISABLE"


def test_disable_is_checked_like_any_switch(tmp_path: Path) -> None:
    assert "REWIND_DISABLE must be" in refusal(tmp_path, {"REWIND_DISABLE": "maybe"})


def test_the_service_name_of_opentelemetry_counts_unless_ours_is_given(tmp_path: Path) -> None:
    environ = {"OTEL_SERVICE_NAME": "shop"}
    assert settings(tmp_path, environ).service == "shop"
    assert settings(tmp_path, {**environ, "REWIND_SERVICE": "till"}).service == "till"


def test_relative_paths_start_at_the_current_folder(tmp_path: Path) -> None:
    found = settings(tmp_path, {"REWIND_DATABASE": "sqlite:///x/y.db", "REWIND_CACHE": "c"})
    assert found.database == f"sqlite:///{tmp_path}/x/y.db"
    assert found.spool == tmp_path / ".rewind/spool"
    assert found.cache == tmp_path / "c"


@pytest.mark.parametrize(
    "url", ["sqlite:////var/lib/r.db", "sqlite://", "postgresql://me:pw@db/rewind"]
)
def test_other_database_addresses_stay_as_they_are(tmp_path: Path, url: str) -> None:
    assert settings(tmp_path, {"REWIND_DATABASE": url}).database == url


def test_a_wrong_database_address_is_not_repeated(tmp_path: Path) -> None:
    """It may hold a password, and the message may land in a log."""
    assert "hunter2" not in refusal(tmp_path, {"REWIND_DATABASE": "me:hunter2@db"})


def test_a_process_without_a_command_line_reads_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load({"REWIND_ENABLED": "yes"}).enabled
