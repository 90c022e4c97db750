"""What a token costs: the config's own price first, else what genai-prices knows, else unknown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec.structs import replace

from asyncsynth.config import PriceSection
from asyncsynth.config.hosts import is_loopback
from asyncsynth.costs import Price, picodollars_a_token
from asyncsynth.provider.services import Service

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, TieredPrices

FREE = Price(0, 0)


def price_of(
    service: Service,
    model: str,
    section: PriceSection | None,
    base_url: str | None,
    *,
    now: datetime | None = None,
) -> Price | None:
    """The price of `model`, or None where nobody knows it: it is never guessed.

    `section` is [endpoint.price] and wins. Without it a server on machines of the user's own is free, and genai-prices
    is asked for the service; where `base_url` is one of the user's, for whom it belongs to. A host that it does not
    know has no price, even for a model that others sell. A rehearsal on the simulator is priced by the model's name.

    Of prices that depend on the hour of the day the highest of the next 24 hours counts, so that a spend cap holds.
    """
    if section is not None:
        return section.per_token()
    if service.is_free_at(base_url):
        return FREE
    found = _published(service, model, base_url)
    if found is None:
        return None
    # Every half hour: the finest grain of the prices that change with the hour.
    now = now or datetime.now(UTC)
    moments = (now + timedelta(minutes=30 * step) for step in range(48))
    return highest(found.get_prices(moment) for moment in moments)


def published_context(service: Service, model: str, section: PriceSection | None, base_url: str | None) -> int | None:
    """The tokens that `model` takes, where its price is looked up as well: nothing is loaded for this alone."""
    if section is not None or service.is_free_at(base_url):
        return None
    found = _published(service, model, base_url)
    return None if found is None else found.context_window


def _published(service: Service, model: str, base_url: str | None) -> ModelInfo | None:
    """What genai-prices knows of a model."""
    if service.free or (base_url is not None and is_loopback(urlsplit(base_url).hostname or "")):
        return None
    # Where all customers have addresses of their own, the service's name says who bills.
    seller = service.price_id if base_url is None or service.base_url is None else None
    # It holds its prices in its own code: nothing is fetched unless UpdatePrices is started, which nothing here does.
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415 - half a second, and few runs need it

    try:
        return get_snapshot().find_provider_model(model, None, seller, None if seller else base_url)[1]
    except LookupError:
        return None


def highest(prices: Iterable[ModelPrice]) -> Price | None:
    """The highest rates among `prices`; None where input or output has none, or is not by the token alone."""
    prices = list(prices)
    base = _level(prices, 0)
    if base is None:
        return None
    starts = {tier.start for price in prices for rate in _rates(price) for tier in getattr(rate, "tiers", ())}
    levels = ((start, _level(prices, start + 1)) for start in sorted(starts))
    return replace(base, longer=tuple((start, level) for start, level in levels if level is not None))


def _level(prices: Iterable[ModelPrice], prompt_tokens: int) -> Price | None:
    """What prompts of this size cost; what only some of the prices have is taken to cost what other input does."""
    columns = list(zip(*([_rate_at(rate, prompt_tokens) for rate in _rates(price)] for price in prices), strict=True))
    if not columns or any(price.requests_kcount for price in prices):
        return None
    rates = [None if None in column else max(rate for rate in column if rate is not None) for column in columns]
    per_token = [None if rate is None else picodollars_a_token(rate) for rate in rates]
    whole, made, cached, written, for_an_hour = per_token
    return None if whole is None or made is None else Price(whole, made, cached, written, for_an_hour)


def _rates(price: ModelPrice) -> tuple[Decimal | TieredPrices | None, ...]:
    caches = price.cache_read_mtok, price.cache_write_mtok, price.cache_write_1h_mtok
    return price.input_mtok, price.output_mtok, *caches


def _rate_at(rate: Decimal | TieredPrices | None, prompt_tokens: int) -> Decimal | None:
    if rate is None or isinstance(rate, Decimal):
        return rate
    return next((tier.price for tier in reversed(rate.tiers) if prompt_tokens > tier.start), rate.base)
