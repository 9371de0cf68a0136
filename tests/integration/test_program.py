"""Under Rewind a program sees what plain Python gives it, and its user sees what it writes.

Each program runs twice, plain and by the bootstrap that `rewind run` turns into; output, error
text and the way it ends must be the same. The writer is left out: its place is taken by one that
has ended, which the program's own run must not notice.
"""

import os
import py_compile
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.spool_reading import Spool
from tests.twice import BOOTSTRAP, Ended, Programs


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    # What is compiled is kept, as on most machines.
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    folder = tmp_path / "work"
    folder.mkdir()
    return Programs(folder, tmp_path / "spool")


SELF_PORTRAIT = """
import json, sys, builtins, threading, signal, contextvars
main = sys.modules["__main__"]
told = {
    "argv": sys.argv, "path0": sys.path[0], "path": len(sys.path), "orig": sys.orig_argv[1:],
    "names": [n for n in vars(main) if n != "told"], "name": __name__,
    "file": globals().get("__file__"), "spec": str(__spec__), "doc": __doc__,
    "package": __package__,
    "loader": type(__loader__).__name__, "cached": globals().get("__cached__"),
    "builtins": __builtins__ is builtins, "annotations": __annotations__,
    "same": vars(main) is globals(), "hook": sys.excepthook is sys.__excepthook__,
    "threads": [t.name for t in threading.enumerate()], "limit": sys.getrecursionlimit(),
    "int": signal.getsignal(signal.SIGINT) is signal.default_int_handler,
    "term": signal.getsignal(signal.SIGTERM) is signal.SIG_DFL,
    "code": sys._getframe().f_code.co_filename, "back": sys._getframe().f_lineno,
    "context": len(contextvars.copy_context()), "flags": str(sys.flags),
    "environ": sorted(k for k in __import__("os").environ if "REWIND" in k),
    "stdin": sys.stdin.read(), "trace": [sys.gettrace(), sys.getprofile()],
}
for key, value in told.items(): print(key, "=", value)
"""


def test_script_sees_itself_as_plain(programs: Programs) -> None:
    programs.write("app.py", SELF_PORTRAIT)
    ended = programs.same("app.py", "-a", "--help", "x y", stdin="in\n")
    assert "argv = ['app.py', '-a', '--help', 'x y']" in ended.stdout


def test_script_in_another_folder_and_behind_a_link_sees_itself_as_plain(
    programs: Programs,
) -> None:
    programs.write("deep/er/app.py", SELF_PORTRAIT + "import beside; print(beside.__file__)\n")
    programs.write("deep/er/beside.py", "")
    (programs.folder / "link.py").symlink_to("deep/er/app.py")
    for name in ("deep/er/app.py", "./deep/../deep/er/app.py", "link.py"):
        programs.same(name)
    programs.same(str(programs.folder / "deep/er/app.py"))


def test_script_without_suffix_and_with_odd_name_runs(programs: Programs) -> None:
    for name in ("app", "my app.txt", "ünï.py"):
        programs.write(name, "import sys; print(__file__, sys.argv)\n")
        programs.same(name, "x")


def test_module_sees_itself_as_plain(programs: Programs) -> None:
    programs.write("pkg/__init__.py", "print('package')\n")
    programs.write("pkg/__main__.py", SELF_PORTRAIT)
    programs.write("pkg/sub.py", "from . import __name__ as n\n" + SELF_PORTRAIT)
    programs.write("single.py", SELF_PORTRAIT)
    for name in ("pkg", "pkg.sub", "single"):
        programs.same(name, "-x", kind="module")


def test_module_that_cannot_run_is_refused_as_plain(programs: Programs) -> None:
    programs.write("pkg/__init__.py", "")
    programs.write("broken/__init__.py", "raise KeyError('no')\n")
    programs.write("broken/__main__.py", "")
    for name in ("missing", "pkg", "pkg.missing", "broken"):
        ended = programs.same(name, kind="module")
        assert ended.code == 1


def test_folder_and_zip_file_see_themselves_as_plain(programs: Programs) -> None:
    source = SELF_PORTRAIT + "import beside; print(beside.x)\n"
    programs.write("folder/__main__.py", source)
    programs.write("folder/beside.py", "x = 1\n")
    with zipfile.ZipFile(programs.folder / "app.pyz", "w") as archive:
        archive.writestr("__main__.py", source)
        archive.writestr("beside.py", "x = 2\n")
    programs.write("empty/nothing.txt", "")
    programs.same("folder", "-x")
    programs.same("app.pyz", "-x")
    programs.same("empty")


def test_program_from_standard_input_sees_itself_as_plain(programs: Programs) -> None:
    source = SELF_PORTRAIT.replace('"stdin": sys.stdin.read(), ', "")
    programs.same("-", "-x", stdin=source)
    programs.same("-", stdin="x = 1\n1 / 0\n")


ENDINGS = {
    "nothing": "",
    "exit zero": "import sys; sys.exit(0)",
    "exit number": "import sys; sys.exit(7)",
    "exit none": "import sys; sys.exit(None)",
    "exit large": "import sys; sys.exit(300)",
    "exit negative": "import sys; sys.exit(-1)",
    "exit text": "import sys; sys.exit('a text')",
    "exit object": "import sys; sys.exit([1, 2])",
    "exit true": "import sys; sys.exit(True)",
    "SystemExit raised": "raise SystemExit(4)",
    "quit": "quit(6)",
    "exit in a function": """
        def f():
            try: exit(3)
            finally: print('finally')
        f()
        """,
    "os._exit": "import os; print('x', flush=True); os._exit(9)",
    "abort": "import os; os.abort()",
    "killed by itself": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "terminated by itself": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    "uncaught": """
        def f(x):
            return [1][x]
        def g():
            f(
                5)
        g()
        """,
    "uncaught chain": """
        try:
            {}['k']
        except KeyError as e:
            try:
                raise ValueError('v') from e
            except ValueError:
                1 / 0
        """,
    "uncaught group": """
        raise ExceptionGroup('g', [ValueError(1), ExceptionGroup('h', [KeyError()])])
        """,
    "uncaught with notes": "e = ValueError('v'); e.add_note('a note'); raise e",
    "uncaught in an import": "import broken",
    "uncaught in a class body": """
        class C:
            x = 1
            y = x / 0
        """,
    "uncaught in a generator": """
        def g():
            yield 1
            raise KeyError
        list(g())
        """,
    "uncaught in a coroutine": """
        import asyncio
        async def f():
            await asyncio.sleep(0)
            raise KeyError
        asyncio.run(f())
        """,
    "endless recursion": """
        def f(n): return f(n + 1)
        f(0)
        """,
    "assertion": """
        x = 1
        assert x > 2, 'small'
        """,
    "assertion over lines": """
        x = 1
        assert (
            x
            and x > 2
        ), 'small'
        """,
    "KeyboardInterrupt raised": "raise KeyboardInterrupt",
    "StopIteration raised": "raise StopIteration(3)",
    "exception of its own": """
        class E(Exception):
            def __str__(self): return 'told'
        raise E(1)
        """,
    "exception that cannot be told": """
        class E(Exception):
            def __str__(self): raise KeyError
        raise E(1)
        """,
    "traceback printed": """
        import traceback
        def f():
            try: 1 / 0
            except ZeroDivisionError: traceback.print_exc()
        f()
        """,
    "syntax error": """
        def f(:
            pass
        """,
    "indentation error": """
        if 1:
        pass
        """,
    "wrong future": """
        x = 1
        from __future__ import annotations
        """,
    "error of the symbol table": """
        def f():
            x = 1
            global x
        """,
    "error of the compiler": """
        def f():
            break
        """,
    "syntax error in an import": "import wrong",
    "atexit": """
        import atexit
        def bye(n):
            print('bye', n)
            return n
        atexit.register(bye, 1); atexit.register(bye, 2)
        1 / 0
        """,
    "atexit that fails": """
        import atexit
        @atexit.register
        def bye(): 1 / 0
        """,
    "excepthook of its own": """
        import sys
        def hook(kind, error, tb):
            print(kind, error, tb.tb_lineno, tb.tb_next)
            print(sys.last_value, sys.excepthook is hook)
        sys.excepthook = hook
        1 / 0
        """,
    "excepthook that fails": """
        import sys
        sys.excepthook = lambda *a: 1 / 0
        raise KeyError
        """,
    "excepthook that exits": """
        import sys
        sys.excepthook = lambda *a: sys.exit(5)
        raise KeyError
        """,
    "excepthook none": """
        import sys
        sys.excepthook = None
        raise KeyError
        """,
    "threads": """
        import threading
        turns = [threading.Event() for n in range(4)]
        def work(n):
            turns[n].wait()
            print('work', n)
            turns[n + 1].set()
        for n in range(3): threading.Thread(target=work, args=(n,)).start()
        print('main ends')
        turns[0].set()
        """,
    "thread that fails": """
        import threading
        def work(): return 1 / 0
        t = threading.Thread(target=work, name='T'); t.start(); t.join(); print('joined')
        """,
    "threads of a pool": """
        from concurrent.futures import ThreadPoolExecutor
        def f(x): return x * x
        with ThreadPoolExecutor(3) as pool: print(list(pool.map(f, range(5))))
        """,
    "daemon thread": """
        import threading, time
        def work():
            while True: time.sleep(0.001)
        threading.Thread(target=work, daemon=True).start()
        time.sleep(0.02)
        print('end')
        """,
    "fork": """
        import os, sys
        def f(x): return x
        print('before', flush=True)
        pid = os.fork()
        if not pid:
            print('child', f(1), flush=True); sys.exit(3)
        _, status = os.waitpid(pid, 0)
        print('parent', f(2), os.waitstatus_to_exitcode(status))
        """,
    "fork in a function": """
        import os
        def child(): print('child', flush=True); os._exit(0)
        def f():
            pid = os.fork()
            if not pid: child()
            return os.waitpid(pid, 0)[1]
        print(f())
        """,
    "multiprocessing fork": """
        import multiprocessing as mp
        def f(x): return x * x
        if __name__ == '__main__':
            with mp.get_context('fork').Pool(2) as p: print(p.map(f, range(4)))
        """,
    "multiprocessing spawn": """
        import multiprocessing as mp
        import beside
        def f(x): return beside.g(x), __name__
        if __name__ == '__main__':
            with mp.get_context('spawn').Pool(1) as p: print(p.map(f, [2]))
        """,
    "subprocess of itself": """
        import subprocess, sys
        if len(sys.argv) > 1: print('child', sys.argv[1:])
        else:
            print(subprocess.run([*sys.orig_argv, 'x'], capture_output=True, text=True))
        """,
    "exec of itself": """
        import os, sys
        if len(sys.argv) > 1: print('again', sys.argv[1:])
        else: os.execv(sys.executable, [*sys.orig_argv, 'x'])
        """,
    "pickle of its own class": """
        import pickle
        class C: pass
        print(type(pickle.loads(pickle.dumps(C()))) is C)
        def f(): pass
        print(pickle.loads(pickle.dumps(f)) is f, C.__module__)
        """,
    "import of itself": "import app; print(app.__name__, __name__)\n",
    "closed streams": """
        import sys
        sys.stdout.close()
        sys.stderr.close()
        sys.exit(4)
        """,
    "stdout that is gone": """
        import os
        os.close(1)
        x = 1
        """,
    "unraisable": """
        class D:
            def __del__(self): 1 / 0
        d = D()
        del d
        print('on')
        """,
    "trace and profile functions that are recorded": """
        import sys
        def trace(frame, event, arg):
            return trace
        def f(x):
            y = [x]
            y.append(x)
            return y
        sys.settrace(trace)
        f(1)
        sys.settrace(None)
        sys.setprofile(trace)
        f(1)
        sys.setprofile(None)
        print(f(2))
        """,
    "builtins that are replaced for a while": """
        import builtins
        kept = {}
        def f(x):
            y = [x]
            y.append(x)
            return y
        def broken(*_, **__):
            raise TypeError('replaced')
        for name in ('len', 'isinstance', 'type', 'id', 'getattr', 'open', 'min', 'zip', 'str'):
            kept[name] = getattr(builtins, name)
        for name in kept:
            setattr(builtins, name, broken)
        f(1)
        vars(builtins).update(kept)
        print(f(2))
        """,
    "what is collected last of all": """
        class D:
            def __del__(self):
                said = [1]
                said.append(2)
                for one in said:
                    if one: self.said = said
                try: self.gone
                except AttributeError: print('gone', self.said)
                kept = {}
                kept['a'] = said
                kept['a'][0] += 4
                with open(__file__) as file: yielded = [*self.numbers()]
                print(kept, self.said, yielded)
            def numbers(self):
                yield 1
                yield from [2, 3]
        d = D()
        d.itself = d
        """,
    "warnings": "import warnings\ndef f(): warnings.warn('careful')\nf()\nx = '\\d' is 'y'\n",
    "signals": """
        import signal, os
        def ring(n, frame):
            print('ring', n, frame.f_code.co_name)
        signal.signal(signal.SIGUSR1, ring)
        def f():
            os.kill(os.getpid(), signal.SIGUSR1)
        f()
        """,
    "names of the library": """
        import random, json, types, calendar_
        print(calendar_.x)
        """,
    "own module with a name of the library": """
        import fnmatch
        print(fnmatch.mine)
        """,
    "a breakpoint": """
        def f(x):
            breakpoint()
            return x
        f(1)
        """,
}

BESIDE = {
    "broken.py": "def f():\n    raise OSError('broken')\nf()\n",
    "wrong.py": "x = (\n",
    "beside.py": "def g(x): return -x\n",
    "calendar_.py": "x = 1\n",
}


@pytest.mark.parametrize("name", ENDINGS)
def test_program_ends_as_plain(name: str, programs: Programs) -> None:
    """Output, error text byte for byte, and exit status are those of plain Python."""
    programs.write("app.py", ENDINGS[name])
    for file, source in BESIDE.items():
        programs.write(file, source)
    if "own module" in name:
        programs.write("fnmatch.py", "mine = 1\n")
    ended = programs.plain("app.py", stdin="c\n")
    recorded = programs.recorded("app.py", stdin="c\n")
    assert recorded == ended
    # A second run finds the first one's compiled code.
    assert programs.recorded("app.py", stdin="c\n") == ended


@pytest.mark.parametrize(
    "source",
    [b"# coding: nope\nx = 1\n", b'x = 1\ny = "\xff"\n', b"x = 1\0\n", b"\xff\xfe\0x"],
    ids=["unknown encoding", "another encoding", "null byte", "UTF-16"],
)
def test_a_script_that_is_no_text_is_refused_as_plain(source: bytes, programs: Programs) -> None:
    """Python has words of its own where it reads a file itself."""
    programs.write("app.py", "")
    (programs.folder / "app.py").write_bytes(source)
    assert programs.same("app.py", "a").code == 1
    (session,) = programs.read().sessions
    assert session["trigger"] == "app.py"


@pytest.mark.parametrize(
    "end", ["", "sys.exit(3)", "1 / 0", "sys.excepthook = lambda *_: print(__file__)\n1 / 0"]
)
@pytest.mark.parametrize("kind", ["script", "module", "stdin"])
def test_exit_handlers_find_what_is_left_as_plain(kind: str, end: str, programs: Programs) -> None:
    """Python takes the name of a script out of its namespace in between."""
    source = f"""import atexit, sys
def told(): print(sorted(sys.modules["__main__"].__dict__))
atexit.register(told)
{end}
"""
    programs.write("app.py", source)
    if kind == "stdin":
        programs.same("-", stdin=source)
    elif kind == "module":
        programs.same("app", kind="module")
    else:
        programs.same("app.py")


@pytest.mark.parametrize("end", ["", "sys.exit(3)", "1 / 0"])
def test_a_session_after_the_program_is_as_plain(end: str, programs: Programs) -> None:
    programs.write("app.py", f"import sys\nx = 1\n{end}\n")
    typed = "print(x, sorted(globals()))\n"
    plain = programs.plain("app.py", stdin=typed, flags=("-i",))
    assert "__builtins__" in plain.stdout
    assert programs.recorded("app.py", stdin=typed, flags=("-i",)) == plain


def test_a_script_that_is_compiled_runs_and_is_reported(programs: Programs) -> None:
    programs.write("source.py", "import sys\nprint(__file__, sys.argv)\nsys.exit(3)\n")
    source = programs.folder / "source.py"
    py_compile.compile(str(source), str(programs.folder / "app.pyc"))
    assert programs.same("app.pyc", "a").code == 3
    (report,) = programs.read().reports
    assert "compiled file" in report["why"]


def test_missing_script_is_told_as_plain(programs: Programs) -> None:
    assert programs.same("missing.py").code == 2


INTERRUPTED = {
    "sleeping": """
        import time
        print('ready', flush=True)
        time.sleep(60)
        """,
    "in a function": """
        import time
        def f():
            print('ready', flush=True)
            time.sleep(60)
        try: f()
        finally: print('finally')
        """,
    "caught": """
        import time
        print('ready', flush=True)
        try: time.sleep(60)
        except KeyboardInterrupt: print('caught')
        """,
    "in a thread's join": """
        import threading, time
        t = threading.Thread(target=time.sleep, args=(60,), daemon=True)
        t.start()
        print('ready', flush=True)
        t.join()
        """,
    "in asyncio": """
        import asyncio
        async def f():
            print('ready', flush=True)
            await asyncio.sleep(60)
        asyncio.run(f())
        """,
}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("name", INTERRUPTED)
def test_signal_ends_the_program_as_plain(
    name: str, number: signal.Signals, programs: Programs
) -> None:
    """Same wait status and same output; what was published before is whole."""
    programs.write("app.py", INTERRUPTED[name])
    plain = _signalled([sys.executable, "app.py"], programs.folder, os.environ, number)
    recorded = _signalled(
        [sys.executable, str(BOOTSTRAP)],
        programs.folder,
        programs.told(("app.py",), "script"),
        number,
    )
    lines = recorded.stderr.splitlines(keepends=True)
    recorded.stderr = "".join(line for line in lines if not line.startswith("rewind: "))
    assert recorded == plain
    assert programs.read().of("call")


def _signalled(
    command: list[str], folder: Path, environ: Mapping[str, str], number: signal.Signals
) -> Ended:
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        _wait_until_asleep(process.pid)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=30)
    return Ended(process.returncode, stdout, stderr)


def _wait_until_asleep(pid: int) -> None:
    """Wait until the process has been asleep for a while: it waits for nothing that is to come."""
    deadline, asleep = time.monotonic() + 30, 0
    while asleep < 20:
        assert time.monotonic() < deadline
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        asleep = asleep + 1 if state == "S" else 0
        time.sleep(0.005)


def test_switches_of_the_interpreter_reach_the_program(programs: Programs) -> None:
    programs.write(
        "app.py",
        "import sys\nprint(__debug__, sys.flags)\ndef f(): 'doc'\nprint(f.__doc__)\nassert 0\n",
    )
    for flags in (
        ("-O",),
        ("-OO",),
        ("-I",),
        ("-E", "-s"),
        ("-X", "dev"),
        ("-W", "error"),
        ("-P",),
    ):
        plain = programs.plain("app.py", flags=flags)
        assert programs.recorded("app.py", flags=flags) == plain


@pytest.mark.parametrize(
    "check",
    [
        lambda spool: [s["kind"] for s in spool.sessions] == ["script"],
        lambda spool: [s["trigger"] for s in spool.sessions] == ["app.py"],
        lambda spool: spool.goodbyes[0]["events"] == len(spool.events),
        lambda spool: spool.modules[0]["source"] == b"def f(x): return x\nf(1)\n",
        lambda spool: [e.function for e in spool.of("call")] == ["<module>", "f"],
        lambda spool: spool.process["argv"][1:] == ("app.py",),
    ],
)
def test_script_is_one_session(check: Callable[[Spool], bool], programs: Programs) -> None:
    programs.write("app.py", "def f(x): return x\nf(1)\n")
    programs.recorded("app.py")
    assert check(programs.read())
