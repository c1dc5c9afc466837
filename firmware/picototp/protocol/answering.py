"""Puts the service together, so that main.py needs to know only what it takes."""

from picototp.protocol.code_service import CodeService
from picototp.protocol.pin_service import PinService
from picototp.protocol.service import Service
from picototp.protocol.time_service import TimeService


def make_service(vault, keeper, setter, monotonic, device, version: str) -> Service:
    """The Service with all its requests; `device` see there."""
    times = TimeService(keeper, setter, monotonic)
    codes = CodeService(vault, keeper, monotonic)
    return Service(vault, times, PinService(vault), codes, monotonic, device, version)
