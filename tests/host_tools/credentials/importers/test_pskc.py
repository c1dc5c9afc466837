"""PSKC: what a key says of itself, what its container may cost, and which key opens it."""

import base64

import pytest

from exports import pskc_containers
from host_tools.credentials.credential import Credential
from host_tools.credentials.importers import ciphers, pskc
from host_tools.credentials.importers.document import Document
from host_tools.credentials.importers.entry import ImportProblem, WrongPassword
from host_tools.errors import UsageProblem

KEY = b"12345678901234567890"
URN = "urn:ietf:params:xml:ns:keyprov:pskc:"
ISSUER, NAME = "<Issuer>ACME</Issuer>", "<FriendlyName>alice</FriendlyName>"
FORMAT = '<ResponseFormat Length="6" Encoding="DECIMAL"/>'
SECRET = f"<Secret><PlainValue>{base64.b64encode(KEY).decode()}</PlainValue></Secret>"


def read(data, password=None):
    return pskc.FORMAT.read(Document(data, "a.file"), lambda _what: password)


def key(
    kind=URN + "totp",
    about=ISSUER,
    name=NAME,
    form=FORMAT,
    values="",
    secret=SECRET,
    of="",
    password="",
):
    """The one entry of a container with such a key."""
    (one,) = read(
        f"""<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc"><KeyPackage>
        <DeviceInfo>{of}</DeviceInfo><Key Id="7" Algorithm="{kind}">{about}
        <AlgorithmParameters>{form}</AlgorithmParameters>{name}
        <Data>{secret}{values}</Data></Key></KeyPackage></KeyContainer>""".encode(),
        password,
    )
    return one


def value(name, number):
    return f"<{name}><PlainValue>{number}</PlainValue></{name}>"


@pytest.mark.parametrize("kind", [URN + "totp", URN + "TOTP", "http://x/pskc#totp", "x#y:totp"])
def test_a_kind_is_the_end_of_its_name(kind):
    assert key(kind).credential == Credential("ACME", "alice", KEY)


@pytest.mark.parametrize("kind", ["", URN + "ocra", URN + "totp:x", URN])
def test_other_kinds_are_refused(kind):
    one = key(kind)
    assert one.credential is None and "no HOTP or TOTP key" in one.problem
    assert one.title == "ACME:alice"


@pytest.mark.parametrize(
    ("about", "of", "name", "expected"),
    [
        (ISSUER, "<Manufacturer>M</Manufacturer><SerialNo>9</SerialNo>", NAME, ("ACME", "alice")),
        ("", "<Manufacturer>M</Manufacturer><SerialNo>9</SerialNo>", "", ("M", "9")),
        ("", "<SerialNo>9</SerialNo>", "<UserId>u</UserId>", ("", "u")),
        ("", "<SerialNo>9</SerialNo>", NAME + "<UserId>u</UserId>", ("", "alice")),
        ("", "", "", ("", "7")),
    ],
)
def test_the_names_of_a_key_in_their_order(about, of, name, expected):
    one = key(about=about, of=of, name=name)
    assert (one.credential.issuer, one.credential.name) == expected
    assert one.title == ":".join(expected).strip(":")


@pytest.mark.parametrize("encoding", ["DECIMAL", "decimal"])
def test_codes_are_digits(encoding):
    form = f'<ResponseFormat Length="8" Encoding="{encoding}"/>'
    assert key(form=form).credential.digits == 8


@pytest.mark.parametrize(
    "form",
    [
        '<ResponseFormat Length="6" Encoding="HEXADECIMAL"/>',
        '<ResponseFormat Length="6" Encoding="DECIMAL" CheckDigit="true"/>',
        '<ResponseFormat Length="6" CheckDigits="true"/>',
    ],
)
def test_codes_that_are_not_plain_digits_are_refused(form):
    assert "not plain digits" in key(form=form).problem


def test_digits_and_time_have_defaults():
    assert key(form="").credential == Credential("ACME", "alice", KEY)
    one = key(values=value("TimeInterval", 60) + value("Time", 0)).credential
    assert one == Credential("ACME", "alice", KEY, period_s=60)
    assert "does not start at 1970" in key(values=value("Time", 30)).problem


def test_a_counter():
    values = value("Counter", 9)
    one = key(URN + "hotp", values=values).credential
    assert one == Credential("ACME", "alice", KEY, kind="hotp", counter=9)


def test_a_key_without_its_secret_is_refused():
    assert key(secret="").problem == "the container has no key for it"


def test_a_secret_that_cannot_be_read_is_damage():
    with pytest.raises(UsageProblem, match=r"a\.file is damaged"):
        key(secret="<Secret><PlainValue>AAAAA</PlainValue></Secret>")


def test_what_is_encrypted_in_no_way_that_is_told_wants_its_key_all_the_same():
    encrypted = """<Secret><EncryptedValue xmlns:x="http://www.w3.org/2001/04/xmlenc#">
    <x:CipherData><x:CipherValue>AAAA</x:CipherValue></x:CipherData></EncryptedValue></Secret>"""
    with pytest.raises(WrongPassword):
        key(secret=encrypted, password="00" * 16)


def test_the_largest_costs_of_a_password(monkeypatch):
    export = pskc_containers.pskc_password()
    for owner, limit, fits in (
        (ciphers, "PBKDF2_MOST_ITERATIONS", 1_000),
        (pskc, "_MOST_KEY_BYTES", 16),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(owner, limit, fits)
            found = read(export.data, export.password)
            assert [one.credential for one in found] == export.credentials
            patch.setattr(owner, limit, fits - 1)
            with pytest.raises(ImportProblem, match="PBKDF2"):
                read(export.data, export.password)


def test_a_key_in_hex_as_people_type_it_or_as_it_is(monkeypatch):
    export = pskc_containers.pskc_pre_shared()
    spaced = " ".join(export.password.upper())
    for given in (export.password, "0x" + export.password, f" {spaced}\n"):
        assert [one.credential for one in read(export.data, given)] == export.credentials
    for given in ("00" * 16, "00", "no hex", "é"):
        with pytest.raises(WrongPassword):
            read(export.data, given)


def test_what_is_asked_for_says_which_of_both():
    asked = []

    def ask(what):
        asked.append(what)
        return "00" * 16

    for export in (pskc_containers.pskc_password(), pskc_containers.pskc_pre_shared()):
        with pytest.raises(WrongPassword):
            pskc.FORMAT.read(Document(export.data), ask)
    assert ["hex" in what for what in asked] == [False, True]


def test_a_container_that_is_none_is_damage():
    with pytest.raises(UsageProblem, match=r"a\.file is damaged"):
        read(b'<KeyContainer Version="9.9"/>')


def test_containers_are_known_by_their_root():
    for root in ("KeyContainer", "SecretContainer"):
        assert pskc.FORMAT.recognises(Document(f"<{root}>".encode()))
    assert not pskc.FORMAT.recognises(Document(b"<Container>"))
