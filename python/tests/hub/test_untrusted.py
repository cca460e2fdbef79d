"""Whatever a user or a hub writes: it is refused with an error of ours, or stays inside the cache."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from innerspace._hub.cache import RepositoryFolder
from innerspace._hub.layouts import PRECISIONS, select
from innerspace._hub.listing import read_listing
from innerspace._hub.names import parse
from innerspace.exceptions import InnerspaceException

CACHE = Path("/cache")
PIECES = st.sampled_from(
    ["a", "owner", "name", "/", "..", ".", "--", "@", "hf-hub:", "\\", "\n", "é", " ", "-", "refs/pr/1"]
)
NAMES = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=8).map("".join))
HASHES = st.one_of(st.text(max_size=70), st.sampled_from(["a" * 40, "b" * 64, "../x", ""]), st.integers(), st.none())
SIZES = st.one_of(st.integers(), st.none(), st.text(max_size=3), st.booleans())
FILES = st.fixed_dictionaries(
    {"rfilename": st.one_of(NAMES, st.sampled_from(["config.json", "onnx/text_model.onnx"]), st.integers())},
    optional={
        "size": SIZES,
        "blobId": HASHES,
        "lfs": st.fixed_dictionaries({}, optional={"sha256": HASHES, "size": SIZES}),
    },
)
ANSWERS = st.one_of(
    st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)),
    st.fixed_dictionaries({"sha": st.one_of(HASHES, st.just("c" * 40)), "siblings": st.lists(FILES, max_size=5)}),
)


def inside(path: Path, directory: Path) -> bool:
    return ".." not in path.parts and path.is_relative_to(directory) and "\0" not in str(path)


@given(name=NAMES, revision=st.none() | NAMES)
def test_names(name: str, revision: str | None) -> None:
    try:
        parsed = parse(name, revision)
    except InnerspaceException:
        return
    folder = RepositoryFolder(CACHE, parsed.repository)
    assert folder.path.parent == CACHE
    assert inside(folder.path / "refs" / parsed.revision, folder.path / "refs")


@given(answer=ANSWERS)
def test_answers(answer: object) -> None:
    try:
        listing = read_listing(answer, "owner/name")
    except InnerspaceException:
        return
    folder = RepositoryFolder(CACHE, "owner/name")
    snapshot = folder.snapshot(listing.commit)
    assert snapshot.parent == folder.path / "snapshots"
    for file in listing.files.values():
        assert inside(snapshot / file.name, snapshot)
        assert file.etag is None or folder.blob(file.etag).parent == folder.path / "blobs"
    for precision in PRECISIONS:
        chosen = select(listing.files, precision)
        assert chosen is None or set(chosen.files) <= set(listing.files)
