"""What the firmware's side may ask the simulator for: one list for both ends of the line."""

I2C_WRITE, I2C_READ, PIN_READ, WATCHDOG_START, WATCHDOG_FEED, RESET = range(6)
FLASH_SECTORS, FLASH_READ, FLASH_PROGRAM, FLASH_ERASE, UNIQUE_ID, RESET_CAUSE = range(6, 12)
I2C_SCAN = 12
