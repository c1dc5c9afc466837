"""Every request that a token knows, for tests that try them all, and what they are made of."""

from picototp.protocol import frames
from picototp.protocol.diagnosis_service import PARTS

ALICE = {"issuer": "Example", "name": "alice"}
COUNTER = {"issuer": "Example", "name": "counter"}
NEW = {
    "issuer": "New issuer",
    "name": "new@example.com",
    "secret": "JBSW Y3DP-ehpk3pxp JBSWY3DPEHPK3PXP",
    "algorithm": "SHA256",
    "digits": 8,
    "period": 45,
    "kind": "totp",
}
PIN, WRONG, OTHER = "90417-änd", "90418-änd", "another PIN"
PINS = {pin.encode() for pin in (PIN, WRONG, OTHER)}
ENTROPY = bytes(range(32, 64))
TYPING = {"end": "enter", "num_lock": "keep", "layout": "none"}
# In place of what a request should have, what must not come back.
MISPLACED = {**NEW, "name": 7, "pin": [PIN], "limit": PIN, "counter": PIN, "fresh": NEW["secret"]}


def every_request(now_unix_s: int) -> dict[str, tuple[dict, ...]]:
    """By name, the fields that a token takes which holds ALICE and COUNTER: with several, each is
    to be tried."""
    proof = {**ALICE, "unix": now_unix_s, "proof": "0"}
    clock = {"unix_us": (now_unix_s + 86_400) * 10**6, "ticks_us": 0, "uncertainty_us": 1000}
    named = (ALICE, COUNTER)
    return {
        "hello": ({"v": frames.VERSION}, {"v": frames.VERSION, "entropy": ENTROPY.hex()}, {"v": 0}),
        "status": ({},),
        "list": ({}, {"from": 1}),
        "add": (NEW, {**NEW, **ALICE, "replace": True}, {**NEW, "secret": NEW["secret"] + "!"}),
        "rename": ({**ALICE, "new_issuer": "", "new_name": "x"},),
        "move": ({**ALICE, "to": 1},),
        "remove": named,
        "batch_begin": ({"what": "add", "count": 2},),
        "batch_entry": (NEW, {**NEW, "secret": NEW["secret"] + "!"}),
        "batch_end": ({"count": 1},),
        "wipe": ({},),
        "check": (proof, {**COUNTER, "counter": 5, "proof": "0"}),
        "code": named,
        "selftest": ({},),
        "log": ({},),
        "maintenance": ({},),
        "diagnose": tuple({"part": part, "ms": 1} for part in PARTS),
        "time": ({}, {"fresh": True}),
        "set_time": (clock,),
        "set_aging": ({"aging": 3},),
        "clock_log": ({},),
        "lock": ({},),
        "unlock": ({"pin": PIN}, {"pin": WRONG}, {"pin": "1"}),
        "set_pin": ({"pin": PIN}, {"pin": OTHER}, {"pin": None}, {"pin": "1"}),
        "set_limit": ({"limit": 5}, {"limit": None}),
        "set_lock_after": ({"seconds": 5}, {"seconds": None}),
        "typing": ({"on": True, **TYPING}, {"on": False}),
        "display": ({},),
        "set_display": ({"brightness": 5}, {"dark_after_s": 11, "upside_down": False}),
        "set_order": ({"order": "name"}, {"order": "recent"}),
        "show": named,
    }
