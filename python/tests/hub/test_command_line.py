from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from model_files import FOLDER, MODEL_FILES, REPOSITORY, TINY

import innerspace as sl
from innerspace._cli.main import main
from innerspace._hub.known_models import KNOWN_MODELS

if TYPE_CHECKING:
    from collections.abc import Callable

    from fake_hub import FakeHub

    Run = Callable[..., tuple[int, str, str]]

VISION = "onnx/vision_model.onnx"


@pytest.fixture
def run(hub: FakeHub, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `innerspace models …`; returns its exit code and what it wrote."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["models", *arguments])
        written = capsys.readouterr()
        return code, written.out, written.err

    return run


def answer(outcome: tuple[int, str, str], code: int = 0) -> Any:
    assert outcome[0] == code, outcome[2]
    return json.loads(outcome[1])


def test_list(run: Run, hub: FakeHub, small: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, small)
    assert main(["models", "download", "clip-ViT-B-32"]) == 0
    hub.requests.clear()
    code, out, _err = run("list")
    assert (code, hub.requests) == (0, [])
    lines = out.splitlines()
    assert lines[-1].endswith("Any other repository is named as owner/name.")
    assert any(line.split()[:2] == ["clip-ViT-B-32", REPOSITORY] and line.endswith("yes") for line in lines)
    listed = answer(run("list", "--json"))
    assert [model["name"] for model in listed] == [model.name for model in KNOWN_MODELS]
    assert [model["name"] for model in listed if model["cached"]] == ["clip-ViT-B-32"]


def test_download(run: Run, hub: FakeHub, cache: Path, small: dict[str, bytes], tmp_path: Path) -> None:
    commit = hub.add(REPOSITORY, small)
    path = cache / FOLDER / "snapshots" / commit
    assert run("download", REPOSITORY) == (0, f"{path}\n", "")
    (part,) = answer(run("download", f"{REPOSITORY}@{commit}", "--json"))
    assert (part["repository"], part["commit"], part["path"]) == (REPOSITORY, commit, str(path))
    assert sorted(part["files"]) == sorted(MODEL_FILES)
    elsewhere = run("download", "clip-ViT-B-32", "--cache-dir", str(tmp_path / "elsewhere"))
    assert Path(elsewhere[1].strip()).is_relative_to(tmp_path / "elsewhere")


def test_download_takes_what_is_new(run: Run, hub: FakeHub, small: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, small)
    first = run("download", REPOSITORY)
    hub.add(REPOSITORY, {**small, "config.json": b"newer"})
    second = run("download", REPOSITORY)
    assert first != second
    assert (Path(second[1].strip()) / "config.json").read_bytes() == b"newer"


def test_show(run: Run, hub: FakeHub, tiny: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, tiny)
    assert run("download", "clip-ViT-B-32")[0] == 0
    hub.close()
    shown = answer(run("show", "clip-ViT-B-32", "--json"))
    assert shown | {"directories": [], "fingerprint": ""} == {
        "name": "clip-ViT-B-32",
        "directories": [],
        "layout": "transformers.js",
        "precision": "fp32",
        "dimension": 64,
        "max_tokens": 77,
        "image_width": 224,
        "image_height": 224,
        "fingerprint": "",
        "precisions": {"fp32": "its files"},
    }
    assert run("download", "clip-ViT-B-32", "--precision", "int8")[0] == 1
    directory = answer(run("show", str(TINY), "--json"))
    assert directory["precisions"] == {"fp32": "its files", "int8": "made from fp32"}
    assert directory["fingerprint"] == shown["fingerprint"]
    lines = run("show", str(TINY))[1].splitlines()
    assert f"fingerprint:  {shown['fingerprint']} (fp32)" in lines
    assert "embeds:       images of 224x224 pixels, texts" in lines


def test_show_a_text_model(run: Run) -> None:
    shown = answer(run("show", str(TINY.parent / "small" / "bert-mean-normalize"), "--json"))
    assert (shown["layout"], shown["image_width"]) == ("sentence-transformers", 0)
    assert "embeds:       texts\n" in run("show", str(TINY.parent / "small" / "bert-mean-normalize"))[1]


@pytest.mark.parametrize("verb", ["show", "check"])
def test_nothing_is_fetched_by_looking(run: Run, hub: FakeHub, small: dict[str, bytes], verb: str) -> None:
    hub.add(REPOSITORY, small)
    code, out, err = run(verb, "clip-ViT-B-32")
    assert (code, out, hub.requests) == (1, "", [])
    assert err.startswith("innerspace: The model 'clip-ViT-B-32' (Xenova/clip-vit-base-patch32) is not in the cache")
    assert err.endswith("Fetch it: innerspace models download clip-ViT-B-32\n")


def test_check(run: Run, hub: FakeHub, tiny: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, tiny)
    run("download", REPOSITORY)
    checked = answer(run("check", REPOSITORY, "--json"))
    assert (checked["good"], checked["files_checked"], checked["damaged"]) == (True, len(MODEL_FILES), [])
    assert checked["probes"].keys() == {"text", "image"}
    assert all(probe["norm"] > 0 for probe in checked["probes"].values())
    assert run("check", REPOSITORY)[1].splitlines()[-1].split() == ["result:", "good"]
    assert "files:       no hashes to compare with" in run("check", str(TINY))[1]


def test_a_damaged_file_is_named_and_fetched_anew(run: Run, hub: FakeHub, tiny: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, tiny)
    path = Path(run("download", REPOSITORY)[1].strip())
    weights = bytearray(tiny[VISION])
    weights[len(weights) // 2] ^= 1
    (path / VISION).resolve().write_bytes(weights)
    code, out, _ = run("check", REPOSITORY)
    assert code == 1
    assert out.splitlines()[0] == f"damaged: {path / VISION}"
    assert answer(run("check", REPOSITORY, "--json"), code=1)["damaged"] == [str(path / VISION)]
    hub.files_requests.clear()
    assert run("download", REPOSITORY)[0] == 0
    assert len(hub.files_requests) == 1
    assert answer(run("check", REPOSITORY, "--json"))["good"]


def test_a_model_that_cannot_be_opened_names_its_damaged_files(run: Run, hub: FakeHub, tiny: dict[str, bytes]) -> None:
    class Image(sl.Schema):
        id: sl.IdField
        image: sl.Blob

    hub.add(REPOSITORY, tiny)
    path = Path(run("download", REPOSITORY)[1].strip())
    (path / VISION).resolve().write_bytes(tiny[VISION][:5000])
    image = Image()
    index = sl.Index(sl.ImageSpace(image.image, model=REPOSITORY))
    executor = sl.InMemoryExecutor(sources=[sl.InMemorySource(image)], indices=[index])
    with pytest.raises(sl.InvalidInputException, match=rf"is damaged in the cache: {VISION} of .*models download"):
        executor.run()
    (path / VISION).resolve().unlink()
    hub.close()
    with pytest.raises(sl.NotFoundException, match="cannot be reached"):
        sl.ImageSpace(image.image, model=REPOSITORY)


def test_errors(run: Run, hub: FakeHub, tmp_path: Path) -> None:
    code, out, err = run("download", "owner/absent", "--json")
    assert (code, json.loads(out)["error"]["kind"]) == (1, "NotFoundException")
    assert json.loads(out)["error"]["message"] in err
    assert run("download", str(TINY))[2].endswith("is a directory already: there is nothing to fetch.\n")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run("show", str(empty))[2].startswith(f"innerspace: {empty} is not a model directory that innerspace knows")
    assert run("show", "/nonexistent")[2] == "innerspace: There is no model directory '/nonexistent'.\n"


@pytest.mark.parametrize(
    "arguments", [[], ["models"], ["models", "show"], ["models", "show", "x", "--precision", "int4"]]
)
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: innerspace" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["models", "--help"], ["models", "check", "--help"]])
def test_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 0
    assert "usage: innerspace" in capsys.readouterr().out


def test_as_a_module(python: Callable[..., subprocess.Popen[str]]) -> None:
    out, err = python("-m", "innerspace", "--version").communicate(timeout=60)
    assert (out, err) == (f"innerspace {sl.__version__}\n", "")


def test_a_reader_that_leaves_early() -> None:
    program = "import sys; from innerspace._cli.main import main; sys.exit(main(['models', 'list']))"
    package = str(Path(sl.__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"PYTHONPATH": package}
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 0
