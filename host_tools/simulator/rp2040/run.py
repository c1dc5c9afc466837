"""Makes an emulated RP2040 go, in a thread of its own, and carries the board's time with it.

The emulation is held back to real time whenever it gets ahead, that is, while the firmware sleeps.
Busy firmware runs at somewhat less than the speed of a Pico; what is lost so is jumped over as soon
as the firmware sleeps and nobody touches the button, so that the board's time is true again for
anyone who compares it with the host's. To the firmware that looks like one long sleep.
"""

import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from host_tools.errors import ToolError
from host_tools.simulator.clock import SimClock
from host_tools.simulator.rp2040.chip import Chip
from host_tools.simulator.rp2040.emulator import EmulatorFailed

T = TypeVar("T")

_LONGEST_SLEEP_NS = 20_000_000
# The chip's time in a slice; between two slices the thread does what others have asked for.
_LONGEST_SLICE_NS = 5_000_000
# No later than this is on time: what a slice that only slept takes of the computer's.
_ON_TIME_NS = 1_000_000
# Being late by more than this is jumped over, but not while the firmware makes out what a press
# means: two clicks are a double click for up to 300 ms.
_TOLERATED_NS = 20_000_000
_QUIET_NS = 500_000_000
# One step of `elapse`: the chip's ticks_us wraps every 1,074 s, and the firmware has to see less
# than half of that go by at once. Between steps it gets this much time to look: more than its
# longest turn, in which it overwrites what a lock leaves in memory.
_LONGEST_STEP_NS = 400 * 10**9
_BETWEEN_STEPS_NS = 300_000_000


class Run:
    """The chip from power-up to power-off. During that time it drives `SimClock`.

    The chip belongs to the thread; others hand work to it with `call`, `ask` and
    `when_on_time`.
    """

    def __init__(
        self,
        board_clock: SimClock,
        lock: threading.RLock,
        chip: Chip,
        is_up: Callable[[], bool],
        at_prompt: Callable[[], bool],
        on_failure: Callable[[ToolError], None],
    ) -> None:
        self.chip = chip
        self.alive = True
        self._board_clock = board_clock
        self._lock = lock  # of the board's models
        self._is_up = is_up
        self._at_prompt = at_prompt
        self._on_failure = on_failure
        self._requests: deque[Callable[[], None]] = deque()
        self._when_on_time: deque[Callable[[], None]] = deque()
        self._from_host: deque[bytes] = deque()
        self._steps_ns: deque[tuple[int, threading.Event]] = deque()
        self._next_step_ns = 0
        self._unfinished: set[threading.Event] = set()
        self._wake = threading.Event()
        self._idle_until_ns: int | None = None
        self._base_ns = board_clock.host_ns() - chip.now_ns
        self._thread = threading.Thread(target=self._work, name="rp2040", daemon=True)

    def start(self) -> None:
        """Power on."""
        self._board_clock.drive(self)
        self._thread.start()

    # --- for other threads --------------------------------------------------------------------

    def call(self, action: Callable[[], None]) -> None:
        """Make the thread do something between two instructions, soon."""
        self._requests.append(action)
        self._wake.set()

    def ask(self, question: Callable[[], T]) -> T:
        """The same, and return the answer. ToolError without power."""
        answers: list[T | ToolError] = []

        def act(done: threading.Event) -> None:
            try:
                answers.append(question())
            except EmulatorFailed:
                raise
            except ToolError as error:
                answers.append(error)
            self._finish(done)

        if not self._wait_for(act):
            raise ToolError("the token has no power")
        answer = answers[0]
        if isinstance(answer, ToolError):
            raise answer
        return answer

    def when_on_time(self, action: Callable[[], None]) -> None:
        """Make the thread do something as soon as the board's time is true, or cannot be."""
        self._when_on_time.append(action)

    def receive(self, data: bytes) -> None:
        """Pass on bytes from the host."""
        self._from_host.append(data)
        self._wake.set()

    def end(self) -> None:
        """Power off at once; from any thread."""
        self.alive = False
        self.chip.cut()
        self._wake.set()

    def join(self) -> None:
        """After `end`: wait until the chip stands still."""
        self._thread.join()

    def _wait_for(self, request: Callable[[threading.Event], None]) -> bool:
        """Make the thread do `request` and wait until it finishes the event that it gets.

        False if the power went first.
        """
        done = threading.Event()
        self._unfinished.add(done)
        self.call(lambda: request(done))
        while not done.wait(0.1):
            if not self._thread.is_alive():
                break
        finished = done not in self._unfinished
        self._unfinished.discard(done)
        return finished

    def _finish(self, done: threading.Event) -> None:
        self._unfinished.discard(done)
        done.set()

    # --- the thread ---------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            while self.alive:
                self._turn()
        except EmulatorFailed as error:
            if self.alive:
                self._fail(error)
        except Exception:  # noqa: BLE001  a fault of ours ends it: say so, and stop
            traceback.print_exc(file=sys.stderr)
            self._fail(EmulatorFailed("the simulator has a fault, which is above"))
        finally:
            self._board_clock.drive(None)
            self.chip.close()
            for done in tuple(self._unfinished):
                done.set()

    def _fail(self, error: ToolError) -> None:
        self.end()
        self._on_failure(error)

    def _turn(self) -> None:
        on_time = self._catch_up()
        if on_time or not self._quiet():
            while self._when_on_time:
                self._when_on_time.popleft()()
        # A host that compares clocks must not meet one that is late, and no question may come from
        # it just before a jump: that may be longer than the question lasts.
        if on_time or self._stays_late():
            self._deliver()
        if on_time:
            self._sleep()
        self._do_requests()

    def _deliver(self) -> None:
        while self._from_host:
            self.chip.send(self._from_host.popleft())

    def _do_requests(self) -> None:
        while self._requests:
            self._requests.popleft()()
        with self._lock:
            self.chip.button.look()
            self.chip.vbus.look()
        self._step_time()

    def _catch_up(self) -> bool:
        """Run the chip up to real time, for some milliseconds at most; whether it got there."""
        behind_ns = self._behind_ns()
        if self._should_jump(behind_ns):
            self.chip.jump_ns(behind_ns)
        elif behind_ns > 0:
            slice_ns = min(behind_ns, _LONGEST_SLICE_NS)
            self.chip.run_until(self.chip.now_ns + slice_ns, self._may_jump(behind_ns))
        return self._behind_ns() < _ON_TIME_NS

    def _behind_ns(self) -> int:
        return self._board_clock.host_ns() - self._base_ns - self.chip.now_ns

    def _should_jump(self, behind_ns: int) -> bool:
        return self.chip.sleeps and self._may_jump(behind_ns)

    def _may_jump(self, behind_ns: int) -> bool:
        """Whether it is late enough for a jump, once it sleeps."""
        urgent = self._from_host or self._when_on_time
        return behind_ns > (_ON_TIME_NS if urgent else _TOLERATED_NS) and self._quiet()

    def _stays_late(self) -> bool:
        """Whether there is no use in waiting for a jump: none comes until somebody does something.
        At the prompt, that may be the Ctrl-C that ends a program."""
        return not self._is_up() or self._at_prompt() or self.chip.button.untouched_ns == 0

    def _quiet(self) -> bool:
        """Whether the firmware is up, and nothing happens that it has to measure."""
        return self._is_up() and self.chip.button.untouched_ns > _QUIET_NS

    def _sleep(self) -> None:
        """Sleep until the chip or a caller needs attention."""
        if not self.chip.sleeps:
            return
        pause_ns = min(_LONGEST_SLEEP_NS, self.chip.next_ns - self.chip.now_ns)
        until_ns = self._base_ns + self.chip.now_ns + int(pause_ns)
        left_ns = until_ns - self._board_clock.host_ns()
        if left_ns > 0 and self.alive:
            self._idle_until_ns = until_ns
            self._wake.wait(left_ns / 1e9)
            self._idle_until_ns = None
        self._wake.clear()

    # --- time: what SimClock asks of its driver -----------------------------------------------

    def now_ns(self) -> int:
        """Board time. While the chip sleeps, it goes on with the host's."""
        idle_until_ns = self._idle_until_ns
        emulated_ns = self._base_ns + self.chip.now_ns
        if idle_until_ns is None:
            return emulated_ns
        return max(emulated_ns, min(self._board_clock.host_ns(), idle_until_ns))

    def after_ns(self, duration_ns: int, action: Callable[[], None]) -> None:
        """Call `action` in the thread when that much time has passed, and wait for that."""

        def arm(done: threading.Event) -> None:
            def ring() -> None:
                with self._lock:
                    action()
                    self.chip.button.look()
                self._finish(done)

            self.chip.alarms.at(self.chip.now_ns + duration_ns, ring)

        if not self._wait_for(arm):
            action()

    def elapse_ns(self, duration_ns: int) -> None:
        """Let time pass at once, in steps that the firmware can follow."""
        self._wait_for(lambda done: self._steps_ns.append((duration_ns, done)))

    def _step_time(self) -> None:
        if not self._steps_ns or self.chip.now_ns < self._next_step_ns:
            return
        left_ns, done = self._steps_ns.popleft()
        step_ns = min(left_ns, _LONGEST_STEP_NS)
        self._board_clock.shift_ns(step_ns)
        self.chip.jump_ns(step_ns)
        self._next_step_ns = self.chip.now_ns + _BETWEEN_STEPS_NS
        if left_ns > step_ns:
            self._steps_ns.appendleft((left_ns - step_ns, done))
        else:
            self._finish(done)
