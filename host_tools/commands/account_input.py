"""Where an account comes from: a URI, standard input, a picture, or a prompt."""

import sys

import click

from host_tools.client.conversation import Json
from host_tools.commands.terminal import read_piped, say
from host_tools.credentials import otpauth
from host_tools.credentials.credential import Credential, credential_from_options
from host_tools.credentials.qr import read_qr
from host_tools.errors import UsageProblem


def read_credential(source: str | None, qr: str | None, overrides: Json) -> Credential:
    """The credential that the user gives in one of the four ways. Raises UsageProblem."""
    if source is not None and qr is not None:
        raise UsageProblem("give a URI or a picture, not both")
    if qr is not None:
        return from_uri(read_qr(qr), overrides)
    if source == "-":
        text = read_piped().strip()
        if not text:
            raise UsageProblem("standard input was empty; a URI or a base32 secret is expected")
        return from_uri(text, overrides) if ":" in text else from_secret(text, overrides)
    if source is not None:
        say("warning: other users of this computer can see the secret (with ps); - reads it safely")
        return from_uri(source, overrides)
    if not sys.stdin.isatty():
        raise UsageProblem("there is no terminal to ask for the secret on; pipe it in, with: add -")
    if overrides["name"] is None:
        overrides["name"] = click.prompt("Account (as in alice@example.com)", err=True)
        overrides["issuer"] = overrides["issuer"] or click.prompt("Issuer", "", err=True)
    return from_secret(click.prompt("Secret (base32)", hide_input=True, err=True), overrides)


def from_uri(text: str, overrides: Json) -> Credential:
    """The credential of a URI; what was given as an option counts more."""
    return otpauth.parse_uri(text, overrides)


def from_secret(text: str, overrides: Json) -> Credential:
    """The credential of a base32 secret and options."""
    if not overrides["name"]:
        raise UsageProblem("an account needs a name; give it with --name")
    return credential_from_options(text, **overrides)
