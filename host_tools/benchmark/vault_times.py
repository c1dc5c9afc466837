"""A nearly full vault on an emulated Pico: loading, one more account, a PIN, unlocking.

All times but that of loading are seen from outside, at the port.
"""

import tempfile
from pathlib import Path
from typing import Any

from host_tools.benchmark import ACCOUNTS, Say, unix_micropython
from host_tools.benchmark.emulated_pico import EmulatedPico
from host_tools.benchmark.prompt_times import at_prompt, run_guest
from host_tools.benchmark.running_token import RunningToken
from host_tools.errors import ToolError
from host_tools.pico.board_files import DATA, collect
from host_tools.pico.littlefs_image import stored_file
from host_tools.pico.uf2 import Image
from host_tools.simulator.clock import NS_PER_S
from picototp.codes import base32, otp
from picototp.vault import key_record

BATCH = 100
_MORE_PAGES = 4  # of its question, after the first
_PIN = "493817"
_ACCOUNT: dict[str, Any] = {
    "issuer": "Issuer",
    "name": "the last",
    "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    "algorithm": "SHA1",
    "digits": 6,
    "kind": "totp",
}
# After a start the firmware finds where the RTC's seconds begin; after 3 s it would begin to erase
# what the PIN made old.
_SETTLE_S = 2


def measure(image: Image, say: Say) -> dict[str, float]:
    """Figures by their key in rows.py. ToolError if one cannot be measured."""
    say(f"vault: loading {ACCOUNTS} accounts")
    figures = {"vault.load": loading_s(image)}
    files = {**collect(), **unix_micropython.vault_files(ACCOUNTS - 1)}
    with (
        tempfile.TemporaryDirectory(prefix="picototp-bench-") as folder,
        EmulatedPico(image, files, Path(folder)) as pico,
    ):
        token = RunningToken(pico)
        say(f"vault: power-up with {ACCOUNTS - 1} accounts, and the first request for a list")
        _start(token)
        began_ns = token.now_ns
        token.client.request("list")
        figures["first.list"] = (token.now_ns - began_ns) * 1000 / NS_PER_S
        say("vault: another start, and one account more")
        pico.restart()
        _start(token)
        _, figures["vault.add"] = token.confirm("add", **_ACCOUNT)
        figures["first.add"] = token.asked_after_ms
        say("vault: setting a PIN")
        _, figures["vault.set_pin"] = token.confirm("set_pin", pin=_PIN)
        figures["vault.rounds"] = _rounds(pico)
        say("vault: unlocking after another start")
        pico.restart()
        _start(token)
        _expect_accounts(token, None)
        began_ns = token.now_ns
        token.client.request("unlock", pin=_PIN)
        figures["vault.unlock"] = (token.now_ns - began_ns) / NS_PER_S
        _expect_accounts(token, ACCOUNTS)
        say("vault: locking")
        figures["vault.lock"] = _lock_ms(token)
        _expect_accounts(token, None)
    say(f"vault: a batch of {BATCH} accounts")
    return {**figures, **batch_times(image)}


def batch_times(image: Image) -> dict[str, float]:
    """Seconds until an empty token asks about a batch, and from the yes until the last of its
    accounts has proved its code."""
    accounts = [{**_ACCOUNT, "name": f"user{number}"} for number in range(BATCH)]
    with (
        tempfile.TemporaryDirectory(prefix="picototp-bench-") as folder,
        EmulatedPico(image, collect(), Path(folder)) as pico,
    ):
        token = RunningToken(pico)
        _start(token)
        began_ns = token.now_ns
        token.client.begin_batch("add", BATCH)
        for account in accounts:
            token.client.request("batch_entry", **account)
        sent_s = (token.now_ns - began_ns) / NS_PER_S
        _, taken_s = token.confirm("batch_end", more_pages=_MORE_PAGES, count=BATCH)
        began_ns = token.now_ns
        unix_s = pico.unix_ns() // NS_PER_S
        counter = otp.counter_at(unix_s, 30)
        proof = otp.check_proof("SHA1", base32.decode(_ACCOUNT["secret"]), counter, 6)
        named = [{"issuer": one["issuer"], "name": one["name"]} for one in accounts]
        answers = [token.client.request("check", **one, unix=unix_s, proof=proof) for one in named]
        if not all(answer["match"] for answer in answers):
            raise ToolError("an account of a batch computes another code")
        proved_s = (token.now_ns - began_ns) / NS_PER_S
        return {"batch.send": sent_s, "batch.yes": taken_s, "batch.done": taken_s + proved_s}


def loading_s(image: Image) -> float:
    """Seconds for a full vault without a PIN, at the prompt."""
    with at_prompt(image, unix_micropython.vault_files()) as pico:
        taken_us, accounts = run_guest(pico, "import bench_open; print(bench_open.load())")
    if accounts != ACCOUNTS:
        raise ToolError(f"{accounts} accounts were loaded instead of {ACCOUNTS}")
    return float(taken_us) / 1_000_000


def _start(token: RunningToken) -> None:
    token.start()
    token.pico.run_for(_SETTLE_S * NS_PER_S)
    token.client.hello()
    # Away from the change of the RTC's seconds, at which the firmware may look closely for 70 ms.
    token.pico.run_for((NS_PER_S // 4 - token.pico.unix_ns()) % NS_PER_S)


def _lock_ms(token: RunningToken) -> float:
    """Until the firmware rests again: the memory is overwritten after the answer."""
    began_ns = token.now_ns
    token.client.request("lock")
    token.pico.run_until(lambda: token.pico.chip.sleeps, "rest")
    return (token.now_ns - began_ns) * 1000 / NS_PER_S


def _rounds(pico: EmulatedPico) -> int:
    """The rounds of PBKDF2 that are stored in flash."""
    flash = pico.board.flash
    record = stored_file(flash.read(0, flash.size), f"{DATA}/{key_record.FILE_NAMES[0]}")
    if key_record.state_of(record) != key_record.PIN:
        raise ToolError("the key is without a PIN after one was set")
    return key_record.rounds_of(record)


def _expect_accounts(token: RunningToken, count: int | None) -> None:
    """`count` is None for a locked token."""
    found = token.client.status().accounts
    if found != count:
        raise ToolError(f"the token says that it has {found} accounts instead of {count}")
