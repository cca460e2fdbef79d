"""What a put or a delete did, as data: for reading, for code, and for the notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

SHOWN_ERRORS = 10
"""How many errors a report shows; all of them are in ``errors``."""

_SHOWN_ID = 80


@dataclass(frozen=True, slots=True)
class RowError:
    """One value that could not be used.

    Attributes
    ----------
    row : int
        The row's position in the put, from 0.
    id : str
        Empty where the id itself is missing.
    field : str
    status : int
        The kind of the failure, see :class:`innerspace.exceptions.Status`.
    reason : str
        What was wrong and what to do.
    """

    row: int
    id: str
    field: str
    status: int
    reason: str

    def __str__(self) -> str:
        identity = f" (id {shortened(self.id)!r})" if self.id else ""
        return f"row {self.row}{identity}, {self.field}: {self.reason}"


@dataclass(frozen=True, slots=True)
class TruncatedText:
    """A text of which only the beginning was embedded: it has more tokens than the model takes."""

    row: int
    id: str
    field: str
    tokens: int
    limit: int

    def __str__(self) -> str:
        where = f"row {self.row} (id {shortened(self.id)!r}), {self.field}"
        return f"{where}: {self.tokens} tokens, the first {self.limit} embedded"


@dataclass(frozen=True, slots=True)
class ReportWarning:
    """Something that was done but that may not have been meant.

    Attributes
    ----------
    code : str
        ``"duplicate_id"``, ``"partial_put"``, ``"unknown_column"`` or ``"truncated_text"``.
    message : str
    fields, ids : tuple of str
        What it is about; at most 20 ids.
    """

    code: str
    message: str
    fields: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class PutReport:
    """What a put did.

    Attributes
    ----------
    schema : str
    rows : int
        Rows given.
    stored : int
        Rows stored: those given less duplicates and refusals.
    batches : int
        Batches committed.
    errors : tuple of RowError
        Every value that could not be used, in row order.
    truncated : tuple of TruncatedText
    warnings : tuple of ReportWarning
    """

    schema: str
    rows: int
    stored: int
    batches: int = 0
    errors: tuple[RowError, ...] = ()
    truncated: tuple[TruncatedText, ...] = ()
    warnings: tuple[ReportWarning, ...] = ()

    @classmethod
    def from_json(cls, report: Mapping[str, Any]) -> PutReport:
        """Return the report that the engine's JSON describes."""
        return cls(
            schema=report["schema"],
            rows=report["rows"],
            stored=report["stored"],
            batches=report.get("batches", 0),
            errors=tuple(
                RowError(error["row"], error["id"], error["field"], error["status"], error["reason"])
                for error in report.get("errors") or ()
            ),
            truncated=tuple(
                TruncatedText(text["row"], text["id"], text["field"], text["tokens"], text["limit"])
                for text in report.get("truncated") or ()
            ),
            warnings=tuple(
                ReportWarning(
                    warning["code"],
                    warning["message"],
                    tuple(warning.get("fields") or ()),
                    tuple(warning.get("ids") or ()),
                )
                for warning in report.get("warnings") or ()
            ),
        )

    def __str__(self) -> str:
        lines = [f"{self._summary()}"]
        lines += [f"  warning: {warning}" for warning in self.warnings]
        lines += [f"  {line}" for line in listed(self.errors, SHOWN_ERRORS)]
        return "\n".join(lines)

    def refusal(self, shown: int = 50) -> str:
        """Return the text of the exception for this report: what was refused, and what to do.

        Parameters
        ----------
        shown : int, default 50
            How many of the errors are listed before the rest is counted.
        """
        bad = _count(len({error.row for error in self.errors}), "row")
        kept = (
            f"{_count(self.stored, 'row')} of earlier batches {'is' if self.stored == 1 else 'are'} stored"
            if self.stored
            else "nothing of this put was stored"
        )
        return "\n".join(
            [
                f"{bad} of {self.rows:,} for schema {self.schema} could not be used; {kept}.",
                *(f"  {line}" for line in listed(self.errors, shown)),
                'Correct them, or store the good rows with on_error="skip"; the exception\'s report has every error.',
            ]
        )

    def _summary(self) -> str:
        parts = [f"{self.schema}: {self.stored:,} of {_count(self.rows, 'row')} stored"]
        if self.errors:
            parts.append(_count(len(self.errors), "error"))
        if self.truncated:
            parts.append(f"{_count(len(self.truncated), 'text')} truncated")
        return ", ".join(parts)

    def _repr_html_(self) -> str:
        parts = [f"<div><b>{escape(self._summary())}</b></div>"]
        if self.warnings:
            items = "".join(f"<li>{escape(str(warning))}</li>" for warning in self.warnings)
            parts.append(f'<ul style="margin:.3em 0">{items}</ul>')
        if self.errors:
            parts.append(_errors_table(self.errors[:SHOWN_ERRORS]))
            if len(self.errors) > SHOWN_ERRORS:
                parts.append(f"<div>… and {len(self.errors) - SHOWN_ERRORS:,} more in <code>.errors</code></div>")
        return f"<div>{''.join(parts)}</div>"


@dataclass(frozen=True, slots=True)
class DeleteReport:
    """What a delete did.

    Attributes
    ----------
    deleted : int
    missing : tuple of str
        The ids that were asked for and not there.
    """

    deleted: int
    missing: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = f"{_count(self.deleted, 'row')} deleted"
        if self.missing:
            more = ", …" if len(self.missing) > SHOWN_ERRORS else ""
            text += f", {len(self.missing):,} not there: {', '.join(map(shortened, self.missing[:SHOWN_ERRORS]))}{more}"
        return text


@dataclass(frozen=True, slots=True)
class CompactionReport:
    """What a compaction gave back to the disk.

    Attributes
    ----------
    removed : int
        Rows of which the bytes are gone: deleted ones, and earlier states of those that were put again.
    bytes_before, bytes_after : int
        The room that the store took, and takes.
    """

    removed: int
    bytes_before: int
    bytes_after: int

    @classmethod
    def from_json(cls, report: Mapping[str, Any]) -> CompactionReport:
        """Return the report that the engine's JSON describes."""
        before, after = (sum(report[key].values()) for key in ("bytes_before", "bytes_after"))
        return cls(report["removed"], before, after)

    def __str__(self) -> str:
        return f"{_count(self.removed, 'row')} removed, {self.bytes_before:,} bytes before, {self.bytes_after:,} after"


def shortened(identity: str) -> str:
    """Return an id as a message shows it."""
    return identity if len(identity) <= _SHOWN_ID else identity[: _SHOWN_ID - 1] + "…"


def listed(errors: Sequence[RowError], shown: int) -> list[str]:
    """Return a line for each of the first errors, and one that counts the rest."""
    lines = [str(error) for error in errors[:shown]]
    if len(errors) > shown:
        lines.append(f"… and {len(errors) - shown:,} more")
    return lines


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _errors_table(errors: Sequence[RowError]) -> str:
    cell = 'style="text-align:left;vertical-align:top;padding:2px 12px 2px 0"'
    head = "".join(f"<th {cell}>{name}</th>" for name in ("row", "id", "field", "reason"))
    body = "".join(
        "<tr>"
        + "".join(
            f"<td {cell}>{escape(str(value))}</td>"
            for value in (error.row, shortened(error.id), error.field, error.reason)
        )
        + "</tr>"
        for error in errors
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
