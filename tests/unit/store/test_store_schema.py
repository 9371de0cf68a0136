from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from rewind.store import Store
from rewind.store.columns import storable
from rewind.store.schema import HEAD, metadata
from rewind.store.upgrading import alembic_config, scripts_folder


def test_models_and_migrations_agree(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_newest_migration_is_the_one_that_opening_expects(store: Store) -> None:
    with store.engine.connect() as connection:
        scripts = ScriptDirectory.from_config(alembic_config(connection))
    assert scripts.get_heads() == [HEAD]


def test_every_column_is_described() -> None:
    bare = [f"{t.name}.{c.name}" for t in metadata.sorted_tables for c in t.columns if not c.doc]
    assert bare == []


def test_a_migrations_file_name_says_the_change() -> None:
    names = sorted(path.stem for path in (scripts_folder() / "versions").glob("*.py"))
    assert all(name[:4].isdecimal() and len(name.split("_")) > 2 for name in names)


def test_text_that_no_database_takes_is_replaced() -> None:
    assert storable("a\0b") == "a\ufffdb"
    assert storable("a\udc80b") == "a\ufffdb"
    assert storable("\N{GRINNING FACE} é") == "\N{GRINNING FACE} é"
