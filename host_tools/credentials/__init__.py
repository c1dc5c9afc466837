"""What an account is, and every format it comes in. Knows no token and no terminal."""
