"""The files of firmware that knew neither PIN nor encryption."""

from pathlib import Path

from open_vault import opened
from workbench import MemoryStorage

_VERSION_1 = Path(__file__).resolve().parents[1] / "vectors" / "vault" / "v1.hex"


def files_of_version_1() -> tuple[dict[str, bytes], list[tuple]]:
    """Content by name, and the accounts in it: (issuer, name, secret, counter)."""
    data = bytes.fromhex(_VERSION_1.read_text())
    storage = MemoryStorage()
    storage.files = {"vault.0": data, "vault.1": data}
    vault = opened(storage)
    accounts = [vault.account(index) for index in range(len(vault))]
    return storage.files, [(one.issuer, one.name, one.secret, one.counter) for one in accounts]
