"""Threads, tasks and contexts are what they are."""

from tests.fidelity.language.conftest import Same


def test_tasks_run_in_the_same_order_with_the_same_names(same: Same) -> None:
    source = """
    import asyncio
    order = []
    async def worker(name, queue):
        while True:
            item = await queue.get()
            if item is None: break
            order.append((name, item))
            await asyncio.sleep(0)
            queue.task_done()
        return name
    async def main():
        queue = asyncio.Queue(2)
        workers = [asyncio.create_task(worker(n, queue), name=f"worker {n}") for n in range(3)]
        print(sorted(t.get_name() for t in asyncio.all_tasks()), asyncio.current_task().get_name())
        print([t.get_coro().__qualname__ for t in workers])
        print([t.get_stack()[0].f_lineno for t in workers])
        for n in range(6): await queue.put(n)
        await queue.join()
        for _ in workers: await queue.put(None)
        print(await asyncio.gather(*workers), order)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(asyncio.sleep(0, n)) for n in range(3)]
        print([t.result() for t in tasks], len(asyncio.all_tasks()))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(fails(1))
                group.create_task(fails(2))
        except* ValueError as error: print(error.exceptions)
        try: await asyncio.wait_for(asyncio.sleep(5), 0.01)
        except TimeoutError as error: print(repr(error))
        lock, event = asyncio.Lock(), asyncio.Event()
        async with lock: print(lock.locked())
        shielded = asyncio.shield(asyncio.sleep(0, "shielded"))
        print(await shielded, await asyncio.to_thread(lambda: "in a thread"))
        task = asyncio.create_task(waits(event))
        await asyncio.sleep(0)
        task.cancel("message")
        try: await task
        except asyncio.CancelledError as error: print(error.args, task.cancelled())
    async def waits(event):
        try: await event.wait()
        except asyncio.CancelledError:
            print("cancelling", asyncio.current_task().cancelling())
            raise
    async def fails(n):
        await asyncio.sleep(0)
        raise ValueError(n)
    asyncio.run(main())
    """
    same(source)


def test_debug_mode_of_asyncio_complains_of_the_same(same: Same) -> None:
    source = """
    import asyncio, logging, sys
    logging.basicConfig(format="%(message)s", stream=sys.stdout)
    async def forgotten(): pass
    async def main():
        loop = asyncio.get_running_loop()
        loop.slow_callback_duration = 600  # it would tell of a busy machine
        print(loop.get_debug(), asyncio.get_event_loop_policy().__class__.__name__)
        coroutine = forgotten()
        print(coroutine.cr_origin[0][2], coroutine.cr_frame.f_lineno)
        coroutine.close()
        task = asyncio.create_task(fails())
        await asyncio.sleep(0)
        try: await task
        except ValueError as error: print(error)
    async def fails(): raise ValueError("in a task")
    asyncio.run(main(), debug=True)
    """
    same(source)


def test_context_variables_are_seen_by_the_same(same: Same) -> None:
    source = """
    import asyncio, contextvars, threading
    variable = contextvars.ContextVar("variable", default="unset")
    def generator():
        variable.set("in a generator")
        yield variable.get()
        yield variable.get()
    def work(value):
        token = variable.set(value)
        try: return variable.get()
        finally: variable.reset(token)
    print(work("set"), variable.get(), list(generator()), variable.get())
    context = contextvars.copy_context()
    print(context.run(work, "in a context"), context[variable], len(context))
    async def task(name):
        before = variable.get()
        variable.set(name)
        await asyncio.sleep(0)
        return before, variable.get()
    async def main():
        variable.set("main")
        print(await asyncio.gather(task("one"), task("two")), variable.get())
        print(await asyncio.create_task(task("own"), context=contextvars.Context()))
        async def agen():
            token = variable.set("agen")
            yield 1
            variable.reset(token)
        async for _ in agen(): print(variable.get())
        print(variable.get())
    asyncio.run(main())
    thread = threading.Thread(target=lambda: print(variable.get()))
    thread.start()
    thread.join()
    try: variable.reset(contextvars.copy_context().run(variable.set, 1))
    except ValueError as error: print(str(error)[-30:])
    """
    same(source)


def test_threads_start_run_and_end_the_same(same: Same) -> None:
    source = """
    import concurrent.futures, queue, threading, traceback
    local = threading.local()
    def work(n):
        local.value = n
        for i in range(3): x = i
        if n == 2: raise ValueError(n)
        return n, threading.current_thread().name[:6], local.value, threading.active_count() > 1
    class Mine(threading.Thread):
        def run(self):
            try: super().run()
            except KeyError as error: self.error = traceback.format_exc()
    with concurrent.futures.ThreadPoolExecutor(1, "pool") as pool:
        futures = [pool.submit(work, n) for n in range(4)]
        for future in futures:
            try: print(future.result())
            except ValueError as error:
                print(repr(error), len(list(traceback.walk_tb(error.__traceback__))))
    mine = Mine(target=lambda: {}["lost"], name="mine")
    mine.start()
    mine.join()
    print(mine.error, mine.name, mine.daemon)
    print(hasattr(local, "value"))
    timer = threading.Timer(0.01, print, ["timer"])
    timer.start()
    timer.join()
    def producer(q):
        for n in range(3): q.put(n)
        q.put(None)
    q = queue.Queue()
    threading.Thread(target=producer, args=(q,)).start()
    print([n for n in iter(q.get, None)])
    condition, ready = threading.Condition(), []
    def waits():
        with condition:
            while not ready: condition.wait()
        print("woken")
    waiting = threading.Thread(target=waits)
    waiting.start()
    with condition:
        ready.append(1)
        condition.notify_all()
    waiting.join()
    print([t.name for t in threading.enumerate()], threading.get_native_id() > 0)
    """
    same(source)


def test_greenlets_switch_in_the_middle_of_calls(same: Same) -> None:
    source = """
    import traceback
    from greenlet import GreenletExit, getcurrent, greenlet
    main = getcurrent()
    def outer(n):
        try:
            for i in range(3):
                got = inner(n, i)
                if got == "fail": raise KeyError(n)
            return ("done", n)
        except GreenletExit:
            print("left", n)
            raise
    def inner(n, i):
        x = n * 10 + i
        got = main.switch(x)
        return got if got else list(waits(x))
    def waits(x):
        for i in range(2):
            yield main.switch((x, i))
    ones = [greenlet(outer) for _ in range(4)]
    print([one.switch(n) for n, one in enumerate(ones)])
    for _ in range(4): print([one.switch() for one in ones])
    try: ones[0].switch()
    except Exception: traceback.print_exc()
    print(ones[1].switch("a"), ones[2].throw(GreenletExit))
    for one in ones[1], ones[3]:
        try:
            while not one.dead: print(one.switch("fail"))
        except KeyError: traceback.print_exc()
    """
    same(source)
