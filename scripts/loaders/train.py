#!/usr/bin/env python3
"""Trains a tiny random model for ten steps with TRL's SFTTrainer, on an export and on the same records as they are.

Usage: train.py FOLDER, as make_exports.py left it; runs in the environment of scripts/check-loaders.

The tokenizer is a byte-level BPE, as nearly all models have, learnt from the examples themselves: nothing is fetched.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import torch
from datasets import Dataset, load_dataset
from tokenizers import ByteLevelBPETokenizer
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, set_seed
from trl import SFTConfig, SFTTrainer

STEPS = 10


class Trained(NamedTuple):
    """`merged`: examples in which a token lies across the border of prompt and answer; `warned`: TRL said so.

    `first_loss`: of the first token of an answer, when the prompt is given as it is when the model is used.
    """

    examples: int
    merged: int
    warned: bool
    losses: list[float]
    first_loss: float


def main(folder: Path) -> None:
    exported = examples(folder / "exports" / "pair-completions" / "train.jsonl")
    texts = {row["prompt"] + row["completion"] for row in exported}
    # The same examples, as records.jsonl has them.
    raw = examples(folder / "pair" / "records.jsonl").filter(lambda row: row["prompt"] + row["completion"] in texts)
    tokenizer = learnt_tokenizer(exported)
    with_rules, without = trained(exported, tokenizer), trained(raw, tokenizer)
    for name, run in (("exported", with_rules), ("records as they are", without)):
        print(
            f"trained: {name}: {run.examples} examples, {run.merged} with a token across the border, "
            f"loss {run.losses[0]:.3f} -> {run.losses[-1]:.3f} in {len(run.losses)} steps, "
            f"{run.first_loss:.3f} for the first token of an answer when used"
        )
    assert with_rules.examples == without.examples
    assert (with_rules.merged, with_rules.warned) == (0, False)
    # Each prompt ends in a blank, and each answer begins with a word.
    assert (without.merged, without.warned) == (without.examples, True)
    assert len(with_rules.losses) == STEPS
    assert with_rules.losses[-1] < with_rules.losses[0]
    assert with_rules.first_loss < without.first_loss


def examples(path: Path) -> Dataset:
    loaded = load_dataset("json", data_files=str(path), split="train")
    return loaded.select_columns(["prompt", "completion"])


def learnt_tokenizer(those: Dataset) -> PreTrainedTokenizerFast:
    bpe = ByteLevelBPETokenizer()
    texts = [row["prompt"] + row["completion"] for row in those]
    bpe.train_from_iterator(texts, vocab_size=1000, special_tokens=["<pad>", "<end>"], show_progress=False)
    made = bpe._tokenizer  # noqa: SLF001 - it is shown in no other way
    return PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<end>", pad_token="<pad>")  # noqa: S106 - no password


def trained(those: Dataset, tokenizer: PreTrainedTokenizerFast) -> Trained:
    set_seed(2022)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id, bos_token_id=None,
    )  # fmt: skip
    warnings = Warnings()
    logging.getLogger("trl").addHandler(warnings)
    model = LlamaForCausalLM(config)
    with tempfile.TemporaryDirectory() as output:
        arguments = SFTConfig(
            output_dir=output, max_steps=STEPS, per_device_train_batch_size=8, learning_rate=2e-2, logging_steps=1,
            save_strategy="no", report_to="none", use_cpu=True, bf16=False, seed=2022, disable_tqdm=True,
        )  # fmt: skip
        trainer = SFTTrainer(model, args=arguments, train_dataset=those, processing_class=tokenizer)
        trainer.train()
    logging.getLogger("trl").removeHandler(warnings)
    losses = [float(entry["loss"]) for entry in trainer.state.log_history if "loss" in entry]
    warned = any("not a prefix" in said for said in warnings.said)
    return Trained(len(those), merged(those, tokenizer), warned, losses, first_loss(model, those, tokenizer))


def first_loss(model: LlamaForCausalLM, those: Dataset, tokenizer: PreTrainedTokenizerFast) -> float:
    """The mean over examples; who uses the model has the prompt alone, and cuts it into tokens alone."""
    total = 0.0
    for row in those:
        prompt, answer = tokenizer(row["prompt"])["input_ids"], tokenizer(row["completion"])["input_ids"]
        with torch.no_grad():
            scores = model(torch.tensor([prompt])).logits[0, -1]
        total += float(torch.nn.functional.cross_entropy(scores, torch.tensor(answer[0])))
    return total / len(those)


class Warnings(logging.Handler):
    """What TRL warned of."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def merged(those: Dataset, tokenizer: PreTrainedTokenizerFast) -> int:
    """How many prompts are not cut alone as they are together with what follows."""
    count = 0
    for row in those:
        alone, together = (
            tokenizer(row["prompt"])["input_ids"],
            tokenizer(row["prompt"] + row["completion"])["input_ids"],
        )
        count += together[: len(alone)] != alone
    return count


torch.set_num_threads(2)
main(Path(sys.argv[1]))
