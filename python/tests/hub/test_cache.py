from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from fake_hub import git_hash
from model_files import FOLDER, MODEL_FILES, REPOSITORY

from innerspace._hub.cache import RepositoryFolder, find_cached
from innerspace._hub.digest import describes_content, matches
from innerspace._hub.names import parse

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    path = tmp_path / FOLDER / "snapshots" / COMMIT
    for name in MODEL_FILES:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(name)
    refs = tmp_path / FOLDER / "refs"
    refs.mkdir()
    (refs / "main").write_text(COMMIT)
    return path


def test_found_by_branch_and_by_commit(tmp_path: Path, snapshot: Path) -> None:
    for name in (REPOSITORY, "clip-ViT-B-32", f"{REPOSITORY}@{COMMIT}"):
        found = find_cached(parse(name), "fp32", tmp_path)
        assert found is not None
        assert (found.path, found.commit) == (snapshot, COMMIT)


def test_another_revision_is_not_taken_instead(tmp_path: Path, snapshot: Path) -> None:
    assert find_cached(parse(REPOSITORY, "v1"), "fp32", tmp_path) is None
    assert find_cached(parse(REPOSITORY, "f" * 40), "fp32", tmp_path) is None
    assert find_cached(parse("Xenova/clip-vit-base-patch16"), "fp32", tmp_path) is None


@pytest.mark.parametrize("missing", ["onnx/text_model.onnx", "config.json"])
def test_an_incomplete_snapshot_is_none(tmp_path: Path, snapshot: Path, missing: str) -> None:
    (snapshot / missing).unlink()
    assert find_cached(parse(REPOSITORY), "fp32", tmp_path) is None


def test_a_link_to_nothing_is_no_file(tmp_path: Path, snapshot: Path) -> None:
    (snapshot / "config.json").unlink()
    (snapshot / "config.json").symlink_to("../../blobs/gone")
    assert find_cached(parse(REPOSITORY), "fp32", tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"../../..", b"\xff\xfe", b"main", b"g" * 40, b"0" * 1000])
def test_a_ref_that_names_no_commit(tmp_path: Path, snapshot: Path, content: bytes) -> None:
    (tmp_path / FOLDER / "refs" / "main").write_bytes(content)
    assert find_cached(parse(REPOSITORY), "fp32", tmp_path) is None


def test_a_loop_of_directories_ends(tmp_path: Path, snapshot: Path) -> None:
    (snapshot / "again").symlink_to(snapshot, target_is_directory=True)
    assert find_cached(parse(REPOSITORY), "fp32", tmp_path) is not None


def test_nothing_there(tmp_path: Path) -> None:
    assert find_cached(parse(REPOSITORY), "fp32", tmp_path / "absent") is None


def test_remembering_a_revision(tmp_path: Path) -> None:
    folder = RepositoryFolder(tmp_path, REPOSITORY)
    folder.remember(COMMIT, COMMIT)
    assert not folder.path.exists()
    for commit in (COMMIT, "f" * 40):
        folder.remember("refs/pr/1", commit)
        assert folder.commit_of("refs/pr/1") == commit
    assert [path.name for path in (folder.path / "refs").rglob("*") if path.is_file()] == ["1"]


def test_hashes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content in (b"", b"hello", bytes(3 << 20)):
        path.write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        assert matches(path, sha256)
        assert matches(path, git_hash(content))
        assert not matches(path, "0" * 64)
        assert not matches(path, "0" * 40)
        assert matches(path, "an-etag-of-another-kind")
    assert git_hash(b"hello") == "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0"  # git hash-object
    assert describes_content("0" * 64)
    assert not describes_content("an-etag")
