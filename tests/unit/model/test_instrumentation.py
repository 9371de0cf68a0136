"""What the hook says becomes one line a module."""

from rewind.model.instrumentation import (
    CONSTRUCT_SKIPPED,
    MODULE_FAILED,
    MODULE_SKIPPED,
    NOT,
    PART,
    PROBE_FAULT,
    RECORDED,
    Gap,
    ModuleReport,
    Said,
    counts,
    module_reports,
)


def test_each_module_has_one_status_in_the_order_of_names() -> None:
    said = [
        Said(MODULE_SKIPPED, "c", "no source"),
        Said(MODULE_FAILED, "b", "RecursionError: too deep"),
        Said(CONSTRUCT_SKIPPED, "d", "def: excluded", 7),
        Said(CONSTRUCT_SKIPPED, "d", "def: excluded", 3),
        Said(PROBE_FAULT, "f", "KeyError: 1"),
    ]
    found = module_reports([("d", "/d.py"), ("a", "/a.py")], said)
    assert found == (
        ModuleReport("a", "/a.py", RECORDED, ""),
        ModuleReport("b", None, NOT, "RecursionError: too deep"),
        ModuleReport("c", None, NOT, "no source"),
        ModuleReport("d", "/d.py", PART, "", (Gap(3, "def: excluded"), Gap(7, "def: excluded"))),
    )
    assert counts(found) == {RECORDED: 1, PART: 1, NOT: 2}


def test_what_several_processes_say_counts_once() -> None:
    said = [
        Said(MODULE_SKIPPED, "a", "it was imported before Rewind started"),
        Said(CONSTRUCT_SKIPPED, "b", "def: excluded", 3),
        Said(CONSTRUCT_SKIPPED, "b", "def: excluded", 3),
    ]
    loaded = [("a", "/a.py"), ("b", "/b.py"), ("b", "/b.py")]
    assert [(each.name, each.status, len(each.gaps)) for each in module_reports(loaded, said)] == [
        ("a", RECORDED, 0),
        ("b", PART, 1),
    ]
