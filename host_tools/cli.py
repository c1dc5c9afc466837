"""The console script `picototp`: all tools under one name."""

import sys

import click

import picototp
from host_tools.bench import bench
from host_tools.demo import demo
from host_tools.image import image
from host_tools.install import install
from host_tools.provision import provision
from host_tools.simulate import simulate
from host_tools.synctime import synctime
from host_tools.terminal import run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(picototp.__version__, prog_name="picototp")
def picototp_command() -> None:
    """PicoTOTP: an open hardware TOTP token, its tools, and a simulated one to try them on."""


for command in (bench, demo, image, install, provision, simulate, synctime):
    picototp_command.add_command(command)


def main() -> None:
    """Entry point of the console script."""
    run(picototp_command, sys.argv[1:])
