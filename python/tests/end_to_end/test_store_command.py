"""``innerspace store`` on stores as apps leave them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import innerspace as sl
from innerspace._cli.main import main

Run = Callable[..., tuple[int, str, str]]


class Page(sl.Schema):
    id: sl.IdField
    body: sl.String
    likes: sl.Float


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of three pages, one of them deleted, and a second index."""
    page = Page()
    source = sl.InteractiveSource(page)
    text = sl.chunk(page.body, chunk_size=20, chunk_overlap=0)
    words = sl.TextSimilaritySpace(text, model="embedded")
    likes = sl.NumberSpace(page.likes, 0, 10, sl.Mode.MAXIMUM)
    made = tmp_path / "pages"
    with sl.InteractiveExecutor(source, [sl.Index([words, likes]), sl.Index(likes)], sl.LocalStore(made)).run():
        source.put([{"id": name, "body": f"The page {name}. It ends here.", "likes": 1.0} for name in "abc"])
        source.delete("c")
    return made


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `innerspace store …`; returns its exit code and what it wrote."""

    def run(*arguments: object) -> tuple[int, str, str]:
        code = main(["store", *map(str, arguments)])
        written = capsys.readouterr()
        return code, written.out, written.err

    return run


def test_info(run: Run, path: Path) -> None:
    code, out, _ = run("info", path)
    assert code == 0
    lines = dict(line.split(":", 1) for line in out.splitlines())
    assert lines["path"].strip() == str(path)
    assert lines["rows"].strip() == "Page: 2, and 4 pieces of texts"
    assert lines["written by"].strip() == f"innerspace {sl.__version__}"
    assert "embedded (384 numbers, fingerprint " in lines["model"]
    assert "text_similarity_space_0, number_space_0" in out
    answer = json.loads(run("info", "--json", path)[1])
    assert [(schema["name"], schema["rows"], schema["chunks"]) for schema in answer["schemas"]] == [("Page", 2, 4)]
    assert [index["spaces"] for index in answer["indices"]] == [
        ["text_similarity_space_0", "number_space_0"],
        ["number_space_0"],
    ]
    assert answer["bytes"]["catalogue"] > 0


def test_verify_and_repair(run: Run, path: Path) -> None:
    code, out, _ = run("verify", path)
    assert code == 0
    assert "6 checked" in out
    assert out.splitlines()[-1].split() == ["result:", "good"]
    segment = min((path / "segments").glob("*.seg"))
    with segment.open("r+b") as file:
        file.seek(4096 + 8)
        file.write(b"\xff\xff\xff")
    code, out, _ = run("verify", path)
    assert code == 1
    assert out.startswith("damaged: vectors of Page ")
    assert "innerspace store repair" in out
    found = json.loads(run("verify", "--json", path)[1])
    assert not found["good"]
    assert found["dropped"] == {}
    code, out, _ = run("repair", path)
    assert code == 0
    assert "vectors of Page that the next app makes anew: a" in out
    assert "deleted" not in out
    assert run("verify", path)[0] == 0
    code, out, _ = run("repair", path)
    assert (code, "nothing was to be done" in out) == (0, True)


def test_a_damaged_catalogue_is_replaced(run: Run, path: Path) -> None:
    catalogue = path / "catalogue.sqlite"
    damaged = bytearray(catalogue.read_bytes())
    damaged[:4096] = bytes(4096)  # the page that says where everything is
    catalogue.write_bytes(damaged)
    code, _, err = run("verify", path)
    assert code == 1
    assert "repair" in err
    code, out, _ = run("repair", path)
    assert code == 0
    assert "deleted" not in out
    kept = Path(out.splitlines()[-2].removeprefix("the damaged catalogue is kept: "))
    assert kept.read_bytes() == damaged
    code, out, _ = run("verify", path)
    assert code == 0
    assert "6 checked" in out


def test_compact(run: Run, path: Path) -> None:
    code, out, _ = run("compact", path)
    assert code == 0
    assert "before" in out
    report = json.loads(run("compact", "--json", path)[1])
    assert report["removed"] == 0


@pytest.mark.parametrize("verb", ["info", "verify", "repair", "compact"])
def test_no_store(run: Run, tmp_path: Path, verb: str) -> None:
    code, out, err = run(verb, tmp_path / "nothing")
    assert (code, out) == (1, "")
    assert err.startswith("innerspace: there is no store at")
    assert not (tmp_path / "nothing").exists()
    code, out, _ = run(verb, "--json", tmp_path / "nothing")
    assert code == 1
    assert json.loads(out)["error"]["kind"] == "NotFoundException"


@pytest.mark.parametrize("arguments", [[], ["info"], ["shrink", "x"]])
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["store", *arguments])
    assert ended.value.code == 2
