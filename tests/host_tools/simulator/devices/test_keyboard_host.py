"""The simulator's computer: what it makes of a keyboard's descriptor and reports."""

import hid_parser
import pytest

from host_tools.simulator.devices.keyboard_host import (
    DescriptorError,
    KeyboardHost,
    read_descriptor,
)

# HID 1.11, appendix E.6: the report descriptor of a keyboard, as printed there.
KEYBOARD = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810195057501050819012905910295017503"
    "910195067508150025650507190029658100c0"
)
NUM_LOCK, KEYPAD_1, KEYPAD_0, ENTER, TAB, SHIFT = 0x53, 0x59, 0x62, 0x28, 0x2B, 2


def keys(*usages, modifiers=0):
    return bytes((modifiers, 0, *usages, *bytes(6 - len(usages))))


@pytest.fixture
def host():
    host = KeyboardHost()
    assert host.described(KEYBOARD) == 1
    return host


def test_it_reads_the_descriptor_as_another_parser_does():
    ours, other = read_descriptor(KEYBOARD), hid_parser.ReportDescriptor(list(KEYBOARD))
    assert ours.input_bits == int(other.get_input_report_size())
    assert ours.output_bits == int(other.get_output_report_size())
    assert [one.at for one in ours.keys] == [0, 16]
    assert [len(one.usages) for one in ours.lights] == [5]


def test_keys_become_text(host):
    for usage in (KEYPAD_1, KEYPAD_0, ENTER, TAB, 0x04):
        host.reported(keys(usage))
    host.reported(keys(0x04, modifiers=SHIFT)), host.reported(keys()), host.reported(keys(0x3A))
    assert host.take_typed() == "10\n\ta<3A>" and host.take_typed() == ""
    assert host.keys_down == {0x3A}


def test_a_shifted_letter(host):
    host.reported(keys(0x04, modifiers=SHIFT))
    assert host.take_typed() == "A"


def test_a_key_that_stays_down_is_one_character(host):
    (
        host.reported(keys(KEYPAD_1)),
        host.reported(keys(KEYPAD_1)),
        host.reported(keys(KEYPAD_1, 0x5A)),
    )
    assert host.take_typed() == "12"


def test_num_lock_changes_the_keypad_and_the_light(host):
    assert host.reported(keys(NUM_LOCK)) == 0 and host.num_lock is False
    assert host.reported(keys()) is None
    host.reported(keys(KEYPAD_1))
    assert host.take_typed() == "<End>"
    assert host.reported(keys(NUM_LOCK)) == 1


def test_a_num_lock_that_does_nothing(host):
    host.obeys_num_lock = False
    assert host.reported(keys(NUM_LOCK)) is None and host.num_lock is True


def test_a_lost_keyboard_holds_no_key(host):
    host.reported(keys(KEYPAD_1))
    host.lost()
    assert not host.enumerated and host.keys_down == set() and host.lights is None
    assert host.reported(keys(KEYPAD_1)) is None and host.take_typed() == "1"


def test_a_report_of_another_length_is_none(host):
    assert host.reported(b"\0" * 7) is None and host.held == []


@pytest.mark.parametrize(
    "damage",
    [
        KEYBOARD[:-1],  # a collection that is not closed
        KEYBOARD[:-2] + b"\x81",  # an item without its data
        b"\x85\x01" + KEYBOARD,  # numbered reports
        b"\x81\x02\xc0",  # a field of no size
    ],
)
def test_what_cannot_be_read_is_no_keyboard(damage):
    host = KeyboardHost()
    with pytest.raises(DescriptorError):
        read_descriptor(damage)
    assert host.described(damage) is None and not host.enumerated
