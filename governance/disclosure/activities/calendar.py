"""Activities as an iCalendar (RFC 5545), for the calendars of phones: days and moments, places, nothing of people. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

OCTETS = 75


@dataclass(frozen=True)
class Event:
    """`starts` None: the whole day. `status`: TENTATIVE, CONFIRMED or CANCELLED."""

    uid: str
    on: date
    starts: datetime | None
    title: str
    place: str
    status: str
    changed_at: datetime
    link: str


def calendar_text(name: str, events: Iterable[Event]) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Xiangzhi//Activities//ZH", "METHOD:PUBLISH", f"X-WR-CALNAME:{_escaped(name)}"]
    for event in events:
        lines += _event(event)
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line))


def _event(event: Event) -> list[str]:
    if event.starts is None:
        when = [f"DTSTART;VALUE=DATE:{event.on:%Y%m%d}", f"DTEND;VALUE=DATE:{event.on + timedelta(days=1):%Y%m%d}"]
    else:
        when = [f"DTSTART:{_utc(event.starts)}"]
    texts = {"SUMMARY": event.title, "LOCATION": event.place}
    words = [f"{key}:{_escaped(text)}" for key, text in texts.items()]
    head = ["BEGIN:VEVENT", f"UID:{event.uid}", f"DTSTAMP:{_utc(event.changed_at)}"]
    return [*head, *when, *words, f"STATUS:{event.status}", f"URL:{event.link}", "END:VEVENT"]


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for mark in "\\;,":
        text = text.replace(mark, f"\\{mark}")
    return "\\n".join(text.splitlines())


def _folded(line: str) -> Iterator[str]:
    """Parts of at most 75 octets, those after the first behind a blank; no character is cut."""
    part = ""
    for letter in line:
        if len((part + letter).encode()) > OCTETS:
            yield part
            part = " "
        part += letter
    yield part
