"""`picototp doctor` names the wire, part or step of each fault that is injected into the models."""

import json

import pytest
import serial

from host_tools.pico.littlefs_image import file_system
from maintenance_hands import enter
from ntp_faults import faulty
from programs import PICOTOTP, run
from terminal_program import Terminal
from waiting import eventually

NO_SERVER = ("--server", "127.0.0.1:1")
LOOK = "press the token's button when you have"
PRESS = "press the token's button 5 times now"
UNPLUG = "unplug the token, wait ten seconds, and plug it in again"


def examined(port, *options, **environment):
    """(result, {check: what --json says of it}) of a run with nobody at the board."""
    command = (*PICOTOTP, "doctor", "--port", port, "--no-hands", "--json", *options)
    result = run(*command, environment=environment)
    return result, {one["check"]: one for one in json.loads(result.out)}


def the_problem(port):
    """The one line of the error, and the name of the check that it is from."""
    result, found = examined(port, *NO_SERVER)
    wrong = next(one for one in found.values() if one["outcome"] == "wrong")
    assert result.code != 0 and result.complaint == "error: " + wrong["words"]
    return result.complaint, wrong["check"]


def test_nothing_is_wrong_with_a_sound_token(hands):
    with faulty() as (server, _):
        result, found = examined(hands.token.port.path, "--server", server)
    assert result.code == 0 and result.err == "", result.out
    assert {one["outcome"] for one in found.values()} == {"ok", "not done"}
    left_out = {name for name, one in found.items() if one["outcome"] == "not done"}
    assert left_out == {"coin cell"}
    assert found["wires"]["words"].endswith("0x57 memory of the clock module, 0x68 clock")


def test_without_a_time_server_that_alone_is_wrong(hands):
    complaint, check = the_problem(hands.token.port.path)
    assert check == "time servers" and "no time server is usable" in complaint


def test_a_table_for_people(hands):
    result = run(*PICOTOTP, "doctor", "--port", hands.token.port.path, "--no-hands", *NO_SERVER)
    assert result.code == 5
    lines = result.out.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["ok"] * 3
    assert lines[-1].startswith("WRONG  time servers:")


@pytest.mark.parametrize(
    ("device", "kind", "check", "words"),
    [
        ("bus", "swapped", "wires", ("SDA and SCL are swapped", "GP4, pad 6", "GP5, pad 7")),
        ("bus", "sda-low", "wires", ("SDA is held low", "GP4, pad 6", "ground")),
        ("bus", "scl-low", "wires", ("SCL is held low", "GP5, pad 7", "ground")),
        ("bus", "sda-open", "wires", ("the SDA wire is open", "GP4, pad 6")),
        ("bus", "scl-open", "wires", ("the SCL wire is open", "GP5, pad 7")),
        ("ds3231", "nack", "clock chip", ("DS3231 does not answer", "GP4, pad 6", "pad 36")),
        ("ds3231", "dead", "clock chip", ("memory answers", "replace the module")),
        ("ds3231", "m", "clock variant", ("a DS3231M", "DS3231SN")),
        ("ssd1306", "nack", "display", ("display does not answer", "GP4, pad 6", "pad 36")),
        ("button", "stuck", "button", ("nobody presses it", "GP15, pad 20")),
    ],
)
def test_a_fault_is_named_by_its_wire_or_part(hands, device, kind, check, words):
    hands.token.board.set_fault(device, kind)
    complaint, found = the_problem(hands.token.port.path)
    assert found == check
    for word in words:
        assert word in complaint


@pytest.mark.parametrize(
    ("options", "check", "words"),
    [
        ({"has_rtc": False}, "clock chip", "DS3231 does not answer"),
        ({"display": None}, "display", "display does not answer"),
        ({"has_rtc": False, "display": None}, "wires", "no module is there"),
        ({"rtc_ppm": 0.0, "rtc_set": False}, "time", "picototp synctime"),
    ],
)
def test_a_token_that_never_had_the_part(boot, options, check, words):
    complaint, found = the_problem(boot(**options).token.port.path)
    assert found == check and words in complaint


def test_an_sh1106_is_known_by_its_name(boot):
    _, found = examined(boot(display="sh1106").token.port.path, *NO_SERVER)
    assert found["display"]["words"].startswith("SH1106 at 0x3c")


def test_a_clock_that_lost_its_time_while_it_was_off_has_a_flat_cell(boot, tmp_path):
    hands = boot()
    with hands.client() as client:
        facts = client.time()
        client.set_time(facts.unix_us, facts.ticks_us, 1000)
    hands.token.board.set_fault("cell", "flat")
    hands.token.power(False)
    hands.token.power(True)
    eventually(lambda: hands.token.engine.ready.is_set(), "a start")
    complaint, check = the_problem(hands.token.port.path)
    assert check == "coin cell" and "CR2032" in complaint


def test_a_full_flash(boot, tmp_path):
    (tmp_path / "flash.bin").write_bytes(file_system({"/data/holiday.jpg": bytes(335 * 4096)}))
    complaint, check = the_problem(boot(tmp_path).token.port.path)
    assert check == "flash" and "the flash is full" in complaint and "mpremote fs ls" in complaint


def test_a_port_that_another_program_holds(hands):
    path = hands.token.port.path
    with serial.Serial(path, exclusive=True):
        complaint, check = the_problem(path)
    assert check == "port" and "in use by" in complaint and "close that program" in complaint


def test_no_board_at_all():
    complaint, check = the_problem("/dev/no-such-port")
    assert check == "port" and "there is no port" in complaint


def test_a_locked_token_is_examined_as_well(hands):
    with hands.client() as client:
        client.set_pin("90417")
        client.lock()
    result, found = examined(hands.token.port.path, *NO_SERVER)
    wrong = [name for name, one in found.items() if one["outcome"] == "wrong"]
    assert wrong == ["time servers"] and "while locked" in found["accounts"]["words"]
    assert "90417" not in result.out + result.err


def test_a_token_in_maintenance_mode(hands):
    enter(hands.token)
    complaint, check = the_problem(hands.token.port.path)
    assert check == "board" and "maintenance mode" in complaint
    assert "plug it in again" in complaint


def test_a_token_in_maintenance_mode_whose_button_is_closed(hands):
    enter(hands.token)
    hands.token.board.set_fault("button", "stuck")
    complaint, check = the_problem(hands.token.port.path)
    assert check == "board" and "maintenance mode" in complaint
    assert "it is stuck" in complaint and "GP15, pad 20" in complaint


# --- with somebody at the board ------------------------------------------------------------------


def frame_is_right(rows):
    """What a person is asked to judge, of the picture that the model's glass shows."""
    edges = (rows[0], rows[-1], *("".join(row[x] for row in rows) for x in (0, -1)))
    lit = sum(row.count("#") for row in rows)
    return all(set(edge) == {"#"} for edge in edges) and 128 * 2 + 62 * 2 < lit < 640


class Builder:
    """Runs `picototp doctor` in a terminal, and does what it asks, on the virtual board."""

    def __init__(self, hands):
        self._hands = hands
        self._token = hands.token

    def examine(self):
        """(exit code, all that was printed)."""
        command = (*PICOTOTP, "doctor", "--port", self._token.port.path, *NO_SERVER)
        with Terminal(*command) as terminal:
            said = self._look(terminal)
            said += self._press(terminal)
            code = self._end(terminal)
            return code, said + terminal.text

    def _look(self, terminal):
        assert not self._token.screen_on
        terminal.wait_for(LOOK)
        eventually(lambda: self._token.screen_on, "a picture, right or wrong")
        self._hands.turns()
        right = frame_is_right(self._token.screen())
        while "do you see" not in terminal.read():
            self._token.press(0.1)
        said = terminal.text
        terminal.type("y\n" if right else "n\n")
        return said

    def _press(self, terminal):
        terminal.wait_for(PRESS)
        while "button:  " not in terminal.read():
            self._token.press(0.1)
        return ""

    def _end(self, terminal):
        def is_over():
            text = terminal.read()
            return UNPLUG in text or terminal.process.poll() is not None

        eventually(is_over, "the coin cell's turn")
        if UNPLUG in terminal.read():
            self._token.power(False)
            self._token.power(True)
        return terminal.end()


@pytest.fixture
def builder(hands):
    return Builder(hands)


def test_a_builder_with_a_sound_token(builder):
    code, said = builder.examine()
    assert code == 5, said  # of the time server that is not there
    assert "its picture is right" in said
    assert "5 presses, bounces for" in said
    assert "the clock went on without power" in said


@pytest.mark.parametrize(
    ("device", "kind", "words"),
    [
        ("button", "bounce", ("bounces for", "GP15, pad 20", "100 nF")),
        ("cell", "flat", ("coin cell", "CR2032")),
    ],
)
def test_a_builder_finds(hands, builder, device, kind, words):
    hands.token.board.set_fault(device, kind)
    code, said = builder.examine()
    assert code == 1, said
    complaint = said[said.index("error: ") :]
    for word in words:
        assert word in complaint


@pytest.mark.parametrize(("model", "other"), [("sh1106", "SSD1306"), ("ssd1306", "SH1106")])
def test_a_display_that_answers_as_the_other_one(boot, model, other):
    hands = boot(display=model)
    hands.token.board.set_fault("ssd1306", "misread")
    hands.token.power(False)
    hands.token.power(True)
    eventually(lambda: hands.token.engine.ready.is_set(), "a start")
    code, said = Builder(hands).examine()
    assert code == 1
    complaint = said[said.index("error: ") :]
    assert f"answers as an {other}" in complaint
    assert f'DISPLAY_CONTROLLER = "{model}"' in complaint.replace("\r\n", " ")


def test_an_open_button_is_missed(hands):
    hands.token.board.set_fault("button", "open")
    command = (*PICOTOTP, "doctor", "--port", hands.token.port.path, *NO_SERVER)
    with Terminal(*command) as terminal:
        terminal.wait_for(LOOK)
        hands.elapse(25)
        terminal.wait_for("do you see")
        terminal.type("y\n")
        terminal.wait_for(PRESS)
        hands.elapse(30)
        terminal.wait_for(UNPLUG)
        assert "no press arrived" in terminal.text and "GP15, pad 20" in terminal.text


# --- on the token itself -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("device", "kind", "lines"),
    [
        ("bus", "ok", ("SDA and SCL are right", "Clock: 25.0 C", "Display: at 3c", "KB free")),
        ("ds3231", "nack", ("SDA and SCL are right", "Clock: no answer", "Display: at 3c")),
    ],
)
def test_the_menu_looks_at_the_parts(hands, device, kind, lines):
    hands.token.board.set_fault(device, kind)
    hands.wake()
    hands.hold()
    for _ in range(3):
        hands.click()
    hands.hold()
    hands.sees("Parts", *lines)
