"""Hands groups of files to processes, and takes what they found, in whatever order it comes."""

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

from ser_core.batch.work import Group, Order, given_up, judge, start_worker
from ser_core.errors import SerError
from ser_core.reports.records import Record

_AHEAD = 4  # groups a worker that wait for it, so that it never waits itself
_MOST_ENDS = 2  # times that a group may be there when a process comes to its end

Pool = Callable[[], AbstractContextManager[Executor]]


def judged(
    order: Order, groups: Sequence[Group], pool: Pool, workers: int
) -> Iterator[tuple[Group, list[Record]]]:
    """Every group once, with its records, as they come.

    Where a process comes to its end, all that was under way begins anew, then one group at a time:
    so the one that was the reason is found, and left alone.

    Args:
        order: what is asked of every file.
        groups: what is to be done.
        pool: makes the processes, and makes them again.
        workers: how many there are.
    """
    waiting, ends = list(reversed(groups)), Counter[Group]()
    while waiting:
        suspects = [group for group in waiting if ends[group]]
        with pool() as executor:
            running: dict[Future[list[Record]], Group] = {}
            try:
                while waiting or running:
                    ahead = 1 if suspects else _AHEAD * workers
                    while waiting and len(running) < ahead:
                        group = waiting.pop()
                        running[executor.submit(judge, order, group)] = group
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        records = _result(order, running[future], future)
                        group = running.pop(future)
                        suspects = [each for each in suspects if each != group]
                        yield group, records
            except BrokenProcessPool:
                for group in running.values():
                    ends[group] += 1
                    if ends[group] < _MOST_ENDS:
                        waiting.append(group)
                    else:
                        yield group, given_up(order, group)


def _result(order: Order, group: Group, future: Future[list[Record]]) -> list[Record]:
    try:
        return future.result()
    except BrokenProcessPool:
        raise
    except Exception:  # a cluster gives a task up itself once its workers have died of it
        return given_up(order, group)


@contextmanager
def local_pool(workers: int) -> Iterator[Executor]:
    """Processes of this machine; none of them outlives this one."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # of each process: there is one a core
    spawn = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(workers, spawn, initializer=start_worker)
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


def workers_of(scheduler: str) -> tuple[Pool, int]:
    """The processes of a Dask cluster, and how many there are.

    Raises:
        SerError: if Dask is not installed, or nothing answers there.
    """
    try:
        with _cluster(scheduler) as client:
            workers = len(client.scheduler_info(n_workers=-1)["workers"])
    except ImportError as error:
        raise SerError(
            "A cluster needs Dask. Install it: pip install 'speech-emotion[cluster]'"
        ) from error
    except (OSError, ValueError) as error:
        raise SerError(f"No Dask scheduler answers at {scheduler}: {error}") from error
    if not workers:
        raise SerError(f"The scheduler at {scheduler} has no workers. Start some: dask worker")
    return partial(_cluster_pool, scheduler), workers


@contextmanager
def _cluster(scheduler: str) -> Iterator[Any]:
    from dask.distributed import Client

    with Client(scheduler, timeout=20) as client:
        yield client


@contextmanager
def _cluster_pool(scheduler: str) -> Iterator[Executor]:
    with _cluster(scheduler) as client:
        yield client.get_executor(retries=3, pure=False)  # retries: a worker may die
