"""What is wired where: the one place that names pins, bus and I2C addresses.

To change the wiring, change this file and nothing else; `hardware/README.md`, `hardware/wiring.svg`
and a test follow this file. Only constants and no import, so that a PC can read it as well. Pins
are GP numbers of the Pico (RP2040 datasheet section 1.4.3), not the numbers of the board's forty
pads: those are in the pin table of `hardware/README.md`.
"""

# I2C0 can be on GP0/1, 4/5, 8/9, 12/13, 16/17 and 20/21; another pair needs another I2C_ID.
I2C_ID = 0
PIN_SDA = 4
PIN_SCL = 5
# The fastest that the DS3231 allows; the SSD1306 is rated for the same.
I2C_FREQUENCY_HZ = 400_000

# Push button to ground with the chip's internal pull-up: reads 0 while pressed.
PIN_BUTTON = 15

# 1 Hz output of the DS3231, open drain: needs the internal pull-up. The wire is optional.
PIN_SQW = 22

RTC_ADDRESS = 0x68
# In the order tried. Most modules answer at the first; a solder jumper on some selects the second.
DISPLAY_ADDRESSES = (0x3C, 0x3D)

# "auto" finds out which controller the display has. "ssd1306" or "sh1106" overrules it, for a
# module that is found out wrongly: picture shifted by two columns, noise at the right edge.
DISPLAY_CONTROLLER = "auto"
