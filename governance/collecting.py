"""When the collector of garbage looks through what was made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collected_later() -> Iterator[None]:
    """Rows by the ten thousand are made and none is part of a cycle: the collector would look through all of them again and again, a
    quarter of the time, and find nothing. It rests for the whole process until they are made."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
