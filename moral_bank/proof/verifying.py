"""Walk a township's chain and name the first row that is no longer what was sealed (mission M23).

Links, postings and heads are read in step, in batches, so that memory does not grow with the ledger. A row that was edited, and
every link behind it written anew, still disagrees with the heads kept by day; where these were rewritten too, with the head that
stands printed on a notice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from django.db.models import Q

from moral_bank.models import ChainHead, ChainLink, Entry
from moral_bank.proof.chain import unsealed
from moral_bank.proof.chain_text import COLUMNS, GENESIS, PRINTED, Head, digest_of, head_read
from villages.models import Unit

BATCH = 2000


class Kind(StrEnum):
    """What has been done to the ledger; the value is Chinese because it is shown."""

    EDITED = "记录被改"
    MISSING = "记录被删"
    SWAPPED = "记录被调换"
    LINK = "校验链被改"
    TAIL = "末尾被截"
    HEAD = "校验码不符"


@dataclass(frozen=True)
class Finding:
    """The first altered row: its position in the chain from 1, the number of its posting where there is one."""

    kind: Kind
    position: int
    entry_id: int | None
    words: str


class Step(NamedTuple):
    """One link and the posting that it names, None where there is none any more."""

    position: int
    entry_id: int
    digest: str
    values: Sequence[object] | None

    def digest_behind(self, previous: str) -> str:
        """What the link should be behind `previous`; "" without a posting."""
        return digest_of(previous, self.values) if self.values is not None else ""


def chain_verify(township: Unit, head: str = "", since: ChainHead | None = None) -> Finding | None:
    """The first altered row of a township's ledger, None where nothing is; raises SealError for an unreadable `head`.

    `head` is a printed one, `since` a kept one behind which to begin; where it does not stand, the walk begins at the first row.
    """
    printed = head_read(head) if head.strip() else None
    return _Walk(township, since, printed).finding()


@dataclass
class _Walk:
    """How far the walk has come: `count` links agree, the last of them with `digest`; `sure` is the last head's count."""

    township: Unit
    since: ChainHead | None
    printed: Head | None
    count: int = 0
    digest: str = GENESIS
    sure: int = 0
    doubted: Head | None = None
    heads: dict[int, list[Head]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        since = self.since
        if since is not None and _printed_stands(self.township, Head(since.day, since.count, since.digest)):
            self.count, self.digest, self.sure = since.count, since.digest, since.count
        kept = ChainHead.objects.filter(township=self.township, count__gt=self.count).order_by("day")
        heads = [Head(*values) for values in kept.values_list("day", "count", "digest")]
        for head in [*heads, *([self.printed] if self.printed else [])]:
            self.heads.setdefault(head.count, []).append(head)

    def finding(self) -> Finding | None:
        behind = self.printed if self.printed and self.printed.count <= self.count else None
        if behind is not None and not _printed_stands(self.township, behind):
            return _rewritten(0, behind)
        for step in _steps(self.township, self.count):
            if step.position != self.count + 1:
                return self._doubt() or _gap(self.township, self.count + 1, self.digest, step)
            if step.digest_behind(self.digest) != step.digest:
                return self._doubt() or self._broken(step)
            self.count, self.digest = step.position, step.digest
            if found := self._compare():
                return found
        return self._doubt() or self._tail()

    def _compare(self) -> Finding | None:
        """Heads at this count. One that disagrees waits: a later one that agrees clears the rows in between."""
        heads = self.heads.pop(self.count, [])
        good = [head for head in heads if head.fits(self.digest)]
        bad = [head for head in heads if not head.fits(self.digest)]
        if self.printed in bad:
            return _rewritten(0 if _kept_otherwise(self.township, self.printed) else self.sure, self.printed)
        if good and (doubted := self.doubted or next(iter(bad), None)):
            return _moved_head(self.township, doubted) or _head_altered(doubted)
        if bad and self.doubted is None:
            self.doubted = bad[0]
        if good:
            self.sure = self.count
        return None

    def _doubt(self) -> Finding | None:
        """What a head that disagrees means, once no later one has cleared the rows before it."""
        if self.doubted is None:
            return None
        return _moved_head(self.township, self.doubted) or _rewritten(self.sure, self.doubted)

    def _broken(self, step: Step) -> Finding:
        """Why a link does not follow from the one before and its posting."""
        position, entry_id = step.position, step.entry_id
        if step.values is None:
            return Finding(Kind.MISSING, position, entry_id, f"第 {position} 条：记录 {entry_id} 已不在台账里")
        if other := _elsewhere(self.township, self.digest, step):
            return other
        fitting = step.digest_behind(self.digest)
        following = next(_steps(self.township, position), None)
        sealed = [following.digest] if following is not None and following.position == position + 1 else []
        if following is not None and sealed and following.digest_behind(fitting) == following.digest:
            return _link(position, entry_id, "校验值被改，记录本身没有变")
        if any(head.fits(fitting) for head in self.heads.get(position, [])):
            return _link(position, entry_id, "校验值被改，记录本身没有变")
        return Finding(Kind.EDITED, position, entry_id, f"第 {position} 条：记录 {entry_id} 入账后被改过")

    def _tail(self) -> Finding | None:
        """Heads beyond the last link."""
        beyond = [head for heads in self.heads.values() for head in heads]
        if not beyond:
            return None
        head = max(beyond, key=lambda one: one.count)
        if moved := _moved_head(self.township, head):
            return moved
        missing = head.count - self.count
        words = f"第 {self.count + 1} 条起少了 {missing} 条：{head.day} 的校验码写明有 {head.count} 条"
        return Finding(Kind.TAIL, self.count + 1, None, words)


def _steps(township: Unit, behind: int) -> Iterator[Step]:
    """Links behind a position with their postings, in order, BATCH at a time."""
    later = Q(position__gt=behind)
    while True:
        links = ChainLink.objects.filter(later, township=township).order_by("position", "pk")
        rows = list(links.values_list("position", "entry_id", "digest", "pk")[:BATCH])
        if not rows:
            return
        entries = Entry.objects.filter(pk__in=[row[1] for row in rows]).order_by()
        postings = {values[0]: values for values in entries.values_list(*COLUMNS)}
        for position, entry_id, digest, _ in rows:
            yield Step(position, entry_id, digest, postings.get(entry_id))
        later = Q(position__gt=rows[-1][0]) | Q(position=rows[-1][0], pk__gt=rows[-1][3])


def _elsewhere(township: Unit, previous: str, step: Step) -> Finding | None:
    """Whether the posting that was sealed here stands at another place: rows exchanged, or links."""
    for other in _steps(township, step.position):
        if other.values is None:
            continue
        if digest_of(previous, [step.entry_id, *other.values[1:]]) == step.digest:
            words = f"第 {step.position} 条和第 {other.position} 条：记录 {step.entry_id} 与 {other.entry_id} 的内容被调换"
            return Finding(Kind.SWAPPED, step.position, step.entry_id, words)
        if digest_of(previous, other.values) == step.digest:
            return _link(step.position, other.entry_id, f"指向了别的记录，应为记录 {other.entry_id}")
    return None


def _gap(township: Unit, position: int, previous: str, step: Step) -> Finding:
    """No link at `position`; `step` is the next one that there is."""
    if step.position < position:
        return _link(step.position, step.entry_id, "序号重复")
    if any(other.digest_behind(previous) == other.digest for other in _steps(township, position)):
        return _link(position, None, "序号被改")
    left = unsealed().filter(township=township).order_by("pk")[: step.position - position].values_list(*COLUMNS)
    for values in left:
        previous = digest_of(previous, values)
    if step.digest_behind(previous) == step.digest:
        return _link(position, left[0][0], "这一环被删，记录还在")
    return Finding(Kind.MISSING, position, None, f"第 {position} 条：记录和校验链都被删")


def _link(position: int, entry_id: int | None, words: str) -> Finding:
    return Finding(Kind.LINK, position, entry_id, f"第 {position} 条：校验链{words}")


def _head_altered(head: Head) -> Finding:
    words = f"{head.day} 的校验码（第 {head.count} 条）与台账不符，以后各天都符合：校验码本身被改"
    return Finding(Kind.HEAD, head.count, None, words)


def _moved_head(township: Unit, head: Head) -> Finding | None:
    """A head whose digest stands at another place of the chain: its count was altered."""
    links = ChainLink.objects.filter(township=township, digest__startswith=head.digest[:PRINTED])
    found = links.exclude(position=head.count).values_list("position", flat=True).first()
    if found is None:
        return None
    return Finding(Kind.HEAD, found, None, f"{head.day} 的校验码属于第 {found} 条，记录数却写成 {head.count}")


def _rewritten(sure: int, head: Head) -> Finding:
    words = f"第 {sure + 1} 至 {head.count} 条与 {head.day} 的校验码不符：其中有记录被改，校验链也被重写"
    return Finding(Kind.HEAD, sure + 1, None, words)


def _kept_otherwise(township: Unit, printed: Head) -> bool:
    """Whether the kept heads were rewritten as well, so that none of them clears anything."""
    kept = ChainHead.objects.filter(township=township, day=printed.day)
    return kept.exclude(count=printed.count, digest__startswith=printed.digest).exists()


def _printed_stands(township: Unit, head: Head) -> bool:
    link = ChainLink.objects.filter(township=township, position=head.count).values_list("digest", flat=True).first()
    return link is not None and head.fits(link)
