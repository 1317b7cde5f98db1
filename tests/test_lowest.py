"""The lowest versions that are allowed, as constraints."""

from pathlib import Path

import pytest

from tools.lowest import floors, pinned


def test_every_direct_dependency_is_pinned_at_its_floor() -> None:
    found = floors()
    assert "tomlkit==0.15.2" in found
    assert "typst==0.15" in found
    assert "distributed==2024.8" in found
    assert all("==" in each and "switchpoint" not in each for each in found)


def test_a_dependency_without_a_floor_is_refused() -> None:
    with pytest.raises(ValueError, match="numpy<3: has no floor"):
        list(pinned(["numpy<3"]))


def test_of_another_project(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\ndependencies = ["a>=1.5,<2"]\n[project.optional-dependencies]\nx = ["b>=3"]\n')
    assert floors(project, ["x"]) == ["a==1.5", "b==3"]
