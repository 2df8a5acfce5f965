"""The trial mode's broker: kombu's filesystem transport, except that a file appears under its name only when it is whole.

kombu opens a message, or a table of bindings, under the name that others look for and writes it afterwards; who looks in
between reads nothing and fails. See docs/decisions/0004-filesystem-broker.md.
"""

from __future__ import annotations

import logging
import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any
from urllib.parse import quote, unquote

from kombu.exceptions import ChannelError
from kombu.transport import filesystem, virtual
from kombu.utils.json import dumps, loads

log = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """Messages are published and taken by rename; a binding is an empty file whose name says all."""

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:  # type: ignore[override]  # stubs name it twice
        path = Path(self.data_folder_out, f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg")
        unfinished = path.with_name(f"{path.name}.part")
        try:
            unfinished.write_text(dumps(message), encoding="utf-8")
            unfinished.rename(path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise ChannelError(f"Cannot write {path}") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for name in sorted(os.listdir(self.data_folder_in)):
            if name.partition(".")[2] == f"{queue}.msg":
                message = self._take(Path(self.data_folder_in, name))
                if message is not None:
                    return message
        raise Empty

    @staticmethod
    def _take(path: Path) -> Any:
        """The message of a file; None if another consumer was quicker, or if it is unreadable and was put aside."""
        taken = path.with_name(f"{path.name}.taken")
        try:
            path.rename(taken)
        except FileNotFoundError:
            return None
        try:
            message = loads(taken.read_bytes())
        except (OSError, ValueError):
            log.exception("Unreadable message put aside: %s", taken)
            return None
        taken.unlink()
        return message

    def _bindings(self, exchange: str) -> Path:
        return self.control_folder / f"{quote(exchange, safe='')}.exchange"

    def _binding(self, exchange: str, *parts: str | None) -> Path:
        """The file that stands for a binding: routing key, pattern and queue are its name."""
        return self._bindings(exchange) / "&".join(quote(part or "", safe="") for part in parts)

    def get_table(self, exchange: str) -> list[Any]:
        """The exchange's bindings as rows (routing key, pattern, queue), of all processes."""
        try:
            names = os.listdir(self._bindings(exchange))
        except FileNotFoundError:
            return []
        return [filesystem.exchange_queue_t(*map(unquote, name.split("&"))) for name in names]

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str | None, queue: str) -> None:
        binding = self._binding(exchange, routing_key, pattern, queue)
        binding.parent.mkdir(parents=True, exist_ok=True)
        binding.touch()

    def _delete(self, queue: str, exchange: str, *parts: str | None, **kwargs: Any) -> None:
        virtual.Channel._delete(self, queue)
        self._binding(exchange, *parts).unlink(missing_ok=True)


class Transport(filesystem.Transport):
    """For CELERY_BROKER_TRANSPORT; its options are kombu's."""

    Channel = Channel
