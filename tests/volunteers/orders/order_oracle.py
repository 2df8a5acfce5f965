"""What an order ought to be, in plain dicts: nothing of the flow is imported here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

RUNNING = ("accepted", "on_way", "arrived")
OPEN = ("callback", "asked", "offered", *RUNNING)
MINUTES = 60  # the project's


@dataclass
class Order:
    """`asked` is volunteer → until when; `refused` who declined the present time; `passed` who kept silent or left the order;
    `running` volunteer → stage; `served` volunteer → minutes; `claims` whose household has the deed."""

    people: int
    earns: bool
    residents: frozenset[int]
    state: str = "asked"
    asked: dict[int, datetime] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    passed: set[int] = field(default_factory=set)
    running: dict[int, str] = field(default_factory=dict)
    served: dict[int, int] = field(default_factory=dict)
    claims: set[int] = field(default_factory=set)
    points: str = ""
    contacted: bool = False
    judge_by: datetime | None = None

    @property
    def places(self) -> int:
        return self.people - len(self.running) - len(self.served)

    def free(self, everyone: list[int]) -> list[int]:
        """Whom one may still ask by name."""
        return [one for one in everyone if not any(one in held for held in (self.asked, self.refused, self.running, self.served))]

    def fresh(self, everyone: list[int]) -> list[int]:
        """Whom one asks without names."""
        return [one for one in self.free(everyone) if one not in self.passed]

    def follow(self, stopped: str = "") -> None:
        if self.running:
            self.state = max(self.running.values(), key=RUNNING.index)
            return
        self.state = "done" if self.served and not self.asked else stopped or ("offered" if self.asked else "asked")
        if self.state not in OPEN:
            self.asked.clear()

    def may(self, step: str, one: int, everyone: list[int]) -> bool:
        """Whether the step is possible now; `one` is the volunteer of whom it speaks."""
        sends, open_now = self.state in OPEN and self.state != "callback", self.state in OPEN
        return {
            "call_back": self.state == "callback",
            "offer": sends and self.places > 0 and one in self.free(everyone),
            "offer_all": sends and self.places > 0 and bool(self.fresh(everyone)),
            "accept": one in self.asked and self.places > 0,
            "decline": one in self.asked,
            "contact": open_now and not self.contacted,
            "set_out": self.running.get(one) == "accepted",
            "arrive": self.running.get(one, "arrived") != "arrived",
            "finish": one in self.running,
            "redispatch": one in self.running,
            "no_show": one in self.running,
            "retime": open_now and bool(self.running or not self.served),
            "cancel": open_now,
            "abort": bool(self.running),
            "judge": self.state == "done",
            "slip": self.state == "done",
            "release": self.points == "open",
            "withhold": self.points == "open",
            "correct": self.state in ("done", "judged", "unrated") and one in self.served,
        }[step]

    def take(self, step: str, one: int, *, minutes: int = MINUTES, satisfied: bool = True) -> None:
        """The step as it ought to be; offers are put in by whoever knows until when they stand."""
        if step == "call_back":
            self.state = "asked"
        elif step == "accept":
            del self.asked[one]
            self.running[one] = "accepted"
            if not self.places:
                self.asked.clear()
        elif step == "decline":
            del self.asked[one]
            self.refused.add(one)
        elif step in ("set_out", "arrive"):
            self.running[one] = "on_way" if step == "set_out" else "arrived"
        elif step == "finish":
            self.served[one] = minutes
            del self.running[one]
        elif step in ("redispatch", "no_show"):
            del self.running[one]
            self.passed.add(one)
        elif step == "contact":
            self.contacted = True
        elif step == "correct":
            self.served[one] = minutes
        elif step == "retime":
            self.refused.clear()
            self.passed.clear()
            self.asked.clear()
        elif step in ("cancel", "abort"):
            self.running.clear()
            self.asked.clear()
            self.follow("cancelled" if step == "cancel" else "aborted")
        elif step in ("judge", "slip"):
            self.state = "judged"
            self._settle(satisfied)
        elif step in ("release", "withhold"):
            self.points = "released" if step == "release" else "withheld"
            self._claim() if step == "release" else None
        if self.state in OPEN and self.state != "callback":
            self.follow()

    def unrate(self) -> None:
        self.state = "unrated"
        self._settle(False)

    def _settle(self, satisfied: bool) -> None:
        earners = self.residents & set(self.served)
        if self.earns and earners:
            self.points = "released" if satisfied else "open"
            self._claim() if satisfied else None

    def _claim(self) -> None:
        self.claims = set(self.residents & set(self.served))
