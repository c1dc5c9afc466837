"""The encrypted backup's file: an independent reader, damage, bounds, atomic writing."""

import hashlib
import json
import os
import stat
import traceback

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

import chacha20_poly1305
from host_tools.commands import backup
from host_tools.credentials import backup_file
from host_tools.credentials.backup_file import BackupError, Cost, read_header, seal, unseal
from host_tools.credentials.credential import Credential
from host_tools.errors import ToolError, UsageProblem

PASSPHRASE = "correct horse bättery"
CHEAP = Cost(1 << 10, 8, 1)
ALICE = Credential("Example", "alice", b"alice's own key!")
COUNTER = Credential("Ünïon", "😀", bytes(range(64)), "SHA512", 8, 30, "hotp", 2**64 - 2)
BOTH = [ALICE, COUNTER]


def sealed(credentials=BOTH, cost=CHEAP):
    return seal(list(credentials), PASSPHRASE, cost)


def refusal(call, *arguments):
    """The message of the BackupError, which shows nothing of what is in the backup."""
    with pytest.raises(BackupError) as caught:
        call(*arguments)
    shown = "".join(traceback.format_exception(caught.value))
    for secret in (PASSPHRASE, "otpauth", "alice's own key", "MFWGSY3F"):
        assert secret not in shown
    assert "\n" not in caught.value.message
    return caught.value.message


def header_of(data):
    return json.loads(data.partition(b"\n")[0])


def with_header(data, **changes):
    """The file with another header, as somebody without the passphrase could write it."""
    header = {**header_of(data), **changes}
    return json.dumps(header).encode() + b"\n" + data.partition(b"\n")[2]


@pytest.mark.parametrize(
    ("kept", "loaded"),
    [
        (("Old  Bank", "bob"), ("Old Bank", "bob")),
        (("", "b\u200bob\u202e"), ("", "bob")),
        (("Zoe\u0308", "e\u0301"), ("Zoë", "é")),
        (("A\u00a0B", "x"), ("A\u00a0B", "x")),
        (("\u200b", "\u200b"), ("", "account")),
        (("Bank", "\u200b"), ("Bank", "Bank")),
    ],
)
def test_a_backup_with_names_that_are_refused_today_is_read(kept, loaded):
    (found,) = unseal(sealed([Credential(*kept, b"key")]), PASSPHRASE)
    assert (found.issuer, found.name, found.secret) == (*loaded, b"key")


def test_the_judge_agrees_with_rfc_8439():
    """Appendix A.5."""
    key = "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0"
    sealed_text = (
        "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e382d"
        "26b0bdb7b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1"
        "ff37c8559797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c767b804d46a59b"
        "5216cde7a4e99040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04b3564eea"
        "1b422273f548271a0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a1049e617d91d36"
        "1094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709beead9d67890cbb22392336"
        "fea1851f38"
    )
    text = chacha20_poly1305.decrypt(
        bytes.fromhex(key),
        bytes.fromhex("000000000102030405060708"),
        bytes.fromhex(sealed_text),
        bytes.fromhex("f33388860000000000004e91"),
    )
    assert text.startswith(b"Internet-Drafts are draft documents")
    assert text.endswith("/“work in progress./”".encode())


def test_round_trip():
    assert unseal(sealed(), PASSPHRASE) == BOTH
    assert unseal(sealed([]), PASSPHRASE) == []


def test_somebody_else_can_read_it_by_its_description_alone():
    data = sealed()
    line, _, body = data.partition(b"\n")
    header = json.loads(line)
    assert (header["format"], header["version"]) == ("picototp-backup", 1)
    key = hashlib.scrypt(
        PASSPHRASE.encode(),
        salt=bytes.fromhex(header["salt"]),
        **{name: header[name] for name in ("n", "r", "p")},
        maxmem=1 << 28,
        dklen=32,
    )
    nonce = bytes.fromhex(header["nonce"])
    text = chacha20_poly1305.decrypt(key, nonce, body, line + b"\n")
    first, second = json.loads(text)["uris"]
    assert first.startswith("otpauth://totp/Example:alice?secret=MFWGSY3FE5ZSA33XNYQGWZLZEE")
    assert second.startswith("otpauth://hotp/") and f"counter={2**64 - 2}" in second


def test_the_usual_cost_is_that_of_owasp():
    data = seal([ALICE], PASSPHRASE)
    header = header_of(data)
    assert (header["n"], header["r"], header["p"]) == (131072, 8, 1)
    assert unseal(data, PASSPHRASE) == [ALICE]


def test_every_write_has_its_own_salt_and_nonce():
    headers = [header_of(sealed()) for _ in range(2)]
    assert headers[0]["salt"] != headers[1]["salt"]
    assert headers[0]["nonce"] != headers[1]["nonce"]


def test_the_passphrase_may_be_typed_on_any_system():
    composed, decomposed = "b\u00e4ttery", "ba\u0308ttery"
    assert unseal(seal(BOTH, composed, CHEAP), decomposed) == BOTH


def test_the_size_tells_the_number_of_accounts_only_roughly():
    sizes = [len(sealed([ALICE] * count)) for count in range(36)]
    assert len(set(sizes)) == 1
    longest = Credential("i" * 64, "n" * 64, b"k" * 128, "SHA512", 8, 86400)
    largest = sealed([longest] * 255)
    assert len(largest) <= backup_file.FILE_MAX_BYTES // 4
    assert unseal(largest, PASSPHRASE) == [longest] * 255


def test_no_more_is_written_than_can_be_read():
    longest = [Credential("i" * 64, f"{number:0>64}", bytes(128)) for number in range(2000)]
    few, many = 1, len(longest)
    while many - few > 1:  # the most that fit
        middle = (few + many) // 2
        try:
            data = seal(longest[:middle], PASSPHRASE, CHEAP)
        except BackupError:
            many = middle
        else:
            few = middle
            assert len(data) <= backup_file.FILE_MAX_BYTES
    assert few > 2 * 255 and many < 2000


# --- what is not a good backup -------------------------------------------------------------------


@pytest.mark.parametrize("wrong", ["", "correct horse", PASSPHRASE + " ", PASSPHRASE.upper()])
def test_a_wrong_passphrase(wrong):
    assert "wrong passphrase" in refusal(unseal, sealed(), wrong)


def test_a_passphrase_that_is_no_text():
    with pytest.raises(UsageProblem):
        unseal(sealed(), "\udcff")


def test_every_changed_byte_of_the_header_is_seen():
    data = sealed([ALICE])
    length = data.index(b"\n") + 1
    for at in range(length):
        for bit in (0, 1, 2, 5, 7):
            changed = bytearray(data)
            changed[at] ^= 1 << bit
            refusal(unseal, bytes(changed), PASSPHRASE)


def test_changed_and_missing_bytes_of_the_body_are_seen():
    data = sealed([ALICE])
    start = data.index(b"\n") + 1
    _, salt, nonce, cost = read_header(data)
    for at in [*range(start, start + 64), *range(len(data) - 32, len(data))]:
        changed = bytearray(data)
        changed[at] ^= 0x10
        refusal(unseal, bytes(changed), PASSPHRASE)
    for length in (0, 1, start - 1, start, start + 15, start + 16, len(data) - 1):
        refusal(unseal, data[:length], PASSPHRASE)
    refusal(unseal, data + b"\0", PASSPHRASE)
    assert (len(salt), len(nonce), cost) == (16, 12, CHEAP)


def test_a_header_that_says_the_same_in_other_words_is_another_header():
    data = sealed()
    line, _, body = data.partition(b"\n")
    spaced = line.replace(b'"version": 1', b'"version":1')
    assert "wrong passphrase" in refusal(unseal, spaced + b"\n" + body, PASSPHRASE)


@pytest.mark.parametrize(
    "changes",
    [
        *({"n": n} for n in (0, 1, -1024, 1000, 512, 1 << 21, 1 << 60, 1e3, "1024", None, True)),
        *({"r": r} for r in (0, -1, 1 << 20, 1.0, [8], False)),
        *({"p": p} for p in (0, -1, 1 << 24, "1", {})),
        *({"n": 1 << 20, "r": r} for r in (3, 8)),
        *({"salt": salt} for salt in ("", "00" * 15, "00" * 17, "zz" * 16, 5, None)),
        *({"nonce": nonce} for nonce in ("", "00" * 11, "0" * 25, ["00"])),
        *({"kdf": "none"}, {"aead": "aes-256-gcm"}, {"version": 0}, {"version": "1"}),
        *({"version": None}, {"more": 1}),
    ],
)
def test_what_a_header_may_not_ask_for_is_refused_before_any_work(changes, monkeypatch):
    data = with_header(sealed(), **changes)
    monkeypatch.setattr(backup_file, "_key", None)  # so that asking for it would fail
    assert "damaged" in refusal(unseal, data, PASSPHRASE)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"{}\n",
        b"null\n",
        b"[1]\n" + b"x" * 100,
        b"[" * 600 + b"\n",
        b"[" * 500 + b"\n",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"-----BEGIN PGP MESSAGE-----\n\nhQ==\n",
        b'{"format": "picototp-backup"' + b" " * 600 + b"}\n",
        b'{"format": ["picototp-backup"]}\n',
        b'{"format": "\xff"}\n',
        b"9" * 500 + b"\n",
    ],
)
def test_a_foreign_file(data):
    assert "not a PicoTOTP backup" in refusal(unseal, data, PASSPHRASE)


def test_a_backup_of_later_versions():
    assert "newer version" in refusal(unseal, with_header(sealed(), version=2), PASSPHRASE)


@pytest.mark.parametrize("text", [b"[]", b"{}", b'{"uris": [5]}', b'{"uris": ["x"]}', b"\xff"])
def test_something_else_that_is_encrypted_well(text):
    line, salt, nonce, cost = read_header(sealed())
    cipher = ChaCha20Poly1305(backup_file._key(PASSPHRASE, salt, cost))
    data = line + cipher.encrypt(nonce, text, line)
    assert "something other" in refusal(unseal, data, PASSPHRASE)


# --- files ---------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path):
    old = os.umask(0)  # so that the mode is the tool's own doing
    yield str(tmp_path / "a.backup")
    os.umask(old)


def content(path):
    with open(path, "rb") as file:
        return file.read()


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_a_new_file_is_the_owners_alone(path):
    backup_file.write_new(path, b"data")
    assert content(path) == b"data" and mode(path) == 0o600
    assert os.listdir(os.path.dirname(path)) == ["a.backup"]


def test_a_file_that_exists_is_left_alone(path):
    backup_file.write_new(path, b"data")
    with pytest.raises(UsageProblem, match="exists already"):
        backup_file.write_new(path, b"other")
    assert content(path) == b"data"


def test_rewriting_follows_links_and_narrows_the_mode(path):
    backup_file.write_new(path, b"data")
    os.chmod(path, 0o644)
    link = path + ".link"
    os.symlink(path, link)
    backup_file.rewrite(link, b"other", b"data")
    assert os.path.islink(link)
    assert content(path) == b"other" and mode(path) == 0o600


def test_what_somebody_else_wrote_meanwhile_is_not_lost(path):
    backup_file.write_new(path, b"theirs")
    assert "meanwhile" in refusal(backup_file.rewrite, path, b"other", b"data")
    assert content(path) == b"theirs"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_fails_leaves_nothing_behind(path, monkeypatch, step):
    backup_file.write_new(path, b"data")

    def fail(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, step, fail)
        assert "No space" in refusal(backup_file.rewrite, path, b"other", b"data")
        assert "No space" in refusal(backup_file.write_new, path + "2", b"other")
    assert content(path) == b"data"
    assert os.listdir(os.path.dirname(path)) == ["a.backup"]


def test_files_that_cannot_be_read_or_written(path, tmp_path):
    for wrong, said in ((path, "no file"), (str(tmp_path), "directory"), ("a\0b", "cannot be")):
        with pytest.raises(UsageProblem, match=said):
            backup_file.read_file(wrong)
    assert "cannot be written" in refusal(backup_file.write_new, str(tmp_path / "no" / "x"), b"")
    backup_file.write_new(path, bytes(backup_file.FILE_MAX_BYTES + 1))
    assert "too large" in refusal(backup_file.read_file, path)
    assert issubclass(BackupError, ToolError) and BackupError.exit_code == 1


def test_two_accounts_that_read_alike_are_two(tmp_path, monkeypatch):
    monkeypatch.setattr(backup, "passphrase_for_new", lambda descriptor: PASSPHRASE)
    kept = backup.Backup(str(tmp_path / "new"), None)
    both = [Credential("", "a:b", b"one"), Credential("a", "b", b"other")]
    for credential in both:
        kept.put(credential)
    assert kept.credentials == both


@pytest.mark.parametrize(("n", "r", "needed"), [(1 << 17, 8, "128 MB"), (1 << 14, 9, "18 MB")])
def test_a_computer_without_the_memory_is_told_how_much_it_takes(monkeypatch, n, r, needed):
    """128 bytes for each of n blocks, r times: RFC 7914, section 2."""

    def fails(*_, **__):
        raise MemoryError

    data = sealed()
    monkeypatch.setattr(backup_file, "read_header", lambda _: (b"", b"", b"", Cost(n, r, 1)))
    monkeypatch.setattr("cryptography.hazmat.primitives.kdf.scrypt.Scrypt", fails)
    assert f"needs {needed} of free memory" in refusal(unseal, data, PASSPHRASE)
