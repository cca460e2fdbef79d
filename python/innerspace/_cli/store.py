"""``innerspace store``: what is in a store on this machine, and looking after it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from innerspace._cli.answer import Answer, pairs
from innerspace.local_store import directory_of

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Looks after the directories that sl.LocalStore keeps rows in. No model is loaded. See docs/store.md.
"""


def add_to(commands: Any) -> None:
    """Add the command to an argument parser."""
    parser = commands.add_parser("store", help="look into a store on this machine", description=DESCRIPTION)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for name, run, text in (
        ("info", info, "what is in a store: rows, indices, models, size"),
        ("verify", verify, "read a whole store and compare everything with its checksum; changes nothing"),
        ("repair", repair, "take damaged vectors out of a store, and damaged rows, and name them"),
        ("compact", compact, "give the room of deleted and replaced rows back to the disk"),
    ):
        verb = verbs.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        verb.add_argument("path", metavar="PATH", help="the directory of the store")
        verb.add_argument("--json", action="store_true", help="answer with JSON")
        verb.set_defaults(run=run)


def info(arguments: argparse.Namespace) -> Answer:
    """Describe a store."""
    report = maintain("info", arguments.path)
    taken = report["bytes"]
    lines = [
        ("path", report["path"]),
        ("written by", f"innerspace {report['innerspace']}" if report["innerspace"] else "nobody yet"),
        *(("rows", f"{schema['name']}: {_rows(schema)}") for schema in report["schemas"] if not schema.get("event")),
        *(("index", f"{index['name']}: {', '.join(index['spaces'])}") for index in report["indices"]),
        *(
            ("model", f"{model['name']} ({model['dimension']} numbers, fingerprint {model['fingerprint'][:12]}…)")
            for model in report["models"]
        ),
        ("size", f"{_size(taken['catalogue'])} of rows and pictures, {_size(taken['vectors'])} of vectors"),
    ]
    if report["extending"]:
        lines.append(("extension", "begun; the next app with that definition goes on with it"))
    return Answer(pairs(lines), report)


def verify(arguments: argparse.Namespace) -> Answer:
    """Look for damage."""
    report = maintain("verify", arguments.path)
    if report["good"]:
        return Answer(pairs([*_checked(report), ("result", "good")]), report)
    advice = f"Take out what is damaged, and have its ids named: innerspace store repair {arguments.path}"
    return Answer([*_damage(report), advice], report, good=False)


def repair(arguments: argparse.Namespace) -> Answer:
    """Delete what is damaged."""
    report = maintain("repair", arguments.path)
    if report["good"]:
        return Answer(pairs([*_checked(report), ("result", "good: nothing was to be done")]), report)
    lines = [*_damage(report)]
    for schema, identities in report["dropped"].items():
        lines.append(f"deleted from {schema}, to be put again: {', '.join(identities)}")
    for schema, identities in report["lost"].items():
        lines.append(f"vectors of {schema} that the next app makes anew: {', '.join(identities)}")
    for schema, count in report["unnamed"].items():
        lines.append(f"gone from {schema}, with ids that nothing tells: {count:,} rows or pieces of texts")
    if report["kept"]:
        lines.append(f"the damaged catalogue is kept: {report['kept']}")
    return Answer([*lines, "repaired"], report)


def compact(arguments: argparse.Namespace) -> Answer:
    """Give room back."""
    report = maintain("compact", arguments.path)
    before, after = (sum(report[key].values()) for key in ("bytes_before", "bytes_after"))
    lines = pairs(
        [("rows removed", f"{report['removed']:,}"), ("size", f"{_size(before)} before, {_size(after)} after")]
    )
    return Answer(lines, report)


def maintain(action: str, path: str) -> Any:
    """Do something to a store; return the report of the engine."""
    # The library takes a while to load, and other commands do without.
    from innerspace._native import calls
    from innerspace._native.interruptible import call_interruptibly

    request = json.dumps({"action": action, "path": directory_of(path)}).encode()
    return json.loads(call_interruptibly(lambda task: calls.store_maintain(request, task)))


def _checked(report: Any) -> list[tuple[str, object]]:
    taken = report["bytes"]
    return [
        ("rows", f"{report['rows']:,} checked"),
        ("files", f"{report['segments']:,} of vectors, {_size(taken['catalogue'] + taken['vectors'])} in all"),
    ]


def _damage(report: Any) -> list[str]:
    lines = []
    for damage in report["damage"]:
        where = " ".join(filter(None, (damage["schema"], damage["file"])))
        rows = f" (rows {', '.join(damage['ids'])})" if damage["ids"] else ""
        lines.append(f"damaged: {damage['kind']} of {where}: {damage['message']}{rows}")
    return lines


def _rows(schema: Any) -> str:
    text = f"{schema['rows']:,}"
    if schema["chunks"]:
        text += f", and {schema['chunks']:,} pieces of texts"
    return text


def _size(size: int) -> str:
    for unit, bytes_of_unit in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= bytes_of_unit:
            return f"{size / bytes_of_unit:.3g} {unit}"
    return f"{size} bytes"
