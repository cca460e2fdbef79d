"""``innerspace models``: which models there are, fetching one, looking at one, trying one."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from innerspace import _hub
from innerspace._cli.answer import Answer, pairs, table
from innerspace._cli.loaded_model import LoadedModel, precisions_of
from innerspace._hub.known_models import KNOWN_MODELS
from innerspace.exceptions import InvalidInputException, NotFoundException
from innerspace.model_resolution import check_precision, described, local_directory

if TYPE_CHECKING:
    from innerspace._definition import ModelInfo

DESCRIPTION = """\
Models by name: those of the Hugging Face hub are kept in its cache (HF_HOME, HF_HUB_CACHE);
what is there is used without the network. HF_TOKEN, HF_ENDPOINT and HF_HUB_OFFLINE hold as everywhere.
"""

MODEL = "a known name, a repository of the hub as owner/name or owner/name@revision, a directory, or embedded"


def add_to(commands: Any) -> None:
    """Add the command and its verbs to an argument parser."""
    parser = commands.add_parser(
        "models",
        help="list, fetch, show and check models",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    _verb(verbs, "list", list_known, "the models known by name, and which of them are in the cache")
    for name, run, text in (
        ("download", download, "fetch a model into the cache, or what is new or damaged of it; prints its directory"),
        ("show", show, "what a model is and what would run; fetches nothing"),
        ("check", check, "compare a model's files with their hashes, load it and embed a probe; fetches nothing"),
    ):
        verb = _verb(verbs, name, run, text)
        verb.add_argument("model", metavar="MODEL", help=MODEL)
        verb.add_argument("--revision", metavar="REVISION", help="branch, tag or commit of a model of the hub")
        verb.add_argument(
            "--precision",
            default="fp32",
            choices=_hub.PRECISIONS,
            help="in which numbers it computes (default: fp32)",
        )


def _verb(verbs: Any, name: str, run: Any, text: str) -> Any:
    verb = verbs.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    verb.add_argument("--json", action="store_true", help="answer with JSON")
    verb.add_argument("--cache-dir", metavar="DIR", help="a cache directory instead of HF_HUB_CACHE")
    verb.set_defaults(run=run)
    return verb


def list_known(arguments: argparse.Namespace) -> Answer:
    """List the known models."""
    found = [
        (model, _hub.find_local(_hub.parse(model.name), "fp32", arguments.cache_dir) is not None)
        for model in KNOWN_MODELS
    ]
    head = ("NAME", "REPOSITORY", "EMBEDS", "DIMENSION", "MB", "CACHED")
    rows = [
        (
            model.name,
            model.repository,
            "images, texts" if model.images else "texts",
            str(model.dimension),
            str(model.megabytes),
            "yes" if cached else "no",
        )
        for model, cached in found
    ]
    json = [
        {
            "name": model.name,
            "repository": model.repository,
            "text_repository": model.text_repository,
            "images": model.images,
            "dimension": model.dimension,
            "megabytes": model.megabytes,
            "cached": cached,
        }
        for model, cached in found
    ]
    return Answer([*table([head, *rows]), "", "Any other repository is named as owner/name."], json)


def download(arguments: argparse.Namespace) -> Answer:
    """Fetch a model."""
    if local_directory(arguments.model) is not None:
        raise InvalidInputException(f"{arguments.model!r} is a directory already: there is nothing to fetch.")
    name = _hub.parse(arguments.model, arguments.revision)
    snapshot = _hub.download(name, check_precision(arguments.precision), arguments.cache_dir)
    parts = [snapshot] if snapshot.text is None else [snapshot, snapshot.text]
    json = [
        {
            "repository": part.repository,
            "commit": part.commit,
            "path": str(part.path),
            "layout": part.layout,
            "files": list(part.files),
        }
        for part in parts
    ]
    return Answer([str(part.path) for part in parts], json)


def show(arguments: argparse.Namespace) -> Answer:
    """Describe a model."""
    model = _find(arguments)
    with LoadedModel(model) as loaded:
        facts = loaded.facts()
    facts["precisions"] = precisions_of(model)
    side = f"{facts['image_width']}x{facts['image_height']}"
    lines = pairs(
        [
            ("name", facts["name"]),
            *(("directory", directory) for directory in facts["directories"]),
            ("layout", facts["layout"]),
            ("embeds", f"images of {side} pixels, texts" if facts["image_width"] else "texts"),
            ("dimension", facts["dimension"]),
            ("longest text", f"{facts['max_tokens']} tokens"),
            ("precisions", ", ".join(f"{name} ({source})" for name, source in facts["precisions"].items())),
            ("fingerprint", f"{facts['fingerprint']} ({facts['precision']})"),
        ]
    )
    return Answer(lines, facts)


def check(arguments: argparse.Namespace) -> Answer:
    """Verify a model's files and embed a probe."""
    model = _find(arguments)
    damaged, checked = [], 0
    for directory in _directories(model):
        outcome = _hub.verify(directory)
        checked += len(outcome.checked)
        damaged += [str(directory / name) for name in outcome.damaged]
    if damaged:
        lines = [f"damaged: {path}" for path in damaged]
        advice = f"Fetch the damaged files anew: innerspace models download {model.name}"
        return Answer([*lines, advice], {"good": False, "files_checked": checked, "damaged": damaged}, good=False)
    with LoadedModel(model) as loaded:
        probes = loaded.probe()
        facts = loaded.facts()
    files = f"{checked} files have the hashes that they were fetched with" if checked else "no hashes to compare with"
    lines = pairs(
        [
            ("files", files),
            ("loaded", f"{loaded.seconds:.2f} s, {facts['layout']}, {facts['precision']}"),
            *(
                (f"{kind} probe", f"{probe.seconds * 1000:.1f} ms, length {probe.norm:.4f}")
                for kind, probe in probes.items()
            ),
            ("result", "good"),
        ]
    )
    json = {
        "good": True,
        "files_checked": checked,
        "damaged": [],
        "load_seconds": loaded.seconds,
        "probes": {kind: {"seconds": probe.seconds, "norm": probe.norm} for kind, probe in probes.items()},
        **facts,
    }
    return Answer(lines, json)


def _find(arguments: argparse.Namespace) -> ModelInfo:
    """Find a model on this disk."""
    precision = check_precision(arguments.precision)
    local = local_directory(arguments.model)
    if local is not None:
        return replace(local, precision=precision)
    name = _hub.parse(arguments.model, arguments.revision)
    snapshot = _hub.find_local(name, precision, arguments.cache_dir)
    if snapshot is None:
        raise NotFoundException(
            f"The model {name.spelled!r} ({name.repository}) is not in the cache in precision {precision}. Fetch it: "
            f"innerspace models download {name.spelled}"
        )
    return described(name.spelled, snapshot, precision)


def _directories(model: ModelInfo) -> list[Path]:
    return [Path(path) for path in (model.path, model.text_path) if path]
