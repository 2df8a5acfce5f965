"""Fixtures for all tests: the database comes from the runner (scripts/test.py), never from a mock."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as project_settings
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser
from pytest_django import Settings
from xdist.scheduler import LoadFileScheduling

from tests import worker
from tests.browser import chromium
from tests.emptying import empty_after_test

# That a machine is busy is no fault of a test.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
SHARED_OUT = {"tests/test_matrix.py": 4}  # files whose tests go to several workers: in so many parts
LONGEST_FIRST = [f"tests/{line}" for line in (Path(__file__).parent / "longest.txt").read_text().split()]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no worker is left alone with one of them at the end."""
    ranks = {name: rank for rank, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: ranks.get(item.nodeid.split("::")[0], len(ranks)))


def pytest_collection_finish() -> None:
    """What stands after collecting stands until the end: the collector of garbage need not look through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Name at once what failed: a whole run goes on for a quarter of an hour."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\n{report.nodeid} failed ({report.when})")


class ByFile(LoadFileScheduling):  # type: ignore[misc]  # xdist brings no types
    """A file's tests stay together, for they share worlds; those of SHARED_OUT in parts."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return f"{file} {sum(nodeid.encode()) % SHARED_OUT.get(file, 1)}"


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    """Instead of what --dist says."""
    return ByFile(config, log)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Copy the database that the runner has migrated, instead of migrating once a worker."""
    if template := os.environ.get("MIGRATED_DATABASE"):
        project_settings.DATABASES["default"].setdefault("TEST", {})["TEMPLATE"] = template


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Empty the tables quickly after a test with committed data; end the standing worker before its database."""
    setattr(TransactionTestCase, "_fixture_teardown", empty_after_test)  # noqa: B010  # private, so not in the types
    yield
    worker.stop_standing()


@pytest.fixture(autouse=True)
def fast_passwords(settings: Settings) -> None:
    """A dozen log-ins a test at full strength would take longer than all else together."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser for the walks; each walk opens a context of its own, as a new visitor."""
    with chromium() as found:
        yield found
