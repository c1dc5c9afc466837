"""One-time codes: hashes, HMAC, HOTP, TOTP, base32. Computes only; time is an argument."""
