# make demo    a simulated token from nothing to a right code
# make test    everything that CI runs
# make test-chip  the tests on the emulated RP2040
# make check   linting and types only
# make install the tools, in .venv
# make firmware  what goes onto a board, in build/firmware
# make lock    the lock files anew from pyproject.toml (needs uv)

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo firmware test test-chip check lock clean install install-dev

install: .venv/installed
install-dev: .venv/installed-dev

# Hashes are checked, and nothing is resolved at installation: the lock files are complete.
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps

.venv/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("PicoTOTP needs Python 3.11 or newer; name one: make PYTHON=python3.12") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements.txt
	$(PIP) --no-build-isolation -e .
	@touch $@

.venv/installed-dev: requirements-dev.txt requirements-stubs.txt .venv/installed
	$(PIP) --require-hashes -r requirements-dev.txt
	$(PIP) --require-hashes -r requirements-stubs.txt --upgrade --target .venv/micropython-stubs
	@touch $@

demo: install
	@$(BIN)/picototp demo

check: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file mypy-firmware.ini

test: check
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not chip"

# On the emulated RP2040; needs a MicroPython image in the cache and some minutes.
test-chip: install-dev
	$(BIN)/python -m pytest -n 2 --dist loadfile -m chip tests/chip

firmware: install
	$(BIN)/python tools/board_folder.py build/firmware

lock:
	$(BIN)/python tools/lock.py

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
