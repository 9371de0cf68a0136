"""How a program ends: what runs last, in which order, and with which exit status."""

import pytest

from tests.fidelity.language.conftest import Same


def test_objects_that_outlive_the_program_die_as_they_do(same: Same) -> None:
    source = """
    import codecs, functools, json, re, threading
    class Dying:
        def __init__(self, name): self.name = name
        def __del__(self):
            for i in range(2):
                try: x = [i][0]
                finally: x += 1
            with Room() as room: x = room
            if x: print("gone", self.name)
            self.name = None
    class Room:
        def __enter__(self): return self
        def __exit__(self, *what): print("left")
    def generator(x):
        try: yield 1
        except GeneratorExit: print("closed", x); raise
        finally: print("finally", x)
    class Meta(type):
        def __del__(cls): print("class gone", cls.__name__)
    class K(metaclass=Meta): pass
    one = Dying("global")
    suspended = generator(1)
    next(suspended)
    namespace = globals()
    local = threading.local()
    local.d = Dying("thread local")
    @functools.lru_cache
    def cached(x): return x
    cached(Dying("cached"))
    re.kept = Dying("in re")
    codecs.register_error("mine", lambda e, d=Dying("codec"): None)
    json.kept, json.generator = Dying("in json"), generator(2)
    next(json.generator)
    cycle = Dying("cycle")
    cycle.me = cycle
    """
    same(source)


def test_exit_handlers_run_in_their_order(same: Same) -> None:
    source = """
    import atexit, sys, threading, weakref
    def say(*what):
        for one in what: print(one)
        return what
    atexit.register(say, "first registered", "runs last")
    class Thing: pass
    thing = Thing()
    weakref.finalize(thing, say, "finalized")
    def later():
        atexit.register(say, "registered at exit")
        raise ValueError("in an exit handler")
    atexit.register(later)
    done = threading.Event()
    def daemon():
        done.set()
        threading.Event().wait()
    threading.Thread(target=daemon, daemon=True).start()
    done.wait()
    def works():
        threading.main_thread().join()
        say("a thread goes on after the main one")
    threading.Thread(target=works).start()
    atexit.unregister(print)
    print("end")
    """
    same(source)


ENDS = {
    "an exit status": ("import sys; sys.exit(3)", 3),
    "a text": ("import sys; sys.exit('a text')", 1),
    "nothing": ("raise SystemExit", 0),
    "an object": ("raise SystemExit([1, 2])", 1),
    "an exit in an exit handler": ("import atexit, sys; atexit.register(sys.exit, 4)", 0),
    "a large status": ("import sys; sys.exit(256 + 7)", 7),
    "a subclass": ("class E(SystemExit): pass\nraise E(5)", 5),
    "a group": ("raise BaseExceptionGroup('g', [SystemExit(2), KeyError(1)])", 1),
    "an interrupt": ("raise KeyboardInterrupt", -2),
    "an error and a failing handler": (
        "import atexit\ndef f(): 1 / 0\natexit.register(f)\nraise KeyError('k')",
        1,
    ),
    "a thread's exit": (
        (
            "import sys, threading\nt = threading.Thread(target=sys.exit, args=(9,))\n"
            "t.start(); t.join(); print('on')"
        ),
        0,
    ),
    "a handler of signals": (
        (
            "import signal, sys\nsignal.signal(signal.SIGTERM, lambda n, f: sys.exit(f.f_lineno))\n"
            "def f():\n    for i in range(3):\n        if i == 1: signal.raise_signal(15)\nf()"
        ),
        9,
    ),
    "an alarm": (
        (
            "import signal\ndef ring(n, f): raise TimeoutError(f.f_code.co_name)\n"
            "signal.signal(signal.SIGALRM, ring)\nsignal.setitimer(signal.ITIMER_REAL, 0.05)\n"
            "def wait():\n    with open(__file__) as f: signal.pause()\n"
            "try: wait()\nexcept TimeoutError as e: print(e, e.__traceback__.tb_next.tb_lineno)"
        ),
        0,
    ),
}


@pytest.mark.parametrize("name", ENDS)
def test_it_ends_as_it_does(same: Same, name: str) -> None:
    source, code = ENDS[name]
    around = f"def work():\n    try: print('work')\n    finally: print('done')\nwork()\n{source}\n"
    same(around, code=code)


def test_forked_processes_go_on_from_where_they_are(same: Same) -> None:
    source = """
    import atexit, os, sys
    atexit.register(print, "exit handler")
    class Dying:
        def __del__(self): print("gone")
    def child(n):
        with open(__file__) as f:
            try:
                pid = os.fork()
                if pid: return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                if n == 0: os._exit(3)
                if n == 1: sys.exit(4)
                if n == 2: raise KeyError("in the child")
            finally:
                print("finally", n, pid == 0, flush=True)
    def generator():
        d = Dying()
        yield child(0)
        yield child(1)
        yield child(2)
    sys.stdout.flush()
    for status in generator(): print("status", status, flush=True)
    """
    same(source)


def test_processes_of_multiprocessing_give_the_same(same: Same) -> None:
    source = """
    import multiprocessing, sys
    def square(n):
        if n == 3: raise ValueError(n)
        return n * n
    def main():
        for method in ("fork", "spawn"):
            context = multiprocessing.get_context(method)
            with context.Pool(1) as pool:
                print(pool.map(square, range(3)))
                try: pool.map(square, range(5))
                except ValueError as error: print(error, type(error.__cause__).__name__)
            process = context.Process(target=sys.exit, args=(5,))
            process.start()
            process.join()
            print(process.exitcode)
    if __name__ == "__main__": main()
    """
    same(source)
