#!/usr/bin/env python3
"""The loop to beat: each line parsed, its training example written, and nothing else looked at.

Usage: bare_export.py RECORDS TO
"""

from __future__ import annotations

import sys
from pathlib import Path

import orjson

with Path(sys.argv[1]).open("rb") as records, Path(sys.argv[2]).open("wb") as to:
    for line in records:
        record = orjson.loads(line)
        row = {"prompt": record["prompt"], "completion": record["completion"]}
        to.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
