"""A host is looked up once for all who ask at a time, and again when that is old."""

from __future__ import annotations

import asyncio
import socket
from typing import Any, cast

import pytest

from asyncsynth.provider.transport.addresses import KEPT_S, Addresses

FOUND = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"192.0.2.{number}", 443)) for number in (1, 2)]


class Resolver:
    """A loop that knows two addresses and any time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lookups = 0
        self.answer: list[Any] | OSError = FOUND
        self.create_task = asyncio.get_running_loop().create_task

    def time(self) -> float:
        return self.now

    async def getaddrinfo(self, host: str, port: int, **_: int) -> list[Any]:
        assert (host, port) == ("api.test", 443)
        self.lookups += 1
        await asyncio.sleep(0)
        if isinstance(self.answer, OSError):
            raise self.answer
        return self.answer


def addresses_of(resolver: Resolver) -> Addresses:
    return Addresses("api.test", 443, cast(asyncio.AbstractEventLoop, resolver))


async def test_those_who_ask_at_a_time_share_a_lookup() -> None:
    resolver = Resolver()
    addresses = addresses_of(resolver)
    await asyncio.gather(*(addresses.get() for _ in range(20)))
    await addresses.get()
    assert resolver.lookups == 1


async def test_each_connection_begins_with_the_next_address() -> None:
    addresses = addresses_of(Resolver())
    one, two = FOUND
    assert [await addresses.get() for _ in range(3)] == [[one, two], [two, one], [one, two]]


async def test_an_old_answer_is_asked_for_again() -> None:
    resolver = Resolver()
    addresses = addresses_of(resolver)
    await addresses.get()
    resolver.now = KEPT_S + 0.1
    resolver.answer = FOUND[1:]
    assert await addresses.get() == FOUND[1:]
    assert resolver.lookups == 2


async def test_a_lookup_that_failed_is_tried_again_by_the_next_one() -> None:
    resolver = Resolver()
    resolver.answer = socket.gaierror(socket.EAI_AGAIN, "not now")
    addresses = addresses_of(resolver)
    with pytest.raises(socket.gaierror):
        await addresses.get()
    resolver.answer = FOUND
    assert await addresses.get() == FOUND


async def test_one_who_gives_up_does_not_end_the_lookup_of_the_others() -> None:
    addresses = addresses_of(Resolver())
    impatient, patient = asyncio.create_task(addresses.get()), asyncio.create_task(addresses.get())
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == FOUND
    assert impatient.cancelled()


async def test_closing_leaves_no_lookup_behind() -> None:
    addresses = addresses_of(Resolver())
    asking = asyncio.create_task(addresses.get())
    await asyncio.sleep(0)
    await addresses.close()
    with pytest.raises(ConnectionAbortedError):
        await asking
    assert asyncio.all_tasks() == {asyncio.current_task()}
