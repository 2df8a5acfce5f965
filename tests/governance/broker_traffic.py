"""Several processes on one folder of messages: ``python -m tests.governance.broker_traffic 6000``; imports no Django."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from kombu import Connection
from kombu.simple import SimpleQueue

KOMBU = "kombu.transport.filesystem:Transport"
OURS = "governance.file_broker:Transport"
WRITERS = READERS = 2
SECONDS = 180


@contextmanager
def connected(folder: Path, transport: str = OURS) -> Iterator[Connection]:
    """A connection to the broker below `folder`."""
    messages = folder / "queue"
    messages.mkdir(exist_ok=True)
    options = {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(folder / "bindings"),
        "polling_interval": 0.01,
    }
    with Connection("filesystem://", transport=transport, transport_options=options) as connection:
        yield connection


@contextmanager
def tasks(folder: Path, transport: str = OURS) -> Iterator[SimpleQueue]:
    """One queue of the broker; named after the folder, since kombu remembers bindings by name for the whole process."""
    with connected(folder, transport) as connection:
        yield connection.SimpleQueue(folder.name)


def write(folder: Path, transport: str, numbers: range) -> None:
    """Send each number as a message."""
    with tasks(folder, transport) as queue:
        for number in numbers:
            queue.put(number)


def read(folder: Path, transport: str) -> list[int]:
    """The numbers that this process received before a message that is none."""
    with tasks(folder, transport) as queue:
        numbers: list[int] = []
        while True:
            message = queue.get(timeout=SECONDS)
            message.ack()
            if message.payload is None:
                return numbers
            numbers.append(message.payload)


def traffic(folder: Path, count: int, transport: str = OURS) -> Counter[int]:
    """How often each of `count` numbers arrived, sent and received by several processes at once."""
    with ProcessPoolExecutor(WRITERS + READERS, mp_context=get_context("spawn")) as pool:
        readers = [pool.submit(read, folder, transport) for _ in range(READERS)]
        writers = [pool.submit(write, folder, transport, range(start, count, WRITERS)) for start in range(WRITERS)]
        for writer in writers:
            writer.result()
        with tasks(folder, transport) as queue:
            for _ in readers:
                queue.put(None)
        return Counter(number for reader in readers for number in reader.result())


if __name__ == "__main__":
    count = int(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="xz-broker-") as name:
        began = time.monotonic()
        arrived = traffic(Path(name), count, *sys.argv[2:])
        seconds = time.monotonic() - began
    once = sum(times == 1 for times in arrived.values())
    print(f"{count} sent, {len(arrived)} arrived, {once} of them once, in {seconds:.1f} s")
