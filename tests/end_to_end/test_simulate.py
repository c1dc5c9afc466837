"""`picototp simulate`: starting, stopping, options and state."""

import json
import signal
import time
from pathlib import Path

import pytest

from host_tools.credentials.credential import Credential
from host_tools.simulator.digits import read_code
from programs import PICOTOTP, run, tool
from tests.end_to_end.control_socket import Control
from tests.end_to_end.simulator_process import assert_time, error, light
from waiting import eventually

URI = "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP"


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
    assert "xxx" in simulate_refused("--control", tmp_path / ("x" * 120)), "too long for a socket"
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
        token = client.info.token
        client.add(Credential("", "kept", b"secret"))
    simulator.ask("advance", seconds=100_000)
    simulator.end(signal.SIGKILL)
    simulator = simulate(*options)
    assert_time(simulator, time.time() + 100_000)
    with simulator.client() as client:
        assert [account.name for account in client.accounts()] == ["kept"]
        assert client.info.token == token, "it is the same chip"


def test_without_state_every_start_is_a_new_token(simulate):
    tokens = set()
    for _ in range(2):
        simulator = simulate()
        with simulator.client() as client:
            client.add(Credential("", "lost", b"secret"))
            assert client.status().accounts == 1
            tokens.add(client.info.token)
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
        assert client.status().clock.state == "missing"
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
