"""A store on disk through the package: other processes, and ends that nobody asked for."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import innerspace as sl

SHOP = """
    import sys
    import innerspace as sl

    class Item(sl.Schema):
        id: sl.IdField
        price: sl.Float
        name: sl.String

    item = Item()
    source = sl.InteractiveSource(item)
    space = sl.NumberSpace(item.price, 0, 1_000_000, sl.Mode.MAXIMUM)
    index = sl.Index(space, fields=[item.name])

    def run(path, **options):
        return sl.InteractiveExecutor(source, index, sl.LocalStore(path, **options)).run()

    def ids(app):
        return [entry.id for entry in app.query(sl.Query(index).find(item).select_all()).entries]
"""


def program(text: str) -> list[str]:
    return [sys.executable, "-c", dedent(SHOP) + dedent(text)]


@pytest.fixture(scope="module")
def shop() -> dict[str, Any]:
    """What SHOP defines."""
    names: dict[str, Any] = {}
    exec(dedent(SHOP), names)
    return names


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.innerspace"


def finished(text: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*program(text), *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )


def test_another_process_finds_all(shop: dict[str, Any], path: Path) -> None:
    with shop["run"](path):
        shop["source"].put([{"id": str(n), "price": n, "name": f"item {n}"} for n in range(1, 1001)])
    found = finished("print(*ids(run(sys.argv[1]))[:3], len(ids(run(sys.argv[1], read_only=True))))", path)
    assert found.stdout.split() == ["1000", "999", "998", "1000"], found.stderr


def test_a_put_that_returned_survives_a_kill(shop: dict[str, Any], path: Path) -> None:
    """Each put is told to this process once it has returned; then the process is killed, whatever it does."""
    child = subprocess.Popen(
        [
            *program("""
                app = run(sys.argv[1])
                n = 0
                while True:
                    source.put([{"id": str(n + i), "price": n + i, "name": "x"} for i in range(10)])
                    n += 10
                    print(n, flush=True)
            """),
            str(path),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    acknowledged = 0
    assert child.stdout is not None
    for line in child.stdout:
        acknowledged = int(line)
        if acknowledged >= 300:
            child.kill()
            break
    for line in child.stdout:
        acknowledged = int(line)
    assert child.wait() == -signal.SIGKILL
    with shop["run"](path) as app:
        found = {int(identity) for identity in shop["ids"](app)}
        assert found >= set(range(acknowledged))
        assert len(found) % 10 == 0, "a put is there as a whole or not at all"
        shop["source"].put({"id": "more", "price": 1, "name": "more"})
        assert len(shop["ids"](app)) == len(found) + 1


class TestTwoProcesses:
    def test_the_second_writer_is_told_who_the_first_is(self, shop: dict[str, Any], path: Path) -> None:
        with shop["run"](path):
            second = finished("run(sys.argv[1])", path)
        assert second.returncode != 0
        assert "InvalidStateException" in second.stderr
        assert f"is open for writing in process {os.getpid()}" in second.stderr
        assert finished("run(sys.argv[1])", path).returncode == 0, "the first has ended"

    def test_a_reader_sees_each_put(self, shop: dict[str, Any], path: Path) -> None:
        child = subprocess.Popen(
            [
                *program("""
                    app = run(sys.argv[1])
                    for line in sys.stdin:
                        source.put({"id": line.strip(), "price": 1, "name": "x"})
                        print("put", flush=True)
                """),
                str(path),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdin is not None
        assert child.stdout is not None
        reader = None
        for number in range(1, 4):
            child.stdin.write(f"item-{number}\n")
            child.stdin.flush()
            assert child.stdout.readline() == "put\n"
            reader = reader or shop["run"](path, read_only=True)
            assert len(shop["ids"](reader)) == number
        with pytest.raises(sl.InvalidStateException, match="was opened for reading only"):
            shop["source"].put({"id": "no", "price": 1, "name": "no"})
        with pytest.raises(sl.InvalidStateException, match="was opened for reading only"):
            shop["source"].delete("item-1")
        child.stdin.close()
        assert child.wait(30) == 0
        assert len(shop["ids"](reader)) == 3
        reader.close()


def test_an_app_that_nobody_holds_lets_the_store_go(shop: dict[str, Any], path: Path) -> None:
    app = shop["run"](path)
    shop["source"].put({"id": "a", "price": 1, "name": "a"})
    del app
    gc.collect()
    with shop["run"](path) as app:
        assert shop["ids"](app) == ["a"]


def test_compaction_gives_room_back(shop: dict[str, Any], path: Path) -> None:
    with shop["run"](path) as app:
        shop["source"].put([{"id": str(n), "price": n, "name": "long " * 500} for n in range(2000)])
        shop["source"].delete([str(n) for n in range(1900)])
        report = app.compact()
        assert report.bytes_after < report.bytes_before / 2, report
        assert len(shop["ids"](app)) == 100
    with shop["run"](path, read_only=True) as app, pytest.raises(sl.InvalidStateException, match="for reading only"):
        app.compact()
    with sl.InMemoryExecutor(shop["source"], shop["index"]).run() as app:
        assert app.compact() == sl.CompactionReport(0, 0, 0)


def test_no_store_to_read(shop: dict[str, Any], path: Path) -> None:
    with pytest.raises(sl.NotFoundException, match="there is no store"):
        shop["run"](path, read_only=True)
    assert not path.exists()


def test_a_directory_that_cannot_be_written_to(shop: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "shop"
        with shop["run"](path):
            shop["source"].put({"id": "a", "price": 1, "name": "a"})
        for directory, _, files in os.walk(path):
            Path(directory).chmod(0o555)
            for name in files:
                Path(directory, name).chmod(0o444)
        told = finished(
            """
            import os

            ids(sl.InMemoryExecutor(source, index).run())  # imports what the next line may forbid to read
            if os.getuid() == 0:
                os.setuid(65534)  # root may write everywhere
            try:
                run(sys.argv[1])
            except sl.InnerspaceException as error:
                print(type(error).__name__, error)
            print(*ids(run(sys.argv[1], read_only=True)))
            """,
            path,
        )
        assert told.returncode == 0, told.stderr
        reason, found = told.stdout.splitlines()
        assert "ForbiddenException" in reason
        assert "cannot be written to" in reason
        assert found == "a"


def test_a_full_disk(shop: dict[str, Any], path: Path) -> None:
    """A cap on the size of files stands for a disk that is full: what was put before stays, and can be read."""
    told = finished(
        """
        import resource, signal
        app = run(sys.argv[1])
        source.put([{"id": str(n), "price": n, "name": "x"} for n in range(10)])
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 10, resource.RLIM_INFINITY))
        try:
            source.put([{"id": f"more {n}", "price": n, "name": "long " * 1000} for n in range(1000)])
        except sl.InnerspaceException as error:
            print(type(error).__name__, error)
        print(len(ids(app)))
        """,
        path,
    )
    assert told.returncode == 0, told.stderr
    *reason, count = told.stdout.splitlines()
    assert count == "10", told.stdout
    assert reason, "the put must fail"
    with shop["run"](path) as app:
        assert len(shop["ids"](app)) == 10
        shop["source"].put({"id": "there is room again", "price": 1, "name": "x"})
        assert len(shop["ids"](app)) == 11


class Photo(sl.Schema):
    id: sl.IdField
    image: sl.Blob
    title: sl.String | None


class World:
    """Pictures in a store, with the indices that a test asks for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.photo = Photo()
        self.source = sl.InteractiveSource(self.photo)
        self.look = sl.ImageSpace(self.photo.image, model="embedded")
        self.words = sl.TextSimilaritySpace(self.photo.title, model="embedded")

    def run(self, *indices: sl.Index, **options: Any) -> sl.InteractiveApp:
        return sl.InteractiveExecutor(self.source, indices, sl.LocalStore(self.path, **options)).run()

    def put(self) -> sl.PutReport:
        return self.source.put([{"id": s.id, "image": s.path, "title": s.id} for s in sl.datasets.shapes()])


@pytest.fixture
def world(path: Path) -> Iterator[World]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", sl.StoreWarning)
        yield World(path)


class TestDefinitions:
    def test_a_space_is_added(self, world: World) -> None:
        first, second = sl.Index(world.look), sl.Index([world.words, world.look])
        with world.run(first) as app:
            world.put()
            want = sl.VectorSampler(app).get_all_vectors(first, world.photo).vectors
        with world.run(second, first) as app:
            assert app.describe()["store"]["added"] == [
                "the index index_0 was made for the rows of Photo; embedded anew: text_similarity_space_0"
            ]
            query = sl.Query(second, {world.look: 0.0}).find(world.photo).similar(world.words, "a red circle").limit(2)
            assert "red-circle" in [entry.id for entry in app.query(query).entries]
            got = sl.VectorSampler(app).get_all_vectors(first, world.photo).vectors
            assert (want == got).all()
            timings = app.describe()["timings"]
            assert timings["image_inference"] == 0
        with world.run(second, first) as app:
            assert app.describe()["store"]["added"] == []

    def test_an_index_is_left_out(self, world: World) -> None:
        first, second = sl.Index(world.look), sl.Index(world.words)
        world.run(first, second).close()
        with pytest.warns(sl.StoreWarning, match=r"^The index index_1 was removed from the rows of Photo, since"):
            world.run(first).close()
        world.run(first).close()

    def test_another_one_is_refused(self, world: World) -> None:
        world.run(sl.Index(world.look)).close()
        other = sl.ImageSpace(world.photo.image + world.photo.title, model="embedded")
        with pytest.raises(sl.InvalidInputException, match=r"the space image_space_0 over Photo\.image: fields is"):
            world.run(sl.Index(other))
        with pytest.raises(sl.InvalidInputException, match='pictures were embedded with pixels="faithful"'):
            sl.InteractiveExecutor(
                world.source,
                sl.Index(world.look),
                sl.LocalStore(world.path),
                options=sl.Options(pixels="reference"),
            ).run()


class TestReferencedImages:
    def test_they_are_read_from_where_they_are(self, world: World, tmp_path: Path) -> None:
        index = sl.Index(world.look)
        files = {s.id: Path(shutil.copy(s.path, tmp_path)) for s in sl.datasets.shapes()}
        query = sl.Query(index).find(world.photo).select_all()
        with world.run(index, images="reference") as app:
            world.source.put([{"id": name, "image": file} for name, file in files.items()])
            for entry in app.query(query).entries:
                assert entry.fields["image"] == files[entry.id].read_bytes()
            files["red-circle"].unlink()
            files["blue-square"].write_bytes(files["blue-circle"].read_bytes())
            with pytest.warns(sl.StoreWarning, match=r"^A picture is not where it was put from: .* And 1 more"):
                result = app.query(query)
            assert {image.id: image.field for image in result.metadata.unreachable} == {
                "red-circle": "image",
                "blue-square": "image",
            }
            assert {entry.id for entry in result.entries if "image" not in entry.fields} == {
                "red-circle",
                "blue-square",
            }
            assert result.to_pandas()["image"].isna().sum() == 2
            result._repr_html_()

    def test_pictures_from_nowhere_are_refused(self, world: World) -> None:
        with world.run(sl.Index(world.look), images="reference"):
            shape = sl.datasets.shapes()["red-circle"]
            rows = [{"id": "file", "image": shape.path}, {"id": "pil", "image": shape.pil()}]
            report = world.source.put([*rows, {"id": "bytes", "image": Path(shape.path).read_bytes()}], on_error="skip")
            assert report.stored + len(report.errors) == 3
            assert {error.id for error in report.errors} <= {"pil", "bytes"}
            assert "it is no file and has no URL" not in report.errors[0].reason
            assert 'images="keep"' in report.errors[0].reason
