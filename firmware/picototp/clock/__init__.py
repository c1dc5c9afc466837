"""The time carried between looks at the RTC; setting it, who may do that, and what flash keeps of
it; UTC calendar, a counter that does not wrap.
"""
