"""The config files of the measured runs: plot outlines over axes of any size."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

NAMES = ("genre", "place", "period", "modifier")
SMALL = (12, 12, 12, 12)  # 20,736 combinations
MILLION = (32, 32, 32, 31)  # 1,015,808
TEN_MILLION = (58, 57, 56, 55)  # 10,182,480

CONFIG = '''[axes]
{axes}

[prompt]
request = """{{{{ uuid }}}}

Imagine a complete and detailed plot outline for a {{{{ genre }}}} film set in {{{{ place }}}} \\
during {{{{ period }}}}. The story should be {{{{ modifier }}}}. Write out the entire plot outline in great detail."""

[record]
prompt = """Genre: {{{{ genre }}}}
Location: {{{{ place }}}}
Period: {{{{ period }}}}
Modifier: {{{{ modifier }}}}

Plot outline: """

[endpoint]
provider = "openai"
base_url = "{base_url}"
model    = "bench"

[endpoint.parameters]
temperature = 1.0
top_p       = 1.0
max_tokens  = 200

[endpoint.price]
input  = 0.15
output = 0.60

[output]
directory = "run"
'''


# Two further steps, whose requests are about as long as the first one: an answer of the fast server and a line.
STEPS = CONFIG.replace("[prompt]", "[steps.outline]").replace(
    "[record]",
    """[steps.story]
request = "Expand this outline to include more detail:\\n\\n{{{{ outline }}}}"

[steps.edited]
request = "Correct this story where it needs it:\\n\\n{{{{ story }}}}"

[record]""",
)
GATES = "gates = {{ words = {{ min = 5 }}, forbid = ['(?i)as an ai'], refusal = true }}"
GATED = STEPS.replace("[steps.edited]", f"{GATES}\n\n[steps.edited]")


def write_config(path: Path, sizes: Sequence[int], base_url: str, form: str = CONFIG) -> Path:
    """A config whose axes have so many values."""
    lines = []
    for name, size in zip(NAMES, sizes, strict=True):
        values = json.dumps([f"{name} number {number}" for number in range(size)])
        lines.append(f"{name} = {values}")
    path.write_text(form.format(axes="\n".join(lines), base_url=base_url), encoding="utf-8")
    return path
