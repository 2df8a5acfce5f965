"""Keep processes up: one that ends is started again after a pause, which grows with each end in quick succession."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType

from processes import die_with_parent, ignore_interruptions, kill_group, stop_all

WAITS = (1, 2, 4, 8, 16, 32, 60)  # seconds before the next start; the last one for every further end
STEADY_SECONDS = 60  # one that stood so long begins again with the shortest wait


_die_with_parent = partial(die_with_parent, signal.SIGTERM)  # unlike SIGINT, no callback of Python swallows it


def _say(line: str) -> None:
    print(line, flush=True)


class Child:
    """A process that shall stay up, in a session of its own; `ends` counts its ends since it last stood steady."""

    def __init__(self, name: str, command: Sequence[str], folder: Path) -> None:
        self.name, self.command, self.folder = name, command, folder
        self.ends = 0
        self._due = 0.0
        self.start()

    def start(self) -> None:
        """Start it, the first time or again; OSError when the machine cannot."""
        self._began = time.monotonic()
        self.process = subprocess.Popen(
            self.command, cwd=self.folder, start_new_session=True, preexec_fn=_die_with_parent
        )
        self.running = True

    def rest(self, waits: Sequence[float], steady: float) -> float:
        """Count an end; returns the seconds until it is due again."""
        now = time.monotonic()
        if now - self._began >= steady:
            self.ends = 0
        wait = waits[min(self.ends, len(waits) - 1)]
        self.ends += 1
        self.running, self._due = False, now + wait
        return wait

    def due(self) -> bool:
        """True if it has ended and its wait is over."""
        return not self.running and time.monotonic() >= self._due


class Supervisor:
    """The children that are kept up while the block lasts and end with it; somebody must `look` again and again."""

    def __init__(
        self,
        folder: Path,
        *,
        waits: Sequence[float] = WAITS,
        steady: float = STEADY_SECONDS,
        say: Callable[[str], None] = _say,
    ) -> None:
        self.folder, self.waits, self.steady, self.say = folder, waits, steady, say
        self.children: list[Child] = []

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ignore_interruptions()
        running = [child for child in self.children if child.running]
        stop_all([child.process for child in running], signal.SIGTERM, signal.SIGQUIT)
        for child in running:
            kill_group(child.process)

    def keep(self, name: str, command: Sequence[str]) -> Child:
        """Start a command and keep it up from now on."""
        child = Child(name, command, self.folder)
        self.children.append(child)
        return child

    def look(self) -> None:
        """Notice who has ended, with one line, and start those whose wait is over."""
        for child in self.children:
            if child.running and (code := child.process.poll()) is not None:
                kill_group(child.process)
                wait = child.rest(self.waits, self.steady)
                self.say(_line(child.name, f"已退出（代码 {code}）", f"ended (code {code})", wait))
            if child.due():
                self._start(child)

    def _start(self, child: Child) -> None:
        """Start it again; a machine without room for a process at this moment gets another chance later."""
        try:
            child.start()
        except OSError as error:
            wait = child.rest(self.waits, self.steady)
            self.say(_line(child.name, f"无法启动（{error}）", "could not start", wait))


def _line(name: str, chinese: str, english: str, wait: float) -> str:
    now = time.strftime("%Y-%m-%d %H:%M:%S")
    return f"{now} {name} {chinese}，{wait:g} 秒后重新启动。 It {english}; next start in {wait:g} s."
