"""Fixtures for all tests: the database comes from the runner (scripts/test.py), never from a mock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker


@pytest.fixture(scope="session", autouse=False)
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let Django's own flush empty insert-only tables between tests; their guards have tests that switch them on."""
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE tgname LIKE '%\\_truncate'")
            for trigger, table in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    yield


@pytest.fixture(autouse=True)
def fast_passwords(settings: Settings) -> None:
    """A dozen log-ins a test at full strength would take longer than all else together."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
