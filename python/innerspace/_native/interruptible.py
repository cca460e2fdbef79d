"""Waits for a long call of the library without losing Ctrl-C.

Python runs signal handlers between bytecodes of the main thread, so a call
made there would hold back Ctrl-C until it returns. The main thread therefore
hands the call to a worker and waits; any other thread, which never sees a
signal, makes the call itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, TypeVar

from innerspace._native import calls
from innerspace._native.handle import Handle

Result = TypeVar("Result")

POLL_SECONDS = 0.05
"""The longest that the main thread sleeps: how late it may see a signal that another thread took."""


class _Job(Generic[Result]):
    """One call, and what came of it."""

    def __init__(self, function: Callable[[], Result]) -> None:
        self._function = function
        self._result: Result | None = None
        self._error: BaseException | None = None
        self._claim = threading.Lock()
        self._done = threading.Lock()
        self._done.acquire()
        self._finished = False

    def claim(self) -> bool:
        """Take the right to run the job, or to stop it from being run; True for the first who asks."""
        return self._claim.acquire(blocking=False)

    def run(self) -> None:
        try:
            self._result = self._function()
        except BaseException as error:
            self._error = error
        finally:
            del self._function
            self._finished = True
            self._done.release()

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the job; True once it has ended."""
        # The flag decides, not the lock: a KeyboardInterrupt may come right after the lock was taken.
        return self._finished or self._done.acquire(timeout=seconds) or self._finished

    def result(self) -> Result:
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # None only where Result is None


class _Worker:
    """A thread that waits for jobs: starting one for every query would cost more than the query."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[_Job[object]] = SimpleQueue()
        threading.Thread(target=self._work, name="innerspace", daemon=True).start()

    def submit(self, job: _Job[object]) -> None:
        self._jobs.put(job)

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            if job.claim():
                job.run()
            del job  # with what its call kept alive, while this thread waits for the next


_worker: _Worker | None = None


def call_interruptibly(function: Callable[[int], Result], on_wait: Callable[[int], None] | None = None) -> Result:
    """Call ``function(task)`` so that Ctrl-C stops it at once.

    Parameters
    ----------
    function : callable
        Makes one long call of the library with the task's handle.
    on_wait : callable, optional
        Called with the task's handle in the main thread, about 20 times a second, while it waits.

    Raises
    ------
    KeyboardInterrupt
        After the call has been cancelled and has returned. A second Ctrl-C does not wait for it to return.
    """
    task = Handle(calls.task_new(), "the task")
    if threading.current_thread() is threading.main_thread():
        result = _on_worker(function, task, on_wait)
    else:
        result = function(task.value)
    task.close()
    return result


def _on_worker(function: Callable[[int], Result], task: Handle, on_wait: Callable[[int], None] | None) -> Result:
    global _worker
    # The job holds the task, so that a call that is left to itself keeps it until it returns.
    job = _Job(lambda: function(task.value))
    try:
        if _worker is None:
            _worker = _Worker()
        _worker.submit(job)  # type: ignore[arg-type]  # a job of something is a job of object to its worker
        while not job.wait(POLL_SECONDS):
            if on_wait is not None:
                on_wait(task.value)
    except BaseException:
        _stop(job, task)
        raise
    return job.result()


def _stop(job: _Job[Result], task: Handle) -> None:
    """Cancel a job and wait for it; on another Ctrl-C leave it to finish by itself."""
    global _worker
    if job.claim():
        return
    try:
        calls.task_cancel(task.value)
        while not job.wait(POLL_SECONDS):
            pass
    except BaseException:
        _worker = None
        raise
