"""`memdsl fmt`: what it writes, what it only says, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

from test_cli import run

MESSY = "x=1\nlonger = x *3   # three\n"
TIDY = "x      = 1\nlonger = x * 3  # three\n"


def test_a_file_is_rewritten_in_place(tmp_path: Path) -> None:
    spec = tmp_path / "a.mem"
    spec.write_text(MESSY)
    spec.chmod(0o640)
    done = run("fmt", str(spec))
    assert (done.returncode, done.stdout, spec.read_text()) == (0, "", TIDY)
    assert spec.stat().st_mode & 0o777 == 0o640
    assert str(spec) in done.stderr
    again = run("fmt", str(tmp_path))
    assert (again.returncode, again.stderr) == (0, "")


def test_check_and_diff_write_nothing(tmp_path: Path) -> None:
    spec = tmp_path / "a.mem"
    spec.write_text(MESSY)
    checked, shown = run("fmt", str(spec), "--check"), run("fmt", str(spec), "--diff")
    assert (checked.returncode, shown.returncode, spec.read_text()) == (1, 1, MESSY)
    assert "-x=1\n" in shown.stdout
    assert "+x      = 1\n" in shown.stdout
    spec.write_text(TIDY)
    assert run("fmt", str(spec), "--check").returncode == run("fmt", str(spec), "--diff").returncode == 0


def test_standard_input(tmp_path: Path) -> None:
    done = run("fmt", "-", given=MESSY)
    assert (done.returncode, done.stdout, done.stderr) == (0, TIDY, "")
    assert run("fmt", "-", "--check", given=MESSY).returncode == 1


def test_a_file_with_an_error_is_left_alone(tmp_path: Path) -> None:
    broken, other = tmp_path / "a.mem", tmp_path / "b.mem"
    broken.write_text("x=(1\n")
    other.write_text(MESSY)
    done = run("fmt", str(broken), str(other))
    assert done.returncode == 1
    assert "missing `)`" in done.stderr
    assert (broken.read_text(), other.read_text()) == ("x=(1\n", TIDY)
    assert run("fmt", "-", given="x=(1\n").stdout == ""
