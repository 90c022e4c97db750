"""A late copy is known by its id or by its bytes, and an endpoint that repeats itself by nature is left alone."""

from __future__ import annotations

import tracemalloc

import pytest

from asyncsynth.provider.seen_replies import IDS_ALIKE, REMEMBERED, SeenReplies

LONG = "chatcmpl-" + "0" * 31


class Endpoint:
    """What asks SeenReplies of each reply."""

    def __init__(self) -> None:
        self.seen = SeenReplies()

    def gets(self, reply_id: str | None, body: str, request: str, *, is_first: bool = False) -> bool:
        return self.seen.is_copy(reply_id, body.encode(), request.encode(), is_first=is_first)

    def gets_usual_replies(self, reply_id: str | None) -> None:
        """Two on connections of their own, which differ."""
        for number in "12":
            assert not self.gets(reply_id and reply_id + number, f"usual {number}", f"asked {number}", is_first=True)


@pytest.mark.parametrize("reply_id", [LONG, "chatcmpl-7", None], ids=["long id", "short id", "no id"])
def test_a_reply_to_another_request_is_no_answer_to_this_one(reply_id: str | None) -> None:
    endpoint = Endpoint()
    endpoint.gets_usual_replies(reply_id)
    assert not endpoint.gets(reply_id, "text", "A")
    assert endpoint.gets(reply_id, "text", "B")
    assert endpoint.gets(reply_id, "text", "C"), "the second copy as well"


def test_the_same_id_with_another_text_is_no_answer_either() -> None:
    """A proxy that asked two servers, and sent both answers."""
    endpoint = Endpoint()
    endpoint.gets_usual_replies(LONG)
    assert not endpoint.gets(LONG, "one", "A")
    assert endpoint.gets(LONG, "other", "B")


def test_a_copy_is_known_on_a_new_connection_by_its_id() -> None:
    endpoint = Endpoint()
    endpoint.gets_usual_replies(LONG)
    assert not endpoint.gets(LONG, "text", "A", is_first=True)
    assert endpoint.gets(LONG, "text", "B", is_first=True)


@pytest.mark.parametrize("reply_id", [LONG, None])
def test_the_same_request_may_get_the_same_reply(reply_id: str | None) -> None:
    """From a cache on the way."""
    endpoint = Endpoint()
    endpoint.gets_usual_replies(reply_id)
    assert not any(endpoint.gets(reply_id, "text", "A") for _ in range(3))


def test_ids_that_are_drawn_from_few_say_nothing_without_the_text() -> None:
    """Ollama draws from 999."""
    endpoint = Endpoint()
    assert not any(endpoint.gets(f"chatcmpl-{number % 10}", f"{number}", f"{number}") for number in range(1000))


@pytest.mark.parametrize("body", ["canned", None], ids=["same text", "other texts"])
def test_an_endpoint_with_a_constant_id_is_left_alone(body: str | None) -> None:
    endpoint = Endpoint()
    needs = []
    for number in range(3):
        needs.append(endpoint.seen.needs_new_connection)
        assert not endpoint.gets(LONG, body or f"{number}", f"{number}", is_first=number < 2)
    assert needs == [False, True, False]
    if body is None:
        assert not any(endpoint.gets(LONG, f"{number}", f"{number}") for number in range(3, 10))


@pytest.mark.parametrize("copied", range(5))
def test_a_copy_from_an_endpoint_with_a_constant_id_is_known_by_its_text(copied: int) -> None:
    """Also one of the replies that came before it showed that the id is constant."""
    endpoint = Endpoint()
    for number in range(5):
        assert not endpoint.gets(LONG, f"{number}", f"{number}", is_first=number < 2)
    assert endpoint.gets(LONG, f"{copied}", "5")


@pytest.mark.parametrize(("reply_id", "text"), [(LONG + "1", "usual 1"), (LONG + "2", "usual 2"), (LONG, "one")])
def test_a_copy_of_what_came_before_the_ids_said_nothing_is_known(reply_id: str, text: str) -> None:
    endpoint = Endpoint()
    endpoint.gets_usual_replies(LONG)
    assert not endpoint.gets(LONG, "one", "A", is_first=True)
    assert not endpoint.gets(LONG, "second", "B", is_first=True), "the id is made of the time"
    assert endpoint.gets(reply_id, text, "C")
    assert endpoint.gets(LONG, "second", "D")
    assert not endpoint.gets(reply_id, text, "C", is_first=True), "no late copy can come first"


def test_an_endpoint_with_a_constant_id_may_say_the_same_length_with_the_same_end() -> None:
    endpoint, end = Endpoint(), "." * 300
    assert not any(endpoint.gets(LONG, f"{number}{end}", f"{number}", is_first=number < 2) for number in range(10))


def test_ids_made_of_the_time_are_left_alone_once_it_shows() -> None:
    endpoint = Endpoint()
    endpoint.gets_usual_replies(LONG)
    assert not endpoint.gets(LONG, "one", "A", is_first=True)
    assert not endpoint.gets(LONG, "two", "B", is_first=True)
    assert not endpoint.gets(LONG, "three", "C")


def test_one_word_answers_are_left_alone_once_it_shows() -> None:
    endpoint = Endpoint()
    endpoint.gets_usual_replies(None)
    assert not endpoint.gets(None, "yes", "A")
    assert endpoint.gets(None, "yes", "B"), "until then"
    assert not endpoint.gets(None, "yes", "B", is_first=True)
    assert not any(endpoint.gets(None, "yes", f"{number}") for number in range(10))


def test_an_endpoint_that_goes_around_a_few_whole_replies_is_left_alone_in_the_end() -> None:
    endpoint = Endpoint()
    endpoint.gets_usual_replies(LONG)
    refused = [endpoint.gets(LONG + "1", "usual 1", f"{number}", is_first=True) for number in range(10)]
    assert refused == [True] * (IDS_ALIKE - 1) + [False] * (11 - IDS_ALIKE)


def test_the_memory_does_not_grow() -> None:
    endpoint = Endpoint()
    tracemalloc.start()
    try:
        sizes = []
        for number in range(6 * REMEMBERED):
            endpoint.gets(f"{number:0100d}", "text", f"{number}")
            if number % REMEMBERED == REMEMBERED - 1:
                sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert max(sizes[2:]) < 1.2 * min(sizes[2:])
    assert max(sizes) < 8 * 2**20


def test_a_reply_of_late_is_remembered() -> None:
    endpoint = Endpoint()
    assert not any(endpoint.gets(f"{number:040d}", f"{number}", f"{number}") for number in range(3 * REMEMBERED))
    assert endpoint.gets(f"{2 * REMEMBERED:040d}", "late", "another")
