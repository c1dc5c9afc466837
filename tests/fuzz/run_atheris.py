"""Fuzz each target with atheris (libFuzzer for Python), led by what code the inputs reach.

    python tests/fuzz/run_atheris.py [--seconds N] [TARGET...]

Each target runs in a process of its own for so long; an input that breaks it is left in build/fuzz
with what it raised. `--requirement` prints the pinned version of atheris instead.
"""

import argparse
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
CORPUS = ROOT / "build" / "fuzz"
SLOWEST_INPUT_S = 20  # more is a hang
MOST_MEMORY_MB = 2048


def run_all(names, seconds):
    """Every target, each in a process of its own; the exit status."""
    failed = [name for name in names if run_one(name, seconds)]
    print(f"{len(names) - len(failed)} of {len(names)} targets found nothing", flush=True)
    return 1 if failed else 0


def run_one(name, seconds):
    """One target's process; its exit status."""
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    print(f"--- {name}: {seconds} s", flush=True)
    command = [sys.executable, __file__, "--inside", name, "--seconds", str(seconds)]
    output = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace")
    lines = output.stderr.splitlines()
    shown = lines[-40:] if output.returncode else [line for line in lines if "Done" in line]
    print("\n".join(shown), flush=True)
    return output.returncode


def fuzz(name, seconds):
    """Never returns: libFuzzer ends the process."""
    sys.path[:0] = [
        str(HERE),
        str(ROOT / "tests" / "support"),
        str(ROOT / "tests" / "stand_ins"),
        str(ROOT / "firmware"),
        str(ROOT),
    ]
    import atheris

    with atheris.instrument_imports(include=["picototp", "host_tools", "PIL"]):
        from targets import TARGETS
    make, seeds = TARGETS[name]
    folder = CORPUS / name
    for number, seed in enumerate(seeds):
        (folder / f"seed-{number}").write_bytes(seed)
    target = make()
    options = [f"-max_total_time={seconds}", f"-timeout={SLOWEST_INPUT_S}"]
    options += [f"-rss_limit_mb={MOST_MEMORY_MB}", f"-artifact_prefix={CORPUS}/{name}-"]
    longest = max(1024, 2 * max(map(len, seeds)))
    atheris.Setup([name, *options, f"-max_len={longest}", str(folder)], target)
    atheris.Fuzz()


def requirement():
    """What pyproject.toml pins for the extra `fuzz`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return project["optional-dependencies"]["fuzz"][0]


def target_names():
    """Without importing the targets, which is to be done under instrumentation."""
    command = [sys.executable, "-c", "from targets import TARGETS; print(*TARGETS)"]
    path = ":".join(
        map(
            str,
            (
                HERE,
                ROOT / "tests" / "support",
                ROOT / "tests" / "stand_ins",
                ROOT / "firmware",
                ROOT,
            ),
        )
    )
    found = subprocess.run(command, check=True, env={"PYTHONPATH": path}, capture_output=True)
    return found.stdout.decode().split()


def main():
    """See the top of this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    parser.add_argument("--requirement", action="store_true")
    options = parser.parse_args()
    if options.requirement:
        print(requirement())
    elif options.inside:
        fuzz(options.inside, options.seconds)
    else:
        sys.exit(run_all(options.targets or target_names(), options.seconds))


if __name__ == "__main__":
    main()
