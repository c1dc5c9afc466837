"""UTC calendar, a counter that does not wrap, and the time carried between looks at the RTC."""
