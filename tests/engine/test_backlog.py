"""Who takes gets what is there, in order, and everybody comes to an end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from asyncsynth.engine.backlog import Backlog
from tests.virtual_clock import run


async def filled(things: Iterable[str], *, room: int = 100) -> Backlog[str]:
    backlog: Backlog[str] = Backlog(room)
    await put_all(backlog, things)
    backlog.close()
    return backlog


async def put_all(backlog: Backlog[str], things: Iterable[str]) -> None:
    for thing in things:
        await backlog.put(thing)


async def taking(backlog: Backlog[str]) -> asyncio.Task[str | None]:
    task = asyncio.create_task(backlog.take())
    await asyncio.sleep(0)
    return task


def test_what_was_put_first_is_taken_first_and_then_there_is_nothing() -> None:
    async def main() -> None:
        backlog, taken = await filled("abc"), []
        while (thing := await backlog.take()) is not None:
            taken.append(thing)
            backlog.done()
        assert taken == ["a", "b", "c"]

    run(main)


def test_whoever_takes_before_anything_is_there_waits_for_it() -> None:
    async def main() -> None:
        backlog: Backlog[str] = Backlog(1)
        first, second = await taking(backlog), await taking(backlog)
        await backlog.put("a")
        assert await first == "a"
        backlog.close()
        backlog.done()
        assert await second is None

    run(main)


def test_whoever_puts_more_than_there_is_room_for_waits_until_half_of_it_is_taken() -> None:
    async def main() -> None:
        backlog: Backlog[str] = Backlog(4)
        for thing in "abcd":
            await backlog.put(thing)
        putting = asyncio.create_task(backlog.put("e"))
        await asyncio.sleep(0)
        await backlog.take()
        await asyncio.sleep(0)
        assert not putting.done()
        await backlog.take()
        await putting

    run(main)


def test_what_a_waiting_worker_was_woken_for_takes_room_until_its_turn_has_come() -> None:
    """Else one stretch of making requests would end only when all workers have one, and the first be sent late."""

    async def main() -> None:
        backlog: Backlog[str] = Backlog(2)
        workers = [await taking(backlog) for _ in range(4)]
        putting = asyncio.create_task(put_all(backlog, "abcd"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert [worker.done() for worker in workers] == [True, True, False, False]
        await putting
        assert [await worker for worker in workers] == ["a", "b", "c", "d"]

    run(main)


def test_others_wait_while_somebody_is_at_work_who_may_put_something_aside() -> None:
    async def main() -> None:
        backlog = await filled("a")
        assert await backlog.take() == "a"
        other = await taking(backlog)
        assert not other.done()
        backlog.wait("a")
        backlog.done()
        assert await other == "a", "nobody else is at work"
        backlog.done()
        assert await backlog.take() is None

    run(main)


def test_what_waits_is_handed_out_one_by_one_when_nobody_is_at_work() -> None:
    async def main() -> None:
        backlog = await filled("ab")
        for _ in range(2):
            thing = await backlog.take()
            assert thing is not None
            backlog.wait(thing)
        first, second = await taking(backlog), await taking(backlog)
        backlog.done()
        backlog.done()
        await asyncio.sleep(0)
        assert (first.done(), second.done()) == (True, False)
        backlog.done()
        assert await second == "b"

    run(main)


def test_what_is_parked_comes_back_only_when_it_is_released() -> None:
    async def main() -> None:
        backlog = await filled("abc")
        for _ in range(2):
            thing = await backlog.take()
            assert thing is not None
            backlog.park(thing)
            backlog.done()
        assert await backlog.take() == "c"
        other = await taking(backlog)
        backlog.release(lambda thing: thing == "b")
        assert await other == "b"
        backlog.done()
        backlog.done()
        assert await backlog.take() is None
        assert list(backlog.parked) == ["a"]

    run(main)


def test_what_is_released_goes_before_what_is_new() -> None:
    async def main() -> None:
        backlog = await filled("abc")
        thing = await backlog.take()
        assert thing is not None
        backlog.wait(thing)
        backlog.done()
        backlog.release(lambda _: True)
        assert [await backlog.take() for _ in range(3)] == ["a", "b", "c"]

    run(main)


def test_a_stop_leaves_nothing_to_take_and_lets_everybody_go() -> None:
    async def main() -> None:
        backlog = await filled("a")
        await backlog.take()
        other = await taking(backlog)
        backlog.stop()
        assert await other is None
        backlog.done()
        assert await backlog.take() is None

    run(main)


def test_whoever_was_cancelled_gets_nothing() -> None:
    async def main() -> None:
        backlog: Backlog[str] = Backlog(4)
        cancelled, other = await taking(backlog), await taking(backlog)
        cancelled.cancel()
        await backlog.put("a")
        assert await other == "a"
        await asyncio.gather(cancelled, return_exceptions=True)

    run(main)


def test_whoever_puts_goes_on_where_nobody_is_left_who_could_wake_those_that_sleep() -> None:
    async def main() -> None:
        backlog: Backlog[str] = Backlog(2)
        taker = await taking(backlog)
        backlog.asleep = 5
        assert await backlog.put("a")
        assert await taker == "a"

    run(main)


def test_nothing_new_is_taken_while_those_there_are_may_be_enough_and_all_are_put_aside() -> None:
    async def main() -> None:
        backlog: Backlog[str] = Backlog(2)
        taker = await taking(backlog)
        backlog.asleep = Backlog.ENDLESS
        assert not await backlog.put("a")
        assert await taker is None

    run(main)
