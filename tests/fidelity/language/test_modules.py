"""What modules and the interpreter say of themselves."""

from tests.fidelity.language.conftest import Same

PORTRAIT = """
import builtins, sys, importlib.util
this = sys.modules[__name__]
print(sorted(vars(this)))
print(__name__, __package__, __doc__, __file__, __spec__ and (
    __spec__.name, __spec__.origin, __spec__.cached, __spec__.parent, __spec__.has_location,
    __spec__.submodule_search_locations, __spec__.loader_state))
print(globals().get("__cached__"), globals().get("__path__"), __builtins__ is builtins,
      __builtins__ is vars(builtins))
print(__loader__.name, __loader__.path, __loader__.get_filename(__name__),
      __loader__.is_package(__name__), __loader__.get_resource_reader(__name__) is None,
      __loader__.path_stats(__loader__.path).keys(), __loader__.get_data(__file__)[:20])
"""


def test_modules_and_packages_have_the_same_attributes(same: Same) -> None:
    source = """
    import alone, os, sys, importlib, pkgutil
    for name, text in {"pkg/__init__.py": "from . import sub", "pkg/sub.py": "",
                       "pkg/deep/__init__.py": "", "pkg/data.txt": "data"}.items():
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "w") as f: f.write(open("alone.py").read() + text + "\\n" if
                                           name.endswith("py") else text)
    importlib.invalidate_caches()
    import pkg, pkg.deep
    from pkg import sub as again
    print(pkg.sub is again, pkg.__path__, [m.name for m in pkgutil.iter_modules(pkg.__path__)])
    from importlib import resources
    print(resources.files(pkg).joinpath("data.txt").read_text())
    print(pkgutil.get_data("pkg", "data.txt"))
    before = alone.__dict__
    reloaded = importlib.reload(alone)
    print(reloaded is alone, reloaded.__dict__ is before, repr(alone), repr(alone.__spec__))
    print(importlib.util.find_spec("pkg.sub").origin, importlib.util.find_spec("nowhere"))
    try: import pkg.nothing
    except ImportError as error: print(error, error.name, error.path)
    del sys.modules["alone"]
    import alone as second
    print(second is alone, second.this is alone.this)
    made = importlib.util.module_from_spec(importlib.util.find_spec("alone"))
    made.__spec__.loader.exec_module(made)
    print(sorted(vars(made)) == sorted(vars(second)), "alone" in sys.modules)
    import runpy
    print(sorted(runpy.run_module("alone")))
    """
    same(source, alone=PORTRAIT)


def test_modules_that_fail_fail_the_same(same: Same) -> None:
    source = """
    import sys, traceback
    def attempt(name):
        try: __import__(name)
        except BaseException as error:
            traceback.print_exc()
            print(type(error), error, name in sys.modules, len(list(
                traceback.walk_tb(error.__traceback__))))
    for name in ("fails", "broken", "circular_a", "indirect", "exits", "fails"): attempt(name)
    """
    same(
        source,
        fails="x = 1\ndef f(): return 1 / 0\nwith open(__file__) as g:\n    f()\n",
        broken="def f(:\n  pass\n",
        circular_a="from circular_b import b\na = 1\n",
        circular_b="from circular_a import a\nb = 1\n",
        indirect="def load():\n    import fails\ntry: load()\nfinally: print('indirect')\n",
        exits="raise SystemExit('from a module')",
    )


def test_the_interpreter_is_set_the_same(same: Same) -> None:
    source = """
    import sys, gc, threading, signal, os, locale, warnings, builtins, contextvars
    print(sys.argv, sys.flags, sys.orig_argv[1:], sys.path, sys.getrecursionlimit())
    print(sys.getswitchinterval(), sys.gettrace(), sys.getprofile(), threading._trace_hook,
          gc.get_threshold(), gc.callbacks, sys.get_asyncgen_hooks(), sys.dont_write_bytecode,
          sys.get_coroutine_origin_tracking_depth(), sys.excepthook is sys.__excepthook__,
          sys.displayhook is sys.__displayhook__, sys.unraisablehook is sys.__unraisablehook__,
          threading.excepthook is threading.__excepthook__, sys.breakpointhook is
          sys.__breakpointhook__, sys.stdout.encoding, sys.stdout.line_buffering)
    print([t.name for t in threading.enumerate()], threading.active_count(),
          [signal.getsignal(n) for n in range(1, 20) if n not in (9, 19)], warnings.filters,
          signal.pthread_sigmask(signal.SIG_BLOCK, ()))
    print(len(contextvars.copy_context()), os.getcwd(), locale.setlocale(locale.LC_ALL),
          sorted(k for k in os.environ if "REWIND" in k), os.umask(0o22), os.umask(0o22))
    print(sys.pycache_prefix, sys.path_hooks, sys.warnoptions,
          sys._xoptions, sys.is_finalizing(), sys.getdlopenflags(), len(sys.meta_path) > 2)
    print(__import__ is builtins.__import__, open is builtins.open, print.__module__)
    def f():
        import random
        random.seed(5)
        return [random.random() for _ in range(3)]
    print(f(), hash("text") == hash("te" "xt"))
    import resource
    print(resource.getrlimit(resource.RLIMIT_NOFILE), sorted(os.listdir(".")))
    """
    same(source)


def test_only_modules_of_ours_and_the_library_are_there_that_would_not_be(same: Same) -> None:
    source = """
    import sys
    def is_known(name):
        first = name.partition(".")[0]
        return first in sys.stdlib_module_names or first.startswith(("rewind", "_sysconfigdata"))
    print([name for name in sys.modules if not is_known(name)])
    """
    same(source)


def test_warnings_name_the_same_places_and_come_as_often(same: Same) -> None:
    library = """
    import warnings
    def old(stacklevel=2): warnings.warn("old", DeprecationWarning, stacklevel)
    def older():
        return old(
            3
        )
    class Deprecated:
        def __init__(self): warnings.warn("class", FutureWarning, stacklevel=2)
        def __init_subclass__(cls): warnings.warn("sub", UserWarning, stacklevel=2)
    def generator():
        warnings.warn("gen", stacklevel=1)
        yield old()
    """
    source = """
    import warnings, library
    from library import *
    def use():
        old()
        x = old()
        for i in range(3):
            old()
            warnings.warn(f"loop {i % 2}")
        if old() or older(): pass
        with open(__file__) as f: y = [old() for _ in range(2)]
        Deprecated()
        class Sub(Deprecated): pass
        list(generator())
        try: return old(1)
        finally: older()
    use()
    use()
    print(sorted(__warningregistry__, key=str), sorted(library.__warningregistry__, key=str))
    for action in ("error", "always", "ignore", "module", "once", "default"):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter(action)
            for _ in range(2):
                try: use()
                except Warning as error: print(error, error.__traceback__.tb_next.tb_lineno)
            print(action, [(w.lineno, w.filename[-10:], str(w.message)) for w in caught])
    with warnings.catch_warnings():
        warnings.filterwarnings("error", module="library")
        try: use()
        except Warning as error: print("by module", error)
    """
    same(source, flags=("-W", "default"), library=library)


def test_the_compiler_warns_the_same_and_as_often(same: Same) -> None:
    suspicious = """
    def f(x):
        assert (x, "always true")
        if x is 1: return "\\d"
        while x == 1 and x is "a": pass
        x()[1, 2](3)
        for y in (1, 2): (1)(2)
        return [] is [] or "text" "more"[1]
    def finals():
        try: return 1
        finally: pass
    """
    source = "import suspicious\n" + "def g(x):\n    return x is 5 or 'a' is x\n"
    same(source, suspicious=suspicious)
    same(source, suspicious=suspicious, flags=("-W", "error"), code=1)


def test_resource_warnings_and_tracemalloc_name_the_same_lines(same: Same) -> None:
    source = """
    import tracemalloc
    def opens():
        f = open(__file__)
        f = None
        with open(__file__) as g: pass
        return open(__file__)
    opens()
    async def forgotten(): return 1
    def forgets():
        forgotten()
        x = forgotten()
        del x
    forgets()
    def allocates():
        return [bytearray(10_000)
                for _ in range(10)]
    tracemalloc.start(2)
    kept = allocates()
    print(tracemalloc.get_object_traceback(kept[0]).format())
    print(tracemalloc.is_tracing(), tracemalloc.get_traceback_limit())
    """
    same(source, flags=("-X", "dev"))


def test_logging_names_the_same_callers(same: Same) -> None:
    source = """
    import logging, sys
    logging.basicConfig(stream=sys.stdout, level=0, format=
        "%(levelname)s %(name)s %(module)s %(funcName)s %(lineno)d %(filename)s %(message)s "
        "%(threadName)s %(taskName)s" if sys.version_info >= (3, 12) else
        "%(levelname)s %(name)s %(module)s %(funcName)s %(lineno)d %(filename)s %(message)s")
    log = logging.getLogger(__name__)
    def wrapper(text): log.info(text, stacklevel=2)
    def work():
        log.info(
            "multi %s",
            "line"
        )
        wrapper("wrapped")
        for i in range(2): x = log.warning("in a loop")
        try: 1 / 0
        except ZeroDivisionError:
            log.exception("caught")
            log.error("stack", stack_info=False, exc_info=True)
        (lambda: log.debug("lambda"))()
        [log.debug("comprehension") for _ in range(1)]
        def generator(): yield log.info("generator")
        list(generator())
        if log.isEnabledFor(10) or wrapper("never"): return log.info("returned")
    work()
    class C:
        def method(self): log.info("method")
    C().method()
    """
    same(source)
