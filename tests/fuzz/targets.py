"""All fuzz targets by name, each with its seeds."""

import fuzz_flash
import fuzz_host
import fuzz_imports
import fuzz_port
import fuzz_strangers

import idle_collector

idle_collector.install()
_PARTS = (
    *(fuzz_port.TARGETS, fuzz_flash.TARGETS, fuzz_host.TARGETS),
    *(fuzz_imports.TARGETS, fuzz_strangers.TARGETS),
)
TARGETS = {name: target for part in _PARTS for name, target in part.items()}
