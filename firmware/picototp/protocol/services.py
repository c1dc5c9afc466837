"""Puts the service together, so that wiring.py needs to know only what it takes.

What few tokens are ever asked is loaded when it is asked for the first time: modules take heap, and
time at the start.
"""

from picototp.protocol.service import Service
from picototp.protocol.time_status import TimeStatus


def make_service(vault, keeper, monotonic, device, version: str, settings) -> Service:
    """The Service with all its requests; `device` see there, and it has `rtc`, `storage`,
    `panel`, `diagnosis()` and `set_typing()`; `settings` see display_service.py."""

    def list_handler() -> dict:
        from picototp.protocol.account_list import AccountList

        return AccountList(vault).handlers

    def account_handlers() -> dict:
        from picototp.protocol.account_service import AccountService

        return AccountService(vault).handlers

    def batch_handlers() -> dict:
        from picototp.protocol.account_service import AccountService
        from picototp.protocol.batch_service import BatchService

        return BatchService(vault, AccountService(vault)).handlers

    def pin_handlers() -> dict:
        from picototp.protocol.pin_service import PinService

        return PinService(vault).handlers

    def code_handlers() -> dict:
        from picototp.protocol.code_service import CodeService

        return CodeService(vault, keeper, monotonic).handlers

    def display_handlers() -> dict:
        from picototp.protocol.display_service import DisplayService

        return DisplayService(vault, settings, device).handlers

    def diagnosis_handlers() -> dict:
        from picototp.protocol.diagnosis_service import DiagnosisService

        return DiagnosisService(device).handlers

    def typing_handlers() -> dict:
        from picototp.protocol.typing_service import TypingService

        return TypingService(device).handlers

    def time_handlers() -> dict:
        from picototp.clock.log import ClockLog
        from picototp.clock.setter import ClockSetter
        from picototp.protocol.time_service import TimeService

        setter = ClockSetter(device.rtc, keeper, monotonic, ClockLog(device.storage))
        return TimeService(times, keeper, setter, monotonic).handlers

    times = TimeStatus(keeper, monotonic)
    late = {"typing": typing_handlers, "code": code_handlers, "diagnose": diagnosis_handlers}
    late["list"] = list_handler
    for op in ("check", "add", "rename", "move", "remove"):
        late[op] = account_handlers
    for op in ("batch_begin", "batch_entry", "batch_end"):
        late[op] = batch_handlers
    for op in ("unlock", "lock", "set_pin", "set_limit", "set_lock_after"):
        late[op] = pin_handlers
    for op in ("display", "set_display", "set_order", "show"):
        late[op] = display_handlers
    for op in ("time", "set_time", "set_aging", "clock_log"):
        late[op] = time_handlers
    return Service(vault, times, late, monotonic, device, version)
