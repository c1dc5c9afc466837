"""True time from NTP, the token's clock seen from here, its drift, trim and history."""
