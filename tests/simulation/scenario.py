"""What happens in a seed: recipes, limits, prices, a provider with its faults, and what befalls each process."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import get_args

from asyncsynth.config import Limits
from asyncsynth.costs import Price, usd
from asyncsynth.servers.simulator.faults import FaultKind
from asyncsynth.servers.simulator.settings import Settings, Spell, WindowKind
from asyncsynth.values import Api, Usage
from tests.simulation.mishaps import Mishap, draw_mishaps
from tests.simulation.service import Spells
from tests.simulation.steps_wish import StepsChange, draw_steps_changes, draw_steps_wish, shaped
from tests.simulation.wish import REQUESTS, Change, Own, Setting, Wanted, Wish, draw_beside, draw_changes, draw_wish

RETRIED = (
    FaultKind.SERVER_ERROR_500, FaultKind.UNAVAILABLE_503, FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER,
    FaultKind.TRUNCATED, FaultKind.BAD_JSON, FaultKind.SLOW, FaultKind.OVERLOADED_529, FaultKind.ERROR_IN_200,
    FaultKind.HANG, FaultKind.TIMEOUT_408, FaultKind.CONFLICT_409, FaultKind.BAD_GATEWAY_502,
    FaultKind.GATEWAY_TIMEOUT_504, FaultKind.CLOUDFLARE_524, FaultKind.RATE_LIMITED_429, FaultKind.HTML,
    FaultKind.CHALLENGE_403, FaultKind.ENVELOPE_200, FaultKind.EMPTY_BODY, FaultKind.NOTHING_MADE,
    FaultKind.CREDIT_LATER_402, FaultKind.NO_CAPACITY_429,
)  # fmt: skip
REJECTED = (
    FaultKind.CONTENT_FILTER, FaultKind.REFUSAL, FaultKind.EMPTY_CHOICES, FaultKind.NULL_CONTENT,
    FaultKind.BAD_REQUEST, FaultKind.TOO_LARGE_413, FaultKind.UNPROCESSABLE_422, FaultKind.SHOULD_NOT_RETRY,
    FaultKind.REASONED_AWAY, FaultKind.BROKEN_OFF, FaultKind.PROMPT_BLOCKED, FaultKind.ERROR_IN_CHOICE,
)  # fmt: skip
MENDED = (
    FaultKind.LENGTH, FaultKind.LONE_SURROGATE, FaultKind.HUGE_INTEGER, FaultKind.USAGE_MISSING,
    FaultKind.DONE_AFTER_JSON, FaultKind.COMMENTS_FIRST, FaultKind.EVENT_STREAM, FaultKind.REASONED_APART,
)  # fmt: skip
STOPS = (
    FaultKind.INSUFFICIENT_QUOTA, FaultKind.UNAUTHORIZED, FaultKind.PAYMENT_REQUIRED_402, FaultKind.FORBIDDEN_403,
    FaultKind.SPEND_LIMIT_429, FaultKind.DAILY_QUOTA_429,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scenario:
    """All that a seed decides; `mishaps` befall the first processes, one each, the later ones none.

    `wish` is the first recipe; one of `changes` comes before each further process, as long as there are some.
    """

    seed: int
    wish: Wanted
    changes: tuple[Change | StepsChange, ...]
    setting: Setting
    limits: Limits
    service: Settings
    outages: tuple[tuple[float, float], ...]
    mishaps: tuple[Mishap, ...]
    shuffle: bool
    sync_s: float  # what an fdatasync takes
    others: tuple[Settings, ...]  # of the further endpoints that share the work, each with its outages
    others_outages: tuple[Spells, ...]
    first_look: int  # bytes of a view by which a loader decides on types; records that show one later are moved there

    @property
    def paced(self) -> bool:
        """The client keeps all the limits that the provider counts, and can know what it counts."""
        ours, knows_tokens = self.limits, self.setting.max_tokens is not None
        for own, theirs in zip(self.setting.named or (Own(),), self.services, strict=True):
            requests = own.requests_per_minute or ours.requests_per_minute
            tokens = own.tokens_per_minute or ours.tokens_per_minute
            known = knows_tokens or theirs.tokens_per_minute is None
            if not known or (requests, tokens) != (theirs.requests_per_minute, theirs.tokens_per_minute):
                return False
        return True

    @property
    def services(self) -> tuple[Settings, ...]:
        return (self.service, *self.others)

    @property
    def all_outages(self) -> tuple[Spells, ...]:
        return (self.outages, *self.others_outages)


def draw(seed: int) -> Scenario:
    """The scenario of a seed."""
    rng = random.Random(seed)
    samples = 20 + round(280 * rng.random() ** 4)
    repeats = rng.choice([1, 1, 2, 5])
    places = max(samples // repeats, 1)
    latency_s = 10 ** rng.uniform(-2, 0.7)
    max_tokens = rng.choice([20, 60, 200, 400, None])
    price = _price(rng)
    limits = _limits(rng, places * repeats, max_tokens, price)
    busy_s = _busy_s(limits, places * repeats, latency_s)
    api: Api = random.Random(f"{seed}/api").choice(get_args(Api))
    if api == "anthropic" and max_tokens is None:  # which it refuses
        api = "responses"
    request, system = rng.choice(REQUESTS), rng.choice([None, "Be brief."])
    setting = Setting(
        api,
        max_tokens,
        price,
        raw_log=rng.random() < 0.3,
        keep_truncated=rng.random() < 0.9,
        timeout_s=max(latency_s * rng.choice([3, 10, 100]), 1.0),
    )
    beside = random.Random(f"{seed}/endpoints")
    named, others = _others(beside, limits, latency_s, max_tokens, price, busy_s)
    setting = replace(setting, named=named)
    wishes = random.Random(f"{seed}/wishes")
    plain = wishes.random() < 0.4  # nobody edits anything
    wish = (
        Wish(places, repeats, request=request, system=system)
        if plain
        else draw_wish(wishes, places, repeats, request, system)
    )
    return Scenario(
        seed=seed,
        wish=replace(wish, beside=draw_beside(random.Random(f"{seed}/beside"))),
        changes=() if plain else draw_changes(wishes),
        setting=setting,
        limits=limits,
        service=_service(rng, limits, latency_s, price, busy_s),
        outages=_spells(rng, busy_s) if rng.random() < 0.15 else (),
        others=others,
        others_outages=tuple(_spells(beside, busy_s) if beside.random() < 0.15 else () for _ in others),
        mishaps=draw_mishaps(rng, busy_s, places * repeats),
        shuffle=rng.random() < 0.75,
        sync_s=rng.choice([0.0005, 0.02, 0.2, 0.4]),
        first_look=rng.choice([1000, 4 << 20]),
    )


def draw_steps(seed: int) -> Scenario:
    """The scenario of a seed with a recipe of several steps; these seeds are a family of their own."""
    base, rng = draw(seed), random.Random(f"{seed}/steps")
    limits, price, max_tokens = base.limits, base.setting.price, base.setting.max_tokens
    latency_s = base.service.latency_s
    plain = draw_steps_wish(rng, 10 + round(60 * rng.random() ** 3), rng.choice([0, 0, 1, 2, 3]))
    busy_s = len(plain.names) * _busy_s(limits, plain.samples, latency_s)
    lanes = len({place for places in plain.lanes for place in places})
    each = [_other(rng, limits, latency_s, max_tokens, price, busy_s) for _ in range(1, lanes)]
    wish, changes = shaped(
        random.Random(f"{seed}/shaped"), plain, draw_steps_changes(rng), talks=base.setting.api != "completions"
    )
    return replace(
        base,
        wish=wish,
        changes=changes,
        setting=replace(base.setting, named=(Own(), *(own for own, _ in each)) if lanes else ()),
        service=_service(rng, limits, latency_s, price, busy_s),
        outages=_spells(rng, busy_s) if rng.random() < 0.15 else (),
        others=tuple(service for _, service in each),
        others_outages=tuple(_spells(rng, busy_s) if rng.random() < 0.15 else () for _ in each),
        mishaps=draw_mishaps(rng, busy_s, len(wish.names) * wish.samples),
    )


def _price(rng: random.Random) -> Price | None:
    match rng.choice(["unknown", "free", "cheap", "any", "any"]):
        case "unknown":
            return None
        case "free":
            return Price(0, 0)
        case "cheap":
            return Price(150_000, 600_000)
    return Price(rng.randrange(1, 50_000_000), rng.randrange(1, 90_000_000))


def _limits(rng: random.Random, samples: int, max_tokens: int | None, price: Price | None) -> Limits:
    requests = rng.choice([None, None, None, 30, 100, 600, 6000])
    most = 300 + (max_tokens or 1024)  # tokens of a call
    tokens = rng.choice([None, None, None, most * 4, most * 40, most * 400])
    cap = None
    if price is not None and max_tokens is not None and price.output and rng.random() < 0.5:
        cap = usd(round(price.cost(Usage(60, min(max_tokens, 120))) * samples * 10 ** rng.uniform(-2.0, 0.3)))
    return Limits(
        concurrency="auto" if rng.random() < 0.1 else rng.choice([1, 2, 3, 8, 16, 32]),
        requests_per_minute=requests,
        tokens_per_minute=tokens,
        max_cost_usd=cap,
        max_attempts=rng.choice([1, 2, 4, 6]),
        max_reasks=rng.choice([0, 0, 1, 2]),
    )


def _others(
    rng: random.Random, limits: Limits, latency_s: float, max_tokens: int | None, price: Price | None, busy_s: float
) -> tuple[tuple[Own, ...], tuple[Settings, ...]]:
    """The limits of all endpoints that share the work, and the services of all but the first; mostly none."""
    if rng.random() < 0.65:
        return (), ()
    number = rng.choice([1, 1, 2])
    each = [_other(rng, limits, latency_s, max_tokens, price, busy_s) for _ in range(number)]
    return (Own(), *(own for own, _ in each)), tuple(service for _, service in each)


def _other(
    rng: random.Random, limits: Limits, latency_s: float, max_tokens: int | None, price: Price | None, busy_s: float
) -> tuple[Own, Settings]:
    """The limits of a further endpoint, and its service."""
    own = Own(
        rng.choice([None, 1, 3, 8, "auto"]),
        rng.choice([None, None, 30, 600]),
        rng.choice([None, None, (300 + (max_tokens or 1024)) * 40]),
    )
    of_all = limits.model_copy(
        update={
            "requests_per_minute": own.requests_per_minute or limits.requests_per_minute,
            "tokens_per_minute": own.tokens_per_minute or limits.tokens_per_minute,
        }
    )
    return own, _service(rng, of_all, latency_s * rng.choice([0.3, 1.0, 3.0]), price, busy_s)


def _busy_s(limits: Limits, samples: int, latency_s: float) -> float:
    """About how long all samples take."""
    slots = 16 if limits.concurrency == "auto" else limits.concurrency
    by_rate = 60 * samples / limits.requests_per_minute if limits.requests_per_minute else 0.0
    return max(samples * (latency_s + 0.1) / slots, by_rate)


def _service(rng: random.Random, limits: Limits, latency_s: float, price: Price | None, busy_s: float) -> Settings:
    window: WindowKind = rng.choice(["sliding", "fixed", "bucket"])
    foreign = rng.random() < 0.1  # limits that the client doesn't know of
    return Settings(
        seed=rng.randrange(2**32),
        latency_s=latency_s,
        latency_sigma=rng.choice([0.0, 0.25, 0.8]),
        completion_tokens=rng.choice([30, 120]),
        price=price,
        requests_per_minute=rng.choice([60, 300]) if foreign else limits.requests_per_minute,
        tokens_per_minute=limits.tokens_per_minute,
        window=window,
        fault_shares=_shares(rng),
        faults_per_body=rng.choice([None, 1, 3]),
        spells=tuple(
            Spell(start, end, rng.choice([FaultKind.RATE_LIMITED_429, FaultKind.RATE_LIMITED_429,
                                          FaultKind.UNAVAILABLE_503, FaultKind.HANG, *STOPS]), rng.choice([1.0, 0.5]))
            for start, end in (_spells(rng, busy_s) if rng.random() < 0.3 else ())
        ),
        retry_after_s=rng.choice([0.1, 1.0, 7.0]),
        slow_factor=5.0,
        capacity=rng.choice([None, None, 4, 16]),
    )  # fmt: skip


def _shares(rng: random.Random) -> dict[str, float]:
    if rng.random() < 0.3:
        return {}
    kinds = rng.sample([*RETRIED, *REJECTED, *MENDED], rng.randint(1, 5))
    return {kind: rng.choice([0.02, 0.05, 0.1]) for kind in kinds}


def _spells(rng: random.Random, busy_s: float) -> tuple[tuple[float, float], ...]:
    start = rng.uniform(0.0, busy_s)
    return ((start, start + rng.choice([1.0, 10.0, 60.0, 600.0])),)


FAMILIES = {"one step": draw, "steps": draw_steps}
