"""What `make hardware` gives to makers, and what the programs in hardware/ may lean on."""

import ast
import zipfile
from pathlib import Path

import pytest

from hardware import board_rules, gerbers

FOLDER = Path(__file__).resolve().parents[2] / "hardware"
# All others run with what `make install-dev` installs.
HEAVY = {"case.py", "case_pictures.py", "factory.py"}


def imported(path: Path) -> set[str]:
    """Full names of the modules that a file imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_imports(path):
    """Of the firmware the pins alone; of the host nothing; heavy tools where they are expected."""
    names = imported(path)
    ours = {name for name in names if name.split(".")[0] == "picototp"}
    assert ours <= {"picototp.board", "picototp.board.config"}
    assert not [name for name in names if name.split(".")[0] == "host_tools"]
    heavy = {"build123d"} | {f"hardware.{Path(name).stem}" for name in HEAVY}
    assert path.name in HEAVY or not names & heavy


@pytest.fixture(scope="module")
def factory():
    pytest.importorskip("build123d", reason="no build123d: make hardware installs it")
    from hardware import factory

    return factory


def test_the_archive_for_makers_is_the_board(factory, tmp_path):
    factory.make_board(tmp_path)
    (tmp_path / "gerbers" / "left-over.gbr").write_text("an old layer")
    factory.make_board(tmp_path)
    with zipfile.ZipFile(tmp_path / f"{gerbers.ARCHIVE}.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
        names = archive.namelist()
    assert not [name for name in names if "left-over" in name]
    for layer in ("F.Cu", "B.Cu", "F.Mask", "B.Mask", "F.SilkS", "B.SilkS", "Edge.Cuts", "PTH"):
        assert any(f"{layer}." in name for name in names), layer
    unpacked = board_rules.read(tmp_path / "unpacked")
    assert unpacked == board_rules.read(tmp_path / "gerbers")


def test_it_wants_a_folder(factory, capsys):
    assert factory.main([]) == 2
    assert "build/hardware" in capsys.readouterr().err


def test_a_missing_dot_is_told_in_one_line(factory, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(factory.shutil, "which", lambda name: None)
    assert factory.main([str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
