"""Where accounts come from: URIs, standard input, pictures, or a prompt."""

import re
import sys
from collections.abc import Sequence

import click

from host_tools.client.conversation import Json
from host_tools.client.printable import printable
from host_tools.commands.secret_prompt import ask_secret
from host_tools.commands.terminal import read_piped, say
from host_tools.credentials import otpauth
from host_tools.credentials.credential import (
    CounterMissing,
    Credential,
    credential_from_options,
)
from host_tools.credentials.importers import google_migration
from host_tools.credentials.pasted_text import spoilt_lines, uri_lines
from host_tools.credentials.vendor_links import vendor_link
from host_tools.errors import UsageProblem

# Stands for the name of a secret that was given without one: it is only looked for by its key.
UNNAMED = "?"
_LIKE_A_SECRET = re.compile(r"([A-Z2-7]{4}[ -]?){4,}[A-Z2-7]*=*", re.IGNORECASE)


def read_credentials(
    sources: Sequence[str],
    pictures: Sequence[str],
    overrides: Json,
    name_needed: bool = True,
    every_line: bool = False,
) -> list[Credential]:
    """The credentials that the user gives, at least one. Raises UsageProblem.

    `overrides` has what options say: name, issuer, algorithm, digits, period, kind, counter; it
    counts more, and is for one account only. A secret without a name is UNNAMED if that will do.
    `every_line`: each line of standard input must be an account; else other lines may be between.
    """
    if not sources and not pictures:
        return [_prompted(overrides)]
    texts: list[str] = []
    for source in sources:
        texts += _piped(every_line) if source == "-" else [source]
    if any(source != "-" for source in sources):
        say(
            "warning: other users of this computer can see the secret (with ps); use - to read it "
            "from standard input"
        )
    if pictures:
        texts += _from_pictures(pictures)
    texts = [one for text in texts for one in _expanded(text)]
    if len(texts) == 1:
        if not name_needed and not _is_uri(texts[0]) and not overrides.get("name"):
            overrides = {**overrides, "name": UNNAMED}
        return [_credential(texts[0], overrides)]
    if any(value is not None for value in overrides.values()):
        raise UsageProblem(
            f"these are {len(texts)} accounts; --name and the other options are for one only"
        )
    return [_numbered(number, text) for number, text in enumerate(texts, 1)]


def _numbered(number: int, text: str) -> Credential:
    try:
        return _credential(text, {"name": None})
    except UsageProblem as problem:
        # `from None`: the URI holds a secret.
        raise UsageProblem(f"account {number}: {problem.message}") from None


def _piped(every_line: bool) -> list[str]:
    """The URIs on standard input, or the secret that it is."""
    text = read_piped().strip().strip("\ufeff")
    if not text:
        raise UsageProblem("standard input was empty; a URI or a base32 secret is expected")
    uris = [line.uri for line in uri_lines(text)]
    spoilt = spoilt_lines(text) if len(text.splitlines()) > 1 else []
    if spoilt:
        raise UsageProblem(f"line {spoilt[0]} is not a complete otpauth:// URI; copy all of it")
    return [line for line in text.splitlines() if line.strip()] if every_line else uris or [text]


def _from_pictures(pictures: Sequence[str]) -> list[str]:
    from host_tools.credentials.qr import read_all_qr  # a picture is rare, and what reads it large

    texts = read_all_qr(pictures)
    if len(texts) > len(pictures):
        what = f"{len(texts)} different otpauth QR codes in {', '.join(pictures)}"
        if not sys.stdin.isatty():
            raise UsageProblem(
                f"{what}; crop it to the one to add, or load all: picototp provision import"
            )
        click.confirm(f"{printable(what)}; add all of them?", abort=True, err=True)
    return texts


def _expanded(text: str) -> list[str]:
    """The URIs of an export of Google Authenticator; any other text as it is."""
    if not otpauth.bare(text).lower().startswith(google_migration.SCHEME):
        return [text]
    uris = []
    for entry in google_migration.entries([otpauth.bare(text)]):
        if entry.credential is None:
            raise UsageProblem(f"{entry.title}: {entry.problem}")
        uris.append(otpauth.build_uri(entry.credential))
    return uris


def _prompted(overrides: Json) -> Credential:
    if not sys.stdin.isatty():
        raise UsageProblem("there is no terminal to ask for the secret on; pipe it in, with: add -")
    if overrides["name"] is None:
        typed = click.prompt("Account (as in alice@example.com)", err=True)
        uris = uri_lines(typed)
        # No name has that in it, and a secret may be.
        if uris or "://" in typed or vendor_link(typed):
            return _credential(uris[0].uri if uris else typed, overrides)
        if _LIKE_A_SECRET.fullmatch(typed) and not typed.isalpha():
            click.confirm(
                "that looks like a secret, which is asked for later and not shown; is it the name?",
                abort=True,
                err=True,
            )
        overrides["name"] = typed
        overrides["issuer"] = overrides["issuer"] or click.prompt("Issuer", "", err=True)
    text = ask_secret("Secret (base32)")
    lines = uri_lines(text)
    if len(lines) > 1:
        raise UsageProblem("these are several accounts; pipe them in, with: add -")
    return _credential(lines[0].uri if lines else text, overrides)


def _credential(text: str, overrides: Json) -> Credential:
    """The credential of a URI or a secret, and of a counter that is asked for if it has none."""
    make = _from_uri if _is_uri(text) else from_secret
    try:
        return make(text, overrides)
    except CounterMissing:
        if not sys.stdin.isatty():
            raise
        counter = click.prompt("Counter (0 if the key is new)", type=int, err=True)
        return make(text, {**overrides, "counter": counter})


def _is_uri(text: str) -> bool:
    return ":" in text or vendor_link(text) is not None


def _from_uri(text: str, overrides: Json) -> Credential:
    return otpauth.parse_uri(text, overrides)


def from_secret(text: str, overrides: Json) -> Credential:
    """The credential of a base32 secret and options."""
    if not overrides.get("name"):
        raise UsageProblem("an account needs a name; give it with --name")
    return credential_from_options(text, **overrides)
