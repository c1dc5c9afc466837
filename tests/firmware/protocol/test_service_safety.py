"""What no request may ever do: fall over, change something without the button, tell a secret."""

import base64

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leaks import leaked
from picototp.codes import otp
from picototp.protocol import frames
from tests.firmware.protocol.service_rig import (
    NEW,
    error_of,
    make_token,
)
from wired_token import SESSION
from workbench import NOW_UNIX_S

FIELDS = (
    *("issuer", "name", "secret", "algorithm", "digits", "period", "kind", "counter", "replace"),
    *("new_issuer", "new_name", "to", "from", "unix", "proof", "fresh"),
    *("unix_us", "ticks_us", "uncertainty_us", "v", "pin", "limit", "other"),
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-1, 300)
    | st.integers(-(2**70), 2**70)
    | st.sampled_from([NOW_UNIX_S * 10**6, 2_000_000, 30, 6, 2**53, 2**64 - 1])
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.sampled_from(["Example", "alice", "bob", "SHA1", "totp", "hotp", "JBSWY3DP", "x" * 70])
)
json_values = (
    scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.text(), scalars, max_size=2)
)
ops = st.sampled_from(
    ["status", "list", "add", "rename", "move", "remove", "wipe", "check", "selftest", "time"]
    + ["set_time", "log", "maintenance", "unlock", "lock", "set_pin", "set_limit", "code"]
    + ["set_lock_after"]
)
requests = st.tuples(ops | json_values, st.dictionaries(st.sampled_from(FIELDS), json_values))


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(requests, min_size=1, max_size=6))
def test_no_request_changes_anything_without_the_button(one_token, wishes):
    """Whatever comes, nothing is raised, every answer is a frame, and flash stays as it is."""
    token = one_token
    files = dict(token.storage.files)
    for op, fields in wishes:
        token.number += 1
        message = {**fields, "id": token.number, "s": SESSION, "op": op}
        if op == "hello":
            continue
        try:
            answers = token.post(message)
        except frames.FrameError:
            continue  # more than a line can hold
        for answer in answers or [token.awaited()]:
            if "wait" not in answer and answer["ok"] is False:
                error_of(answer)
    token.post({"id": 0, "s": SESSION, "op": "hello", "v": frames.VERSION})
    assert token.storage.files == files
    assert not token.restart_wanted
    assert token.request("list")["total"] == 3


@pytest.fixture(scope="module")
def one_token():
    return make_token()


def test_no_answer_ever_holds_a_secret_or_a_code(token):
    secret = b"\x00\xffvery secret, indeed!"
    text = base64.b32encode(secret).decode()
    token.confirmed("add", **{**NEW, "secret": text})
    for op in ("status", "list", "log", "selftest", "time"):
        token.request(op, fresh=True)
    token.request("add", **{**NEW, "secret": text})
    token.request("add", **{**NEW, "secret": text + "!"})
    token.request("add", **{**NEW, "secret": text, "digits": 9})
    named = {"issuer": NEW["issuer"], "name": NEW["name"]}
    code = otp.check_proof("SHA256", secret, 7, 8)
    token.request("check", **named, counter=7, proof=code)
    token.request("check", **named, counter=7, proof="0")
    token.click()
    token.click()
    now_s = token.true_unix_ns() // 10**9
    said = token.everything_sent
    assert b"new@example.com" in said
    for index in range(len(token.vault)):
        account = token.vault.account(index)
        assert not leaked(said, [account.secret])
        now = now_s // account.period_s
        for counter in (5, 7, *range(now - 4, now + 3)):
            assert otp.hotp(account.algorithm, account.secret, counter, 8) not in said
    assert otp.hotp("SHA1", token.vault.account(2).secret, 5, 6) not in said
