"""The demo's humans and its gateway: real commands, each in a process of its own."""

import json
import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import BrokenError
from .screen import Screen

TIMEOUT_S = 120


@dataclass(frozen=True)
class Console:
    """Runs ``alphaforge`` commands on the demo's homes and reads their JSON."""

    home: Path
    gateway_home: Path
    keys: Path
    environment: Mapping[str, str]
    screen: Screen

    def run(self, *words: str, expect: int = 0) -> Mapping[str, Any]:
        """Run a command that must end with the expected exit code."""
        self.screen.command(["alphaforge", *[self._shown(word) for word in words]])
        place = ("--home", str(self.home), "--gateway-home", str(self.gateway_home), "--json")
        done = subprocess.run(
            [sys.executable, "-m", "alphaforge", *words, *place],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            env=dict(self.environment),
            check=False,
        )
        if done.returncode != expect:
            said = (done.stdout + done.stderr)[-800:]
            raise BrokenError(f"`alphaforge {words[0]}` ended with {done.returncode}: {said}")
        lines = done.stdout.strip().splitlines()
        answer: Mapping[str, Any] = json.loads(lines[-1]) if lines else {}
        return answer

    def key_of(self, human: str, role: str) -> None:
        """Make a key and enroll it, for the venue ``sim`` alone."""
        self.keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        words = self.keys / f"{human}.passphrase"
        words.write_text(secrets.token_urlsafe(16) + "\n", encoding="utf-8")
        words.chmod(0o600)
        made = self.run(
            "keys",
            "new",
            human,
            "--out",
            str(self.keys / f"{human}.pem"),
            "--passphrase-file",
            str(words),
        )
        self.run("keys", "enroll", str(made["card_file"]), "--roles", role, "--demo")

    def sign(self, request_id: str, human: str, reason: str) -> Mapping[str, Any]:
        """Approve a request as one human."""
        key, words = self.keys / f"{human}.pem", self.keys / f"{human}.passphrase"
        return self.run(
            *("approvals", "approve", request_id, "--reason", reason),
            *("--key", str(key), "--passphrase-file", str(words)),
        )

    def _shown(self, word: str) -> str:
        """Shorten paths and quote words with blanks, as a person would read them."""
        for folder, name in ((self.keys, "keys"), (self.gateway_home, "gateway")):
            word = word.replace(str(folder), name)
        return f"'{word}'" if " " in word else word
