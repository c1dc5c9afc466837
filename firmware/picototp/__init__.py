"""PicoTOTP: a hardware TOTP token. The host imports protocol and codes from here too."""

__version__ = "0.1.0"

# 2026-11-01 00:00 UTC. A clock that shows an earlier time has not been set.
BUILT_UNIX_S = 1_793_491_200
