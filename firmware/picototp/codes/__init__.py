"""One-time codes: HOTP, TOTP, Steam's; hashes, HMAC, PBKDF2, AES, base32. Computes only; time is an
argument.
"""
