"""The forty pads of a Pico, written from its data sheet and not taken from the drawing programs."""

from picototp.board import config as board_config

# Raspberry Pi Pico data sheet, figure "The pinout of the Raspberry Pi Pico board".
PAD_OF_GP = {
    **{0: 1, 1: 2, 2: 4, 3: 5, 4: 6, 5: 7, 6: 9, 7: 10, 8: 11, 9: 12, 10: 14, 11: 15, 12: 16},
    **{13: 17, 14: 19, 15: 20, 16: 21, 17: 22, 18: 24, 19: 25, 20: 26, 21: 27, 22: 29},
    **{26: 31, 27: 32, 28: 34},
}
NAME_OF_PAD = {pad: f"GP{gp}" for gp, pad in PAD_OF_GP.items()}
NAME_OF_PAD |= dict.fromkeys((3, 8, 13, 18, 23, 28, 38), "GND")
NAME_OF_PAD |= {30: "RUN", 33: "AGND", 35: "VREF", 36: "3V3(OUT)", 37: "3V3_EN"}
NAME_OF_PAD |= {39: "VSYS", 40: "VBUS"}


def config() -> dict:
    """The firmware's constants by name."""
    return {k: v for k, v in vars(board_config).items() if k.isupper()}


def gp_pad(name: str) -> str:
    """The pad of a pin constant, as the drawings name it: "pico:6"."""
    return f"pico:{PAD_OF_GP[config()[name]]}"


def expected_nets() -> dict[str, set[str]]:
    """Which pins belong together, said a second time and by hand."""
    return {
        "SDA": {gp_pad("PIN_SDA"), "display:SDA", "clock:SDA"},
        "SCL": {gp_pad("PIN_SCL"), "display:SCL", "clock:SCL"},
        "SQW": {gp_pad("PIN_SQW"), "clock:SQW"},
        "BUTTON": {gp_pad("PIN_BUTTON"), "button:1"},
        "3V3": {"pico:36", "display:VCC", "clock:VCC"},
        "GND": {"pico:38", "display:GND", "pico:28", "clock:GND", "pico:18", "button:2"},
    }
