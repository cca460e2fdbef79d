"""Where models run. The tests' ONNX Runtime knows the processor only, so that a GPU is always refused."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from notebook_app import definition

from innerspace._engine import Engine
from innerspace._native import gpu_runtime, library
from innerspace.exceptions import FeatureNotSupportedException

WHY = "CUDA execution provider is not enabled in this build"
SEVERAL_APPS = """
import sys
from notebook_app import definition
from innerspace._engine import Engine
from innerspace._native import gpu_runtime
from innerspace.exceptions import InnerspaceException

for device in sys.argv[1:]:
    try:
        with Engine(definition(device=device)) as engine:
            print(device, engine.describe()["models"][0]["device"])
    except InnerspaceException as error:
        print(device, type(error).__name__)
print(gpu_runtime.is_loaded(gpu_runtime.installed()))
"""


@pytest.fixture
def wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of an installed onnxruntime-gpu, whose library is the tests' own; what lies in it."""
    own = library.runtime_path()
    monkeypatch.delenv(library.RUNTIME_VARIABLE, raising=False)
    monkeypatch.setattr(gpu_runtime, "_taken", None)
    folder = tmp_path / "site-packages"
    capi = folder / "onnxruntime" / "capi"
    information = folder / "onnxruntime_gpu-1.32.0.dist-info"
    capi.mkdir(parents=True)
    information.mkdir()
    shutil.copyfile(own, capi / "libonnxruntime.so.1.32.0")
    (capi / "libonnxruntime_providers_cuda.so").touch()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: onnxruntime-gpu\nVersion: 1.32.0\n")
    (information / "RECORD").write_text(
        "onnxruntime/__init__.py,,\nonnxruntime/capi/libonnxruntime_providers_cuda.so,,\n"
        "onnxruntime/capi/libonnxruntime.so.1.32.0,,\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    return folder


def test_the_processor_is_the_default(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    model = engine.describe()["models"][0]
    assert (model["device"], model["device_fallback"]) == ("cpu", "")
    assert not caplog.records


def test_a_gpu_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FeatureNotSupportedException, match=WHY) as refused:
        Engine(definition(device="cuda"))
    for words in ("pip install 'onnxruntime-gpu>=1.24'", "INNERSPACE_ORT_LIBRARY", '"auto"'):
        assert words in str(refused.value)


def test_auto_takes_the_processor_and_logs_it_once(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="innerspace"), Engine(definition(device="auto")) as fallen:
        model = fallen.describe()["models"][0]
        assert len(fallen.embed("pictures", texts=["a red circle"])) == 1
    assert model["device"] == "cpu"
    assert WHY in model["device_fallback"]
    assert model["fingerprint"] == engine.describe()["models"][0]["fingerprint"]
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("innerspace", "WARNING")
    assert record.getMessage().startswith("the models run on the processor: ")
    assert WHY in record.getMessage()


def test_an_installed_wheel_is_found(wheel: Path) -> None:
    assert gpu_runtime.installed() == wheel / "onnxruntime" / "capi" / "libonnxruntime.so.1.32.0"


def test_a_wheel_that_is_too_old_is_left_alone(wheel: Path) -> None:
    metadata = wheel / "onnxruntime_gpu-1.32.0.dist-info" / "METADATA"
    metadata.write_text(metadata.read_text().replace("1.32.0", "1.23.2"))
    assert gpu_runtime.installed() is None


def test_no_wheel_or_one_without_its_library(wheel: Path) -> None:
    (wheel / "onnxruntime" / "capi" / "libonnxruntime.so.1.32.0").unlink()
    assert gpu_runtime.installed() is None
    shutil.rmtree(wheel / "onnxruntime_gpu-1.32.0.dist-info")
    assert gpu_runtime.installed() is None


def test_what_the_variable_names_comes_first(wheel: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named = tmp_path / "mine.so"
    named.touch()
    monkeypatch.setenv(library.RUNTIME_VARIABLE, str(named))
    for device in ("cpu", "cuda", "auto"):
        assert library.runtime_path(device) == named


@pytest.mark.parametrize(
    ("devices", "said", "from_the_wheel"),
    [
        # An app on the processor runs in the library that an earlier one has loaded, even one that failed.
        (["cuda", "cpu"], ["cuda FeatureNotSupportedException", "cpu cpu"], "True"),
        (["auto", "cpu"], ["auto cpu", "cpu cpu"], "True"),
        (["cpu", "auto"], ["cpu cpu", "auto cpu"], "False"),
    ],
)
def test_apps_of_one_process_share_its_runtime(
    wheel: Path, run_python: Callable[..., Any], devices: list[str], said: list[str], from_the_wheel: str
) -> None:
    paths = [str(wheel), str(Path(__file__).parent)]
    code = f"import sys\nsys.argv[1:] = {devices!r}\nsys.path[:0] = {paths!r}\n{SEVERAL_APPS}"
    done = run_python(code, INNERSPACE_ORT_LIBRARY="")
    assert done.stdout.splitlines() == [*said, from_the_wheel], done.stderr
