"""The files in hardware/ that programs write are what these programs write."""

from hardware import __main__ as hardware_files


def test_nothing_is_stale():
    assert hardware_files.stale(hardware_files.generated()) == []


def test_the_same_is_made_each_time():
    assert hardware_files.generated() == hardware_files.generated()


def test_check_names_what_is_changed_or_missing(tmp_path, monkeypatch, capsys):
    files = {tmp_path / "a.svg": "a", tmp_path / "b.csv": "b", tmp_path / "c.txt": "c"}
    monkeypatch.setattr(hardware_files, "generated", lambda: files)
    assert hardware_files.main([]) == 0
    assert hardware_files.main(["--check"]) == 0
    (tmp_path / "a.svg").write_text("A")
    (tmp_path / "b.csv").unlink()
    assert hardware_files.main(["--check"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[0] for line in lines] == ["a.svg", "b.csv"]


def test_other_arguments_are_refused():
    assert hardware_files.main(["--chekc"]) == 2
