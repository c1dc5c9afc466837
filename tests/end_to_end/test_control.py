"""The simulator's control socket, as tests outside this repository rely on it."""

import time

import pytest
from PIL import Image

from host_tools.credentials.credential import Credential
from host_tools.simulator.digits import read_code
from tests.end_to_end.control_socket import Control
from tests.end_to_end.simulator_process import (
    TIME_TOLERANCE_S,
    Simulator,
    assert_time,
    error,
    light,
)
from waiting import eventually


@pytest.fixture(scope="module")
def simulator(tmp_path_factory):
    """One for all tests that leave it as it was, with one account."""
    folder = tmp_path_factory.mktemp("simulator")
    started = Simulator(folder)
    with started.client() as client:
        client.add(Credential("Example", "alice@example.com", b"12345678901234567890"))
    yield started
    started.end()


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
    simulator.ask("press", ms=1200)
    simulator.sees("Lock now")
    simulator.hold_until(lambda: not simulator.ask("screen")["on"])


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
    assert rtc["osf"] is False and rtc["aging"] == 0 and rtc["temperature_c"] == 25
    assert len(bytes.fromhex(rtc["registers"])) == 19
    assert isinstance(rtc["unix"], float) and rtc["unix"] % 1 != 0


def test_changing_the_rtc(simulate):
    simulator = simulate()
    assert_time(simulator, time.time())
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
        eventually(lambda: client.status().display == "missing", "its loss is noticed")
    simulator.ask("fault", device="ssd1306", kind="ok")
    with simulator.client() as client:
        simulator.ask("elapse", seconds=3)
        light(simulator)
        eventually(lambda: client.status().display == "ok", "it is found again")
    eventually(lambda: read_code(simulator.ask("screen")["rows"]), "the whole picture again")


def test_reset(simulator):
    simulator.ask("reset")
    with simulator.client() as client:
        status = client.status()
        assert status.uptime_s < 60 and status.accounts == 1


def test_power(simulator):
    light(simulator)
    simulator.ask("power", on=False)
    simulator.ask("power", on=False)
    screen = simulator.ask("screen")
    assert screen["on"] is False and not any("#" in row for row in screen["rows"])
    simulator.ask("power", on=True)
    with simulator.client() as client:
        assert client.status().accounts == 1
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
        (b'{"op":"press","seconds":1}', '"seconds"; it knows: "ms"'),
        (b'{"op":"reset","now":true}', '"now"; it knows: none'),
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


def test_a_token_on_a_battery_sleeps_until_the_button_or_a_host_wakes_it(simulator):
    assert simulator.ask("usb") == {"ok": True, "plugged": True, "slept_s": 0.0}
    assert simulator.ask("usb", plugged=False)["plugged"] is False
    eventually(lambda: simulator.ask("usb")["slept_s"] > 0)
    light(simulator)
    eventually(lambda: read_code(simulator.ask("screen")["rows"]))
    assert simulator.ask("usb", plugged=True)["plugged"] is True
    with simulator.client() as client:
        assert client.status().accounts == 1
    slept_s = simulator.ask("usb")["slept_s"]
    simulator.hold_until(lambda: not simulator.ask("screen")["on"])
    with simulator.client() as client:
        client.status(), client.status()
    assert simulator.ask("usb")["slept_s"] == slept_s
    assert "plugged" in error(simulator, b'{"op": "usb", "plugged": 1}')
