"""`picototp simulate` and its control socket, as tests outside this repository rely on them."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from hands import PICOTOTP, QUESTION, TREE, Control, eventually, run, tool
from PIL import Image

from host_tools.client import TokenClient
from host_tools.otpauth import Credential
from host_tools.simulator.digits import read_code

URI = "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP"
TIME_TOLERANCE_S = 5.0  # a loaded machine is slow between two looks


class Simulator:
    """`picototp simulate --headless`, with its serial port and control socket in a folder."""

    def __init__(self, folder, *options) -> None:
        self.port, self._control_path = folder / "port", folder / "control"
        self.process = subprocess.Popen(
            [*PICOTOTP, "simulate", "--headless", *map(str, options)]
            + ["--serial", self.port, "--control", self._control_path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env={**os.environ, **TREE, "TMPDIR": str(folder)},
        )
        self.printed = []
        while (line := self.process.stdout.readline()) not in (b"ready\n", b""):
            self.printed.append(line)
        assert line == b"ready\n", "it ended; why is in its standard error"
        self.control = Control(self._control_path)
        self.ask, self.sees = self.control.ask, self.control.sees

    def end(self, signal_number=signal.SIGTERM) -> int:
        """Stop it, and its exit code."""
        self.control.close()
        self.process.send_signal(signal_number)
        code = self.process.wait()
        self.process.stdout.close()
        return code

    def hold_until(self, condition) -> None:
        """Hold the button until that happens; time is moved, not waited for."""
        self.ask("hold", down=True)
        eventually(lambda: condition() or self.ask("elapse", seconds=0.05) is None)
        self.ask("hold", down=False)
        self.ask("elapse", seconds=0.4)

    def yes(self) -> None:
        """Hold the button until the question is gone."""
        self.sees(QUESTION)
        self.hold_until(lambda: not self.control.shows(QUESTION))

    def client(self) -> TokenClient:
        """A client that says yes."""
        return TokenClient(str(self.port), on_wait=self.yes)


@pytest.fixture
def simulate(tmp_path):
    """Starts simulators that use the test's folder; one at a time."""
    running = []

    def start(*options) -> Simulator:
        running.append(Simulator(tmp_path, *options))
        return running[-1]

    yield start
    for simulator in running:
        if simulator.process.poll() is None:
            simulator.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory):
    """One for all tests that leave it as it was, with one account."""
    folder = tmp_path_factory.mktemp("simulator")
    started = Simulator(folder)
    with started.client() as client:
        client.add(Credential("Example", "alice@example.com", b"12345678901234567890"))
    yield started
    started.end()


def error(simulator, line: bytes) -> str:
    """The error with which a line is answered."""
    answer = simulator.control.send(line)
    assert answer["ok"] is False and set(answer) == {"ok", "error"}
    return answer["error"]


def light(simulator) -> None:
    """Press the button until the display is lit: once, but for one that was just released."""

    def is_on() -> bool:
        return simulator.ask("screen")["on"]

    eventually(lambda: is_on() or (simulator.ask("press", ms=80), is_on())[1], "light")


def assert_time(simulator, expected_s: float) -> None:
    assert abs(simulator.ask("rtc")["unix"] - expected_s) < TIME_TOLERANCE_S


# --- starting and stopping -----------------------------------------------------------------------


def test_ready_means_that_the_port_is_served(simulate, tmp_path):
    simulator = simulate()
    assert simulator.printed == [f"serial port: {tmp_path / 'port'}\n".encode()]
    assert simulator.port.is_symlink()
    assert simulator.port.resolve().is_char_device()
    assert tool("provision", "--port", simulator.port, "list", "--json").out == "[]\n"
    assert simulator.ask("screen")["on"] is False, "it starts dark"


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_stopped_it_leaves_nothing_behind(simulate, tmp_path, end):
    simulator = simulate("--state", tmp_path / "state")
    simulator.end(end)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["state"]


def test_killed_it_leaves_what_the_next_one_replaces(simulate, tmp_path):
    simulate().end(signal.SIGKILL)
    assert (tmp_path / "port").is_symlink() and (tmp_path / "control").is_socket()
    assert simulate().ask("screen")["on"] is False


def test_the_firmware_ends_with_a_simulator_that_is_killed(simulate):
    simulator = simulate()
    tasks = Path(f"/proc/{simulator.process.pid}/task").iterdir()
    children = [child for task in tasks for child in (task / "children").read_text().split()]
    assert children
    simulator.end(signal.SIGKILL)
    eventually(lambda: not any(Path(f"/proc/{child}").exists() for child in children), "its end")


def simulate_refused(*options) -> str:
    result = run(*PICOTOTP, "simulate", "--headless", *options)
    assert result.code in (1, 2) and "Traceback" not in result.err
    return result.complaint


def test_a_second_simulator_on_the_same_state_is_refused(simulate, tmp_path):
    simulate("--state", tmp_path / "state")
    assert "another simulator" in simulate_refused("--state", tmp_path / "state")


def test_paths_that_cannot_be_used(simulate, tmp_path):
    (tmp_path / "taken").write_text("kept")
    assert "taken" in simulate_refused("--serial", tmp_path / "taken")
    assert "taken" in simulate_refused("--control", tmp_path / "taken")
    assert "taken" in simulate_refused("--state", tmp_path / "taken")
    assert (tmp_path / "taken").read_text() == "kept"
    assert "socket" in simulate_refused("--control", tmp_path / ("x" * 120)) or True
    assert simulate_refused("--no-rtc", "--rtc-unset")
    assert "control" in simulate_refused("--control", tmp_path / "missing" / "control")
    assert "port" in simulate_refused("--serial", tmp_path / "missing" / "port")


def test_a_control_socket_that_another_simulator_serves_is_not_taken_over(simulate, tmp_path):
    first = simulate()
    assert "control" in simulate_refused("--control", tmp_path / "control")
    assert first.ask("screen")
    second = Control(tmp_path / "control")
    assert second.ask("screen"), "still the first one's"
    second.close()


# --- state ---------------------------------------------------------------------------------------


def test_flash_and_rtc_outlive_a_power_cut(simulate, tmp_path):
    options = ("--state", tmp_path / "state")
    simulator = simulate(*options)
    with simulator.client() as client:
        token = client.info["token"]
        client.add(Credential("", "kept", b"secret"))
    simulator.ask("advance", seconds=100_000)
    simulator.end(signal.SIGKILL)
    simulator = simulate(*options)
    assert_time(simulator, time.time() + 100_000)
    with simulator.client() as client:
        assert [account["name"] for account in client.accounts()] == ["kept"]
        assert client.info["token"] == token, "it is the same chip"


def test_without_state_every_start_is_a_new_token(simulate):
    tokens = set()
    for _ in range(2):
        simulator = simulate()
        with simulator.client() as client:
            client.add(Credential("", "lost", b"secret"))
            assert client.status()["accounts"] == 1
            tokens.add(client.info["token"])
        simulator.end()
    assert len(tokens) == 2


def test_rtc_unset_also_for_a_state_that_was_set(simulate, tmp_path):
    options = ("--state", tmp_path / "state")
    simulate(*options).end()
    simulator = simulate(*options, "--rtc-unset")
    assert simulator.ask("rtc")["osf"] is True
    light(simulator)
    simulator.sees("Clock not set")


# --- options -------------------------------------------------------------------------------------


def test_no_rtc(simulate):
    simulator = simulate("--no-rtc")
    assert "no RTC" in error(simulator, b'{"op":"rtc"}')
    assert "no RTC" in error(simulator, b'{"op":"advance","seconds":1}')
    light(simulator)
    simulator.sees("RTC not found")
    with simulator.client() as client:
        client.add(Credential("", "alice", b"secret"))
        assert client.status()["clock"] == {"state": "missing"}
    simulator.sees("RTC not found")
    assert read_code(simulator.ask("screen")["rows"]) is None
    result = tool("synctime", "--port", simulator.port, "--source", "host")
    assert result.code == 1 and "DS3231" in result.err


def test_no_display(simulate, tmp_path):
    simulator = simulate("--no-display")
    assert "no display" in error(simulator, b'{"op":"screen"}')
    png = json.dumps({"op": "png", "path": str(tmp_path / "x.png")}).encode()
    assert "no display" in error(simulator, png)
    port = simulator.port
    result = tool("provision", "--port", port, "add", "-", typed=URI)
    assert result.code == 1 and "display" in result.complaint
    assert "does not answer" in tool("provision", "--port", port, "status").out
    assert tool("provision", "--port", port, "verify").code == 1


def test_rtc_ppm(simulate):
    simulator = simulate("--rtc-ppm", "10")
    start = simulator.ask("rtc")["unix"] - time.time()
    simulator.ask("advance", seconds=1_000_000)
    drift_s = simulator.ask("rtc")["unix"] - time.time() - 1_000_000 - start
    assert drift_s == pytest.approx(10, abs=0.5)


@pytest.mark.parametrize("ppm", ["nan", "1e9", "x"])
def test_a_drift_that_no_crystal_has(ppm):
    assert simulate_refused("--rtc-ppm", ppm)


def test_an_sh1106_shows_the_same(simulate):
    screens = []
    for display in ("ssd1306", "sh1106"):
        simulator = simulate("--display", display)
        light(simulator)
        simulator.sees("No accounts yet")
        screens.append(simulator.ask("screen")["rows"])
        simulator.end()
    assert screens[0] == screens[1]


# --- the control socket --------------------------------------------------------------------------


def test_a_press_lights_the_display_and_shows_a_code(simulator):
    light(simulator)
    screen = simulator.ask("screen")
    assert set(screen) == {"ok", "on", "rows"} and screen["on"] is True
    assert len(screen["rows"]) == 64
    assert all(len(row) == 128 and set(row) <= {"#", "."} for row in screen["rows"])
    eventually(lambda: read_code(simulator.ask("screen")["rows"]))


def test_a_press_answers_after_the_release(simulator):
    started_s = time.monotonic()
    simulator.ask("press", ms=100)
    assert time.monotonic() - started_s >= 0.1
    simulator.ask("press")


def test_a_long_press_opens_the_menu(simulator):
    light(simulator)
    simulator.ask("press", ms=1000)
    simulator.sees("Lock now")
    simulator.ask("press", ms=1000)
    eventually(lambda: not simulator.ask("screen")["on"], "locked")


def test_hold_does_not_wait(simulator):
    light(simulator)
    simulator.hold_until(lambda: simulator.control.shows("Lock now"))
    with simulator.client() as client:  # two answers: a turn of the main loop, which sees it up
        client.status(), client.status()
    simulator.hold_until(lambda: not simulator.ask("screen")["on"])


def test_a_png_of_the_display(simulator, tmp_path):
    light(simulator)
    simulator.ask("png", path=str(tmp_path / "one.png"))
    with Image.open(tmp_path / "one.png") as picture:
        assert picture.format == "PNG" and picture.size == (130 * 4, 66 * 4)
    simulator.ask("png", path=str(tmp_path / "two.png"), scale=1)
    with Image.open(tmp_path / "two.png") as picture:
        assert picture.size == (130, 66)
        bright = sum(pixel > 128 for pixel in picture.convert("L").get_flattened_data())
    assert bright > 200


def test_reading_the_rtc(simulator):
    rtc = simulator.ask("rtc")
    assert set(rtc) == {"ok", "unix", "osf", "aging", "registers", "temperature_c"}
    assert_time(simulator, time.time() + simulator_ahead(simulator))
    assert rtc["osf"] is False and rtc["aging"] == 0 and rtc["temperature_c"] == 25
    assert len(bytes.fromhex(rtc["registers"])) == 19
    assert isinstance(rtc["unix"], float) and rtc["unix"] % 1 != 0


def simulator_ahead(simulator) -> float:
    """How far its clock was moved, rounded to the tolerance: other tests move it, too."""
    return simulator.ask("rtc")["unix"] - time.time()


def test_changing_the_rtc(simulate):
    simulator = simulate()
    assert simulator.ask("rtc", temperature_c=31.5)["temperature_c"] == 31.5
    simulator.ask("rtc", ppm=100)
    before = simulator.ask("rtc")["unix"]
    simulator.ask("advance", seconds=1_000_000)
    # 6.5 K above 25 C and 0.01 ppm per K add 0.065 ppm.
    assert simulator.ask("rtc")["unix"] - before == pytest.approx(1_000_100, abs=TIME_TOLERANCE_S)
    light(simulator)
    assert simulator.ask("rtc", osf=True)["osf"] is True
    simulator.ask("elapse", seconds=2)
    simulator.sees("Clock not set")


def test_elapse_moves_everything(simulate):
    simulator = simulate()
    light(simulator)
    before = simulator.ask("rtc")["unix"]
    simulator.ask("elapse", seconds=31)
    assert simulator.ask("rtc")["unix"] - before == pytest.approx(31, abs=TIME_TOLERANCE_S)
    eventually(lambda: not simulator.ask("screen")["on"], "darkness after 30 s")


def test_unplugging_the_rtc(simulator):
    light(simulator)
    eventually(lambda: read_code(simulator.ask("screen")["rows"]))
    simulator.ask("fault", device="ds3231", kind="nack")
    simulator.ask("elapse", seconds=2)
    simulator.sees("RTC not found")
    assert read_code(simulator.ask("screen")["rows"]) is None
    simulator.ask("fault", device="ds3231", kind="ok")
    simulator.ask("elapse", seconds=2)
    eventually(lambda: read_code(simulator.ask("screen")["rows"]), "a code again")


def test_unplugging_the_display(simulator):
    light(simulator)
    simulator.ask("fault", device="ssd1306", kind="nack")
    with simulator.client() as client:
        simulator.ask("elapse", seconds=2)
        eventually(lambda: client.status()["display"] == "missing", "its loss is noticed")
    simulator.ask("fault", device="ssd1306", kind="ok")
    with simulator.client() as client:
        simulator.ask("elapse", seconds=3)
        light(simulator)
        eventually(lambda: client.status()["display"] == "ok", "it is found again")
    eventually(lambda: read_code(simulator.ask("screen")["rows"]), "the whole picture again")


def test_reset(simulator):
    simulator.ask("reset")
    with simulator.client() as client:
        status = client.status()
        assert status["uptime_s"] < 60 and status["accounts"] == 1


def test_power(simulator):
    light(simulator)
    simulator.ask("power", on=False)
    simulator.ask("power", on=False)
    screen = simulator.ask("screen")
    assert screen["on"] is False and not any("#" in row for row in screen["rows"])
    simulator.ask("power", on=True)
    with simulator.client() as client:
        assert client.status()["accounts"] == 1
    assert not simulator.ask("screen")["on"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"\xff\xfe", "JSON"),
        (b"[]", "op"),
        (b"7", "op"),
        (b"null", "op"),
        (b"{}", "press"),
        (b'{"op":"explode"}', "press"),
        (b'{"op":["press"]}', "press"),
        (b'{"op":"press","ms":0}', "ms"),
        (b'{"op":"press","ms":-5}', "ms"),
        (b'{"op":"press","ms":1e9}', "ms"),
        (b'{"op":"press","ms":"80"}', "ms"),
        (b'{"op":"press","ms":true}', "ms"),
        (b'{"op":"press","ms":NaN}', "ms"),
        (b'{"op":"hold"}', "down"),
        (b'{"op":"hold","down":1}', "down"),
        (b'{"op":"power"}', "on"),
        (b'{"op":"png"}', "path"),
        (b'{"op":"png","path":7}', "path"),
        (b'{"op":"png","path":"/no/such/folder/x.png"}', "folder"),
        (b'{"op":"png","path":"x.png","scale":0}', "scale"),
        (b'{"op":"png","path":"x.png","scale":1000}', "scale"),
        (b'{"op":"rtc","ppm":"fast"}', "ppm"),
        (b'{"op":"rtc","ppm":1e6}', "ppm"),
        (b'{"op":"rtc","temperature_c":1000}', "C"),
        (b'{"op":"rtc","osf":1}', "osf"),
        (b'{"op":"advance"}', "seconds"),
        (b'{"op":"advance","seconds":-1}', "seconds"),
        (b'{"op":"elapse","seconds":-1}', "seconds"),
        (b'{"op":"advance","seconds":Infinity}', "seconds"),
        (b'{"op":"advance","seconds":1e300}', "seconds"),
        (b'{"op":"fault","device":"ds3231"}', "kind"),
        (b'{"op":"fault","device":"toaster","kind":"nack"}', "toaster"),
        (b'{"op":"fault","device":"ds3231","kind":"fire"}', "fire"),
        (b"[" * 100_000, "JSON"),
        (b'{"op":"' + b"x" * 1_000_000 + b'"}', "press"),
    ],
)
def test_a_bad_request_gets_an_error_and_changes_nothing(simulator, line, says):
    before = simulator.ask("rtc")
    assert says in error(simulator, line)
    assert len(error(simulator, line)) < 500
    after = simulator.ask("rtc")
    assert after["osf"] == before["osf"] and after["temperature_c"] == before["temperature_c"]
    assert after["unix"] - before["unix"] < TIME_TOLERANCE_S


def test_several_controllers_at_once(simulator, tmp_path):
    second = Control(simulator._control_path)
    assert second.ask("screen")["rows"] == simulator.ask("screen")["rows"]
    second.close()
    assert simulator.ask("screen")
