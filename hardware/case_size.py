"""Measures of the two cases, in millimetres, and what has to fit into them. Numbers only.

x grows to the right and y away from you, seen from the front; z grows towards the front, from the
outer face of the floor. (0, 0) is the corner of what lies inside, carrier board or breadboard.
"""

from typing import NamedTuple

from hardware import carrier

WALL = 2.0
FLOOR = 2.0
LID = 2.0
CLEARANCE = 0.4  # round a board, on each side: what a cheap printer is wrong by, twice
FIT = 0.2  # between skirt and wall
SKIRT = 1.0
RIDGE = 0.4  # of the snap
LEDGE = 0.8  # that the board rests on
PLUG = (12.0, 8.5)  # room for the hull of a USB plug; micro-B plugs have up to 11 x 7.5
PLUG_CUT = 3.0  # the opening's corners, so that its roof needs no support

# The carrier board's parts, above (front) and below (back) of its faces.
SPACER = 2.5  # the plastic of a pin header
PICO_BOARD, PICO_USB_HIGH, PICO_USB_WIDE = 1.0, 2.7, 8.0
PICO_USB_OUT = 1.3  # the socket stands over the Pico's edge (data sheet 2.2)
MODULE_BOARD = 1.6
SOCKET = 8.5 + SPACER  # a socket strip and a pin header in it: the clock module's distance
CELL_HIGH = 5.5  # holder with cell, between the carrier board and the clock module
CHIPS_HIGH = 3.0  # on the clock module's outer face
DISPLAY_HIGH = SPACER + 1.2 + 1.6  # spacer, board, glass
BUTTON_HIGH = 9.5  # a 6 x 6 mm button with a long shaft
BUTTON_SHAFT = 3.5


class Opening(NamedTuple):
    """A hole in the lid, or in the left wall, by its middle: in the wall y and z count."""

    middle: tuple[float, float]
    wide: float
    high: float


class Case(NamedTuple):
    """`inside` is length, width and height of the room; `board_z` where a board rests, or None."""

    name: str
    inside: tuple[float, float, float]
    board_z: float | None
    window: Opening
    button: Opening  # round: wide is its diameter
    usb: Opening
    pocket: tuple[float, float] | None  # a rim on the lid that holds a display module

    @property
    def outside(self) -> tuple[float, float, float]:
        """Length, width and height, closed."""
        length, width, height = self.inside
        return length + 2 * WALL, width + 2 * WALL, height + FLOOR + LID


_BACK = SOCKET + MODULE_BOARD + CHIPS_HIGH + 1.4
_FRONT = DISPLAY_HIGH + 0.3
_BOARD_Z = FLOOR + _BACK


def _y(carrier_y: float) -> float:
    """The carrier's y grows towards you."""
    return carrier.HEIGHT - carrier_y


def carrier_case() -> Case:
    """For the carrier board, with everything that stands on it."""
    pico_middle = carrier.PICO_CORNER[1] + carrier.PICO_SIZE[1] / 2
    # What shows: about 22 x 11 mm, in the middle of the module or a little above.
    display_middle = sum(carrier.DISPLAY_ROWS) / 2 - 2 + carrier.DISPLAY_SIZE[1] / 2
    return Case(
        "carrier",
        (carrier.WIDTH + 2 * CLEARANCE, carrier.HEIGHT + 2 * CLEARANCE,
         _BACK + carrier.THICKNESS + _FRONT),
        _BOARD_Z,
        Opening((carrier.DISPLAY_MIDDLE, _y(display_middle)), 25.0, 16.0),
        Opening((carrier.BUTTON_MIDDLE[0], _y(carrier.BUTTON_MIDDLE[1])), 5.0, 5.0),
        Opening(
            (_y(pico_middle), _BOARD_Z - SPACER - PICO_BOARD - PICO_USB_HIGH / 2), *PLUG
        ),
        None,
    )  # fmt: skip


# A breadboard of 400 points: 82 to 84 x 54 to 55.5 x 8.5 to 10 mm; its holes are 2.54 mm apart.
BREADBOARD = (84.0, 55.5, 10.0)
BREADBOARD_INSIDE_HIGH = 34.0  # room for jumper wires above the Pico
PANEL_BUTTON = 12.2  # a push button for a hole of 12 mm


def breadboard_case() -> Case:
    """For a breadboard; display and button sit in the lid and hang on jumper wires."""
    length, width, _ = BREADBOARD
    usb_z = FLOOR + BREADBOARD[2] + SPACER + PICO_BOARD + PICO_USB_HIGH / 2
    return Case(
        "breadboard",
        (length + 2 * CLEARANCE, width + 2 * CLEARANCE, BREADBOARD_INSIDE_HIGH),
        None,
        Opening((24.0, width / 2 + 0.5), 25.0, 16.0),
        Opening((64.0, width / 2), PANEL_BUTTON, PANEL_BUTTON),
        Opening((width / 2, usb_z), *PLUG),
        (carrier.DISPLAY_SIZE[0] + 0.6, carrier.DISPLAY_SIZE[1] + 0.6),
    )


CASES = (carrier_case(), breadboard_case())
Block = tuple[tuple[float, float, float], tuple[float, float, float]]


def contents(case: Case) -> dict[str, Block]:
    """What is inside as blocks, by their lower and upper corners."""
    if case.board_z is None:
        length, width, high = BREADBOARD
        pico_y = width / 2 - carrier.PICO_SIZE[1] / 2
        pico_z = FLOOR + high + SPACER
        return {
            "breadboard": ((0, 0, FLOOR), (length, width, FLOOR + high)),
            "Pico": (
                (3.0, pico_y, pico_z),
                (
                    3.0 + carrier.PICO_SIZE[0],
                    pico_y + carrier.PICO_SIZE[1],
                    pico_z + PICO_BOARD + 1,
                ),
            ),
        }
    back, front = case.board_z, case.board_z + carrier.THICKNESS
    parts = {part.reference: part.box for part in carrier.parts(_pins())}

    def block(reference: str, low: float, high: float) -> Block:
        left, top, right, bottom = parts[reference]
        return (left, _y(bottom), low), (right, _y(top), high)

    pico = block("U1", back - SPACER - PICO_BOARD - PICO_USB_HIGH, back - SPACER)
    usb_middle = (pico[0][1] + pico[1][1]) / 2
    usb_top = back - SPACER - PICO_BOARD
    rows = [_y(row) for row in carrier.PICO_ROWS]
    cell = block("J2", back - SOCKET - MODULE_BOARD - CHIPS_HIGH, back - SOCKET + CELL_HIGH)
    x, y = carrier.BUTTON_MIDDLE
    return {
        "carrier board": ((0, 0, back), (carrier.WIDTH, carrier.HEIGHT, front)),
        "Pico": pico,
        **{
            f"Pico's header {place}": (
                (0.1, row - 1.27, back - SPACER),
                (carrier.PICO_SIZE[0] - 0.1, row + 1.27, back),
            )
            for place, row in enumerate(rows, start=1)
        },
        "USB socket": (
            (-PICO_USB_OUT, usb_middle - PICO_USB_WIDE / 2, usb_top - PICO_USB_HIGH),
            (1.0, usb_middle + PICO_USB_WIDE / 2, usb_top),
        ),
        "clock module": cell,
        "display": block("J1", front, front + DISPLAY_HIGH),
        "button": ((x - 3, _y(y) - 3, front), (x + 3, _y(y) + 3, front + 4)),
        "button's shaft": (
            (x - BUTTON_SHAFT / 2, _y(y) - BUTTON_SHAFT / 2, front),
            (x + BUTTON_SHAFT / 2, _y(y) + BUTTON_SHAFT / 2, front + BUTTON_HIGH),
        ),
    }


def _pins() -> dict[str, object]:
    from picototp.board import config

    return vars(config)
