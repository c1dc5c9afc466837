"""The request `diagnose`: what the board's parts look like, one at a time.

No answer holds a secret, so a locked token answers as well.
"""

from picototp.protocol.request import RequestError, Wait, text_of, whole_of

PARTS = ("bus", "clock", "display", "pattern", "button", "flash")
MOST_PRESSES = 20
MOST_MS = 25_000


class DiagnosisService:
    """Handlers by the name of their request. `device` makes a Diagnosis of the board."""

    def __init__(self, device):
        self._device = device
        self.handlers = {"diagnose": self._diagnose}

    def _diagnose(self, message: dict):
        part = text_of(message, "part")
        if part not in PARTS:
            raise RequestError("bad-request", "the field part must be: " + ", ".join(PARTS))
        watched_ms = whole_of(message, "ms", 1, MOST_MS, MOST_MS)
        presses = whole_of(message, "presses", 1, MOST_PRESSES, 1)
        diagnosis = self._device.diagnosis()
        if part == "button":
            return _watched(diagnosis.watch_button(presses, watched_ms))
        if part == "clock":
            return _watched(diagnosis.watch_clock(watched_ms))
        if part == "pattern":
            return _watched(diagnosis.show_pattern(watched_ms))
        return getattr(diagnosis, part)()


def _watched(watch) -> Wait:
    return Wait(watch.poll, watch.cancel)
