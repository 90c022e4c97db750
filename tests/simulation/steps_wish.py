"""What somebody wants of a run of several steps: an outline, a story of it, and perhaps a title, a judge or a chat."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

Third = Literal["none", "title", "verdict", "chat"]
Cut = Literal["nothing", "letters", "words"]
StepsChange = Literal[
    "nothing", "record", "loosen", "tighten", "outline", "story", "more_takes", "fewer_takes", "shows_reason",
    "add_value", "drop_value", "limit_grows", "limit_shrinks", "seed", "repeats", "tones", "order",
    "cut", "duplicate", "plot", "accepted",
]  # fmt: skip
OUTLINES = (
    "{{ uuid }}\n\nOutline of a film set in {{ place }}.",
    "Réponds : l'intrigue à {{ place }} 電影. {{ uuid }}",
)
STORIES = ("{{ uuid }} Tell, {{ tone }}: {{ outline }}", "Expand {{ outline }}\nIt is {{ tone }}.")
TITLE = "A title in {{ place }} for {{ story }}, of {{ outline }}"
SIDES = {"user": "You ask about {{ story }}", "assistant": "You live in {{ place }}. {{ uuid }}"}
ROUNDS = 2
UNTIL = "river"
RUBRIC = {"detail": {"5": "It is rich.", "1": "It is bare."}}
KEEPS = (0, 1, 2, 3)  # answers whose length leaves less than this when divided by LEVELS are rejected
LEVELS = 5
CUTS: dict[Cut, tuple[str, ...]] = {  # out of a story; of simulated words the first one is left
    "nothing": (),
    "letters": ("e",),
    "words": (r"^\[simulated\] ", r" .*"),
}
DUPLICATE = 0.5
PLOT = {"plot": "string"}
RECORDS: tuple[dict[str, Any], ...] = (
    {"prompt": "Place: {{ place }}"},
    {"prompt": "{{ tone }}: {{ outline }}", "completion": "{{ MAIN }}", "note": "{{ outline | length }}"},
    {"prompt": "{{ place }} {{ 7 // (story | length % 3) }}"},  # can't be rendered for a third of the stories
)


@dataclass(frozen=True, slots=True)
class StepsWish:
    """A recipe of steps; only the story uses the tones, so samples share outlines.

    `keeps` and `takes` are of outline, story and title; `judged` is the grade that a story needs. `lanes` are the
    places of the endpoints of each step; none: [endpoint] makes all of them. `plot`: the outline has a schema.
    """

    places: int
    repeats: int
    tones: tuple[str, ...]
    third: Third
    outline: str = OUTLINES[0]
    story: str = STORIES[0]
    keeps: tuple[int, int, int] = (0, 0, 0)
    retries: tuple[int, int, int] = (0, 0, 0)
    judged: int = 1
    shows_reason: bool = False
    cut: Cut = "nothing"
    duplicate: bool = False  # stories that repeat an earlier one are rejected, where a word is left of each
    plot: bool = False
    record: int = 0
    limit: int = 0
    accepted: int = 0
    seed: int = 2022
    order: Literal["even", "prefix"] = "even"
    lanes: tuple[tuple[int, ...], ...] = ()

    @property
    def samples(self) -> int:
        return self.places * self.repeats * len(self.tones)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the steps, in their order."""
        return ("outline", "story") if self.third == "none" else ("outline", "story", self.third)

    @property
    def asked(self) -> tuple[str, ...]:
        """What is asked for a sample, one after the other: of a chat its turns."""
        turns = (f"chat.{number + 1}.{side}" for number in range(ROUNDS) for side in SIDES)
        return (*self.names[:-1], *turns) if self.third == "chat" else self.names

    @property
    def record_templates(self) -> dict[str, str]:
        if self.third == "chat":
            return {"messages": "{{ chat }}", "note": ("{{ place }}", "{{ story }}")[self.record % 2]}
        main = "title" if self.third == "title" else "story"
        return {name: self._of_plot(text.replace("MAIN", main)) for name, text in RECORDS[self.record].items()}

    @property
    def told(self) -> str:
        """What is told of an outline."""
        return "outline.plot" if self.plot else "outline"

    @property
    def rejects_repeats(self) -> bool:
        return self.duplicate and self.cut == "words"

    def request_of(self, name: str) -> str:
        """The template of a step that is no judge; a title is made from all that an outline is."""
        return {"outline": self.outline, "story": self._of_plot(self.story), "title": TITLE}[name]

    def _of_plot(self, template: str) -> str:
        return template.replace("{{ outline ", "{{ " + self.told + " ")

    def sections(self) -> dict[str, Any]:
        """The sections of the config that make the recipe."""
        sizes = {"repeats": self.repeats, "limit": self.limit, "accepted": self.accepted}
        return {
            "axes": {"place": [f"place {number}" for number in range(self.places)], "tone": list(self.tones)},
            "combinations": {**sizes, "seed": self.seed, "order": self.order},
            "steps": {name: self._step(number, name) for number, name in enumerate(self.names)},
            "record": self.record_templates,
        }

    def _step(self, number: int, name: str) -> dict[str, Any]:
        step: dict[str, Any] = {"retry": self.retries[number]}
        if name == "verdict":
            step |= {"judge": "story", "rubric": RUBRIC, "keep": f"detail >= {self.judged}"}
        elif name == "chat":
            step |= {"dialogue": ROUNDS, "until": UNTIL, **SIDES}
        else:
            step |= {"request": self.request_of(name), "retry_with_reason": self.shows_reason}
            if self.keeps[number]:
                step["keep"] = self.keep_of(number)
        if name == "story":
            step |= {"clean": list(CUTS[self.cut]), "gates": {"duplicate": DUPLICATE} if self.rejects_repeats else {}}
        if name == "outline" and self.plot:
            step["schema"] = PLOT
        if self.lanes:
            step["endpoint"] = [f"number{place}" for place in self.lanes[number]]
        return step

    def keep_of(self, number: int) -> str:
        """The expression that a step keeps by."""
        name = self.told if number == 0 else self.names[number]
        return f"{name} | length % {LEVELS} >= {self.keeps[number]}"

    def changed(self, change: Any, rng: random.Random) -> StepsWish:
        """The recipe after somebody has edited their config."""
        return replace(self, **STEPS_CHANGES[change](self, rng))


def _gates(by: int) -> Callable[[StepsWish, random.Random], dict[str, Any]]:
    """All gates looser or tighter."""

    def changed(wish: StepsWish, _: random.Random) -> dict[str, Any]:
        keeps = tuple(min(max(keep + by, 0), KEEPS[-1]) for keep in wish.keeps)
        return {"keeps": keeps, "judged": min(max(wish.judged + by, 1), 4)}

    return changed


def _retries(by: int) -> Callable[[StepsWish, random.Random], dict[str, Any]]:
    return lambda wish, _: {"retries": tuple(min(max(retry + by, 0), 2) for retry in wish.retries)}


STEPS_CHANGES: dict[StepsChange, Callable[[StepsWish, random.Random], dict[str, Any]]] = {
    "nothing": lambda _, __: {},
    "record": lambda wish, _: {"record": (wish.record + 1) % len(RECORDS)},
    "loosen": _gates(-1),
    "tighten": _gates(1),
    "outline": lambda wish, _: {"outline": OUTLINES[wish.outline == OUTLINES[0]]},
    "story": lambda wish, _: {"story": STORIES[wish.story == STORIES[0]]},
    "more_takes": _retries(1),
    "fewer_takes": _retries(-1),
    "shows_reason": lambda wish, _: {"shows_reason": not wish.shows_reason},
    "add_value": lambda wish, rng: {"places": wish.places + rng.randint(1, 3)},
    "drop_value": lambda wish, rng: {"places": max(wish.places - rng.randint(1, 3), 2)},
    "limit_grows": lambda wish, rng: {"limit": rng.choice([0, wish.limit + rng.randint(1, 20)]) if wish.limit else 0},
    "limit_shrinks": lambda wish, _: {
        "limit": max((wish.limit or wish.samples) // 2, 1) if len(wish.tones) == 1 else 0
    },
    "seed": lambda wish, _: {"seed": wish.seed + 1},
    "repeats": lambda wish, _: {"repeats": wish.repeats + 1},
    "tones": lambda wish, _: {"tones": wish.tones[::-1]},
    "order": lambda wish, _: {"order": "even" if wish.order == "prefix" else "prefix"},
    "cut": lambda wish, rng: {"cut": rng.choice([cut for cut in CUTS if cut != wish.cut])},
    "duplicate": lambda wish, _: {"duplicate": not wish.duplicate},
    "plot": lambda wish, _: {"plot": not wish.plot},
    "accepted": lambda wish, rng: {"accepted": _accepted(rng, wish)},
}
SHAPES: tuple[StepsChange, ...] = ("cut", "duplicate", "plot", "accepted")


def draw_steps_wish(rng: random.Random, samples: int, endpoints: int) -> StepsWish:
    """A first recipe of about so many samples, whose steps are made by so many endpoints of their own, if any."""
    tones = rng.choice([("calm",), ("calm", "angry"), ("calm", "angry", "dry")])
    repeats = rng.choice([1, 1, 2])
    third: Third = rng.choice(["none", "title", "verdict"])
    steps = 2 if third == "none" else 3
    places = max(samples // (repeats * len(tones)), 2)
    return StepsWish(
        places,
        repeats,
        tones,
        third,
        outline=rng.choice(OUTLINES),
        story=rng.choice(STORIES),
        keeps=(rng.choice(KEEPS), rng.choice(KEEPS), rng.choice(KEEPS)),
        retries=(rng.randint(0, 2), rng.randint(0, 2), rng.randint(0, 2)),
        judged=rng.randint(1, 4),
        shows_reason=rng.random() < 0.3,
        record=rng.randrange(len(RECORDS)),
        limit=rng.choice([0, 0, 0, max(places * repeats // 3, 1)]) if len(tones) == 1 else 0,
        order=rng.choice(["even", "prefix"]),
        lanes=_lanes(rng, steps, endpoints),
    )


def _accepted(rng: random.Random, wish: StepsWish) -> int:
    """Some; 0 where samples that a run does not come to share answers with others, and so may have an end."""
    return rng.choice([0, *(rng.randint(1, wish.samples) for _ in range(3))]) if len(wish.tones) == 1 else 0


def _lanes(rng: random.Random, steps: int, endpoints: int) -> tuple[tuple[int, ...], ...]:
    """Each endpoint makes a step at least; one that a later step is made by first has a higher number."""
    if not endpoints:
        return ()
    first = [min(step, endpoints - 1) for step in range(steps)]
    return tuple(
        tuple(sorted({place, rng.randint(0, place)})) if step else (place,) for step, place in enumerate(first)
    )


def draw_steps_changes(rng: random.Random) -> tuple[StepsChange, ...]:
    """What is edited before each further process, often beyond the last mishap; but for SHAPES."""
    changes = [change for change in STEPS_CHANGES if change not in SHAPES]
    return tuple(rng.choice(changes) for _ in range(rng.choice([0, 1, 2, 3, 5])))


def shaped(
    rng: random.Random, wish: StepsWish, changes: tuple[StepsChange, ...], *, talks: bool
) -> tuple[StepsWish, tuple[StepsChange, ...]]:
    """The same with answers that are cut, compared, read, counted and spoken in one of four seeds; edited, too.

    `talks`: the API has roles.
    """
    if rng.random() >= 0.25:
        return wish, changes
    cut: Cut = rng.choice(["nothing", "letters", "words", "words"])
    duplicate, plot, accepted = rng.random() < 0.8, rng.random() < 0.5, _accepted(rng, wish)
    third: Third = "chat" if talks and wish.third != "none" and rng.random() < 0.5 else wish.third
    wish = replace(wish, cut=cut, duplicate=duplicate, plot=plot, accepted=accepted, third=third)
    return wish, tuple(rng.choice(SHAPES) if rng.random() < 0.2 else change for change in changes)
