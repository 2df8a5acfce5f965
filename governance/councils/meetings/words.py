"""What an item says, for the forms that go on from it."""

from __future__ import annotations

from governance.councils.meetings.models import Item


def words_of(item: Item) -> str:
    """What another room reads: the item, what was said, what was agreed."""
    return "\n".join([item.title, reason_of(item)]).strip()[:1000]


def reason_of(item: Item, who: str = "") -> str:
    """What was said of it beyond its title and what `who` agreed; "" where nothing was."""
    agreed = f"{who}议定：{item.outcome}" if item.outcome else ""
    return "\n".join(filter(None, [item.said if item.said != item.title else "", agreed]))[:1000]
