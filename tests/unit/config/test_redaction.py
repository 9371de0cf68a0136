"""Which names count as secret."""

import pytest

from rewind.config import REDACTED_NAMES, SecretNames, redacted_argv

BUILT_IN = SecretNames(REDACTED_NAMES)


@pytest.mark.parametrize("name", REDACTED_NAMES)
def test_every_built_in_name_covers_itself(name: str) -> None:
    assert BUILT_IN.covers(name)
    assert BUILT_IN.covers(name.upper())
    assert BUILT_IN.covers(name.replace("_", "-"))
    assert BUILT_IN.covers(name.replace("_", ""))


@pytest.mark.parametrize(
    "name",
    [
        "apiKey",
        "APIKey",
        "X-API-Key",
        "stripe.api_key",
        "stripe_apikey",
        "OPENAI_APIKEY",
        "api keys",
        "$password",
        "user@password",
        "userPassword",
        "PASSWORDS",
        "auth_header",
        "HTTPAuth",
    ],
)
def test_spellings_of_a_secret_name_are_covered(name: str) -> None:
    assert BUILT_IN.covers(name)


@pytest.mark.parametrize(
    "name", ["authenticate", "author", "tokenizer", "spin", "pinned", "access", "key", "", "api"]
)
def test_words_that_only_begin_like_one_are_not_covered(name: str) -> None:
    assert not BUILT_IN.covers(name)


def test_no_names_cover_nothing() -> None:
    assert not SecretNames(()).covers("password")
    assert not SecretNames(("",)).covers("password")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("app.py --token T", "app.py --token [redacted]"),
        ("app.py --token=T", "app.py --token=[redacted]"),
        ("app.py --api-key T --verbose", "app.py --api-key [redacted] --verbose"),
        ("app.py --token --verbose", "app.py --token --verbose"),
        ("env DB_PASSWORD=T app.py", "env DB_PASSWORD=[redacted] app.py"),
        ("app.py postgresql://me:T@db/x", "app.py postgresql://me:[redacted]@db/x"),
        ("app.py http://host:80/a@b", "app.py http://host:80/a@b"),
        ("app.py --level 3 token", "app.py --level 3 token"),
    ],
)
def test_secrets_of_a_command_line_are_withheld(line: str, shown: str) -> None:
    assert redacted_argv(line.split(), BUILT_IN) == shown.split()
