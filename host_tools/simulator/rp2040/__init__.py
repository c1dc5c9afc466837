"""The emulated RP2040: the chip, and the device models on its pins and buses."""
