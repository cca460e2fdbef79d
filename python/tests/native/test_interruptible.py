from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from innerspace._native import calls, interruptible
from innerspace._native.handle import Handle
from innerspace._native.interruptible import call_interruptibly
from innerspace.exceptions import InvalidStateException

InUse = Callable[[], tuple[int, int]]


@pytest.fixture(autouse=True)
def ctrl_c_is_heard() -> Iterator[None]:
    """A process that a shell began in the background ignores it, and Python then installs no handler."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_the_main_thread_s_calls_are_made_by_a_worker_and_others_by_themselves() -> None:
    made_by = []
    assert call_interruptibly(lambda task: made_by.append(threading.current_thread()) or task) > 0
    assert made_by[0] is not threading.main_thread()
    call_interruptibly(lambda _: made_by.append(threading.current_thread()))
    assert made_by[1] is made_by[0], "the worker is kept"
    other = threading.Thread(target=lambda: call_interruptibly(lambda _: made_by.append(threading.current_thread())))
    other.start()
    other.join()
    assert made_by[2] is other


def test_what_the_call_raises_is_raised_here() -> None:
    with pytest.raises(ZeroDivisionError):
        call_interruptibly(lambda _: 1 // 0)


def test_waiting_is_seen_with_the_task() -> None:
    seen: list[int] = []
    done = threading.Event()

    def on_wait(task: int) -> None:
        seen.append(task)
        done.set()

    task = call_interruptibly(lambda task: done.wait(10) and task, on_wait)
    assert set(seen) == {task}


def test_ctrl_c_cancels_the_call_and_waits_for_it(in_use: InUse, monkeypatch: pytest.MonkeyPatch) -> None:
    handles = in_use()[1]
    ended: list[str] = []
    cancelled = threading.Event()
    original = calls.task_cancel

    def cancel(task: int) -> None:
        original(task)
        cancelled.set()

    def call(task: int) -> None:
        # Taken by this thread: the main thread, which has to act on it, is not woken by it.
        signal.raise_signal(signal.SIGINT)
        until(cancelled.is_set)
        time.sleep(0.1)
        ended.append("call")

    monkeypatch.setattr(calls, "task_cancel", cancel)
    with pytest.raises(KeyboardInterrupt):
        call_interruptibly(call)
    assert ended == ["call"]
    until(lambda: in_use()[1] == handles)


def test_a_second_ctrl_c_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    original = calls.task_cancel

    def cancel(task: int) -> None:
        original(task)
        signal.raise_signal(signal.SIGINT)

    def call(task: int) -> None:
        signal.raise_signal(signal.SIGINT)
        release.wait(60)

    monkeypatch.setattr(calls, "task_cancel", cancel)
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        call_interruptibly(call)
    # The next call does not queue behind the one that was left to itself.
    assert call_interruptibly(lambda _: "next") == "next"
    assert time.monotonic() - start < 30
    release.set()


def test_a_call_that_was_not_begun_is_not_made() -> None:
    made: list[int] = []
    job: interruptible._Job[None] = interruptible._Job(lambda: made.append(1))
    with Closing(calls.task_new()) as task:
        interruptible._stop(job, task)
    assert job.claim() is False
    assert made == []


class Closing:
    def __init__(self, task: int) -> None:
        self.handle = Handle(task, "the task")

    def __enter__(self) -> Handle:
        return self.handle

    def __exit__(self, *_: object) -> None:
        self.handle.close()


def test_handles_close_once_and_with_their_last_reference(in_use: InUse) -> None:
    before = in_use()[1]
    kept, dropped = (Handle(calls.task_new(), "the task") for _ in range(2))
    assert in_use()[1] == before + 2
    del dropped
    assert in_use()[1] == before + 1
    kept.close()
    kept.close()
    assert kept.closed
    assert in_use()[1] == before
    with pytest.raises(InvalidStateException, match="the task is closed"):
        _ = kept.value


def test_many_threads_at_once() -> None:
    results: list[int] = []
    threads = [threading.Thread(target=lambda n=n: results.append(call_interruptibly(lambda _: n))) for n in range(50)]
    for thread in threads:
        thread.start()
    results.append(call_interruptibly(lambda _: -1))
    for thread in threads:
        thread.join()
    assert sorted(results) == list(range(-1, 50))
