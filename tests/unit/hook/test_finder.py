"""Imports give the same modules with the hook as without, but for the code that runs."""

import copy
import gc
import importlib
import importlib.resources
import importlib.util
import inspect
import os
import pickle
import runpy
import sys
import threading
import traceback
import warnings
import zipfile
from collections.abc import Callable
from importlib.machinery import PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

import pytest

from rewind.hook.cache import stamp
from rewind.hook.entry import NO_STAMP
from rewind.model.probes import PREFIX

Make = Callable[..., Any]


def facts(module: ModuleType) -> dict[str, object]:
    """Return all that importlib says of a module and its loader."""
    spec = module.__spec__
    assert spec is not None
    return {
        "file": module.__file__,
        "cached": module.__cached__,
        "package": module.__package__,
        "path": getattr(module, "__path__", None),
        "spec": (spec.name, spec.origin, spec.cached, spec.has_location, spec.loader_state),
        "search": spec.submodule_search_locations,
        "parent": spec.parent,
        "same loader": module.__loader__ is spec.loader,
        "loader": (type(spec.loader), dict(vars(spec.loader))),
        "names": sorted(vars(module)),
        "doc": module.__doc__,
    }


def again(name: str) -> ModuleType:
    for loaded in [one for one in sys.modules if one == name or one.startswith(f"{name}.")]:
        del sys.modules[loaded]
    return importlib.import_module(name)


def test_module_has_the_attributes_that_it_has_without(hook: Make) -> None:
    one = hook()
    one.write("mod.py", '"""Doc."""\nx = 1\ndef f(): return x\n')
    one.write("mpack/__init__.py", "from .sub import y\n")
    one.write("mpack/sub.py", "from . import __name__ as parent\ny = parent\n")
    with_hook = {name: facts(again(name)) for name in ("mod", "mpack", "mpack.sub")}
    # The last was imported twice.
    assert one.modules == ["mod", "mpack", "mpack.sub", "mpack.sub"]
    one.finder.remove()
    assert {name: facts(again(name)) for name in ("mod", "mpack", "mpack.sub")} == with_hook
    assert len(one.modules) == 4


def test_loader_answers_as_the_plain_one(hook: Make) -> None:
    one = hook()
    path = one.write("mod.py", "def f():\n    return 1\n")
    module = again("mod")
    loader = module.__loader__
    assert isinstance(loader, SourceFileLoader)
    assert loader.get_source("mod") == path.read_text()
    assert loader.get_filename("mod") == str(path)
    assert not loader.is_package("mod")
    assert loader.get_data(str(path)) == path.read_bytes()
    assert inspect.getsource(module.f) == path.read_text()
    assert inspect.getsourcefile(module.f) == str(path)
    assert pickle.loads(pickle.dumps(module.f)) is module.f  # noqa: S301 - of this test
    assert pickle.loads(pickle.dumps(module.__spec__)) == module.__spec__  # noqa: S301 - see above
    assert module.__spec__ == PathFinder.find_spec("mod")
    assert one.modules == ["mod"]


def test_nothing_of_ours_lies_where_python_looks(hook: Make) -> None:
    """No `.pyc` is written for an instrumented module, and a plain one of it is not touched."""
    one = hook()
    path = one.write("mod.py", "x = 1\n")
    again("mod")
    assert not (path.parent / "__pycache__").exists()
    one.finder.remove()
    again("mod")
    (plain,) = (path.parent / "__pycache__").iterdir()
    before = plain.read_bytes()
    one.finder.install()
    again("mod")
    assert one.modules == ["mod", "mod"]
    assert plain.read_bytes() == before
    assert b"rewind" not in before


def test_names_that_are_not_selected_pass_through(hook: Make) -> None:
    one = hook()
    one.write("other.py", "x = 1\n")
    assert type(again("other").__loader__) is SourceFileLoader
    assert again("colorsys").__spec__ is not None
    assert (one.modules, one.reports) == ([], [])


def test_namespace_packages_and_relative_imports_work(hook: Make) -> None:
    one = hook()
    one.write("mspace/a/__init__.py", "from ..b import z\nfrom .c import *\n")
    one.write("mspace/a/c.py", "__all__ = ['w']\nw = 2\n_v = 3\n")
    one.write("mspace/b.py", "z = 1\n")
    module = again("mspace.a")
    assert (module.z, module.w, hasattr(module, "_v")) == (1, 2, False)
    assert sys.modules["mspace"].__file__ is None
    assert sorted(one.modules) == ["mspace.a", "mspace.a.c", "mspace.b"]


def test_missing_module_is_missing_as_it_is_without(hook: Make) -> None:
    hook()
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'mmissing'$") as caught:
        again("mmissing")
    assert all("rewind" not in entry.filename for entry in traceback.extract_tb(caught.tb))


def test_reload_runs_the_new_source(hook: Make) -> None:
    one = hook()
    path = one.write("mod.py", "def f(): return 'old one'\n")
    module = again("mod")
    path.write_text("def f(): return 'a newer one'\n")
    importlib.invalidate_caches()
    assert importlib.reload(module) is module
    assert module.f() == "a newer one"
    assert one.modules == ["mod", "mod"]


def test_circular_and_failing_imports_end_as_they_do(hook: Make) -> None:
    one = hook()
    one.write("ma.py", "import mb\nx = 1\n")
    one.write("mb.py", "import ma\ntry:\n    ma.x\nexcept AttributeError as e: told = str(e)\n")
    assert "circular import" in again("ma").mb.told
    one.write("mfails.py", "x = 1\nraise OSError('no')\n")
    with pytest.raises(OSError, match=r"^no$"):
        again("mfails")
    assert "mfails" not in sys.modules


SYNTAX = ["def f(:\n", "x = (\n", "return 1\n", "x = 'abc\n", "é = \xff".encode("latin-1"), b"x\0"]


@pytest.mark.parametrize("source", SYNTAX)
def test_syntax_error_reads_the_same(source: str | bytes, hook: Make) -> None:
    """Python's own message and traceback, byte for byte."""
    one = hook()
    one.write("mod.py", source)

    def message() -> str:
        try:
            again("mod")
        except BaseException:  # noqa: BLE001 - whatever it is
            return traceback.format_exc()
        return ""

    with_hook = message()
    one.finder.remove()
    assert message() == with_hook
    ((what, name, why),) = one.reports
    assert (what, name) == ("module-skipped", "mod")
    assert why.startswith("Python refuses it: SyntaxError: ")


def test_error_while_a_module_runs_shows_no_frame_of_ours(hook: Make) -> None:
    one = hook()
    one.write("mod.py", "import msub\n")
    one.write("msub.py", "def f():\n    return 1 / 0\nf()\n")

    def message() -> str:
        try:
            again("mod")
        except ZeroDivisionError:
            return traceback.format_exc()
        return ""

    with_hook = message()
    one.finder.remove()
    sys.modules.pop("msub", None)
    assert message() == with_hook


def test_module_of_another_loader_is_reported_and_loads(hook: Make) -> None:
    one = hook()
    path = one.write("mtheirs.py", "x = 5\n")

    class Loader(SourceFileLoader):
        """Nobody knows what it does."""

        def get_data(self, path: str) -> bytes:
            return super().get_data(path)

    class Theirs:
        def find_spec(self, name: str, *_: object) -> Any:
            if name != "mtheirs":
                return None
            loader = Loader(name, str(path))
            return importlib.util.spec_from_file_location(name, str(path), loader=loader)

    theirs = Theirs()
    sys.meta_path.insert(1, theirs)
    try:
        assert type(again("mtheirs").__loader__) is Loader
    finally:
        sys.meta_path.remove(theirs)
    ((what, name, why),) = one.reports
    assert (what, name) == ("module-skipped", "mtheirs")
    assert "Loader" in why


def test_module_in_a_zip_file_is_recorded_and_has_all_it_has_without(hook: Make) -> None:
    one = hook()
    packed = str(one.folder / "packed.zip")
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mzipped/__init__.py", "from .inner import f\n")
        archive.writestr("mzipped/inner.py", "def f():\r\n    return 1 / 0\r\n")
        archive.writestr("mzipped/data.txt", "text")
    sys.path.insert(0, packed)

    def portrait() -> list[object]:
        module = again("mzipped")
        loader: Any = module.__loader__
        inner: Any = sys.modules["mzipped.inner"].__loader__
        told: list[object] = [
            facts(module),
            facts(sys.modules["mzipped.inner"]),
            repr(loader),
            repr(inner),
            loader is sys.path_importer_cache[packed],
            inner is sys.path_importer_cache[f"{packed}/mzipped"],
            loader.is_package("mzipped"),
            inner.get_source("mzipped.inner"),
            inner.get_filename("mzipped.inner"),
            loader.get_data(f"{packed}/mzipped/data.txt"),
            importlib.resources.files("mzipped").joinpath("data.txt").read_text(),
            inspect.getsource(module.f),
            module.f.__code__.co_filename,
        ]
        try:
            module.f()
        except ZeroDivisionError:
            told.append(traceback.format_exc())
        return told

    try:
        with_hook = portrait()
        assert one.modules == ["mzipped", "mzipped.inner"]
        one.finder.remove()
        assert portrait() == with_hook
    finally:
        sys.path.remove(packed)
    assert one.reports == []


def test_compiled_file_without_source_is_reported_and_loads(hook: Make) -> None:
    import py_compile

    one = hook()
    path = one.write("mcompiled.py", "x = 6\n")
    py_compile.compile(str(path), cfile=str(path.with_suffix(".pyc")))
    path.unlink()
    importlib.invalidate_caches()
    assert again("mcompiled").x == 6
    assert [(what, name) for what, name, _ in one.reports] == [("module-skipped", "mcompiled")]


def test_runpy_runs_instrumented_modules(hook: Make) -> None:
    one = hook()
    one.write("mpack/__init__.py", "")
    one.write("mpack/__main__.py", "name = __name__\nfile = __file__\n")
    told = runpy.run_module("mpack", alter_sys=False)
    assert told["name"] == "mpack.__main__"
    assert "mpack.__main__" in one.modules


def test_file_run_by_path_is_recorded_as_what_it_runs_as(hook: Make) -> None:
    one = hook()
    path = one.write("mscript.py", "name = __name__\ndef f(): 1 / 0\n")
    assert runpy.run_path(str(path), run_name="mrun")["name"] == "mrun"
    assert one.modules == ["mrun"]
    # Names outside of the selection stay plain.
    assert runpy.run_path(str(path))["name"] == "<run_path>"
    assert one.modules == ["mrun"]
    with pytest.raises(SyntaxError):
        runpy.run_path(str(one.write("mwrong.py", "def f(:\n")), run_name="mwrong")
    one.finder.remove()
    assert not hasattr(runpy, "compile")


def test_error_in_a_file_run_by_path_shows_no_frame_of_ours(hook: Make) -> None:
    one = hook()
    path = one.write("mscript.py", "def f():\n    return 1 / 0\nf()\n")

    def message() -> str:
        try:
            runpy.run_path(str(path), run_name="mrun")
        except ZeroDivisionError:
            return traceback.format_exc()
        return ""

    with_hook = message()
    assert one.modules == ["mrun"]
    one.finder.remove()
    assert message() == with_hook


def test_spec_from_a_file_is_recorded(hook: Make) -> None:
    """As plug-ins and Alembic's migrations load; the function looks as it does without."""
    one = hook()
    path = one.write("plugin.py", "def f():\n    return 1 / 0\nf()\n")
    signature = inspect.signature(importlib.util.spec_from_file_location)

    def message(name: str) -> str:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        try:
            spec.loader.exec_module(importlib.util.module_from_spec(spec))
        except ZeroDivisionError:
            return traceback.format_exc()
        return ""

    with_hook = message("mplugin")
    message("other")
    assert one.modules == ["mplugin"]
    one.finder.remove()
    assert message("mplugin") == with_hook
    assert inspect.signature(importlib.util.spec_from_file_location) == signature
    theirs = importlib.util.spec_from_file_location
    assert theirs.__module__ == "importlib._bootstrap_external" or "frozen" in theirs.__module__
    assert one.modules == ["mplugin"]


def test_module_is_known_under_the_name_that_it_runs_as(hook: Make) -> None:
    """Also where it was imported before, and no longer when it is imported afterwards."""
    one = hook()
    one.write("mtool.py", "x = __name__\n")
    one.write("mpack/__init__.py", "from . import __main__\n")
    one.write("mpack/__main__.py", "x = __name__\n")
    assert runpy.run_module("mtool", run_name="__main__")["x"] == "__main__"
    assert again("mtool").x == "mtool"
    assert runpy.run_module("mtool", run_name="mrun")["x"] == "mrun"
    assert one.modules == ["__main__", "mtool", "mrun"]
    with pytest.warns(RuntimeWarning, match="found in sys.modules"):
        runpy.run_module("mpack", run_name="__main__")
    assert one.modules[-1] == "__main__"
    assert "mpack.__main__" in one.modules
    assert vars(sys.modules["mtool"].__loader__).keys() == {"name", "path"}
    one.finder.remove()
    assert runpy.__dict__["importlib"] is importlib


def failing() -> str:
    """Let runpy fail with a module; return the traceback."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            runpy.run_module("mfails.inner")
    except ImportError:
        return traceback.format_exc()
    return ""


def test_module_that_runpy_cannot_run_fails_the_same(hook: Make) -> None:
    one = hook()
    one.write("mfails/__init__.py", "")
    one.write("mfails/inner.py", "import mmissing\n")
    with_hook = failing()
    sys.modules["mfails.inner"] = ModuleType("mfails.inner")
    with_hook += failing()
    one.finder.remove()
    del sys.modules["mfails.inner"]
    without = failing()
    sys.modules["mfails.inner"] = ModuleType("mfails.inner")
    assert with_hook == without + failing()
    assert "__spec__ is None" in with_hook


def test_spec_that_is_only_found_is_plain_to_the_eye(hook: Make) -> None:
    one = hook()
    path = one.write("mod.py", "x = 1\n")

    def found() -> Any:
        return importlib.util.find_spec("mod")

    spec = found()
    assert spec == found()
    assert type(spec.loader) is SourceFileLoader
    copied: Any = copy.copy(spec.loader)
    assert copied.get_code("mod").co_filename == str(path)
    pickled = pickle.loads(pickle.dumps(found()))  # noqa: S301 - of this test
    one.finder.remove()
    assert vars(pickled.loader)["get_code"].__func__ is SourceFileLoader.get_code
    module = importlib.util.module_from_spec(pickled)
    pickled.loader.exec_module(module)
    assert module.x == 1


def test_spec_is_loaded_from_what_its_file_holds_by_then(hook: Make) -> None:
    """Error and traceback as well; and a loader that is used again runs plain."""
    one = hook()
    path = one.write("mod.py", "x = 'found'\n")

    def loaded(source: str | None) -> object:
        path.write_text("x = 'found'\n")
        spec = importlib.util.find_spec("mod")
        assert spec is not None
        assert spec.loader is not None
        if source is None:
            path.unlink()
        else:
            path.write_text(source)
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
            first = vars(module).pop("x")
            spec.loader.exec_module(module)
        except (OSError, SyntaxError):
            return traceback.format_exc()
        return first, module.x, vars(spec.loader)

    sources = ("x = 'changed since'\n", "x = (\n", None)
    with_hook = [loaded(each) for each in sources]
    assert one.modules == ["mod"] * 4
    one.finder.remove()
    assert [loaded(each) for each in sources] == with_hook


def test_loader_is_asked_for_another_module_as_without(hook: Make) -> None:
    one = hook()
    one.write("mod.py", "x = 1\n")

    def refused() -> str:
        spec = importlib.util.find_spec("mod")
        assert spec is not None
        loader: Any = spec.loader
        try:
            loader.get_code("other")
        except ImportError:
            return traceback.format_exc()
        return ""

    with_hook = refused()
    one.finder.remove()
    assert with_hook == refused()
    assert "cannot handle other" in with_hook


def test_lazy_module_is_recorded_when_it_loads(hook: Make) -> None:
    one = hook()
    one.write("mlazy.py", "def f(): return 1\n")
    spec = importlib.util.find_spec("mlazy")
    assert spec is not None
    assert spec.loader is not None
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules["mlazy"] = module
    spec.loader.exec_module(module)
    assert module.f() == 1
    assert any(name.startswith(PREFIX) for name in module.f.__code__.co_names)


def test_source_with_another_encoding_or_line_end_works(hook: Make) -> None:
    one = hook()
    one.write("mlatin.py", "# coding: latin-1\nx = 'ä' if 'ö' else 'ü'\n".encode("latin-1"))
    one.write("mbom.py", b"\xef\xbb\xbfx = 1\r\nif x:\r\n    y = '\xc3\xa4'\r\n")
    one.write("mempty.py", "")
    one.write("mcomment.py", "# nothing\n")
    one.write("mtab.py", "if 1:\n\tx = 1\n\x0c\n")
    assert again("mlatin").x == "ä"
    assert again("mbom").y == "ä"
    for name in ("mempty", "mcomment", "mtab"):
        again(name)


def test_changed_source_is_never_mistaken(hook: Make) -> None:
    """Size and time of the last write stay as they were; each run gets what the file holds."""
    one = hook()
    path = one.write("mod.py", "x = 0\n")
    before = path.stat()
    for number in range(5):
        path.write_text(f"x = {number}\n")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        importlib.invalidate_caches()
        assert again("mod").x == number
        assert again("mod").x == number


def test_source_that_did_not_change_is_not_read_again(
    hook: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = hook()
    path = one.write("mod.py", "x = 1\n")
    while stamp(str(path)) == NO_STAMP:
        threading.Event().wait(0.05)
    again("mod")

    def unread(*_: object) -> bytes:
        raise AssertionError

    monkeypatch.setattr(SourceFileLoader, "get_data", unread)
    assert again("mod").x == 1
    assert one.modules == ["mod", "mod"]


def test_two_threads_import_at_once(hook: Make) -> None:
    one = hook()
    one.write("mslow.py", "import time\ntime.sleep(0.05)\nx = []\n")
    found: list[Any] = []
    gate = threading.Barrier(4)

    def work() -> None:
        gate.wait()
        found.append(importlib.import_module("mslow").x)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(x) for x in found}) == 1


def test_module_that_another_thread_loads_while_it_is_sought_stays(
    hook: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`importlib.util.find_spec` holds no lock of the module's, and giving it probes takes long."""
    one = hook()
    one.write("mod.py", "x = 1\n")
    take_over, theirs = one.finder.loading.take_over, ModuleType("mod")

    def slow(spec: Any) -> None:
        take_over(spec)
        sys.modules["mod"] = theirs

    monkeypatch.setattr(one.finder.loading, "take_over", slow)
    assert importlib.util.find_spec("mod") is not None
    assert importlib.import_module("mod") is theirs


class Refusing:
    """A finder that raises when it is asked."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "mrefused":
            raise ImportError(name)


def test_error_of_another_finder_shows_no_frame_of_ours(hook: Make) -> None:
    """A zip file's compiles a package in order to find it (Python 3.11)."""
    one = hook()
    packed = one.folder / "packed.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mwrong.py", "x = (\n")
        archive.writestr("mdamaged.py", "x = 1\n" * 1000)
    raw = packed.read_bytes()
    place = raw.index(b"mdamaged.py") + len("mdamaged.py") + 3
    packed.write_bytes(raw[:place] + b"\xff" * 8 + raw[place + 8 :])
    refusing = Refusing()

    def messages() -> list[str]:
        found = []
        for name in ("mwrong", "mdamaged", "mrefused", "mwrong.inner"):
            try:
                importlib.import_module(name)
            except Exception:  # noqa: BLE001 - whatever it is
                found.append(traceback.format_exc())
        return found

    sys.path.insert(0, str(packed))
    sys.meta_path.append(refusing)
    try:
        with_hook = messages()
        one.finder.remove()
        assert messages() == with_hook
    finally:
        sys.meta_path.remove(refusing)
        sys.path.remove(str(packed))
    assert len(with_hook) == 4
    assert "rewind" not in "".join(with_hook)


def test_failure_of_ours_is_reported_and_the_module_loads(
    hook: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = hook()
    one.write("mod.py", "x = 1\n")

    def fails(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(one.instrument, "code_of_file", fails)
    assert again("mod").x == 1
    assert one.reports == [("module-failed", "mod", "MemoryError: ")]


def test_removed_finder_keeps_nothing(hook: Make) -> None:
    one = hook()
    one.finder.remove()
    one.finder.remove()
    assert one.finder not in sys.meta_path
    gc.collect()


def test_removed_file_loads_as_python_says(hook: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that goes away between finding and reading is the plain loader's business."""
    one = hook()
    one.write("mod.py", "x = 1\n")

    def gone(*_: object) -> bytes:
        raise FileNotFoundError(2, "gone")

    monkeypatch.setattr(SourceFileLoader, "get_data", gone)
    spec = importlib.util.find_spec("mod")
    assert spec is not None
    assert type(spec.loader) is SourceFileLoader


@pytest.mark.parametrize("name", ["collections", "tokenize"])
def test_module_that_our_own_work_needs_is_instrumented_when_it_is_imported_anew(
    name: str, hook: Make
) -> None:
    """Decoding a source imports `tokenize`: that must not begin all over again."""
    one = hook(include=(name,))
    names = [one for one in sys.modules if f"{one}.".startswith(f"{name}.")]
    kept = {name: sys.modules.pop(name) for name in names}
    try:
        importlib.import_module(name)
        assert name in one.modules
    finally:
        sys.modules.update(kept)


@pytest.mark.parametrize("age", [0, 60], ids=["as old as its source", "older"])
def test_compiled_file_beside_its_source_in_a_zip_file(hook: Make, age: int) -> None:
    """Python takes the compiled one, unless its source is another by now."""
    import py_compile

    one = hook()
    path = one.write("there/mboth.py", "def f():\n    return 7\n")
    compiled = path.with_suffix(".pyc")
    packed = str(one.folder / "packed.zip")
    # Times in an archive have a step of two seconds.
    now = int(path.stat().st_mtime) // 2 * 2
    os.utime(path, (now - age, now - age))
    py_compile.compile(str(path), cfile=str(compiled), dfile="mboth.py")
    os.utime(path, (now, now))
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(path, "mboth.py")
        archive.write(compiled, "mboth.pyc")
    sys.path.insert(0, packed)
    try:
        module = again("mboth")
        with_hook = facts(module), module.f(), module.f.__code__.co_filename
        one.finder.remove()
        module = again("mboth")
        assert (facts(module), module.f(), module.f.__code__.co_filename) == with_hook
    finally:
        sys.path.remove(packed)
    if age:
        assert (one.modules, one.reports) == (["mboth"], [])
    else:
        why = "it is loaded from a compiled file, not from its source"
        assert (one.modules, one.reports) == ([], [("module-skipped", "mboth", why)])


def test_what_a_module_puts_into_attributes_and_items_is_there(hook: Make) -> None:
    one = hook()
    one.write(
        "mstores.py",
        """
        class Kind: pass
        kind, items = Kind(), {}
        kind.x = items["k"] = 4
        kind.y = [5]
        items["l"] = (6,)
        """,
    )
    module = again("mstores")
    assert one.modules == ["mstores"]
    assert vars(module.kind) == {"x": 4, "y": [5]}
    assert module.items == {"k": 4, "l": (6,)}
