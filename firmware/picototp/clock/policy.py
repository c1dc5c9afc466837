"""When setting the clock needs the button: anyone who can move it can read codes of another time.

A host may correct what drift explains, and no more; the user decides about everything else. The
corrections add up, so that small steps cannot lead where a large one may not.
"""

# What a correction may move the clock by without anybody being asked ...
STEP_MAX_US = 2_000_000
# ... and all of them together since the last confirmed setting: this, and drift at this rate,
# which no DS3231 reaches within its specified temperatures.
SUM_MAX_US = 2_000_000
DRIFT_MAX_PPM = 10


def explained_us(unix_s: int, since_unix_s: int) -> int:
    """How far a clock that was right at `since_unix_s` may be off at `unix_s`."""
    return SUM_MAX_US + max(0, unix_s - since_unix_s) * DRIFT_MAX_PPM


def needs_button(record, old_us: int | None, new_us: int, uncertainty_us: int) -> bool:
    """Whether the user must agree to setting the clock from `old_us` to `new_us`.

    Both in Unix microseconds, `old_us` is None if the clock has no time; `uncertainty_us` is how
    far the token's own idea of `old_us` can be off. `record` is the ClockRecord.
    """
    if old_us is None or not record.set_unix_s or record.jump_unix_s:
        return True
    step_us = abs(new_us - old_us) + uncertainty_us
    if step_us > STEP_MAX_US or new_us < record.floor_unix_s * 1_000_000:
        return True
    allowed_us = explained_us(old_us // 1_000_000, record.confirmed_unix_s)
    return record.moved_us + step_us > allowed_us


def is_jump(record, old_us: int, step_us: int) -> bool:
    """Whether a step goes further ahead than drift explains since the last setting.

    With the other sign, whether it goes further back.
    """
    return step_us > explained_us(old_us // 1_000_000, record.set_unix_s)
