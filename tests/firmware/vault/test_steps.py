"""The vault on MicroPython, on the unix port and on the emulated chip, beside a list: random steps,
after each of which the list, the vault and the vault of the next start hold the same.

test_vault_model.py takes far more of them, with power cuts, on CPython. Here the files are real
ones: on the chip, in littlefs on its flash.
"""

import os
import random
from pathlib import Path

import pytest

SEED = int(os.environ.get("PICOTOTP_TEST_SEED", "20261128"))
STEPS = {"micropython": 200, "rp2040": 12}
LABELS = [("", "a"), ("A", "a"), ("A", "b"), ("é" * 32, "日本"), ("B", "x" * 64)]
PINS = [None, b"1234", b"a longer PIN"]
ISSUER, NAME, KIND, COUNTER = 0, 1, 6, 7


class Model:
    """A list of accounts and a PIN; `next_step` says what is done to the vault, and does it here:
    the step's name and arguments, and the error that it must end in."""

    def __init__(self, chance):
        self._chance = chance
        self.accounts = []
        self.pin = None
        self._bag = []

    def next_step(self):
        """Each kind of step comes once before any comes again."""
        if not self._bag:
            self._bag = [self._add, self._add, self._rename, self._move, self._remove]
            self._bag += [self._advance, self._change_pin, self._guess, self._power_up]
            self._chance.shuffle(self._bag)
            self._bag += [self._wipe] * (self._chance.random() < 0.2)
        return self._bag.pop()()

    def _labels(self):
        return [(one[ISSUER], one[NAME]) for one in self.accounts]

    def _counters(self):
        return [at for at, one in enumerate(self.accounts) if one[KIND] == "hotp"]

    def _an_index(self):
        return self._chance.randrange(len(self.accounts) + 1)

    def _add(self):
        chance = self._chance
        kind = "hotp" if not self._counters() else chance.choice(["totp", "hotp"])
        label, replace = chance.choice(LABELS), chance.random() < 0.5
        fields = [*label, chance.randbytes(chance.choice([1, 20, 64, 128]))]
        fields += [chance.choice(["SHA1", "SHA256", "SHA512"]), chance.choice([6, 7, 8])]
        period_s = chance.choice([1, 30, 86_400])
        fields += [period_s, kind, chance.choice([0, 7, 2**64 - 2]) if kind == "hotp" else 0]
        code = None
        if label not in self._labels():
            self.accounts.append(fields)
        elif replace:
            self.accounts[self._labels().index(label)] = fields
        else:
            code = "duplicate"
        return "add", [list(fields), replace], code

    def _rename(self):
        index, label = self._an_index(), self._chance.choice(LABELS)
        if index == len(self.accounts):
            code = "not-found"
        elif label in self._labels() and self._labels().index(label) != index:
            code = "duplicate"
        else:
            code = None
            self.accounts[index] = [*label, *self.accounts[index][2:]]
        return "rename", [index, *label], code

    def _move(self):
        origin, to = self._an_index(), self._an_index()
        if max(origin, to) == len(self.accounts):
            return "move", [origin, to], "not-found"
        self.accounts.insert(to, self.accounts.pop(origin))
        return "move", [origin, to], None

    def _remove(self):
        index = self._an_index()
        if index == len(self.accounts):
            return "remove", [index], "not-found"
        del self.accounts[index]
        return "remove", [index], None

    def _advance(self):
        if not self._counters():
            return self._add()
        index = self._chance.choice(self._counters())
        if self.accounts[index][COUNTER] == 2**64 - 1:
            return "advance_counter", [index], "bad-counter"
        self.accounts[index][COUNTER] += 1
        return "advance_counter", [index], None

    def _change_pin(self):
        self.pin = self._chance.choice([pin for pin in PINS if pin != self.pin])
        return "change_pin", [self.pin], None

    def _guess(self):
        if self.pin is None:
            return self._change_pin()
        return "guess", [b"a wrong PIN", self.pin], None

    def _power_up(self):
        return "power_up", [], None

    def _wipe(self):
        self.accounts = []
        self.pin = None
        return "wipe", [], None


@pytest.mark.parametrize(
    "interpreter",
    ["micropython", pytest.param("rp2040", marks=pytest.mark.chip)],
    indirect=True,
)
def test_list_vault_and_the_vault_of_the_next_start_agree(interpreter, tmp_path):
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    interpreter.add_path(Path(__file__).parent)
    folder = "/steps" if interpreter.name == "rp2040" else str(tmp_path)
    interpreter.call("vault_steps_probe", "begin", folder)
    model = Model(chance)
    taken = set()
    for number in range(STEPS[interpreter.name]):
        name, arguments, expected = model.next_step()
        code, held, after_a_start = interpreter.call(
            "vault_steps_probe", "step", name, arguments, model.pin
        )
        assert code == expected, (number, name)
        if name == "power_up" and model.pin is not None:
            assert held is None, number
            unlocked = interpreter.call(
                "vault_steps_probe", "step", "enter", [model.pin], model.pin
            )
            held = unlocked[1]
        assert held == after_a_start == model.accounts, (number, name)
        taken.add(name)
    assert {"add", "rename", "move", "remove", "advance_counter", "change_pin", "power_up"} <= taken
