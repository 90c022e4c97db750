"""The description of the API names what there is: every path, and every schema that it refers to."""

from __future__ import annotations

import json
import re

from asyncsynth.service.openapi import description
from asyncsynth.service.routes import ID, ROUTES


def test_every_route_is_described() -> None:
    paths = json.loads(description())["paths"]
    for route in ROUTES:
        assert route.method.lower() in paths[route.path.replace(ID, "{id}")]


def test_every_reference_leads_somewhere() -> None:
    text = description().decode()
    schemas = json.loads(text)["components"]["schemas"]
    names = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert names
    assert names <= schemas.keys()
