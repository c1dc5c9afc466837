"""The host side of PicoTOTP: the tools, and what they are made of."""
