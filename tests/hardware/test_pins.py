"""The pins say the same everywhere: config.py, hardware/README.md, the pin table, the Pico."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hardware import netlist
from pico_map import NAME_OF_PAD, PAD_OF_GP, config, expected_nets

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "firmware/picototp/board/config.py"
README = (ROOT / "hardware/README.md").read_text(encoding="utf-8")


# ---- config.py


def test_pins_are_pads_of_the_board_and_distinct():
    pins = [value for name, value in config().items() if name.startswith("PIN_")]
    assert len(pins) == 4
    assert len(set(pins)) == 4
    assert set(pins) <= set(PAD_OF_GP)


def test_i2c_pins_belong_to_the_bus():
    """RP2040 data sheet, section 1.4.3: SDA0 SCL0 SDA1 SCL1 repeat over the pins."""
    c = config()
    assert c["PIN_SDA"] % 4 == 2 * c["I2C_ID"]
    assert c["PIN_SCL"] % 4 == 2 * c["I2C_ID"] + 1


def test_bus_values_are_within_what_the_chips_allow():
    c = config()
    assert c["I2C_FREQUENCY_HZ"] <= 400_000
    assert c["RTC_ADDRESS"] == 0x68
    assert c["DISPLAY_ADDRESSES"] == (0x3C, 0x3D)
    assert c["DISPLAY_CONTROLLER"] in ("auto", "ssd1306", "sh1106")


def test_config_imports_nothing():
    tree = ast.parse(CONFIG.read_text(encoding="utf-8"))
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]


def test_config_says_the_same_on_micropython():
    micropython = Path(sys.executable).with_name("micropython")
    script = (
        "import json; names = {}; exec(open('config.py').read(), names); "
        "print(json.dumps({k: v for k, v in names.items() if k.upper() == k and k[0] != '_'}))"
    )
    run = subprocess.run(
        [micropython, "-c", script], cwd=CONFIG.parent, capture_output=True, text=True, check=True
    )
    assert json.loads(run.stdout) == json.loads(json.dumps(config()))


# ---- README


def table_rows() -> dict[int, list[str]]:
    """The pin table: pad of the Pico to [name, signal, goes to, wire]."""
    table = README.split("| Pad of the Pico |")[1].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.split("\n")[2:]]
    return {int(row[0]): row[1:] for row in rows}


def test_table_names_the_pads_as_the_board_does():
    for pad, (name, *_) in table_rows().items():
        assert name == NAME_OF_PAD[pad]


@pytest.mark.parametrize(
    ("constant", "goes_to"),
    [
        ("PIN_SDA", "SDA of the display and SDA of the clock"),
        ("PIN_SCL", "SCL of the display and SCL of the clock"),
        ("PIN_BUTTON", "the other side of the button"),
        ("PIN_SQW", "SQW of the clock"),
    ],
)
def test_table_agrees_with_config(constant, goes_to):
    gp = config()[constant]
    name, _, target, _ = table_rows()[PAD_OF_GP[gp]]
    assert (name, target) == (f"GP{gp}", goes_to)


def test_table_has_every_wired_pad_in_the_colour_of_its_net():
    colours = {pad: netlist.NETS[net][1] for pad, net in netlist.pads_used(config()).items()}
    assert {pad: row[-1] for pad, row in table_rows().items()} == colours


def test_commands_are_python_and_use_the_pins_of_config():
    c = config()
    scripts = re.findall(r'mpremote exec "(.*)"', README)
    for script in scripts:
        compile(script, "README", "exec")
    bus, button = scripts
    assert f"I2C({c['I2C_ID']}, sda=Pin({c['PIN_SDA']}), scl=Pin({c['PIN_SCL']})," in bus
    assert f"freq={c['I2C_FREQUENCY_HZ']:_})" in bus
    assert f"Pin({c['PIN_BUTTON']}, Pin.IN, Pin.PULL_UP)" in button


def test_multimeter_table_uses_the_pads_of_config():
    c = config()
    sda, scl, button = (PAD_OF_GP[c[f"PIN_{n}"]] for n in ("SDA", "SCL", "BUTTON"))
    assert f"| pad {sda} and SDA, pad {scl} and SCL, of each module |" in README
    assert f"| pad {sda} and pad {scl} |" in README
    assert f"| pad {button} and pad 18 |" in README


def test_grounds_named_in_the_text_are_grounds():
    listed = re.search(r"Any pad named GND .*?\(([\d, ]+)\)", README)[1]
    grounds = [pad for pad, name in NAME_OF_PAD.items() if name == "GND"]
    assert [int(n) for n in listed.split(",")] == sorted(grounds)


# ---- the pin table


def test_pads_are_named_as_on_the_board():
    assert dict(enumerate(netlist.PICO_PADS, start=1)) == NAME_OF_PAD


def test_nets_join_the_right_pins():
    assert netlist.nets(config()) == expected_nets()


def test_a_pin_on_the_other_side_is_refused():
    with pytest.raises(ValueError, match="PIN_BUTTON"):
        netlist.nets(config() | {"PIN_BUTTON": 16})
