"""The guest code of the chip tests, where there is no chip: its vectors must be right, and bite."""

from pathlib import Path


def test_its_vectors(interpreter):
    interpreter.add_path(Path(__file__).parent)
    assert interpreter.call("codes_chip_probe", "vectors", 2) == []


def test_it_names_what_is_wrong(cpython, monkeypatch):
    cpython.add_path(Path(__file__).parent)
    import codes_chip_probe

    monkeypatch.setattr(codes_chip_probe, "_KEY", b"12345678901234567891")
    wrong = codes_chip_probe.vectors(2)
    assert "RFC 4226, 9" in wrong
    assert "RFC 6238 kept, SHA512, 20000000000" in wrong
