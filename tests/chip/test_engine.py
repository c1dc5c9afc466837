"""The emulated Pico itself: what a program on it sees of its devices, and what survives."""

import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from host_tools.simulator.board import VirtualBoard
from host_tools.simulator.devices.flash import Tear
from picototp.board import config
from tests.chip.chip_bench import PATIENCE_S, Bench, begin, eventually, finish

pytestmark = pytest.mark.chip

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware/picototp"
I2C = (
    "import machine, time\ni2c = machine.I2C(0, sda=machine.Pin(4), scl=machine.Pin(5), freq={})\n"
)
FAST = I2C.format(400_000)


def test_a_scan_finds_what_is_plugged_in(bench):
    assert bench.run(FAST + "print(i2c.scan())") == [0x3C, 0x57, 0x68]
    bench.board.set_fault("ds3231", "nack")
    assert bench.run(FAST + "print(i2c.scan())") == [0x3C]
    bench.board.set_fault("ds3231", "ok")


def test_a_missing_device_is_an_input_output_error(bench):
    code = """
seen = []
for attempt in (lambda: i2c.writeto(0x50, b"ab"), lambda: i2c.readfrom(0x50, 1)):
    try:
        attempt()
    except OSError as error:
        seen.append(error.errno)
print((seen, i2c.writeto(0x3C, b"\\x00\\xe3")))
"""
    assert bench.run(FAST + code) == ([5, 5], 2)


@pytest.mark.parametrize("hertz", [100_000, 400_000])
def test_a_transfer_takes_its_nine_bits_a_byte(bench, hertz):
    code = """
a = time.ticks_us()
i2c.writeto(0x3C, bytes(100))
print(time.ticks_diff(time.ticks_us(), a))
"""
    before_ns = bench.chip.i2c.busy_ns
    took_us = bench.run(I2C.format(hertz) + code)
    bits = 101 * 9 + 2  # address, data, START and STOP
    assert bits / hertz * 1e6 * 0.99 < took_us < bits / hertz * 1e6 + 150
    assert bench.chip.i2c.busy_ns - before_ns == pytest.approx(bits / hertz * 1e9, rel=0.01)


def test_reads_come_from_the_models(bench):
    seconds = bench.run(FAST + "print(i2c.readfrom_mem(0x68, 0, 7)[6])")
    with bench.board.lock:
        year = bench.board.rtc.registers_hex()[12:14]
    assert f"{seconds:02x}" == year


def test_the_boards_own_number(bench):
    assert bench.run("import machine; print(machine.unique_id())") == bench.board.unique_id


def test_random_bytes_differ_from_start_to_start(bench):
    code = "import os; print(os.urandom(16))"
    first = bench.run(code)
    bench.restarts(bench.token.engine.reset)
    assert bench.run(code) != first


def test_the_square_wave_tells_each_second(bench):
    """The firmware's own class, which needs interrupts and thus a chip."""
    board, clock = FIRMWARE / "board/square_wave.py", FIRMWARE / "clock/monotonic.py"
    code = f"""
i2c.writeto(0x68, bytes((0x0E, 0)))
wave = SquareWave({config.PIN_SQW}, Monotonic(time.ticks_us, time.ticks_diff))
falls = []
while len(falls) < 5:
    time.sleep_ms(7)
    fell_us = wave.take()
    if fell_us is not None:
        falls.append((fell_us, wave._monotonic.now_us() - fell_us))
print(falls)
"""
    bench.token.hold(True)  # so that the engine makes up for no lost time meanwhile
    try:
        falls = bench.run(FAST + clock.read_text() + board.read_text() + code)
    finally:
        bench.token.hold(False)
    # Switching the interrupt on may tell of a fall from before; the timekeeper wants two that fit.
    times_us = [fell_us for fell_us, _ in falls][1:]
    assert all(abs(b - a - 1_000_000) < 100 for a, b in pairwise(times_us))
    assert all(0 <= late_us < 10_000 for _, late_us in falls)


def test_a_press_bounces_and_settles(bench):
    code = """
import machine, time
pin = machine.Pin(15, machine.Pin.IN, machine.Pin.PULL_UP)
edges = []
pin.irq(lambda p: edges.append((time.ticks_us(), p.value())))
before = pin.value()
print(before)
while len(edges) < 2 or time.ticks_diff(time.ticks_us(), edges[-1][0]) < 30_000 or not pin.value():
    time.sleep_ms(1)
pin.irq(None)
print(edges)
"""
    line = bench.start(code)
    line.read_until(1, b"1\r\n", timeout=PATIENCE_S)
    bench.token.press(0.08)
    printed = finish(line)
    times = [time_us for time_us, _ in printed]
    assert len(times) >= 4  # it bounced
    assert printed[-1][1] == 1
    assert 75_000 < times[-1] - times[0] < 95_000


def test_a_held_button_is_seen(bench):
    code = (
        "import machine; p = machine.Pin(15, machine.Pin.IN, machine.Pin.PULL_UP); print(p.value())"
    )
    assert bench.run(code) == 1
    bench.token.hold(True)
    try:
        eventually(lambda: bench.run(code) == 0)
    finally:
        bench.token.hold(False)


def test_it_starts_with_its_button_held(plug_in):
    board = VirtualBoard()
    board.button.down = True
    code = (
        "import machine; p = machine.Pin(15, machine.Pin.IN, machine.Pin.PULL_UP); print(p.value())"
    )
    assert Bench(plug_in(board)).run(code) == 0


def test_the_square_wave_falls_once_a_second(bench):
    code = """
i2c.writeto_mem(0x68, 0x0E, b"\\x00")
pin = machine.Pin(22, machine.Pin.IN, machine.Pin.PULL_UP)
falls = []
pin.irq(lambda p: falls.append(time.ticks_us()), machine.Pin.IRQ_FALLING)
while len(falls) < 3:
    time.sleep_ms(5)
pin.irq(None)
i2c.writeto_mem(0x68, 0x0E, b"\\x1c")
print(time.ticks_diff(falls[2], falls[1]))
"""
    bench.token.hold(True)  # so that the engine makes up for no lost time meanwhile
    try:
        assert bench.run(FAST + code) == pytest.approx(1_000_000, abs=300)
    finally:
        bench.token.hold(False)


def test_time_passes_at_once_for_chip_and_rtc(bench):
    code = "import time; print(time.ticks_us())"
    wrap_us = 1 << 30
    before_us, before_s = bench.run(code), bench.board.rtc.unix()
    bench.board.elapse(900)
    after_us, after_s = bench.run(code), bench.board.rtc.unix()
    assert 900 < after_s - before_s < 960
    assert (after_us - before_us) % wrap_us / 1e6 == pytest.approx(after_s - before_s, abs=30)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 128, 192])
def test_every_length_of_line_arrives(bench, count):
    code = f"""
import sys
data = sys.stdin.buffer.read({count})
print((len(data), sum(data)), end="")
sys.stdout.buffer.write(b" ")
"""
    data = bytes(range(32, 32 + 64)) * 3
    line = bench.start(code)
    line.serial.write(data[:count])
    assert finish(line) == (count, sum(data[:count]))


def test_ctrl_c_ends_a_program_that_never_rests(bench):
    """Though the chip is the later the longer that runs."""
    line = bench.start('print("begun")\nwhile True: pass')
    line.read_until(1, b"begun\r\n", timeout=PATIENCE_S)
    line.serial.write(b"\x03")
    with pytest.raises(AssertionError, match="KeyboardInterrupt"):
        finish(line)
    assert bench.run("print(42)") == 42


def test_a_pio_program_drives_its_pin(bench):
    code = """
import machine, rp2, time
@rp2.asm_pio(set_init=rp2.PIO.OUT_LOW)
def blink():
    wrap_target()
    set(pins, 1) [31]
    set(pins, 0) [31]
    wrap()
machine_0 = rp2.StateMachine(0, blink, freq=2000, set_base=machine.Pin(6))
machine_0.active(1)
levels = []
for _ in range(40):
    time.sleep_us(1700)
    levels.append(machine.mem32[0x5020003C] >> 6 & 1)  # DBG_PADOUT of PIO0
machine_0.active(0)
print(sorted(set(levels)))
"""
    assert bench.run(code) == [0, 1]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_dma_moves_memory(bench, size):
    code = f"""
import rp2
source, target = bytes(range(1, 33)), bytearray(40)
dma = rp2.DMA()
dma.config(read=source, write=target, count=32 // {size},
           ctrl=dma.pack_ctrl(size={{1: 0, 2: 1, 4: 2}}[{size}]), trigger=True)
while dma.active(): pass
dma.close()
print(bytes(target))
"""
    assert bench.run(code) == bytes(range(1, 33)) + bytes(8)


def test_causes_of_a_restart(bench):
    code = "import machine; print(machine.reset_cause())"
    bench.restarts(bench.token.engine.reset)
    assert bench.run(code) == 1  # PWRON_RESET
    bench.restarts(lambda: bench.start("import machine; machine.reset()").close())
    assert bench.run(code) == 3  # WDT_RESET
    bite = "import machine; machine.WDT(timeout=50)\nwhile True: pass"
    bench.restarts(lambda: bench.start(bite).close())
    assert bench.run(code) == 3
    bench.restarts(bench.token.engine.reset)  # which stops the watchdog, too


def test_flash_survives_and_takes_its_time(plug_in, tmp_path):
    board = VirtualBoard(tmp_path)
    bench = Bench(plug_in(board))
    write = """
import time
a = time.ticks_ms()
with open("/kept", "wb") as file:
    file.write(bytes(range(256)) * 8)
print(time.ticks_diff(time.ticks_ms(), a))
"""
    before = board.flash.operations
    took_ms = bench.run(write)
    assert took_ms > 45 and board.flash.operations > before
    bench.token.power(False)
    assert (tmp_path / "flash.bin").read_bytes() == board.flash.read(0, board.flash.size)
    bench.token.power(True)
    assert bench.token.engine.ready.wait(PATIENCE_S)
    assert bench.run('print(open("/kept", "rb").read() == bytes(range(256)) * 8)') is True


@pytest.mark.parametrize("tear", [None, *Tear])
def test_a_power_cut_in_flash_stops_the_chip_dead(plug_in, tear):
    bench = Bench(plug_in(VirtualBoard()))
    bench.run('f = open("/a", "wb"); f.write(b"old"); f.close()')
    flash = bench.board.flash
    before = flash.operations
    flash.cut_after(2, tear)
    bench.start('f = open("/a", "wb"); f.write(b"new" * 1000); f.close()').close()
    eventually(lambda: not bench.token.engine.running)
    assert flash.operations == before + 1
    bench.token.power(True)
    assert bench.token.engine.ready.wait(PATIENCE_S)
    assert bench.run('print(open("/a", "rb").read())') in (b"old", b"new" * 1000)


def test_sigkill_is_a_power_cut(image, tmp_path):
    """Each operation is in the file when the next one begins, whatever happens to the simulator."""
    code = (
        "import sys; from pathlib import Path\n"
        "from host_tools.pico.micropython_image import read_image\n"
        "from host_tools.simulator.board import VirtualBoard\n"
        "from host_tools.simulator.virtual_token import VirtualToken\n"
        "token = VirtualToken(VirtualBoard(Path(sys.argv[1])), Path(sys.argv[2]),\n"
        "                     image=read_image(Path(sys.argv[3])))\n"
        "token.__enter__(); print('up', flush=True); sys.stdin.read()\n"
    )
    link = tmp_path / "tty"
    process = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path / "state", link, image.path],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout.readline() == b"up\n"
        finish(begin(str(link), 'f = open("/kept", "wb"); f.write(b"1234" * 500); f.close()'))
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    content = (tmp_path / "state" / "flash.bin").read_bytes()
    assert b"1234" * 500 in content


def test_the_button_wakes_a_chip_that_sleeps_for_a_time(bench):
    """What firmware that sleeps would need. Without a time, `lightsleep()` never ends here."""
    code = """
import machine, time
button = machine.Pin(15, machine.Pin.IN, machine.Pin.PULL_UP)
button.irq(lambda pin: None, machine.Pin.IRQ_FALLING)
began = time.ticks_us()
machine.lightsleep(3000)
print(time.ticks_diff(time.ticks_us(), began))
"""
    line = bench.start(code)
    bench.board.clock.after(1.0, lambda: bench.token.hold(True))
    bench.board.clock.after(0.2, lambda: bench.token.hold(False))
    assert 500_000 < finish(line) < 2_000_000
