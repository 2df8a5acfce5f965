"""A world that all tests of a module share: built once in a transaction that is undone at the end, so that each test, in a
savepoint of it, finds it as it was built. For tests that try something against it and keep nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

World = TypeVar("World")


def module_world(build: Callable[[], World]) -> Any:
    """A fixture, `name = module_world(build)`; the tests need the mark `django_db`."""

    @pytest.fixture(scope="module")
    def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
        with django_db_blocker.unblock(), transaction.atomic():
            built = build()
            connection.check_constraints()
            yield built
            transaction.set_rollback(True)

    return world
