"""The conversation over the serial port: frames in, the service's answers out, consent between.

Every request names the session that its `hello` opened. A new hello ends the session before it:
whoever spoke then is told so, and what was waiting for the button is withdrawn.
"""

import gc

from picototp.app import messages
from picototp.app.interface import NO, NOT_SHOWN, YES
from picototp.clock.states import ClockError
from picototp.protocol import frames
from picototp.protocol.request import Consent, RequestError
from picototp.vault.errors import VaultError

# Requests whose success changes what the display shows.
_CHANGES = ("add", "rename", "move", "remove", "batch_end", "wipe", "lock")
_MOVES = ("move", "remove", "batch_end", "wipe")  # after which accounts have other positions


_NO_DISPLAY = "the token has no working display to ask on; check its wires"


# While the token works on a request, the host hears so often that it does, and waits so long for
# the next word each time; whoever else speaks meanwhile is to try again after so many seconds.
TELL_MS = 3_000
_WORKING = {"wait": "working", "timeout_ms": 10_000}
BUSY_S = 1


# Requests and answers that hold a secret, a PIN or a code.
_SECRET = ("add", "batch_entry", "check", "unlock", "set_pin", "code")


class _Pending:
    """A request whose answer is still to come: a question to the user, or a thing to wait for."""

    def __init__(self, request: dict, consent, wait):
        self.request = request
        self.consent = consent
        self.wait = wait
        self.asked = False  # whether its question is, or was, on the display
        self.since_ms = 0  # for how long it has waited for that
        self.told: str | None = None  # why its question waits, as the host was told


class Link:
    """Serves the port. `port` has `read() -> bytes` (what is there) and `write(bytes)`."""

    def __init__(self, port, service, interface, monotonic, display_ok):
        self._port = port
        self._service = service
        self._interface = interface
        self._monotonic = monotonic
        self._display_ok = display_ok  # () -> bool
        self._reader = frames.LineReader()
        self._lines: list = []  # that have arrived and are still to be served
        self._session = None
        self._pending: _Pending | None = None
        self._ending = None  # what goes on though whoever asked for it is not heard any more
        self._asking = None  # made for the first question
        self._arrived_us = 0
        self._serving: dict | None = None  # the request that is worked on now
        self._told_ms = 0  # since when who asked for that has heard nothing

    @property
    def behind(self) -> bool:
        """Whether lines have arrived that are still to be served."""
        return bool(self._lines)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way, until bytes arrive."""
        return not (self._lines or self._pending or self._ending)

    def poll(self, now_us: int) -> bool:
        """Serve what has arrived and what was waiting. True if that may change the display."""
        before, asked = self._pending, self._interface.asking
        served = bool(self._lines)
        if not served:
            data = self._port.read()
            if data:
                served = True
                # Not before it was read: the host takes the time between its sending and this as
                # delay.
                self._arrived_us = self._monotonic.now_us()
                self._lines = self._reader.feed(data)
        # Until one is answered: more answers in a turn could take longer than the watchdog waits.
        while self._lines and not self._serve_line(self._lines.pop(0), now_us):
            pass
        if self._pending is not None:
            self._go_on(self._pending, now_us)
        if self._ending is not None:
            self._end(self._ending, now_us)
        return served or self._pending is not before or self._interface.asking != asked

    def work_on(self, now_ms: int, saves: bool) -> None:
        """In the midst of long work: tell who waits for it that it goes on. While it saves, nothing
        else is done."""
        if self._serving is not None and now_ms - self._told_ms >= TELL_MS:
            self._told_ms = now_ms
            self._send(self._serving, dict(_WORKING))
        data = self._port.read() if saves else None
        for line in self._reader.feed(data) if data else ():
            self._put_off(line)

    def _put_off(self, line: bytes | None) -> None:
        try:
            request = frames.decode(frames.REQUEST_MARK, line) if line is not None else None
        except frames.FrameError as error:
            self._fail({}, error.code, error.message)
            return
        if request is not None:
            message = "the token is saving; try again in a moment"
            self._fail(request, "busy", message, {"wait_s": BUSY_S})

    # --- requests ----------------------------------------------------------------------------

    def _serve_line(self, line: bytes | None, now_us: int) -> bool:
        """False if nothing was to be done: it is no request."""
        if line is None:
            self._fail({}, "too-long", f"a line must have less than {frames.MAX_LINE} bytes")
            return True
        try:
            request = frames.decode(frames.REQUEST_MARK, line)
        except frames.FrameError as error:
            self._fail({}, error.code, error.message)
            return True
        if request is None:
            return False
        self._serve(request, now_us)
        return True

    def _serve(self, request: dict, now_us: int) -> None:
        if request.get("op") == "hello":
            self._hello(request)
        elif self._session is None:
            self._fail(request, "hello-first", "say hello first: the token may have restarted")
        elif request.get("s") != self._session:
            self._fail(request, "other-host", "another program talks to the token; close it")
        elif self._pending is not None:
            self._fail(
                request,
                "busy",
                "the token is still busy with the previous request; try again in a moment",
            )
        elif request.get("op") == "show" and self._interface.in_use(now_us // 1000):
            self._fail(request, "in-use", "the button or the PIN is in use: try again later")
        else:
            self._attempt(request, lambda: self._service.handle(request, self._arrived_us), now_us)

    def _hello(self, request: dict) -> None:
        if request.get("v") != frames.VERSION:
            self._fail(
                request,
                "wrong-version",
                f"the token speaks version {frames.VERSION} of the protocol; "
                "use the tools and the firmware of one release",
            )
            return
        if not _is_session(request.get("s")):
            self._fail(request, "bad-request", "the field s must be a string of 1 to 16 bytes")
            return
        try:
            answer = self._service.hello(request)
        except RequestError as error:
            self._fail(request, error.code, error.message)
            return
        self._withdraw()
        self._interface.end_progress()
        self._session = request.get("s")
        self._answer(request, answer)

    def _withdraw(self) -> None:
        """Drop what is pending, and tell whoever asked for it."""
        pending, self._pending = self._pending, None
        if pending is None:
            return
        message = "another program took over; nothing was changed"
        if pending.consent is not None:
            if pending.asked:
                self._interface.withdraw_question()
                self._asking.ended(self._monotonic.now_ms(), False)  # type: ignore[union-attr]
            pending.consent.forget()
        if pending.wait is not None:
            if pending.wait.must_end:
                self._ending = pending.wait
            else:
                pending.wait.cancel()
            message = "another program took over; ask for the status"  # a PIN's try is used up
        self._fail(pending.request, "other-host", message)

    def _attempt(self, request: dict, step, now_us: int) -> None:
        """Take one step of a request and deal with its outcome or its error."""
        self._serving, self._told_ms = request, now_us // 1000
        try:
            try:
                result = step()
            finally:
                self._serving = None
        except VaultError as error:
            self._give_up(request, error.code, error.message, error.data)
        except RequestError as error:
            self._give_up(request, error.code, error.message)
        except ClockError as error:
            self._give_up(request, error.state, error.message)
        except OSError as error:
            message = f"the flash could not be written (error {error.errno})"
            self._give_up(request, "storage", message)
        except MemoryError:
            gc.collect()
            self._give_up(request, "no-memory", "the token has no memory left; restart it")
        else:
            self._deal_with(request, result, now_us)

    def _give_up(self, request: dict, code: str, message: str, data: dict | None = None) -> None:
        pending, self._pending = self._pending, None
        if pending is not None and pending.wait is not None:
            pending.wait.cancel()
        if pending is not None and pending.consent is not None:  # a question that got no yes
            if pending.asked and pending.consent.otherwise is not None:
                pending.consent.otherwise()
            pending.consent.forget()
        self._fail(request, code, message, data)

    def _deal_with(self, request: dict, result, now_us: int) -> None:
        if result is None:  # a Wait that has nothing yet
            return
        if isinstance(result, dict):
            self._pending = None
            if request.get("op") == "unlock":
                self._interface.unlocked(now_us // 1000)
            elif request.get("op") in _CHANGES:
                moved = request.get("op") in _MOVES
                self._interface.accounts_changed(now_us // 1000, result.get("index"), moved)
            elif request.get("op") == "show":
                self._interface.show(now_us // 1000, result.get("index"))
            elif "line" in result:
                self._show_progress(result, now_us // 1000)
            self._answer(request, result)
        elif isinstance(result, Consent):
            self._ask(request, result, now_us)
        else:
            self._pending = _Pending(request, None, result)

    def _show_progress(self, result: dict, now_ms: int) -> None:
        """Show how much of a batch is here."""
        message = messages.receiving(result["count"], result["of"], result.pop("line"))
        self._interface.progress(message, now_ms, not result["count"])

    # --- consent and waiting -----------------------------------------------------------------

    def _ask(self, request: dict, consent, now_us: int) -> None:
        if self._asking is None:
            from picototp.app import asking  # few starts see a question

            self._asking = asking.Asking(self._interface)
        self._pending = _Pending(request, consent, None)
        self._put(self._pending, now_us // 1000)

    def _put(self, pending: _Pending, now_ms: int) -> None:
        """Put the question, or tell the host why it waits."""
        if not self._display_ok():
            self._give_up(pending.request, "no-display", _NO_DISPLAY)
            return
        waiting = self._asking.must_wait(now_ms)  # type: ignore[union-attr]
        if waiting is None:
            pending.asked = True
            consent = pending.consent
            consent.begin()
            self._interface.ask(consent.title, consent.lines, now_ms, consent.pages)
            self._tell_of_the_question(pending)
            return
        why, wait_ms = waiting
        if why != pending.told:
            pending.told, pending.since_ms = why, now_ms
            seconds = (wait_ms + 999) // 1000
            told = {"wait": "later", "why": why, "wait_s": seconds, "timeout_ms": wait_ms}
            self._send(pending.request, told)
        elif why == "in-use" and now_ms - pending.since_ms >= wait_ms:
            message = "the button was in use for a minute; ask again"
            self._give_up(pending.request, "timed-out", message)

    def _tell_of_the_question(self, pending: _Pending) -> None:
        pending.since_ms = self._interface.asked_ms
        timeout_ms = frames.CONSENT_TIMEOUT_MS
        self._send(pending.request, {"wait": "button", "timeout_ms": timeout_ms})

    def _go_on(self, pending: _Pending, now_us: int) -> None:
        if pending.consent is None:
            self._attempt(pending.request, lambda: pending.wait.poll(now_us), now_us)
        elif not pending.asked:
            self._put(pending, now_us // 1000)
        elif self._interface.answer is not None:
            self._answered(pending, self._interface.answer, now_us)
        elif self._interface.asked_ms != pending.since_ms:
            self._tell_of_the_question(pending)  # another page of it: it has more time

    def _answered(self, pending: _Pending, answer: str, now_us: int) -> None:
        self._asking.ended(now_us // 1000, answer == YES)  # type: ignore[union-attr]
        if answer == YES:
            self._pending = None
            self._attempt(pending.request, pending.consent.then, now_us)
            pending.consent.forget()
        elif answer == NO:
            self._give_up(
                pending.request, "refused", "you said no on the token, so it was not done"
            )
        elif answer == NOT_SHOWN:
            self._give_up(pending.request, "no-display", _NO_DISPLAY)
        else:
            self._give_up(
                pending.request, "timed-out", "nobody confirmed on the token in time; try again"
            )

    def _end(self, wait, now_us: int) -> None:
        """Take one step of what nobody waits for any more; its errors are told to nobody."""
        try:
            if wait.poll(now_us) is None:
                return
        except (RequestError, VaultError, ClockError, OSError, MemoryError):
            wait.cancel()
        self._ending = None

    # --- answers -----------------------------------------------------------------------------

    def _answer(self, request: dict, fields: dict) -> None:
        fields["ok"] = True
        self._send(request, fields)

    def _fail(self, request: dict, code: str, message: str, data: dict | None = None) -> None:
        error: dict = {"code": code, "message": message}
        error.update(data or {})
        self._send(request, {"ok": False, "error": error})

    def _send(self, request: dict, fields: dict) -> None:
        if "wait" not in fields and (request.get("op") in _SECRET or not request):
            self._interface.left_traces = True  # an empty one is what could not be read
        number = request.get("id")
        session = request.get("s")
        # What comes back is the host's own, but only if it has the right shape.
        fields["id"] = number if isinstance(number, int) and 0 <= number < 1 << 53 else None
        fields["s"] = session if _is_session(session) else None
        try:
            frame = frames.encode(frames.ANSWER_MARK, fields)
        except (frames.FrameError, MemoryError):
            gc.collect()
            error = {"code": "no-memory", "message": "the answer is too long; restart the token"}
            fields = {"id": fields["id"], "s": fields["s"], "ok": False, "error": error}
            frame = frames.encode(frames.ANSWER_MARK, fields)
        self._port.write(frame)


def _is_session(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value.encode()) <= 16
