"""The panel: what it was told to look like holds when the display comes back."""

from workbench import stand_in_modules

with stand_in_modules(framebuf=["MONO_VLSB", "FrameBuffer"], machine=[]):
    from picototp.board import panel as panel_module
    from picototp.board.panel import RETRY_MS, Panel

from host_tools.simulator.clock import ManualClock
from host_tools.simulator.devices.i2c import I2CBus
from host_tools.simulator.devices.ssd1306 import SSD1306
from picototp.clock.monotonic import Monotonic
from workbench import MachineI2C


class Frame:
    """No picture is drawn here."""

    def __init__(self, *_):
        pass

    def fill(self, colour):
        pass


def test_brightness_and_which_way_is_up_survive_a_loose_wire(monkeypatch):
    monkeypatch.setattr(panel_module, "FrameBuffer", Frame)
    clock, bus, model = ManualClock(), I2CBus(), SSD1306()
    bus.attach(model)
    monotonic = Monotonic(lambda: clock.now_ns() // 1000, lambda now, then: now - then)
    panel = Panel(MachineI2C(bus, clock, model), monotonic)
    assert (model.contrast, model._remap, model._reverse_scan) == (0x7F, True, True)
    panel.configure(10, True)
    assert panel.stale  # the picture is to be sent again
    panel.show(1, lambda screen, frame: None)
    assert not panel.stale
    assert (model.contrast, model._remap, model._reverse_scan) == (25, False, False)

    model.present = False
    panel.show(2, lambda screen, frame: None)
    panel.configure(10, True)
    assert not panel.ok
    panel.configure(90, True)  # of a display that is not there: it counts when it is back
    model.present = True
    model.power_off()
    clock.elapse_ns(RETRY_MS * 1_000_000)
    panel.show(2, lambda screen, frame: None)
    assert panel.ok
    assert (model.contrast, model._remap, model._reverse_scan) == (229, False, False)
