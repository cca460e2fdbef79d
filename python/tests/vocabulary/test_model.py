from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from huggingface_hub import constants

import innerspace as sl
from innerspace.model import DefaultModel
from innerspace.model_resolution import resolve

if TYPE_CHECKING:
    from innerspace.schema import Blob


class Image(sl.Schema):
    id: sl.IdField
    image: sl.Blob


@pytest.fixture
def blob() -> Blob:
    return Image().image


def model_of(space: sl.ImageSpace) -> tuple[str, str]:
    definition = space._definition("s")["model"]
    assert isinstance(definition, dict)
    return definition["name"], definition["path"]


@pytest.fixture
def no_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache, and no asking of the hub; python/tests/hub has the tests with one."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


EMBEDDED = str(Path(sl.__file__).parent / "models" / "embedded")


class TestNames:
    def test_embedded_is_in_the_package(self) -> None:
        assert resolve("embedded").path == EMBEDDED
        assert (Path(EMBEDDED) / "image.onnx").is_file()

    def test_embedded_is_never_a_directory_that_happens_to_lie_here(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "embedded").mkdir()
        monkeypatch.chdir(tmp_path)
        assert resolve("embedded").path == EMBEDDED
        assert resolve("./embedded").path == str(tmp_path / "embedded")

    @pytest.mark.parametrize("spelling", [str, Path])
    def test_directory(self, tmp_path: Path, spelling: type) -> None:
        assert resolve(spelling(tmp_path)).to_json() == {"name": str(tmp_path), "path": str(tmp_path)}

    def test_home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        (tmp_path / "model").mkdir()
        assert resolve("~/model").path == str(tmp_path / "model")

    @pytest.mark.usefixtures("no_hub")
    @pytest.mark.parametrize("name", ["clip-ViT-B-32", "sentence-transformers/clip-ViT-B-32"])
    def test_a_name_on_the_hub_says_what_to_do(self, name: str) -> None:
        with pytest.raises(sl.NotFoundException, match=f"The model '{name}' .*is not in the cache"):
            resolve(name)

    @pytest.mark.parametrize("precision", ["fp16", "int8"])
    def test_precision(self, tmp_path: Path, precision: str) -> None:
        named = {"name": str(tmp_path), "path": str(tmp_path)}
        assert resolve(tmp_path, precision=precision).to_json() == named | {"precision": precision}
        assert resolve(tmp_path, precision="fp32").to_json() == resolve(tmp_path).to_json() == named

    @pytest.mark.parametrize("precision", ["int4", "", 8])
    def test_a_precision_that_is_none(self, precision: object) -> None:
        with pytest.raises(
            sl.InvalidInputException, match="A model's precision is 'fp32', 'fp16', 'int8'; got precision="
        ):
            resolve("embedded", precision=precision)  # type: ignore[arg-type]

    def test_a_directory_has_no_revision(self, tmp_path: Path) -> None:
        with pytest.raises(sl.InvalidInputException, match="is a directory, which has no revisions; got revision='v1'"):
            resolve(tmp_path, revision="v1")

    @pytest.mark.parametrize("path", ["/nonexistent/model", "./nonexistent", Path("nonexistent")])
    def test_a_missing_directory_is_called_one(self, path: str | Path) -> None:
        with pytest.raises(sl.NotFoundException, match="There is no model directory '/"):
            resolve(path)

    def test_a_file(self) -> None:
        with pytest.raises(sl.InvalidInputException, match="is a file; a model is the directory"):
            resolve(__file__)

    @pytest.mark.parametrize("path", ["a" * 300, "~nobody-of-this-name/model", "/" + "a/" * 3000])
    def test_a_path_that_cannot_be_looked_at(self, path: str) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"cannot be looked for on this disk: .*[a-z]"):
            resolve(path)

    @pytest.mark.parametrize("wrong", ["", "  ", 7, b"embedded", ["embedded"]])
    def test_wrong_types(self, wrong: object) -> None:
        with pytest.raises(sl.InvalidInputException, match="A model is a directory, 'embedded' or a name of the hub"):
            resolve(wrong)  # type: ignore[arg-type]


class TestDefault:
    def test_the_embedded_one_with_one_notice_at_the_users_line(self, blob: Blob) -> None:
        with pytest.warns(sl.EmbeddedModelNotice, match="model='embedded'") as caught:
            spaces = [sl.ImageSpace(blob), sl.ImageSpace(blob)]
        assert [model_of(space) for space in spaces] == [("embedded", EMBEDDED)] * 2
        assert [warning.filename for warning in caught] == [__file__]

    def test_naming_it_is_silent(self, blob: Blob) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            sl.ImageSpace(blob, model="embedded")

    def test_environment(self, blob: Blob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("INNERSPACE_MODEL", str(tmp_path))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert model_of(sl.ImageSpace(blob))[0] == str(tmp_path)

    @pytest.mark.usefixtures("no_hub")
    def test_a_named_model_is_never_replaced(self, blob: Blob, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("INNERSPACE_MODEL", "clip-ViT-B-32")
        with pytest.raises(sl.NotFoundException, match=r"The model 'clip-ViT-B-32' .*is not in the cache"):
            sl.ImageSpace(blob)

    @pytest.mark.usefixtures("no_hub")
    def test_a_default_that_could_not_be_had_leaves_the_choice_open(
        self, blob: Blob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("INNERSPACE_MODEL", "clip-ViT-B-32")
        with pytest.raises(sl.NotFoundException):
            sl.ImageSpace(blob)
        sl.use_model(tmp_path)
        assert model_of(sl.ImageSpace(blob))[0] == str(tmp_path)

    def test_use_model_wins_over_the_environment(
        self, blob: Blob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("INNERSPACE_MODEL", "clip-ViT-B-32")
        sl.use_model(tmp_path)
        assert model_of(sl.ImageSpace(blob))[0] == str(tmp_path)

    def test_use_model_again_with_the_same_name_is_fine(self, tmp_path: Path) -> None:
        sl.use_model(tmp_path)
        sl.use_model(str(tmp_path))

    def test_use_model_twice_is_refused(self, tmp_path: Path) -> None:
        sl.use_model(tmp_path)
        with pytest.raises(sl.InvalidStateException, match="the default model is chosen once"):
            sl.use_model("embedded")

    def test_use_model_after_a_space_is_refused(self, blob: Blob, tmp_path: Path) -> None:
        with pytest.warns(sl.EmbeddedModelNotice):
            sl.ImageSpace(blob)
        with pytest.raises(sl.InvalidStateException, match="before the first space"):
            sl.use_model(tmp_path)

    def test_a_refused_name_leaves_the_choice_open(self, tmp_path: Path) -> None:
        with pytest.raises(sl.NotFoundException):
            sl.use_model("/nonexistent/model")
        sl.use_model(tmp_path)

    def test_an_empty_variable_names_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("INNERSPACE_MODEL", "")
        with pytest.warns(sl.EmbeddedModelNotice):
            model = DefaultModel().take(stacklevel=1)
        assert model.name == "embedded"


def test_engine_config() -> None:
    assert sl.EmbeddingEngineConfig().precision is sl.Precision.FLOAT16
    with pytest.raises(sl.InvalidInputException, match="parameter precision must be a Precision"):
        sl.EmbeddingEngineConfig(precision="float32")  # type: ignore[arg-type]
