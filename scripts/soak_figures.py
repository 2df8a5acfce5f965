"""What a soak of the running portal has counted, and what of it is a failure (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field

RESTART_SECONDS = 60  # a killed process must stand again, and a killed worker deliver again, within


@dataclass
class Web:
    """Requests asked, the seconds that each answer took, and what was wrong with the others."""

    asked: int = 0
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass
class Kill:
    """One kill -9 at a moment; of "redis" a FLUSHALL behind a kill of the worker, which had a closing before it. Seconds until another
    process stood, until the next message sent after it was there, and until that closing was computed."""

    name: str
    moment: float
    restarted: float | None = None
    delivered: float | None = None
    computed: float | None = None

    def failed(self) -> bool:
        late = [seconds is None or seconds > RESTART_SECONDS for seconds in (self.restarted, self.delivered, self.computed)]
        return late[0] or (self.name in ("worker", "redis") and late[1]) or (self.name == "redis" and late[2])

    def line(self) -> str:
        """For a reader."""
        does = "FLUSHALL and kill -9 of the worker" if self.name == "redis" else f"kill -9 of the {self.name}"
        told = f"{does} at {self.moment:.0f} s: another stood after {_since(0, self.restarted)}"
        told += f", delivered after {_since(0, self.delivered)}" if self.name != "beat" else ""
        return told + (f", the closing computed after {_since(0, self.computed)}" if self.name == "redis" else "")


@dataclass(frozen=True)
class Sent:
    """One message: the moments it was written and first arrived, and how often it arrived."""

    written: float
    arrived: float | None
    times: int


@dataclass
class Counted:
    """Everything counted; the last of the messages had no nudge, so that only the beat could deliver it."""

    web: Web
    kills: list[Kill]
    messages: list[Sent]

    @property
    def lost(self) -> int:
        return sum(message.times == 0 for message in self.messages)

    @property
    def doubled(self) -> int:
        return sum(message.times > 1 for message in self.messages)

    def failures(self) -> list[str]:
        """What must not be; empty after a good run. The outbox may hand one row over twice with each kill of the worker."""
        workers = sum(kill.name != "beat" for kill in self.kills)
        found = {
            f"{self.web.asked - len(self.web.seconds)} requests without an answer": len(self.web.wrong),
            f"{self.lost} messages lost": self.lost,
            f"{self.doubled} messages doubled in {workers} kills": self.doubled > workers,
            f"not up again within {RESTART_SECONDS} s": any(kill.failed() for kill in self.kills),
        }
        return [failure for failure, seen in found.items() if seen]

    def lines(self) -> list[str]:
        """The figures for a reader."""
        waits = sorted(message.arrived - message.written for message in self.messages[:-1] if message.arrived)
        swept = self.messages[-1]
        return [
            f"requests: {self.web.asked} asked, {len(self.web.seconds)} answered, "
            f"median {_middle(self.web.seconds):.3f} s, slowest {max(self.web.seconds, default=0):.2f} s",
            *self.web.wrong[:20],
            f"messages: {len(self.messages)} sent; done once {len(self.messages) - self.lost - self.doubled}, "
            f"lost {self.lost}, doubled {self.doubled}; median {_middle(waits):.2f} s, slowest {max(waits, default=0):.1f} s",
            f"the last one, without a nudge, by the beat: {_since(swept.written, swept.arrived)}",
            *(kill.line() for kill in self.kills),
        ]


def _middle(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) // 2] if seconds else 0


def _since(moment: float, later: float | None) -> str:
    return "never" if later is None else f"{later - moment:.1f} s"
