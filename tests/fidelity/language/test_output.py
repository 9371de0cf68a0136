"""`print`, the standard streams and their methods are what they are; what they write is seen."""

from tests.fidelity.language.conftest import Same


def test_print_and_write_are_the_same_objects(same: Same) -> None:
    same(
        """
        import builtins, copy, functools, inspect, io, operator, pickle, sys, types
        def look(name, value):
            print(name, repr(value), type(value), value.__name__, value.__qualname__)
            print(value.__doc__, value.__text_signature__, inspect.signature(value))
            print(callable(value), inspect.isbuiltin(value), inspect.ismethoddescriptor(value))
            print(sorted(dir(value)))
        look("print", print)
        look("descriptor", io.TextIOWrapper.write)
        look("bound", sys.stdout.write)
        print(print is builtins.print, print.__self__, print.__module__)
        print(print == builtins.print, hash(print) == hash(builtins.print), {print: 1}[print])
        print(pickle.loads(pickle.dumps(print)) is print, copy.deepcopy(print) is print)
        print(operator.methodcaller("write", "")(sys.stdout), sys.stdout.write == sys.stdout.write)
        print(io.TextIOWrapper.__dict__["write"] is io.TextIOWrapper.write)
        print(type(io.TextIOWrapper.write) is types.MethodDescriptorType)
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            print(type(stream), stream.name, stream.mode, stream.encoding, stream.errors)
            print(stream.isatty())
            print(stream.line_buffering, stream.write_through, stream.fileno(), stream.writable())
        print(sys.stdout is sys.__stdout__, vars(sys.stdout), sys.stdout.newlines)
        """
    )


def test_every_way_to_write_does_what_it_does(same: Same) -> None:
    same(
        """
        import contextlib, functools, io, logging, os, sys, warnings
        def write():
            print(), print(1), print(1, "b", sep="-", end="!\\n"), print(*range(300), sep=", ")
            print("now", flush=True), print("error", file=sys.stderr), print("a", file=None)
            print(sys.stdout.write("five\\n"), sys.stderr.write(""))
            print(sys.stdout.writelines(["a", "b\\n"]))
            functools.partial(print, "partial", end="\\n\\n")("x")
            list(map(print, "ab", "cd")), (lambda *a, **k: print(*a, **k))(1, end="\\n")
            io.TextIOWrapper.write(sys.stdout, "by the descriptor\\n")
            bound = sys.stdout.write
            for _ in range(20): bound("x")
            for number in range(60): print(number, end=" ")
            sys.stdout.flush()
            sys.stdout.buffer.write(b"bytes\\n"), sys.stdout.buffer.flush(), os.write(1, b"raw\\n")
            logging.warning("logged"), warnings.warn("warned")
        write()
        class Text(str):
            def __str__(self): return "another"
        class Loud(io.TextIOWrapper):
            def write(self, text): return super().write(text.upper())
        class Quiet(io.TextIOWrapper): pass
        for kind in (Loud, Quiet):
            sys.stdout = kind(sys.__stdout__.buffer, encoding="utf-8", write_through=True)
            print("a", Text("b")), print(sys.stdout.write(Text("c\\n")))
            sys.stdout.detach(), setattr(sys, "stdout", sys.__stdout__)
        with contextlib.redirect_stdout(io.StringIO()) as kept: print("kept")
        print(repr(kept.getvalue()))
        with open("file.txt", "w") as file: print("in a file", file=file)
        print(open("file.txt").read())
        sys.stdout = None
        print("nowhere")
        sys.stdout = sys.__stdout__
        """
    )


def test_errors_of_writing_are_its_own(same: Same) -> None:
    same(
        """
        import io, sys, traceback
        class Bad:
            def __init__(self, error): self.error = error
            def __str__(self): raise self.error
        class Prints:
            def __str__(self):
                print("within", end=" ")
                sys.stdout.write("and written\\n")
                return "outer"
        def deep(n):
            print(end="")
            return deep(n + 1)
        def tries(function, *arguments, **keywords):
            try: print(function(*arguments, **keywords))
            except BaseException as error:
                print(type(error), error, error.__context__, error.__cause__)
                print(len(traceback.extract_tb(error.__traceback__)))
        tries(print, "a", Bad(ValueError("no")), "b")
        tries(print, "a", Bad(KeyboardInterrupt()))
        tries(print, "a", Bad(SystemExit(3)), file=sys.stderr)
        tries(print, "nested", Prints(), Prints())
        tries(print, sep=1), tries(print, end=b""), tries(print, file=1), tries(print, unknown=1)
        for arguments in ((), (1,), (b"b",), ("a", "b")): tries(sys.stdout.write, *arguments)
        tries(io.TextIOWrapper.write, 1, "a"), tries(io.TextIOWrapper.write)
        closed = io.TextIOWrapper(io.BytesIO())
        closed.close()
        tries(print, "a", file=closed)
        narrow = sys.stdout = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        try: print("ascii", "\\xe4")
        except UnicodeEncodeError as error: print(type(error).__name__)
        sys.stdout = sys.__stdout__
        narrow.flush()
        print(narrow.buffer.getvalue())
        try: deep(0)
        except RecursionError: print("!")
        sys.exit("an end that is printed")
        """,
        code=1,
    )


def test_tracers_and_profilers_see_one_call_of_print(same: Same) -> None:
    same(
        """
        import sys
        seen = []
        def profile(frame, event, argument):
            if event.startswith("c_"): seen.append((event, repr(argument)[:30]))
        def f():
            print("a", 1)
            sys.stdout.write("b\\n")
        sys.setprofile(profile)
        f()
        sys.setprofile(None)
        print([each for each in seen if "print" in each[1] or "write" in each[1]])
        lines = []
        def trace(frame, event, argument):
            lines.append((frame.f_code.co_name, event))
            return trace
        sys.settrace(trace)
        f()
        sys.settrace(None)
        print(lines)
        """
    )


def test_threads_and_children_print_as_they_do(same: Same) -> None:
    same(
        """
        import os, subprocess, sys, threading, warnings
        # Python 3.12 warns of threads where it forks, with the process's number.
        warnings.simplefilter("ignore")
        def say(n): print("thread", n), sys.stdout.flush()
        for n in range(4):
            thread = threading.Thread(target=say, args=(n,))
            thread.start(), thread.join()
        child = os.fork()
        if not child:
            print("child"), say("of child"), sys.stdout.flush()
            os._exit(0)
        os.waitpid(child, 0)
        subprocess.run([sys.executable, "-c", "print('another', flush=True)"])
        say("end")
        """
    )
