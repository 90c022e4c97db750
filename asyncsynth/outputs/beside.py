"""What is read beside the examples: LLaMA-Factory's dataset_info.json, axolotl's part of a config, the Hub's card.

axolotl: docs/dataset-formats and docs/rlhf of its repository. LLaMA-Factory: its data/README, and data/parser.py, where
`columns` and `tags` count as a whole, so what is not in them is not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asyncsynth.outputs.card import card

_CHAT_TAGS = {
    "role_tag": "role",
    "content_tag": "content",
    "user_tag": "user",
    "assistant_tag": "assistant",
    "system_tag": "system",
}
# Not its formatting "openai", which adds a system text of its own to every example.
_LLAMA_FACTORY: dict[str, dict[str, Any]] = {
    "completions": {"formatting": "alpaca", "columns": {"prompt": "prompt", "response": "completion"}},
    "chat": {"formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": _CHAT_TAGS},
    "sharegpt": {"formatting": "sharegpt", "columns": {"messages": "conversations"}},
    "alpaca": {
        "formatting": "alpaca",
        "columns": {"prompt": "instruction", "query": "input", "response": "output"},
    },
    "preference": {
        "formatting": "alpaca",
        "ranking": True,
        "columns": {"prompt": "prompt", "chosen": "chosen", "rejected": "rejected"},
    },
}
_AXOLOTL = {
    "completions": """\
    type:
      field_instruction: prompt
      field_output: completion
      format: "{instruction}"
      no_input_format: "{instruction}"
""",
    "chat": """\
    type: chat_template
    field_messages: messages
""",
    "sharegpt": """\
    type: chat_template
    field_messages: conversations
    message_property_mappings:
      role: from
      content: value
""",
    "alpaca": """\
    type: alpaca
""",
    "preference": """\
    type:
      field_prompt: prompt
      field_chosen: chosen
      field_rejected: rejected
      prompt_format: "{prompt}"
      chosen_format: "{chosen}"
      rejected_format: "{rejected}"
""",
}
_HEAD = "# What axolotl has to know of these examples; put it into your config. The paths are those of the export.\n"


def beside(
    form: str, to: Path, files: Mapping[str, str], examples: Mapping[str, int], license_name: str
) -> dict[str, str]:
    """The files that go beside the examples, each with its text; `files` has the place of each split in `to`."""
    texts = {}
    if form in _LLAMA_FACTORY:
        texts["dataset_info.json"] = _dataset_info(_LLAMA_FACTORY[form], to.name, files)
    if form in _AXOLOTL:
        texts["axolotl.yml"] = _axolotl(form, to, files)
    if form == "hub":
        texts["README.md"] = card(to.name, examples, files, license_name)
    return texts


def _dataset_info(form: Mapping[str, Any], name: str, files: Mapping[str, str]) -> str:
    """An entry for each split: the name of the directory, and for all but the training set that of the split."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)
    entries = {
        plain if split == "train" else f"{plain}_{split}": {"file_name": place, **form}
        for split, place in files.items()
    }
    return json.dumps(entries, indent=2) + "\n"


def _axolotl(form: str, to: Path, files: Mapping[str, str]) -> str:
    """The training set under `datasets`, the others under `test_datasets`; a file counts as a split called train."""
    text = _HEAD + ("rl: dpo\n" if form == "preference" else "")
    for heading, splits in (
        ("datasets", [split for split in files if split == "train"]),
        ("test_datasets", [split for split in files if split != "train"]),
    ):
        if splits:
            text += f"{heading}:\n"
        for split in splits:
            path = json.dumps(str(to / files[split]), ensure_ascii=False)  # JSON's strings are YAML's, too
            text += f"  - path: {path}\n    ds_type: json\n    split: train\n{_AXOLOTL[form]}"
    return text
