"""The trial mode's broker: what is sent is seen whole or not at all and received once, between whichever two steps one looks."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from queue import Empty
from types import FrameType
from typing import TypeVar

import pytest
from kombu import Connection
from kombu.simple import SimpleQueue
from kombu.transport import filesystem

from governance.celery import app
from processes import poll, stop
from tests.governance.broker_traffic import KOMBU, OURS, connected, tasks, traffic
from tests.worker import celery

T = TypeVar("T")
BODY = {"closing": 7}
SECONDS = 180


def interrupted(action: Callable[[], T], intruder: Callable[[], T], at: int) -> tuple[T, list[T]]:
    """What `action` gave, and `intruder` before its call number `at` into C (open, write, rename …), if it makes so many."""
    calls = count()
    seen: list[T] = []

    def look(frame: FrameType, event: str, argument: object) -> None:
        if event == "c_call" and next(calls) == at:
            seen.append(intruder())

    sys.setprofile(look)
    try:
        return action(), seen
    finally:
        sys.setprofile(None)


def received(queue: SimpleQueue) -> list[object]:
    """The next message, if there is one."""
    try:
        message = queue.get_nowait()
    except Empty:
        return []
    message.ack()
    return [message.payload]


def channel_of(connection: Connection) -> filesystem.Channel:
    channel = connection.default_channel
    assert isinstance(channel, filesystem.Channel)
    return channel


def bound(connection: Connection, exchange: str) -> list[str]:
    """The queues to which this connection would send."""
    return sorted(row.queue for row in channel_of(connection).get_table(exchange))


def read_at_every_step_of_a_writer(folder: Path, transport: str) -> None:
    with tasks(folder, transport) as writer, tasks(folder, transport) as reader:
        for step in count():
            _, seen = interrupted(partial(writer.put, BODY), partial(received, reader), step)
            assert [*seen, received(reader)] in ([[BODY], []], [[], [BODY]], [[BODY]])
            if not seen:
                break


def look_at_every_step_of_a_binding(folder: Path, transport: str) -> None:
    with connected(folder, transport) as worker, connected(folder, transport) as sender:
        for step in count():
            name = f"{folder.name}-{step}"
            _, seen = interrupted(partial(worker.SimpleQueue, name), partial(bound, sender, name), step)
            assert [*seen, bound(sender, name)] in ([[], [name]], [[name], [name]], [[name]])
            if not seen:
                break


def test_it_shows_a_message_whole_or_not_at_all(tmp_path: Path) -> None:
    read_at_every_step_of_a_writer(tmp_path, OURS)


def test_kombus_own_shows_a_message_before_it_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        read_at_every_step_of_a_writer(tmp_path, KOMBU)


def test_it_shows_a_binding_whole_or_not_at_all(tmp_path: Path) -> None:
    look_at_every_step_of_a_binding(tmp_path, OURS)


def test_kombus_own_shows_a_table_of_bindings_before_it_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        look_at_every_step_of_a_binding(tmp_path, KOMBU)


def test_it_gives_a_message_to_one_of_two_readers(tmp_path: Path) -> None:
    with tasks(tmp_path) as first, tasks(tmp_path) as second:
        for step in count():
            first.put(BODY)
            got, seen = interrupted(partial(received, first), partial(received, second), step)
            assert [*got, *sum(seen, [])] == [BODY]
            if not seen:
                break


def test_it_keeps_the_order_and_counts_what_waits(tmp_path: Path) -> None:
    with tasks(tmp_path) as queue:
        for number in range(5):
            queue.put(number)
        assert queue.qsize() == 5
        assert [received(queue) for _ in range(5)] == [[0], [1], [2], [3], [4]]
        queue.put(5)
        assert queue.clear() == 1
        assert received(queue) == []


@pytest.mark.parametrize("content", [b"", b"\0\0\0", b'{"body": "W10', b"\xff"])
def test_it_puts_an_unreadable_message_aside(tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with tasks(tmp_path) as queue:
        broken = tmp_path / "queue" / f"0_broken.{tmp_path.name}.msg"
        broken.write_bytes(content)
        queue.put(BODY)
        assert received(queue) == [BODY]
        assert received(queue) == []
    assert "Unreadable message put aside" in caplog.text
    assert [path.read_bytes() for path in broken.parent.iterdir()] == [content]


def fail(*names: object) -> None:
    raise OSError("No space left on device")


def test_it_leaves_nothing_of_what_it_could_not_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with connected(tmp_path) as connection, tasks(tmp_path) as queue:
        with monkeypatch.context() as patch:
            patch.setattr(Path, "rename", fail)
            with pytest.raises(connection.channel_errors, match="Cannot write"):
                queue.put(BODY)
        assert list((tmp_path / "queue").iterdir()) == []


def test_it_tells_every_process_and_forgets_who_has_left(tmp_path: Path) -> None:
    with connected(tmp_path) as worker, connected(tmp_path) as other:
        channel = channel_of(worker)
        channel.exchange_declare(tmp_path.name, "fanout")
        for name in ("one@host.pidbox", "two@host.pidbox"):
            channel.queue_bind(name, tmp_path.name, "a&b /%")
        assert bound(other, tmp_path.name) == ["one@host.pidbox", "two@host.pidbox"]
        assert {row.routing_key for row in channel_of(other).get_table(tmp_path.name)} == {"a&b /%"}
        channel.basic_publish(channel.prepare_message("hello"), tmp_path.name, "")
        assert len(list((tmp_path / "queue").glob("*.msg"))) == 2
        channel.queue_delete("one@host.pidbox")
        assert bound(other, tmp_path.name) == ["two@host.pidbox"]
        assert len(list((tmp_path / "queue").glob("*.msg"))) == 1


def test_several_processes_receive_every_message_once(tmp_path: Path) -> None:
    assert traffic(tmp_path, 300) == dict.fromkeys(range(300), 1)


def test_a_worker_on_trial_outlives_an_unreadable_message(tmp_path: Path) -> None:
    messages = tmp_path / "broker" / "queue"
    messages.mkdir(parents=True)
    (messages / "0_broken.celery.msg").touch()
    with connected(tmp_path / "broker") as connection:
        app.send_task("celery.backend_cleanup", connection=connection)
    options = ("--pool", "solo", "--without-gossip", "--without-mingle")
    worker = celery("worker", *options, REDIS_URL="", XIANGZHI_VAR=str(tmp_path))
    try:
        assert poll(lambda: not list(messages.glob("*.msg")), alive=lambda: worker.poll() is None, seconds=SECONDS)
    finally:
        assert stop(worker, signal.SIGTERM) == 0
    assert [path.name for path in messages.iterdir()] == ["0_broken.celery.msg.taken"]
