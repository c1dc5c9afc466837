"""The vault beside a list, under random operations, PINs, reopenings, full flash and power cuts,
some of them followed by another one while the token starts."""

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from open_vault import HandClock, opened
from picototp.vault.account import Account
from picototp.vault.errors import VaultError
from picototp.vault.key_record import LIMITS as LIMITS_OF_PINS
from picototp.vault.keystore import LIMIT_AT_FIRST
from tests.firmware.vault.test_format import plain_vault
from tests.firmware.vault.vault_cases import changed, entered
from tests.firmware.vault.vault_flash_model import FlashModel, PowerCut, contents, fields
from tests.firmware.vault.vault_reader import open_keys

LABELS = st.sampled_from([("", "a"), ("A", "a"), ("A", "b"), ("é" * 32, "日本"), ("B", "x" * 64)])
ACCOUNTS = st.builds(
    lambda label, *rest: Account(*label, *rest),
    LABELS,
    st.binary(min_size=1, max_size=128),
    st.sampled_from(["SHA1", "SHA256", "SHA512"]),
    st.sampled_from([6, 7, 8]),
    st.integers(1, 86400),
    st.sampled_from(["totp", "hotp"]),
    st.integers(0, 2**64 - 2),
    st.sampled_from(["", "E" * 48]),  # what the display shows for issuer and name
    st.sampled_from(["", "Ri Ben"]),
)
POSITION = st.integers(0, 5)
# When the power fails again, in steps from the power-up after that; it may write and read longer.
AGAIN = st.none() | st.integers(0, 60) | st.integers(0, 1500)
# When the power fails or the flash is full, in steps or bytes from the beginning of the change.
TROUBLE = st.one_of(
    st.none(),
    st.none(),
    st.tuples(st.sampled_from(["cut", "full"]), st.integers(0, 1500), AGAIN),
)
NO_TROUBLE = (None, None, None)
PINS = st.sampled_from([None, b"1234", b"a longer PIN"])
LIMITS = st.sampled_from([None, min(LIMITS_OF_PINS), max(LIMITS_OF_PINS)])
HOUR_US = 3_600_000_000
ISSUER, NAME, KIND, COUNTER, SHOWN = 0, 1, 6, 7, 8
FAILED = object()


class VaultBesideList(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.flash = FlashModel()
        self.model = []
        self.as_new()
        self.start()

    def as_new(self):
        self.pin, self.limit = None, LIMIT_AT_FIRST

    @initialize(is_old=st.booleans())
    def begin(self, is_old):
        """With nothing, or with what firmware left that knew no encryption."""
        if is_old:
            self.flash = plain_vault()
            self.start()
            self.model = contents(self.vault)

    @rule(cut=AGAIN)
    def reopen(self, cut):
        """Power-up, maybe twice; whoever has a PIN enters it."""
        self.flash = FlashModel(self.flash.files, steps_left=cut)
        try:
            self.start()
            self.enter()
        except PowerCut:
            self.flash = FlashModel(self.flash.files)
            self.start()
            self.enter()
        self.flash.steps_left = None

    def start(self):
        self.clock = HandClock()
        self.vault = opened(self.flash, self.clock)
        assert self.vault.locked == (self.pin is not None)

    def enter(self):
        if self.vault.locked:
            self.clock.us += HOUR_US
            assert entered(self.vault.keys, self.pin)
            self.vault.unlock()

    def after_the_cut(self):
        """The token as it will be, and a clock that lets it be asked for a PIN at once; what is
        done with it has no consequences."""
        clock = HandClock()
        vault = opened(FlashModel(self.flash.files), clock)
        clock.us += HOUR_US
        return vault

    # PINs

    @rule(pin=PINS, trouble=TROUBLE)
    def change_pin(self, pin, trouble):
        """After a power cut, the old PIN or the new one opens, and nothing else."""

        def look():
            vault = self.after_the_cut()
            if vault.locked:
                self.pin = pin if pin and entered(vault.keys, pin) else self.pin
            else:
                self.pin = None

        if self.attempt(trouble, lambda: changed(self.vault, pin), look) is not FAILED:
            self.pin = pin

    @rule(limit=LIMITS, trouble=TROUBLE)
    def set_limit(self, limit, trouble):
        """After a power cut, the old limit or the new one counts."""

        def look():
            found = self.after_the_cut().keys.limit
            assert found in (self.limit, limit)
            self.limit = found

        if self.attempt(trouble, lambda: self.vault.set_limit(limit), look) is not FAILED:
            self.limit = limit

    @precondition(lambda self: self.pin is not None)
    @rule(wrong=st.integers(0, 3), cut=st.none() | st.integers(0, 40))
    def lock_and_guess(self, wrong, cut):
        """Wrong PINs cost what they must, whatever the power does, and open nothing."""
        self.vault.lock()
        for count in range(1, wrong + 1):
            self.guess()
            assert self.vault.keys.failures == count
        self.refuse("locked", lambda: self.vault.account(0))
        if cut is not None:
            self.flash.steps_left = cut
            try:
                self.guess()
                wrong += 1
            except PowerCut:
                pass
            self.flash = FlashModel(self.flash.files)
            self.start()
            assert self.vault.keys.failures in (wrong, wrong + 1)
        self.enter()
        assert self.vault.keys.failures == 0

    def guess(self):
        self.clock.us += HOUR_US
        assert not entered(self.vault.keys, b"wrong")

    @precondition(lambda self: self.pin is not None)
    @rule(cut=st.none() | st.integers(0, 200))
    def use_up(self, cut):
        """The last wrong PIN destroys the key, or the power fails before it was charged."""
        self.vault.set_limit(min(LIMITS_OF_PINS))
        self.limit = min(LIMITS_OF_PINS)
        self.vault.lock()
        for _ in range(self.limit - 1):
            self.guess()
        self.flash.steps_left = cut
        try:
            self.guess()
        except PowerCut:
            self.flash = FlashModel(self.flash.files)
            self.vault = self.after_the_cut()
            if not self.vault.keys.destroyed:
                assert self.vault.keys.failures == self.limit - 1
                self.reopen(None)
                return
        self.flash.steps_left = None
        for vault in (self.vault, self.after_the_cut()):
            assert vault.keys.destroyed and not len(vault)
            for operation in (lambda: entered(vault.keys, self.pin), vault.keys.make_key):  # noqa: B023
                self.refuse("destroyed", operation)
        self.flash = FlashModel(self.flash.files)
        self.as_new()
        self.start()
        self.vault.wipe()
        self.model = []

    def attempt(self, trouble, operation, look):
        """Do something, maybe under trouble: its result, or FAILED. After a power cut, look() sees
        what is left; then the token starts again."""
        kind, amount, again = trouble or NO_TROUBLE
        self.flash.steps_left = amount if kind == "cut" else None
        self.flash.room_bytes = amount if kind == "full" else None
        result = FAILED
        try:
            result = operation()
        except PowerCut:
            self.flash = FlashModel(self.flash.files)
            look()
            self.reopen(again)
        except VaultError as error:
            assert kind == "full" and error.code == "storage"
        self.flash.steps_left = self.flash.room_bytes = None
        return result

    def change(self, trouble, expected, operation, wipes=False):
        """Carry out a change whose good outcome is the list `expected`, maybe under trouble."""

        def look():
            if wipes and not self.after_the_cut().keys.has_pin:
                self.pin = None

        flash = self.flash
        result = self.attempt(trouble, operation, look)
        if result is not FAILED or (self.flash is not flash and contents(self.vault) == expected):
            self.model = expected
        return None if result is FAILED else result

    def position_of(self, issuer, name):
        labels = [(entry[ISSUER], entry[NAME]) for entry in self.model]
        return labels.index((issuer, name)) if (issuer, name) in labels else -1

    @rule(account=ACCOUNTS, replace=st.booleans(), trouble=TROUBLE)
    def add(self, account, replace, trouble):
        held = self.position_of(account.issuer, account.name)
        if held < 0:
            expected = [*self.model, fields(account)]
        elif replace:
            expected = [*self.model[:held], fields(account), *self.model[held + 1 :]]
        else:
            self.refuse("duplicate", lambda: self.vault.add(account))
            return
        index = self.change(trouble, expected, lambda: self.vault.add(account, replace))
        assert index in (None, held if held >= 0 else len(expected) - 1)

    @rule(index=POSITION, label=LABELS, trouble=TROUBLE)
    def rename(self, index, label, trouble):
        if index >= len(self.model):
            self.refuse("not-found", lambda: self.vault.rename(index, *label))
            return
        if self.position_of(*label) not in (-1, index):
            self.refuse("duplicate", lambda: self.vault.rename(index, *label))
            return
        expected = list(self.model)
        expected[index] = (*label, *expected[index][2:SHOWN], "", "")
        self.change(trouble, expected, lambda: self.vault.rename(index, *label))

    @rule(origin=POSITION, destination=POSITION, trouble=TROUBLE)
    def move(self, origin, destination, trouble):
        if max(origin, destination) >= len(self.model):
            self.refuse("not-found", lambda: self.vault.move(origin, destination))
            return
        expected = list(self.model)
        expected.insert(destination, expected.pop(origin))
        self.change(trouble, expected, lambda: self.vault.move(origin, destination))

    @rule(index=POSITION, trouble=TROUBLE)
    def remove(self, index, trouble):
        if index >= len(self.model):
            self.refuse("not-found", lambda: self.vault.remove(index))
            return
        expected = self.model[:index] + self.model[index + 1 :]
        self.change(trouble, expected, lambda: self.vault.remove(index))

    @precondition(lambda self: any(entry[KIND] == "hotp" for entry in self.model))
    @rule(trouble=TROUBLE)
    def advance(self, trouble):
        index = [entry[KIND] for entry in self.model].index("hotp")
        counter = self.model[index][COUNTER]
        if counter == 2**64 - 1:
            self.refuse("bad-counter", lambda: self.vault.advance_counter(index))
            return
        expected = list(self.model)
        expected[index] = (*expected[index][:COUNTER], counter + 1, *expected[index][COUNTER + 1 :])
        used = self.change(trouble, expected, lambda: self.vault.advance_counter(index))
        assert used in (None, counter)

    @rule(trouble=TROUBLE)
    def wipe(self, trouble):
        self.change(trouble, [], self.vault.wipe, wipes=True)
        if not self.vault.keys.has_pin:
            self.pin = None
            if trouble and not len(self.vault):  # emptied, but flash kept it from being tidied up
                self.model = []
        if self.vault.keys.wiping or not self.vault.keys.exists:
            self.limit = LIMIT_AT_FIRST

    def refuse(self, code, operation):
        steps = self.flash.steps
        try:
            operation()
        except VaultError as error:
            assert error.code == code
        else:
            raise AssertionError(f"{code} expected")
        assert self.flash.steps == steps

    @invariant()
    def vault_holds_what_the_list_holds(self):
        assert contents(self.vault) == self.model
        again = self.after_the_cut()
        assert again.locked == (self.pin is not None)
        assert again.keys.limit == self.limit
        assert self.vault.keys.limit == self.limit or self.vault.keys.wiping
        if self.pin is not None:
            assert entered(again.keys, self.pin)
            again.unlock()
            assert not open_keys(self.flash.files)
        assert contents(again) == self.model
        assert not again.damaged
        assert self.flash.open_files == 0

    @invariant()
    def lookups_agree(self):
        for index, entry in enumerate(self.model):
            assert self.vault.find(entry[ISSUER], entry[NAME]) == index
        periods = [entry[5] for entry in self.model if entry[KIND] == "totp"]
        assert self.vault.shortest_period_s() == (min(periods) if periods else None)


TestVaultBesideList = VaultBesideList.TestCase
TestVaultBesideList.settings = settings(
    max_examples=250,
    stateful_step_count=25,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
