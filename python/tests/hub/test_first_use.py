from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from huggingface_hub import constants
from model_files import FOLDER, MODEL_FILES, REPOSITORY, files_below

import innerspace as sl
from innerspace import _hub
from innerspace._hub.digest import matches

if TYPE_CHECKING:
    from fake_hub import FakeHub

Find = Callable[..., _hub.Snapshot]


def test_fetches_the_files_of_the_model_and_no_others(
    hub: FakeHub, find: Find, cache: Path, small: dict[str, bytes]
) -> None:
    others = {
        "README.md": b"#",
        "onnx/model.onnx": b"both towers in one" * 1000,
        "onnx/text_model_fp16.onnx": b"half" * 1000,
        "pytorch_model.bin": b"pickle" * 1000,
    }
    commit = hub.add(REPOSITORY, {**small, **others})
    snapshot = find("clip-ViT-B-32")
    assert snapshot.path == cache / FOLDER / "snapshots" / commit
    assert (snapshot.repository, snapshot.commit, snapshot.layout) == (REPOSITORY, commit, "transformers.js")
    assert files_below(snapshot.path) == sorted(snapshot.files) == sorted(MODEL_FILES)
    assert all((snapshot.path / name).read_bytes() == small[name] for name in MODEL_FILES)


def test_the_cache_is_laid_out_as_every_hugging_face_library_lays_it_out(
    hub: FakeHub, find: Find, cache: Path, small: dict[str, bytes]
) -> None:
    from huggingface_hub import hf_hub_download, scan_cache_dir, try_to_load_from_cache

    hub.add(REPOSITORY, small)
    snapshot = find(REPOSITORY)
    hub.requests.clear()
    name = "onnx/vision_model.onnx"
    assert try_to_load_from_cache(REPOSITORY, name, cache_dir=cache) == str(snapshot.path / name)
    assert hf_hub_download(REPOSITORY, name, cache_dir=cache, revision=snapshot.commit) == str(snapshot.path / name)
    assert [request for request in hub.requests if "resolve" in request.path] == []
    report = scan_cache_dir(cache)
    assert [repository.repo_id for repository in report.repos] == [REPOSITORY]
    assert report.warnings == []
    blobs = list((cache / FOLDER / "blobs").iterdir())
    assert len(blobs) == len(MODEL_FILES)
    assert all(matches(blob, blob.name) for blob in blobs)


def test_what_another_library_fetched_is_used(hub: FakeHub, find: Find, cache: Path, small: dict[str, bytes]) -> None:
    from huggingface_hub import hf_hub_download

    hub.add(REPOSITORY, small)
    for name in MODEL_FILES:
        hf_hub_download(REPOSITORY, name, cache_dir=cache, endpoint=hub.endpoint)
    hub.requests.clear()
    assert find(REPOSITORY).files
    assert hub.requests == []


def test_cached_means_no_request(hub: FakeHub, find: Find, small: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, small)
    first = find("clip-ViT-B-32")
    hub.requests.clear()
    hub.add(REPOSITORY, {**small, "config.json": b"newer"})
    assert find("clip-ViT-B-32") == first
    assert hub.requests == []


def test_cached_works_with_the_hub_gone(hub: FakeHub, find: Find, small: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, small)
    first = find("clip-ViT-B-32")
    hub.close()
    assert find("clip-ViT-B-32") == first


def test_each_large_file_is_fetched_once(hub: FakeHub, find: Find, small: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, small)
    find(REPOSITORY)
    large = [content for name, content in small.items() if name.endswith(".onnx")]
    assert hub.bytes_of_large_files == sum(len(content) for content in large)
    assert [request.method for request in hub.files_requests] == ["GET"] * len(large)


def test_a_new_commit_shares_what_did_not_change(hub: FakeHub, find: Find, small: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, small)
    find(REPOSITORY)
    hub.files_requests.clear()
    commit = hub.add(REPOSITORY, {**small, "config.json": b"newer"})
    snapshot = _hub.download(_hub.parse(REPOSITORY), "fp32")
    assert snapshot.commit == commit
    assert (snapshot.path / "config.json").read_bytes() == b"newer"
    assert hub.files_requests == []
    assert find(REPOSITORY).commit == commit


@pytest.mark.parametrize("pin", ["v1", "commit"])
def test_a_revision_is_pinned(hub: FakeHub, find: Find, small: dict[str, bytes], pin: str) -> None:
    old = hub.add(REPOSITORY, {**small, "config.json": b"first"}, revision="v1")
    hub.add(REPOSITORY, small)
    revision = old if pin == "commit" else pin
    by_name = find(f"clip-ViT-B-32@{revision}")
    assert by_name.commit == old
    assert (by_name.path / "config.json").read_bytes() == b"first"
    hub.close()
    assert find("clip-ViT-B-32", revision) == by_name
    with pytest.raises(sl.NotFoundException, match="cannot be reached"):
        find("clip-ViT-B-32")


def test_external_data_comes_before_its_graph(hub: FakeHub, find: Find, small: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, {**small, "onnx/text_model.onnx_data": b"weights" * 100})
    assert find(REPOSITORY).files[-3:] == (
        "onnx/text_model.onnx_data",
        "onnx/text_model.onnx",
        "onnx/vision_model.onnx",
    )


def test_a_hub_that_lists_no_hashes_is_asked_for_them(
    hub: FakeHub, find: Find, cache: Path, small: dict[str, bytes]
) -> None:
    hub.hashes_in_listing = False
    hub.add(REPOSITORY, small)
    snapshot = find(REPOSITORY)
    assert all((snapshot.path / name).read_bytes() == small[name] for name in MODEL_FILES)
    assert {request.method for request in hub.requests} == {"GET", "HEAD"}


def test_a_cache_directory_of_its_own(hub: FakeHub, find: Find, tmp_path: Path, small: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, small)
    assert find(REPOSITORY, cache_directory=tmp_path / "mine").path.is_relative_to(tmp_path / "mine")
    assert not (tmp_path / "cache").exists()


def test_a_file_system_without_links_gets_copies(
    hub: FakeHub, find: Find, small: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    hub.add(REPOSITORY, small)
    path = find(REPOSITORY).path / "config.json"
    assert not path.is_symlink()
    assert path.read_bytes() == small["config.json"]


def test_the_token_goes_to_the_hub_and_to_nobody_else(
    hub: FakeHub, find: Find, small: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.add(REPOSITORY, small, token="hf_secret")
    find(REPOSITORY)
    assert {request.authorization for request in hub.requests} == {"Bearer hf_secret"}
    assert {request.authorization for request in hub.files_requests} == {None}


def test_offline_says_so_without_a_request(
    hub: FakeHub, find: Find, small: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add(REPOSITORY, small)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(sl.NotFoundException, match=r"HF_HUB_OFFLINE forbids.*models download clip-ViT-B-32"):
        find("clip-ViT-B-32")
    assert hub.requests == []


def test_a_space_runs_a_model_of_the_hub(hub: FakeHub, tiny: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, tiny)

    class Image(sl.Schema):
        id: sl.IdField
        image: sl.Blob
        description: sl.String

    image = Image()
    space = sl.ImageSpace(image.image + image.description, model="clip-ViT-B-32")
    source = sl.InMemorySource(image)
    index = sl.Index(space)
    with sl.InMemoryExecutor(sources=[source], indices=[index]).run() as app:
        source.put([{"id": shape.id, "image": shape.path} for shape in sl.datasets.shapes()])
        query = sl.Query(index).find(image).similar(space.description, "a red circle").select_all()
        result = app.query(query)
    assert len(result.entries) == 5
    assert [model.name for model in result.metadata.models] == ["clip-ViT-B-32"]
