"""The serial port towards a host that does not read what it is sent."""

from types import SimpleNamespace

import pytest

from picototp.board import port

TIMEOUT_MS = 500  # MicroPython's, for room


class UsbHost:
    """A host, and what MicroPython's USB serial port does for it."""

    def __init__(self):
        self.reads = True
        self.got = b""
        self.now_ms = 0

    def write(self, data):
        if self.reads:
            self.got += data
        else:
            self.now_ms += TIMEOUT_MS

    def poll(self):
        """As select.poll(): of the only object that was registered."""
        return SimpleNamespace(
            register=lambda stream, event: None, poll=lambda wait_ms: [1] if self.reads else []
        )


@pytest.fixture
def host(monkeypatch):
    host = UsbHost()
    stdout = SimpleNamespace(buffer=SimpleNamespace(write=host.write))
    clock = SimpleNamespace(ticks_ms=lambda: host.now_ms, ticks_diff=lambda a, b: a - b)
    monkeypatch.setattr(port, "select", SimpleNamespace(poll=host.poll, POLLIN=1, POLLOUT=4))
    monkeypatch.setattr(port, "sys", SimpleNamespace(stdin=None, stdout=stdout))
    monkeypatch.setattr(port, "time", clock)
    return host


def test_what_is_sent_arrives(host):
    line = port.Port()
    line.write(b"one\n")
    line.write(b"two\n")
    assert host.got == b"one\ntwo\n"


def test_a_host_that_does_not_read_is_waited_for_once(host):
    """Sixty answers would keep the main loop for longer than the watchdog waits."""
    line = port.Port()
    host.reads = False
    for _ in range(60):
        line.write(b"an answer\n")
    assert host.now_ms == TIMEOUT_MS


def test_when_it_reads_again_it_gets_whole_lines(host):
    line = port.Port()
    host.reads = False
    line.write(b"lost\n")
    line.write(b"lost\n")
    host.reads = True
    host.got = b"lo"  # of a line that was cut when time was out
    line.write(b"one\n")
    line.write(b"two\n")
    assert host.got == b"lo\none\ntwo\n"
