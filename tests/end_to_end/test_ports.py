"""Serial ports that are busy, missing, forbidden, no token's, or vanish."""

import grp
import os
import pty
import subprocess
import sys
import time
import tty
from concurrent.futures import ThreadPoolExecutor

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from host_tools.client.ports import find_port, patience
from host_tools.credentials.credential import Credential
from host_tools.errors import NoToken, UsageProblem
from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.virtual_token import VirtualToken
from picototp.protocol import frames
from programs import PICOTOTP, TREE, run, tool
from waiting import PATIENCE_S, eventually

URI = "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP"
HOLD_PORT = """
import sys, serial
port = serial.Serial(sys.argv[1], exclusive=True)
print("open", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(
    sys.platform != "linux", reason="only /proc tells who holds a port: run it on Linux"
)
def test_a_busy_port_names_who_holds_it(hands):
    port = hands.token.port.path
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_PORT, port], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        holder.stdout.readline()
        for name, command in (("provision", ["list"]), ("synctime", ["--check"])):
            result = tool(name, "--port", port, *command)
            assert result.code == 1
            assert "in use by python" in result.complaint
            assert f"(process {holder.pid}); close that program" in result.complaint
    finally:
        holder.communicate()
    assert tool("provision", "--port", port, "list").code == 0, "free again"


def test_two_tools_at_once_do_not_disturb_each_other(hands):
    """The second one finds the port busy, while the first waits for the button, and adds."""
    port = hands.token.port.path
    seconds = []

    def meanwhile():
        seconds.append(tool("provision", "--port", port, "list"))
        hands.yes()

    first = tool("provision", "--port", port, "add", "-", typed=URI, on_confirm=meanwhile)
    assert first.code == 0, first.err
    assert seconds[0].code == 1 and "in use" in seconds[0].complaint


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("missing", "there is no port"),
        ("file", "not a serial port"),
        ("folder", "not a serial port"),
        ("fifo", "not a serial port"),
        ("/dev/null", "not a serial port"),
    ],
)
def test_what_is_no_serial_port(tmp_path, path, says):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    result = tool("provision", "--port", tmp_path / path, "list")
    assert result.code == 3 and says in result.complaint


def test_a_port_that_one_may_not_open_names_the_group_to_join():
    as_nobody = (
        "import grp, os, sys\n"
        "from host_tools.errors import ToolError\n"
        "from host_tools.client.ports import open_port\n"
        "if os.getuid() == 0: os.setuid(65534)\n"  # root may open everything
        "try: open_port(sys.argv[1])\n"
        "except ToolError as error: sys.exit(error.message)\n"
    )
    master, slave = pty.openpty()
    path = os.ttyname(slave)
    if os.getuid() == 0:
        os.chown(path, 0, next(group.gr_gid for group in grp.getgrall() if group.gr_gid))
    group = grp.getgrgid(os.stat(path).st_gid).gr_name
    for mode, advice in ((0o060, f"usermod -aG {group} $USER"), (0, "ask your administrator")):
        os.chmod(path, mode)
        result = run(sys.executable, "-c", as_nobody, path)
        assert "may not open" in result.err and advice in result.err, result.err
    os.close(master)
    os.close(slave)


def test_ports_of_something_else():
    """One is silent, the other, as a shell or a modem, sends our own request back."""
    masters = []

    def listed(quiet: bool):
        master, slave = pty.openpty()
        masters.extend((master, slave))
        if quiet:
            tty.setraw(slave)
        return tool("provision", "--port", os.ttyname(slave), "list")

    started_s = time.monotonic()
    with ThreadPoolExecutor() as pool:
        for result in pool.map(listed, (True, False)):
            assert result.code == 3 and "no PicoTOTP answers" in result.complaint
    assert time.monotonic() - started_s < PATIENCE_S
    for descriptor in masters:
        os.close(descriptor)


def test_the_port_from_the_environment(hands):
    port = hands.token.port.path
    result = tool("provision", "list", "--json", environment={"PICOTOTP_PORT": port})
    assert result.code == 0 and result.out == "[]\n"
    wins = tool("provision", "--port", port, "list", environment={"PICOTOTP_PORT": "/dev/none"})
    assert wins.code == 0
    wrong = tool("provision", "list", environment={"PICOTOTP_PORT": "/dev/none"})
    assert wrong.code == 3 and "/dev/none" in wrong.complaint


@pytest.mark.parametrize("given", ("0", "1001", "nan", "long"))
def test_a_patience_that_is_none(hands, given):
    port = hands.token.port.path
    environment = {"PICOTOTP_PATIENCE": given}
    result = tool("provision", "--port", port, "list", environment=environment)
    assert result.code == 2 and "a number from 1 to 1000" in result.complaint


def test_the_patience_from_the_environment(monkeypatch):
    monkeypatch.setenv("PICOTOTP_PATIENCE", "40")
    assert patience("/dev/none") == patience("/dev/none", answered=True) == 40
    monkeypatch.setenv("PICOTOTP_PATIENCE", "")
    assert patience("/dev/none") < patience("/dev/none", answered=True) < 40


def plugged_in(monkeypatch, *devices):
    """Let pyserial find these: (path, vendor, product)."""
    found = []
    for path, vendor, product in devices:
        info = ListPortInfo(path)
        info.vid, info.pid = vendor, product
        found.append(info)
    monkeypatch.setattr(list_ports, "comports", lambda: found)
    monkeypatch.delenv("PICOTOTP_PORT", raising=False)


def test_the_only_pico_is_found_among_other_devices(monkeypatch):
    pico = ("/dev/ttyACM3", frames.USB_VENDOR, frames.USB_PRODUCTS[0])
    other = ("/dev/ttyUSB0", 0x0403, 0x6001)
    plugged_in(monkeypatch, other, pico, ("/dev/ttyS0", None, None))
    assert find_port(None) == "/dev/ttyACM3"
    plugged_in(monkeypatch, other)
    with pytest.raises(NoToken):
        find_port(None)
    plugged_in(monkeypatch, pico, ("/dev/ttyACM1", *pico[1:]))
    with pytest.raises(UsageProblem, match="/dev/ttyACM1 /dev/ttyACM3"):
        find_port(None)


def test_no_token_plugged_in():
    environment = {"PICOTOTP_PORT": ""}
    try:
        find_port(None)
    except NoToken:
        pass
    except UsageProblem:
        pytest.skip("several tokens are plugged in: unplug them to run this test")
    else:
        pytest.skip("a token is plugged in: unplug it to run this test")
    for command in (("provision", "list"), ("synctime", "--check")):
        result = run(*PICOTOTP, *command, environment=environment)
        assert result.code == 3 and "--port" in result.complaint


def test_the_cable_is_pulled_while_the_button_is_awaited(tmp_path):
    """The tool says so at once, and the token holds what it held before."""
    state = tmp_path / "state"
    token = VirtualToken(VirtualBoard(state))
    with token:
        result = tool(
            "provision", "--port", token.port.path, "add", "-", typed=URI, on_confirm=token.close
        )
        assert result.code == 1 and "picototp provision list" in result.complaint
        token.close = lambda: None  # done already
    with VirtualToken(VirtualBoard(state)) as again:
        assert tool("provision", "--port", again.port.path, "list", "--json").out == "[]\n"


def test_power_is_cut_while_the_button_is_awaited(boot, tmp_path):
    """The line stays, as on a hub that goes on: nothing was changed, and the next host is heard."""
    hands = boot(tmp_path)
    with hands.client() as client:
        client.add(Credential("", "kept", b"x"))

    def cut():
        hands.wait_for_question()
        hands.token.power(False)
        assert not hands.token.screen_on
        hands.token.power(True)
        hands.token.engine.ready.wait(20)
        raise InterruptedError

    with pytest.raises(InterruptedError), hands.client(cut) as client:
        client.add(Credential("", "new", b"x"))
    with hands.client() as client:
        assert [account.name for account in client.accounts()] == ["kept"]
        eventually(lambda: client.status().clock.state == "ok", "the clock is read again")


def test_a_request_after_the_token_restarted_says_so(hands):
    with hands.client() as client:
        hands.token.engine.reset()
        hands.token.engine.ready.wait(20)
        with pytest.raises(Exception, match="say hello first"):
            client.accounts()


def test_a_tool_started_right_after_plugging_in_waits_for_the_token(hands):
    hands.token.power(False)
    port = hands.token.port.path
    hands.token.power(True)
    assert tool("provision", "--port", port, "list").code == 0


def test_the_environment_of_the_tests_is_the_tree_under_test():
    code = "import host_tools, picototp; print(host_tools.__file__, picototp.__file__)"
    for path in run(sys.executable, "-c", code, environment=TREE).out.split():
        assert path.startswith(TREE["PYTHONPATH"].split(os.pathsep)[0])
