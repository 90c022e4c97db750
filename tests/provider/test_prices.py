from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from genai_prices.data_snapshot import DataSnapshot, set_custom_snapshot
from genai_prices.types import (
    ClauseEquals,
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    Provider,
    StartDateConstraint,
    Tier,
    TieredPrices,
    TimeOfDateConstraint,
)

from asyncsynth.config import PriceSection
from asyncsynth.costs import Price
from asyncsynth.provider.prices import price_of
from asyncsynth.provider.services import SERVICES, Service

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
OPENAI = SERVICES["openai"]
CLOUD = "https://api.cloud.example/v1"


def flat(input_usd: str, output_usd: str, **more: Decimal) -> ModelPrice:
    return ModelPrice(input_mtok=Decimal(input_usd), output_mtok=Decimal(output_usd), **more)


def at(hour: int) -> datetime:
    return NOW.replace(hour=hour)


MODELS: dict[str, ModelPrice | list[ConditionalPrice]] = {
    "flat": flat("0.15", "0.6"),
    "cached": flat(
        "2.5", "10", cache_read_mtok=Decimal("1.25"), cache_write_mtok=Decimal(3), cache_write_1h_mtok=Decimal(5)
    ),
    "tiered": ModelPrice(
        input_mtok=TieredPrices(base=Decimal(3), tiers=[Tier(start=200_000, price=Decimal(6))]),
        output_mtok=TieredPrices(base=Decimal(15), tiers=[Tier(start=200_000, price=Decimal("22.5"))]),
    ),
    "nightly": [
        ConditionalPrice(prices=flat("0.135", "0.55")),
        ConditionalPrice(
            constraint=TimeOfDateConstraint(start_time=at(0).timetz(), end_time=at(4).timetz()),
            prices=flat("0.27", "1.1"),
        ),
    ],
    "cheaper-by-now": [
        ConditionalPrice(prices=flat("10", "40")),
        ConditionalPrice(
            constraint=StartDateConstraint(start_date=(NOW - timedelta(days=9)).date()), prices=flat("2", "8")
        ),
    ],
    "fine-grained": flat("0.0000001", "0.1234567"),
    "by-the-request": flat("1", "1", requests_kcount=Decimal(5)),
    "no-output-price": ModelPrice(input_mtok=Decimal("0.02")),
}


@pytest.fixture(autouse=True)
def published() -> Iterator[None]:
    """A price list of our own in place of the package's, which changes from version to version."""
    models = [ModelInfo(id=name, match=ClauseEquals(equals=name), prices=prices) for name, prices in MODELS.items()]
    provider = Provider(id="cloud", name="Cloud", api_pattern=r"https://api\.cloud\.example", models=models)
    provider.model_match = ClauseEquals(equals="flat")
    set_custom_snapshot(DataSnapshot(providers=[provider], from_auto_update=False))
    yield
    set_custom_snapshot(None)


def published_price(model: str) -> Price | None:
    return price_of(OPENAI, model, None, CLOUD, now=NOW)


def test_the_local_model_costs_nothing() -> None:
    assert price_of(SERVICES["local"], "flat", None, None) == Price(0, 0)


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_the_configs_own_price_wins(service: Service) -> None:
    section = PriceSection(input=0.1, output=0.4)
    assert price_of(service, "flat", section, CLOUD) == Price(100_000, 400_000)


@pytest.mark.parametrize(
    ("model", "price"),
    [
        pytest.param("flat", Price(150_000, 600_000), id="exact picodollars"),
        pytest.param("cached", Price(2_500_000, 10_000_000, 1_250_000, 3_000_000, 5_000_000), id="with a cache"),
        pytest.param(
            "tiered",
            Price(3_000_000, 15_000_000, longer=((200_000, Price(6_000_000, 22_500_000)),)),
            id="by the length of the prompt",
        ),
        pytest.param("nightly", Price(270_000, 1_100_000), id="the highest of the day"),
        pytest.param("cheaper-by-now", Price(2_000_000, 8_000_000), id="today's price and not last year's"),
        pytest.param("fine-grained", Price(1, 123_457), id="rounded up"),
        pytest.param("by-the-request", None, id="what is not by the token alone is unknown"),
        pytest.param("no-output-price", None, id="half a price is unknown"),
        pytest.param("no-such-model", None, id="an unknown model is unknown"),
    ],
)
def test_a_published_price_becomes_picodollars_a_token(model: str, price: Price | None) -> None:
    assert published_price(model) == price


def test_a_host_that_is_not_known_has_no_price_even_for_a_model_that_others_sell() -> None:
    assert price_of(OPENAI, "flat", None, "https://llm.corp.example/v1", now=NOW) is None
    assert price_of(OPENAI, "flat", None, "http://127.0.0.1:8000/v1", now=NOW) is None


def test_a_rehearsal_is_priced_by_the_models_name() -> None:
    assert price_of(SERVICES["simulator"], "flat", None, None, now=NOW) == Price(150_000, 600_000)


def test_the_packages_own_list_knows_a_common_model(monkeypatch: pytest.MonkeyPatch) -> None:
    set_custom_snapshot(None)
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("a price lookup opened a connection"))
    price = price_of(OPENAI, "gpt-4o-mini", None, "https://api.openai.com/v1")
    assert price is not None
    assert 0 < price.input < price.output


def test_the_price_list_is_loaded_only_where_it_is_asked() -> None:
    code = (
        "import sys; from asyncsynth.provider.prices import price_of;"
        "from asyncsynth.provider.services import SERVICES; price_of(SERVICES['local'], 'm', None, None);"
        "price_of(SERVICES['openai'], 'm', None, 'http://localhost:1/v1'); print('genai_prices' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
