"""The vault on MicroPython and a real littlefs, with the heap of a small machine."""

import shutil
from pathlib import Path

import pytest

from interpreters import Worker
from open_vault import HandClock, opened
from picototp.board.storage import Storage
from tests.firmware.vault.vault_flash_model import contents
from tests.firmware.vault.vault_reader import read_key, read_vault

HERE = Path(__file__).resolve().parent
FIRMWARE = HERE.parents[2] / "firmware"
VECTORS = HERE.parents[1] / "vectors" / "vault"

# Of the 384 KB that stand for a Pico's 236 KB on this 64-bit interpreter. It compiles the sources
# in there as well.
SMALL_HEAP = "144k"
VAULT_LIMIT_BYTES = 7000  # 2,100 of them in two buffers, 1,800 for the keys and what encrypts


def test_255_accounts_on_littlefs_in_a_small_heap(tmp_path):
    count = 255
    with Worker([FIRMWARE, HERE], heap_size=SMALL_HEAP) as micropython:
        micropython.call("gc", "threshold", 8192)  # as boot.py does: no heap full of holes
        result = micropython.call(
            "vault_probe", "run_full", str(tmp_path / "flash"), count, str(tmp_path)
        )
    print(result)
    assert result["count"] == count
    assert result["found"] == count - 1
    assert result["counters"] == [2**63, 2**63 + 1]
    assert result["replaced"] == b"replaced"
    assert result["shortest"] == 30
    assert sorted(slot[0] for slot in result["slots"]) == ["active", "sound"]
    assert result["full_bytes"] < VAULT_LIMIT_BYTES

    vault = opened(Storage(str(tmp_path)))  # CPython reads what MicroPython wrote
    typical = [("Example Company", f"somebody{number:03}@example.com") for number in range(count)]
    expected = [typical[0], ("Other", "name"), *typical[3:], ("H", "otp")]
    assert [vault.label(index) for index in range(count)] == expected
    assert vault.account(count - 1).counter == 2**63 + 2


@pytest.mark.parametrize(
    "name",
    ["add", "replace", "remove", "advance", "change several", "remove several", "wipe"],
)
def test_a_cut_at_every_flash_operation_of_littlefs(name):
    with Worker([FIRMWARE, HERE], heap_size="1m") as micropython:
        micropython.call("gc", "threshold", 8192)  # an image of the flash needs one piece of heap
        cuts, wrong, changes = micropython.call("vault_probe", "cut_at_every_flash_operation", name)
    print(name, cuts, "flash operations")
    assert changes
    assert cuts >= 4
    assert wrong == []


@pytest.mark.parametrize("names", [("v1.hex",), ("v2.hex", "key_open_v1.hex")])
def test_micropython_reads_the_committed_files(tmp_path, micropython, names):
    micropython.add_path(HERE)
    for vector, name in zip(names, ("vault.1", "key.1"), strict=False):
        (tmp_path / name).write_bytes(bytes.fromhex((VECTORS / vector).read_text()))
    accounts, damaged, generation = micropython.call("vault_probe", "read_files", str(tmp_path))
    shutil.copy(tmp_path / "vault.1", tmp_path / "vault.0")
    vault = opened(Storage(str(tmp_path)))
    assert [account[-1] for account in accounts] == [fields[2] for fields in contents(vault)]
    assert [account[:2] for account in accounts] == [fields[:2] for fields in contents(vault)]
    assert (damaged, generation) == (False, vault.generation)


def test_a_pin_on_micropython(tmp_path, micropython):
    micropython.add_path(HERE)
    folder = str(tmp_path)
    rounds = micropython.call("pin_probe", "set_pin", folder, b"2580")
    print(rounds, "rounds")
    assert 20_000 <= rounds <= 100_000
    key_record = (tmp_path / "key.0").read_bytes()
    assert read_vault((tmp_path / "vault.0").read_bytes(), read_key(key_record, b"2580"))
    assert micropython.call("pin_probe", "enter", folder, b"2580") == [True, 0, [b"secret"]]
    assert micropython.call("pin_probe", "enter", folder, b"2581") == [False, 1, []]
    vault = opened(Storage(folder), HandClock())
    assert vault.locked and vault.keys.failures == 1 and vault.keys.wait_ms() == 1000
