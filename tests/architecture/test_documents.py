"""The documents keep up with the code."""

import re
from pathlib import Path

import pytest

from rewind import errors
from rewind.cli.app import COMMANDS
from rewind.config.resolution import NO_SETTINGS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def test_every_error_is_explained_under_its_slug() -> None:
    slugs = {
        each.slug
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.RewindError)
    }
    headings = set(re.findall(r"^## ([a-z-]+)$", page("errors.md"), re.MULTILINE))
    assert slugs == headings


def test_every_answer_of_the_dashboard_is_explained() -> None:
    sources = (path.read_text() for path in (ROOT / "rewind" / "web").glob("*.py"))
    used = {
        slug
        for text in sources
        for slug in re.findall(r'(?:Problem|Refusal)\([A-Za-z.]+[A-Z_]+, "([a-z-]+)"', text)
    }
    assert used - set(re.findall(r"^\| `([a-z-]+)` \|", page("errors.md"), re.MULTILINE)) == set()


def test_every_variable_that_is_no_setting_is_explained() -> None:
    named = set(re.findall(r"^\| `(REWIND_[A-Z_]+)` \|", page("configuration.md"), re.MULTILINE))
    assert named == set(NO_SETTINGS)


def test_every_command_is_in_the_readme() -> None:
    text = PAGES[0].read_text()
    assert [name for name in COMMANDS if f"`rewind {name}" not in text] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []
