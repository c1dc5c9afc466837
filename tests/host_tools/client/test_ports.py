"""Which port is taken, how long a board at it may take, and what is said if it cannot be opened."""

import errno
import os
from types import SimpleNamespace

import pytest
import serial

from host_tools.client import ports
from host_tools.errors import NoToken, ToolError, UsageProblem
from picototp.protocol import frames

PRODUCT = min(frames.USB_PRODUCTS)


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch):
    for name in (ports.PORT_VARIABLE, ports.PATIENCE_VARIABLE):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def plug_in(monkeypatch):
    """Has these devices at the ports of this computer: (path, vendor, product, number)."""

    def plug(*devices):
        infos = [
            SimpleNamespace(device=path, vid=vendor, pid=product, serial_number=number)
            for path, vendor, product, number in devices
        ]
        monkeypatch.setattr(ports.list_ports, "comports", lambda: infos)

    plug()
    return plug


# --- which port ----------------------------------------------------------------------------------


def test_only_boards_are_found_in_the_order_of_their_ports(plug_in):
    others = ("/dev/x", 0x1234, PRODUCT, "1"), ("/dev/y", frames.USB_VENDOR, 0xFFFF, "2")
    mine = [(f"/dev/{one}", frames.USB_VENDOR, one, "3") for one in sorted(frames.USB_PRODUCTS)]
    plug_in(others[0], *reversed(mine), others[1], ("/dev/z", None, None, None))
    assert [info.device for info in ports.pico_ports()] == sorted(one[0] for one in mine)


def test_the_port_that_is_given_is_taken_before_that_of_the_environment(plug_in, monkeypatch):
    monkeypatch.setenv(ports.PORT_VARIABLE, "/dev/b")
    assert ports.find_port("/dev/a") == "/dev/a"
    assert ports.find_port(None) == ports.find_port("") == "/dev/b"


def test_without_a_port_the_only_board_is_taken(plug_in):
    board = (frames.USB_VENDOR, PRODUCT, "1")
    with pytest.raises(NoToken, match=r"no token found.*--port"):
        ports.find_port(None)
    plug_in(("/dev/a", *board))
    assert ports.find_port(None) == "/dev/a"
    plug_in(("/dev/b", *board), ("/dev/a", *board))
    with pytest.raises(UsageProblem, match=r"--port: /dev/a /dev/b$"):
        ports.find_port(None)


def test_the_number_of_a_device_is_found_by_a_link_to_it_too(plug_in, tmp_path):
    device = os.path.realpath(tmp_path / "device")
    (tmp_path / "device").touch()
    (tmp_path / "link").symlink_to(device)
    plug_in(("/dev/a", None, None, "1"), (device, None, None, "2"), ("/dev/c", None, None, ""))
    assert ports.usb_number(device) == ports.usb_number(str(tmp_path / "link")) == "2"
    assert ports.usb_number("/dev/a") == "1"
    assert ports.usb_number("/dev/c") is None and ports.usb_number("/dev/none") is None


def test_who_is_at_no_usb_port_may_take_longer(plug_in):
    plug_in(("/dev/a", None, None, "1"))
    assert ports.patience("/dev/a") == ports.patience("/dev/a", answered=True) == 1
    assert 1 < ports.patience("/dev/b") < ports.patience("/dev/b", answered=True)


@pytest.mark.parametrize(("given", "times"), [("1", 1), ("2.5", 2.5), ("1000", 1000)])
def test_a_patience_that_is_given_holds_for_every_port(plug_in, monkeypatch, given, times):
    plug_in(("/dev/a", None, None, "1"))
    monkeypatch.setenv(ports.PATIENCE_VARIABLE, given)
    assert ports.patience("/dev/a") == ports.patience("/dev/b", answered=True) == times


@pytest.mark.parametrize("given", ["0.99", "1000.1", "0", "-1", "nan", "inf", "long"])
def test_what_is_no_patience(plug_in, monkeypatch, given):
    monkeypatch.setenv(ports.PATIENCE_VARIABLE, given)
    with pytest.raises(UsageProblem, match="PICOTOTP_PATIENCE must be a number from 1 to 1000"):
        ports.patience("/dev/a")


# --- a port that is open -------------------------------------------------------------------------


class Port:
    """An open port, in place of pyserial's; `breaks` is what it then raises."""

    def __init__(self, path, **options):
        self.path, self.options = path, options
        self.in_waiting = 0
        self.asked, self.written = [], b""
        self.is_open, self.breaks = True, None

    def read(self, count):
        self.asked.append(count)
        return self._whole(b"x" * count)

    def write(self, data):
        self.written += self._whole(data)

    def close(self):
        self.is_open = False

    def _whole(self, data):
        if self.breaks:
            raise self.breaks
        return data


@pytest.fixture
def opened(plug_in, monkeypatch):
    """A connection, and the port that it has open."""
    found = []
    monkeypatch.setattr(
        ports.serial, "Serial", lambda *a, **b: found.append(Port(*a, **b)) or found[0]
    )
    return ports.SerialConnection("/dev/a"), found[0]


def test_a_port_is_opened_for_this_program_alone(opened):
    connection, port = opened
    assert connection.name == port.path == "/dev/a"
    # Short enough to see that time is up, and no wait for ever for who takes nothing.
    assert port.options == {"timeout": 0.05, "write_timeout": 5, "exclusive": True}
    connection.close()
    assert not port.is_open


def test_its_patience_is_larger_once_it_answered(opened):
    connection, _ = opened
    assert connection.first_patience == ports.patience("/dev/a")
    assert connection.patience == ports.patience("/dev/a", answered=True)


def test_all_that_arrived_is_read_and_one_byte_is_awaited(opened):
    connection, port = opened
    for waiting in (0, 1, 2, 500):
        port.in_waiting = waiting
        assert len(connection.read()) == max(1, waiting)
    assert port.asked == [1, 1, 2, 500]
    connection.write(b"abc")
    assert port.written == b"abc"


@pytest.mark.parametrize("error", [serial.SerialException("gone"), OSError(errno.EIO, "gone")])
def test_a_line_that_breaks_says_what_to_do(opened, error):
    connection, port = opened
    port.breaks = error
    for use in (connection.read, lambda: connection.write(b"a")):
        with pytest.raises(ToolError, match=r"connection to the token broke.*provision list"):
            use()


# --- a port that cannot be opened ----------------------------------------------------------------


@pytest.fixture
def refusing(monkeypatch):
    """Opens a port, which fails with that error: what is said then."""

    def fail(path, error, behind=None):
        def open_it(*_, **__):
            try:
                if behind:
                    raise behind
            finally:
                raise error

        monkeypatch.setattr(ports.serial, "Serial", open_it)
        with pytest.raises(ToolError) as caught:
            ports.open_port(str(path))
        return caught.value

    return fail


@pytest.fixture
def port(tmp_path):
    path = tmp_path / "port"
    path.touch()
    return path


def failed(number):
    return serial.SerialException(number, f"could not open port: {os.strerror(number)}")


def test_a_port_that_is_not_there(refusing, tmp_path, monkeypatch):
    path = tmp_path / "none"
    told = refusing(path, failed(errno.ENOENT))
    assert isinstance(told, NoToken) and f"there is no port {path}" in told.message
    # Windows has no files for its ports.
    monkeypatch.setattr(ports, "sys", SimpleNamespace(platform="win32"))
    assert "you may not open COM3" in refusing("COM3", failed(errno.EACCES)).message


@pytest.mark.parametrize(
    ("mode", "group", "is_advised"),
    [
        (0o060, "dialout", True),
        (0o646, "dialout", False),
        (0o060, "root", False),
        (0o060, None, False),
    ],
)
def test_a_port_that_one_may_not_open(refusing, port, monkeypatch, mode, group, is_advised):
    """Its group is to be joined if that helps, and if it is not that of the administrator."""
    grp = pytest.importorskip("grp")

    def named(number):
        assert number == os.stat(port).st_gid
        if group is None:
            raise KeyError(number)
        return SimpleNamespace(gr_name=group)

    monkeypatch.setattr(grp, "getgrgid", named)
    port.chmod(mode)
    told = refusing(port, failed(errno.EACCES))
    assert type(told) is ToolError and f"you may not open {port}; " in told.message
    assert ("sudo usermod -aG dialout $USER" in told.message) is is_advised
    assert ("ask your administrator" in told.message) is not is_advised


@pytest.mark.parametrize("number", [errno.ENOTTY, errno.EINVAL, errno.EISDIR, errno.ENXIO])
def test_what_is_no_serial_port(refusing, port, number):
    """pyserial tells the number, or keeps the error that has it behind its own."""
    unnamed = serial.SerialException("Could not configure port")
    for error, behind in ((failed(number), None), (unnamed, OSError(number, "no"))):
        told = refusing(port, error, behind)
        assert isinstance(told, NoToken)
        assert told.message.startswith(f"{port} is not a serial port; leave --port out")


def test_any_other_error_is_told_as_it_is(refusing, port):
    told = refusing(port, failed(errno.EIO))
    assert isinstance(told, NoToken)
    assert told.message == f"cannot open {port}: {os.strerror(errno.EIO)}"
    for behind in (None, ValueError(), ValueError("x")):
        told = refusing(port, serial.SerialException("out of order"), behind)
        assert told.message == f"cannot open {port}: out of order"


# --- who has it open -----------------------------------------------------------------------------

BUSY = [
    failed(errno.EBUSY),
    failed(errno.EAGAIN),
    serial.SerialException("Could not exclusively lock"),
]


@pytest.fixture
def processes(tmp_path, monkeypatch, port):
    """Has these processes in /proc: {number: (name, the files that it has open)}, and locks."""
    monkeypatch.setattr(ports, "Path", lambda path: tmp_path / path.lstrip("/"))

    def run(found, lockers=(), locks=None):
        for number, (name, files) in found.items():
            folder = tmp_path / "proc" / str(number) / "fd"
            folder.mkdir(parents=True)
            for index, file in enumerate(files):
                (folder / str(index)).symlink_to(file)
            if name is not None:
                (folder.parent / "comm").write_text(name + "\n")
        inode = os.stat(port).st_ino
        lines = [
            f"{index}: FLOCK  ADVISORY  WRITE {locker} 00:1d:{inode} 0 EOF\n"
            for index, locker in enumerate(lockers, 1)
        ]
        lines.append("8: FLOCK  ADVISORY  WRITE 99 00:1d:1 0 EOF\n")
        lines.append(f"8: -> FLOCK  ADVISORY  WRITE 40 00:1d:{inode} 0 EOF\n")
        if lockers:
            (tmp_path / "proc" / "locks").write_text("".join(lines))

    return run


@pytest.mark.parametrize("error", BUSY, ids=str)
def test_a_busy_port_names_the_program_that_has_it_open(refusing, port, processes, error):
    processes({30: ("other", ["/etc/x"]), 40: ("minicom", ["/etc/y", port])})
    told = refusing(port, error)
    assert type(told) is ToolError
    assert told.message == (
        f"{port} is in use by minicom (process 40); close that program and try again"
    )


def test_of_several_the_one_that_locked_it_is_named(refusing, port, processes):
    """That one waits for the lock, and that one has locked another file, does not count."""
    names = {number: (f"p{number}", [port]) for number in (40, 50, 60, 99)}
    processes(names, lockers=[50])
    assert "in use by p50 (process 50);" in refusing(port, BUSY[0]).message


def test_a_port_that_another_user_has_open(refusing, port, processes):
    """This program itself may have it open as well; a process may end while one looks."""
    processes({os.getpid(): ("me", [port]), 40: (None, [port])}, lockers=[50])
    assert f"{port} is in use by another program; close" in refusing(port, BUSY[0]).message


def test_what_takes_every_new_port_is_explained(refusing, port, processes):
    processes({40: ("ModemManager", [port])})
    assert "by ModemManager, which takes every new port" in refusing(port, BUSY[0]).message
