"""A step of the set-up runs when it has to, and only then."""

import pytest

from tools import steps
from tools.steps import Failed, Step


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with one input file, in place of this one."""
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    monkeypatch.setattr(steps, "STATE", tmp_path / ".setup")
    (tmp_path / ".setup").mkdir()
    (tmp_path / "input.txt").write_text("one")
    return tmp_path


def step(*command):
    return Step(
        "copy",
        "Copy",
        lambda shell: shell.run(*command),
        inputs=("*.txt",),
        outputs=("output",),
    )


COPY = ("cp", "input.txt", "output")


def test_runs_once(checkout):
    copy = step(*COPY)
    assert copy.is_needed()
    copy.run()
    assert (checkout / "output").read_text() == "one"
    assert not copy.is_needed()


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "input.txt").write_text("two"),
        lambda folder: (folder / "another.txt").write_text("one"),
        lambda folder: (folder / "input.txt").unlink(),
        lambda folder: (folder / "output").unlink(),
    ],
    ids=["changed", "added", "removed", "output lost"],
)
def test_runs_again_after(checkout, change):
    copy = step(*COPY)
    copy.run()
    change(checkout)
    assert copy.is_needed()


def test_stays_needed_after_a_failure(checkout):
    broken = step("sh", "-c", "touch output; echo no space left; exit 3")
    with pytest.raises(Failed, match=r"(?s)sh -c .* ended with code 3.*no space left"):
        broken.run()
    assert (checkout / "output").exists()
    assert broken.is_needed()


def test_a_failure_names_the_log_and_stops(checkout, capsys):
    with pytest.raises(SystemExit, match=r"All of its output: \.setup/copy\.log"):
        steps.run_steps([step("false"), step("touch", "never")])
    assert capsys.readouterr().out.startswith("[1/2] Copy ... failed after")
    assert not (checkout / "never").exists()
