# make demo    a simulated token from nothing to a right code
# make test    linting, types and all tests but the longest; .ci/run adds the judges and the wheel
# make test-chip  those on the emulated RP2040, and the longest of all others; fails without a MicroPython
#              image
# make test-chip-all  the same, with a start after every power cut, and not after a sample of them:
#              about half an hour
# make test-clock  a hundred settings of the clock in real time, and its drift in four tokens: a
#              quarter of an hour of an idle computer
# make fuzz    every parser fed with random bytes, FUZZ_SECONDS=60 for each; Linux only
# make mutants  MUTANTS=200 small changes of the code, one at a time, of which a test should notice
#              each; SEED=N for the same ones again; hours
# make check   linting and types only
# make install the tools, in .venv
# make install-chip  what the emulated chip needs, Node included, too; make install-dev has all but that
# make firmware  what goes onto a board, in build/firmware
# make hardware  everything in hardware/ that is drawn or shaped, and build/hardware; 800 MB of tools
# make dist    the source package and the wheel, in dist
# make lock    rewrite the lock files from pyproject.toml (needs uv)

# Compiled modules are kept, whatever the environment says: the tests start some thousand programs.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo dist firmware hardware test test-chip test-chip-all test-clock fuzz mutants check lock clean install install-chip install-dev

install: .venv/installed
install-chip: .venv/installed-chip
install-dev: .venv/installed-dev .venv/installed-js

# Hashes are checked, and nothing is resolved at installation: the lock files are complete.
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps

.venv/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("PicoTOTP needs Python 3.11 or newer; name one: make PYTHON=python3.12") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements.txt
	$(PIP) --no-build-isolation -e .
	@touch $@

.venv/installed-chip: requirements-chip.txt .venv/installed
	$(PIP) --require-hashes -r requirements-chip.txt
	@touch $@

# The emulator and what checks our JavaScript, where there is npm; without, the emulator is fetched when
# the chip is asked for.
JAVASCRIPT := host_tools/simulator/rp2040/node

.venv/installed-js: $(JAVASCRIPT)/package-lock.json .venv/installed
	@if command -v npm >/dev/null; then npm ci --prefix $(JAVASCRIPT) --ignore-scripts --no-audit --no-fund; \
	else echo "npm is missing: the JavaScript of the emulated chip is not checked"; fi
	@touch $@

.venv/installed-dev: requirements-dev.txt requirements-stubs.txt .venv/installed
	$(PIP) --require-hashes -r requirements-dev.txt
	$(PIP) --require-hashes -r requirements-stubs.txt --upgrade --target .venv/micropython-stubs
	@touch $@

demo: install
	@$(BIN)/picototp demo

# Without ruff's cache: it remembers which modules were ours in files that have not changed since, and
# passes here what a clean checkout refuses.
check: install-dev
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file mypy-firmware.ini
	@if test -x $(JAVASCRIPT)/node_modules/.bin/tsc; then npm --prefix $(JAVASCRIPT) run --silent check; fi

# In the order of the folders: the chip, whose few tests take longest, comes first. Four workers on two
# cores, because many tests wait for the seconds of an RTC.
PYTEST := $(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder

# The tests on the emulated RP2040 are skipped if no MicroPython image is in the cache.
test: check
	$(PYTEST)

test-chip: install-dev
	PICOTOTP_CHIP=$${PICOTOTP_CHIP:-must} $(PYTEST) -m "chip or thorough"

test-chip-all: install-dev
	PICOTOTP_CHIP=all $(PYTEST) -m chip

test-clock: install-dev
	PICOTOTP_SYNCS=100 $(BIN)/python -m pytest -s -k "many_syncs or daily" tests/end_to_end

FUZZ_SECONDS ?= 60

fuzz: install-dev
	$(PIP) "$$($(BIN)/python tests/fuzz/run_atheris.py --requirement)"
	$(BIN)/python tests/fuzz/run_atheris.py --seconds $(FUZZ_SECONDS) $(FUZZ_TARGETS)

MUTANTS ?= 200

mutants: install-dev
	$(BIN)/python tools/mutants.py --count $(MUTANTS) $(if $(SEED),--seed $(SEED))

firmware: install
	$(BIN)/python tools/board_folder.py build/firmware

.venv/installed-hardware: requirements-hardware.txt .venv/installed-dev
	$(PIP) --require-hashes -r requirements-hardware.txt
	@touch $@

hardware: .venv/installed-hardware
	$(BIN)/python -m hardware
	$(BIN)/python -m hardware.factory build/hardware

dist: install-dev
	rm -rf dist
	$(BIN)/python -m build --no-isolation --skip-dependency-check

lock:
	$(BIN)/python tools/lock.py

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
