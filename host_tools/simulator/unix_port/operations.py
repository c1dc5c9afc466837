"""What the firmware's side may ask the simulator for: one list for both ends of the line."""

I2C_WRITE, I2C_READ, PIN_READ, WATCHDOG_START, WATCHDOG_FEED, RESET = range(6)
FLASH_SECTORS, FLASH_READ, FLASH_PROGRAM, FLASH_ERASE, UNIQUE_ID, RESET_CAUSE = range(6, 12)
I2C_SCAN, PORT_SAID = range(12, 14)
USB_ACTIVATE, USB_SUBMIT, USB_EVENT, USB_REPLY = range(14, 18)
SLEPT = 18

# What USB_EVENT answers with, followed by: nothing; descriptors; a request (8 bytes) and its data;
# the endpoint whose data the host took.
EVENT_RESET, EVENT_OPEN, EVENT_CONTROL, EVENT_SENT = range(1, 5)
