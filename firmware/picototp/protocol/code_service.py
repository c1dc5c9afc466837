"""The request for a code: the only way by which one leaves the port, and only after the button."""

from picototp.clock.timekeeper import is_sure_of_period
from picototp.codes import otp
from picototp.protocol.account_question import lines_about
from picototp.protocol.request import Consent, Wait, text_of
from picototp.protocol.time_service import ROLLOVER_TIMEOUT_US, no_rollover


class CodeService:
    """Handlers by the name of their request."""

    def __init__(self, vault, keeper, monotonic):
        self._vault = vault
        self._keeper = keeper
        self._monotonic = monotonic
        self.handlers = {"code": self._code}

    def _code(self, message: dict) -> Consent:
        issuer, name = text_of(message, "issuer"), text_of(message, "name")
        index = self._vault.named(issuer, name)
        if self._vault.summary(index)[2] == "totp":
            self._check_clock()

        def then():
            index = self._vault.named(issuer, name)
            if self._vault.summary(index)[2] == "hotp":
                return self._hotp(index)
            deadline_us = self._monotonic.now_us() + ROLLOVER_TIMEOUT_US
            return Wait(lambda now_us: self._totp(issuer, name, deadline_us), lambda: None)

        names = self._vault.names(index)
        lines = lines_about(self._vault, names, index, ("goes to the computer.",))
        return Consent("Send a code?", lines, then)

    def _check_clock(self) -> None:
        self._keeper.check()
        self._keeper.unix_us(self._monotonic.now_us())  # raises if there is none

    def _hotp(self, index: int) -> dict:
        counter = self._vault.advance_counter(index)  # saved before the code is known
        account = self._vault.account(index)
        return {"code": _code_of(account, counter), "left_s": None}

    def _totp(self, issuer: str, name: str, deadline_us: int) -> dict | None:
        """The current code; None while the clock is too near to the next one to tell which that
        is."""
        self._check_clock()
        account = self._vault.account(self._vault.named(issuer, name))
        now_us = self._monotonic.now_us()
        period_us = account.period_s * 1_000_000
        counter, into_us = divmod(self._keeper.unix_us(now_us), period_us)
        if not is_sure_of_period(into_us, period_us, self._keeper.uncertainty_us):
            if now_us > deadline_us:
                raise no_rollover()
            return None
        left_s = account.period_s - into_us // 1_000_000
        return {"code": _code_of(account, counter), "left_s": left_s}


def _code_of(account, counter: int) -> str:
    generator = otp.Generator(account.algorithm, account.secret, account.digits)
    try:
        return generator.code(counter).decode()
    finally:
        generator.forget()
