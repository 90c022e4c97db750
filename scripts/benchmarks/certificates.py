"""A certificate for a server on this machine, made when it is needed and trusted by whoever is told of it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.children import ChildFailed

SELF_SIGNED = (
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
    "-subj", "/CN=asyncsynth bench", "-addext", "subjectAltName=IP:127.0.0.1",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files; the chain is its own authority."""

    chain: Path
    key: Path


def self_signed(folder: Path) -> Certificate:
    """For 127.0.0.1. Raises ChildFailed where openssl is missing or too old."""
    openssl = shutil.which("openssl")
    if openssl is None:
        raise ChildFailed("a certificate is made by the command openssl, which is missing")
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    command = [openssl, *SELF_SIGNED, "-keyout", str(made.key), "-out", str(made.chain)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise ChildFailed(f"{' '.join(command)}\n{ended.stderr}")
    return made
