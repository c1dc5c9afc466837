"""Small vaults, every operation, and helpers for the tests of what can go wrong."""

import pytest

from open_vault import opened
from picototp.vault.account import Account
from picototp.vault.batch import Batches
from picototp.vault.errors import VaultError
from tests.firmware.vault.vault_flash_model import FlashModel


def account(number, **changes):
    values = {"issuer": "A", "name": f"n{number}", "secret": b"secret%d" % number}
    values.update(changes)
    return Account(**values)


def small_vault():
    flash = FlashModel()
    vault = opened(flash)
    for number in range(3):
        vault.add(account(number, kind="hotp" if number == 1 else "totp"))
    return flash


def change_several(vault):
    """Two more accounts, and another secret for n1, in one write."""
    Batches(vault).begin_additions(3)
    Batches(vault).append_account(account(8), False)
    Batches(vault).append_account(account(1, secret=b"other"), True)
    Batches(vault).append_account(account(9), False)
    Batches(vault).finish(vault.batch.count)
    Batches(vault).commit()


def remove_several(vault):
    """The first and the second account, in one write."""
    Batches(vault).begin_removals(2)
    Batches(vault).append_removal(1)
    Batches(vault).append_removal(0)
    Batches(vault).finish(vault.batch.count)
    Batches(vault).commit()


def at_rest(storage):
    """The vault in a storage, once it has had the time to end what a change left to be done."""
    vault = opened(storage)
    vault.renew()
    return vault


def and_rest(change):
    """That change, and what the main loop does after it when nothing else happens."""

    def changed_and_rested(vault):
        change(vault)
        vault.renew()

    return changed_and_rested


OPERATIONS = {
    "add": lambda vault: vault.add(account(9)),
    "replace": and_rest(lambda vault: vault.add(account(1, secret=b"other"), replace=True)),
    "rename": lambda vault: vault.rename(1, "B", "renamed"),
    "move": lambda vault: vault.move(2, 0),
    "remove": and_rest(lambda vault: vault.remove(1)),
    "advance": lambda vault: vault.advance_counter(1),
    "change several": and_rest(change_several),
    "remove several": and_rest(remove_several),
    "wipe": lambda vault: vault.wipe(),
}
DROPS_SECRET_1 = ("replace", "remove", "change several", "remove several", "wipe")


def starts():
    """Vaults in which the active file is one or the other, or the only one."""
    both = small_vault()
    swapped = FlashModel(both.files)
    opened(swapped).move(1, 2)
    opened(swapped).move(1, 2)
    opened(swapped).rename(0, "A", "n0_")
    single = FlashModel(both.files)
    vault = opened(single)
    del single.files[vault._other().name]
    return {"both": both.files, "swapped": swapped.files, "single": single.files}


def flipped(data, offset, mask):
    return data[:offset] + bytes((data[offset] ^ mask,)) + data[offset + 1 :]


def refusal(call, *arguments):
    with pytest.raises(VaultError) as caught:
        call(*arguments)
    return caught.value.code


def entered(keys, pin):
    attempt = keys.unlocking(bytearray(pin))
    while not attempt.step(100_000):
        pass
    return attempt.ok


def changed(vault, pin):
    change = vault.changing_pin(None if pin is None else bytearray(pin))
    while not change.step(100_000):
        pass
