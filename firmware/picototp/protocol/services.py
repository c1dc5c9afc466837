"""Puts the service together, so that wiring.py needs to know only what it takes.

What few tokens are ever asked is loaded when it is asked for the first time: modules take heap, and
time at the start.
"""

from picototp.protocol.service import Service
from picototp.protocol.time_service import TimeService


def make_service(vault, keeper, setter, monotonic, device, version: str) -> Service:
    """The Service with all its requests; `device` see there."""

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

    def diagnosis_handlers() -> dict:
        from picototp.protocol.diagnosis_service import DiagnosisService

        return DiagnosisService(device).handlers

    late = {"code": code_handlers, "diagnose": diagnosis_handlers}
    for op in ("list", "check", "add", "rename", "move", "remove"):
        late[op] = account_handlers
    for op in ("batch_begin", "batch_entry", "batch_end"):
        late[op] = batch_handlers
    for op in ("unlock", "lock", "set_pin", "set_limit", "set_lock_after"):
        late[op] = pin_handlers
    times = TimeService(keeper, setter, monotonic)
    return Service(vault, times, late, monotonic, device, version)
