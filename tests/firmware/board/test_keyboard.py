"""The USB keyboard by itself: what it says it is, and what it does with reports."""

import hid_parser
import pytest

from usb_stand_in import ACK, DATA, SETUP, Builtin, UsbStandIn, keyboard_on

DIGIT = bytes((0, 0, 0x59, 0, 0, 0, 0, 0))
UP = bytes(8)
# HID 1.11, 7.2: type and recipient, request, value, interface, length
GET_REPORT = bytes((0xA1, 1, 0, 1, 2, 0, 8, 0))
GET_IDLE, SET_IDLE = bytes((0xA1, 2, 0, 0, 2, 0, 1, 0)), bytes((0x21, 0x0A, 0, 7, 2, 0, 0, 0))
GET_PROTOCOL, SET_PROTOCOL = (
    bytes((0xA1, 3, 0, 0, 2, 0, 1, 0)),
    bytes((0x21, 0x0B, 0, 0, 2, 0, 0, 0)),
)
SET_LIGHTS = bytes((0x21, 9, 0, 2, 2, 0, 1, 0))


@pytest.fixture
def usb():
    return UsbStandIn()


@pytest.fixture
def keyboard(usb):
    return keyboard_on(usb)


def report_descriptor(usb):
    return usb.request(bytes((0x81, 6, 0, 0x22, 2, 0, 0, 4)))


# --- what it says it is ------------------------------------------------------------------------


def test_the_report_descriptor_is_a_boot_keyboards(usb, keyboard):
    """Read by a parser of others, and compared with HID 1.11, appendix B.1."""
    found = hid_parser.ReportDescriptor(list(report_descriptor(usb)))
    assert found.input_report_ids == found.output_report_ids == [None]
    assert (int(found.get_input_report_size()), int(found.get_output_report_size())) == (64, 8)
    *modifiers, padding, keys = found.get_input_items()
    assert [int(one.offset) for one in modifiers] == list(range(8))
    names = [str(one.usage) for one in modifiers]
    assert "LeftControl" in names[0] and "LeftShift" in names[1] and "Right GUI" in names[7]
    assert isinstance(padding, hid_parser.PaddingItem) and int(padding.size) == 8
    assert (int(keys.offset), int(keys.size), keys.count) == (16, 8, 6)
    assert len(keys.usages) == 0x66
    *lights, padding = found.get_output_items()
    assert ["Num Lock" in str(lights[0].usage), len(lights)] == [True, 5]
    assert isinstance(padding, hid_parser.PaddingItem)


def test_the_configuration_is_the_builtin_one_and_an_interface(usb, keyboard):
    descriptors = usb.descriptors
    builtin = Builtin.desc_cfg
    assert int.from_bytes(descriptors[2:4], "little") == len(descriptors)
    assert descriptors[4] == builtin[4] + 1
    assert descriptors[5:9] == builtin[5:9]
    interface, hid, endpoint = descriptors[9:18], descriptors[18:27], descriptors[27:]
    assert interface == bytes((9, 4, 2, 0, 1, 3, 1, 1, 0))
    assert hid[:7] == bytes((9, 0x21, 0x11, 0x01, 0, 1, 0x22))
    assert int.from_bytes(hid[7:9], "little") == len(report_descriptor(usb))
    assert endpoint == bytes((7, 5, 0x83, 3, 8, 0, 10))


def test_the_requests_that_a_boot_keyboard_must_know(usb, keyboard):
    assert usb.request(GET_REPORT) == UP
    assert usb.request(GET_PROTOCOL) == b"\x01"
    assert usb.request(SET_PROTOCOL) is True
    assert usb.request(GET_PROTOCOL) == b"\x00"
    assert usb.request(SET_IDLE) is True
    assert usb.request(GET_IDLE) == b"\x07"


def test_unknown_requests_are_refused(usb, keyboard):
    for setup in (
        bytes((0x81, 6, 0, 0x23, 2, 0, 64, 0)),  # a physical descriptor
        bytes((0xA1, 0x55, 0, 0, 2, 0, 1, 0)),
        bytes((0x21, 0x55, 0, 0, 2, 0, 0, 0)),
        bytes((0x21, 9, 0, 2, 1, 0, 1, 0)),  # another interface
    ):
        assert usb.control(SETUP, memoryview(setup)) is False


def test_the_lights_count_once_they_are_whole(usb, keyboard):
    assert keyboard.lights is None
    buffer = usb.control(SETUP, memoryview(SET_LIGHTS))
    buffer[:1] = b"\x03"
    assert keyboard.lights is None
    assert usb.control(DATA, memoryview(SET_LIGHTS)) and usb.control(ACK, memoryview(SET_LIGHTS))
    assert keyboard.lights == 3
    usb.reset()
    assert keyboard.lights is None


# --- what it does with reports -----------------------------------------------------------------


def test_without_a_host_nothing_is_sent(usb, keyboard):
    assert not keyboard.ready and not keyboard.send(DIGIT)
    assert usb.submitted == 0


def test_reports_go_out_one_by_one(usb, keyboard):
    usb.plug()
    assert keyboard.send(UP + DIGIT + UP)
    assert not keyboard.send(DIGIT)  # one after the other
    for number in (1, 2, 3):
        assert keyboard.busy
        assert usb.poll() and keyboard.taken == number
    assert not keyboard.busy and not usb.poll()
    assert usb.computer.take_typed() == "1"


def test_what_is_given_up_is_no_key_and_is_followed_by_none(usb, keyboard):
    usb.plug()
    keyboard.send(DIGIT * 5)
    usb.poll()
    keyboard.give_up()
    assert keyboard.busy
    usb.poll(), usb.poll()
    assert not keyboard.busy and not usb.poll()
    assert usb.computer.held == [(0x59,), (), ()]


def test_a_bus_that_is_reset_takes_nothing_more(usb, keyboard):
    usb.plug()
    keyboard.send(DIGIT + UP)
    usb.plug()
    assert not keyboard.busy and not usb.poll()
    assert keyboard.send(DIGIT + UP)


def test_usb_that_refuses(usb, keyboard):
    usb.plug()
    usb.submit_xfer(0x83, UP)  # an endpoint that is busy, for whatever reason
    assert not keyboard.send(DIGIT)
    assert not keyboard.busy
