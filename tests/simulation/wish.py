"""What somebody wants of a run: the recipe in their config.toml, and how they change it between two processes."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple, Protocol

from msgspec import structs

from asyncsynth.app.job import Job, job_of
from asyncsynth.app.load import config_of
from asyncsynth.app.target import Target
from asyncsynth.config import Limits, NamedEndpoint
from asyncsynth.config.named import limits_of
from asyncsynth.costs import Price, usd
from asyncsynth.values import Api

DIRECTORY = Path("/simulated/out")
MODEL = "simulated"

Change = Literal[
    "nothing", "record", "rename", "add_value", "drop_value", "limit_grows", "limit_shrinks", "seed", "repeats",
    "request", "moods", "order",
]  # fmt: skip
REQUESTS = (
    "{{ uuid }}\n\nA plot outline for a film set in PLACE.",
    "Réponds : l'intrigue d'un film à PLACE 電影.",
    "{{ uuid }}\n" + "A long preamble about plots. " * 20 + "PLACE",
)
MOODS = {
    "one": (),
    "two": ("calm", "angry"),
    "alike": ("calm", "Calm", "angry", "CALM"),  # the request has them in lower case
}
Beside = Literal["nothing", "dependent", "drawn", "lines"]  # a further axis, or the places in a file
PARTS: dict[Beside, str] = {
    "nothing": "",
    "dependent": " In {{ quarter }}.",
    "drawn": " On a {{ weather }} day.",
    "lines": "",
}
QUARTERS = ("the old town", "the harbour")  # as many of them as a place has, which may be none
PAIR_FAILS = "{% if mood == LAST and NAME == 'place 1' %}{{ mood.nothing }}{% endif %}"  # for one pair of values only
RECORDS: tuple[dict[str, Any], ...] = (
    {"prompt": "Place: PLACE\n\nPlot outline: "},
    {"prompt": ["Place: PLACE\n", "A plot, PLACE: ", "PLACE\n\n"]},  # one is drawn for each sample
    {"messages": [{"role": "user", "content": "PLACE?"}, {"role": "assistant", "content": "{{ completion }}"}]},
    {"prompt": "PLACE {{ 7 // (completion | length % 3) }}"},  # can't be rendered for a third of the answers
    {"prompt": "Where: PLACE", "completion": "{{ completion | trim }}", "note": "{{ completion | length }}"},
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A recipe; the axes are the places, under a name that may change, and the moods, where there are some."""

    places: int
    repeats: int
    name: str = "place"
    moods: tuple[str, ...] = ()
    pair_fails: bool = False  # the request of one pair can't be rendered
    request: str = REQUESTS[0]
    record: int = 0
    system: str | None = None
    limit: int = 0
    seed: int = 2022
    order: Literal["even", "prefix"] = "even"
    beside: Beside = "nothing"

    @property
    def samples(self) -> int:
        """About so many, where quarters depend on the places."""
        return self.places * self.repeats * max(len(self.moods), 1)

    def sections(self) -> dict[str, Any]:
        """The sections of the config that make the recipe."""
        places = [f"place {number}" for number in range(self.places)]
        axes: dict[str, Any] = {self.name: {"lines": _file_of(tuple(places))} if self.beside == "lines" else places}
        if self.moods:
            axes["mood"] = list(self.moods)
        if self.beside == "dependent":
            axes["quarter"] = {
                "by": self.name,
                **{place: list(QUARTERS[: n % 3]) for n, place in enumerate(places) if n % 3},
            }
        elif self.beside == "drawn":
            axes["weather"] = {"draw": ["dry", "wet", "cold"], "weights": [3, 1, 2]}
        return {
            "axes": axes,
            "combinations": {"repeats": self.repeats, "limit": self.limit, "seed": self.seed, "order": self.order},
            "prompt": {"request": self._named(self._request()), **({"system": self.system} if self.system else {})},
            "record": _each_text(RECORDS[self.record], self._named),
        }

    def _request(self) -> str:
        mood = " It is {{ mood | lower }}." if self.moods else ""
        fails = self.pair_fails and self.beside != "dependent"  # a config whose first values fail is refused
        return self.request + PARTS[self.beside] + mood + (PAIR_FAILS if fails else "")

    def _named(self, text: str) -> str:
        last = repr(self.moods[-1]) if self.moods else "''"
        return text.replace("PLACE", "{{ NAME }}").replace("NAME", self.name).replace("LAST", last)

    def changed(self, change: Change, rng: random.Random) -> Wish:
        """The recipe after somebody has edited their config."""
        return replace(self, **CHANGES[change](self, rng))


@cache
def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory()


@cache
def _file_of(lines: tuple[str, ...]) -> str:
    """Its path; a file for each number of places, so that recipes of all of them can be made again."""
    path = Path(_folder().name) / f"{len(lines)}.txt"
    path.write_text("".join(f"{line}\n" for line in lines))
    return str(path)


def _other_record(wish: Wish, rng: random.Random) -> dict[str, Any]:
    return {"record": (wish.record + rng.randint(1, len(RECORDS) - 1)) % len(RECORDS)}


def _higher_limit(wish: Wish, rng: random.Random) -> dict[str, Any]:
    return {"limit": rng.choice([0, wish.limit + rng.randint(1, 20)]) if wish.limit else 0}


def _other_request(wish: Wish, rng: random.Random) -> dict[str, Any]:
    return {"request": rng.choice([request for request in REQUESTS if request != wish.request])}


CHANGES: dict[Change, Callable[[Wish, random.Random], dict[str, Any]]] = {
    "nothing": lambda _, __: {},
    "record": _other_record,
    "rename": lambda wish, _: {"name": "location" if wish.name == "place" else "place"},
    "add_value": lambda wish, rng: {"places": wish.places + rng.randint(1, 3)},
    "drop_value": lambda wish, rng: {"places": max(wish.places - rng.randint(1, 3), 2)},
    "limit_grows": _higher_limit,
    "limit_shrinks": lambda wish, _: {"limit": max((wish.limit or wish.samples) // 2, 1)},
    "seed": lambda wish, _: {"seed": wish.seed + 1},
    "repeats": lambda wish, _: {"repeats": wish.repeats + 1},
    "moods": lambda wish, _: {"moods": wish.moods[::-1], "pair_fails": False},
    "request": _other_request,
    "order": lambda wish, _: {"order": "even" if wish.order == "prefix" else "prefix"},
}


def _each_text(given: Any, change: Any) -> Any:
    """The same with every template changed; names of fields and roles stay."""
    if isinstance(given, str):
        return change(given)
    if isinstance(given, list):
        return [_each_text(part, change) for part in given]
    return {name: part if name == "role" else _each_text(part, change) for name, part in given.items()}


def draw_wish(rng: random.Random, places: int, repeats: int, request: str, system: str | None) -> Wish:
    """A first recipe of about so many samples."""
    moods = MOODS[rng.choice(["one", "one", "two", "alike"])]
    places = max(places // max(len(moods), 1), 3)
    samples = places * repeats * max(len(moods), 1)
    return Wish(
        places,
        repeats,
        moods=moods,
        pair_fails=bool(moods) and rng.random() < 0.3,
        request=request,
        record=rng.randrange(len(RECORDS)),
        system=system,
        limit=rng.choice([0, 0, max(samples // 3, 1), samples + 5]),
        order=rng.choice(["even", "prefix"]),
    )


def draw_beside(rng: random.Random) -> Beside:
    """Seldom something."""
    return rng.choice(["dependent", "drawn", "lines"]) if rng.random() < 0.15 else "nothing"


def draw_changes(rng: random.Random) -> tuple[Change, ...]:
    """What is edited before each further process, often beyond the last mishap."""
    changes: list[Change] = [*CHANGES, "nothing", "record"]
    return tuple(rng.choice(changes) for _ in range(rng.choice([1, 2, 3, 4, 6])))


class Own(NamedTuple):
    """The limits of a named endpoint; None: those of [limits]."""

    concurrency: int | Literal["auto"] | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What of a config stays the same in all processes of a seed."""

    api: Api
    max_tokens: int | None
    price: Price | None
    timeout_s: float
    raw_log: bool
    keep_truncated: bool
    named: tuple[Own, ...] = ()  # the endpoints that share the work; none: [endpoint] does all of it


BOUNDS: Mapping[Api, str] = {"responses": "max_output_tokens", "gemini": "maxOutputTokens"}


class Wanted(Protocol):
    """A recipe that somebody wants."""

    def __hash__(self) -> int: ...
    @property
    def samples(self) -> int: ...
    def sections(self) -> dict[str, Any]: ...
    def changed(self, change: Any, rng: random.Random) -> Wanted: ...


@lru_cache(32)  # wishes of a seed
def _job(wish: Wanted, setting: Setting) -> Job:
    endpoint: dict[str, Any] = {
        "provider": "openai",
        "base_url": "https://simulated.test/v1",
        "api": setting.api,
        "model": MODEL,
        "timeout_s": setting.timeout_s,
        "parameters": {} if setting.max_tokens is None else {BOUNDS.get(setting.api, "max_tokens"): setting.max_tokens},
    }
    if setting.price is not None:
        # USD for a million tokens, which is what stands in a config.
        endpoint["price"] = {"input": usd(setting.price.input * 10**6), "output": usd(setting.price.output * 10**6)}
    tree = {
        **wish.sections(),
        "endpoint": endpoint,
        "output": {"directory": str(DIRECTORY), "raw_log": setting.raw_log, "keep_truncated": setting.keep_truncated},
    }
    if setting.named:
        options = [{name: value for name, value in own._asdict().items() if value} for own in setting.named]
        tree["endpoints"] = {f"number{place}": own for place, own in enumerate(options)}
        if "prompt" in tree:  # steps name their own
            tree["prompt"] = {**tree["prompt"], "endpoint": list(tree["endpoints"])}
    return job_of(config_of(tree, "a seed's config"))


@lru_cache(64)
def job_for(wish: Wanted, setting: Setting, limits: Limits) -> Job:
    """The checked job of this config."""
    job = _job(wish, setting)

    def limits_for(target: Target) -> Limits:
        return limits_of(target.endpoint, limits) if isinstance(target.endpoint, NamedEndpoint) else limits

    targets = tuple(structs.replace(target, limits=limits_for(target)) for target in job.targets)
    return structs.replace(job, config=structs.replace(job.config, limits=limits), targets=targets)
