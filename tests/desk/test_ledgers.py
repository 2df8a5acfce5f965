"""The page of all ledgers: what is wrong in the address is said and exports nothing."""

from __future__ import annotations

import pytest
from django.test import Client

from governance.accounts.models import AccessLog
from tests.inspections.orders.house import OrderHouse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("query", ["period=2026-13", "village=0", "period=2026&village=x"])
@pytest.mark.parametrize("face", ["xlsx", "print"])
def test_a_wrong_period_or_village_exports_nothing(client: Client, query: str, face: str) -> None:
    house = OrderHouse()
    client.force_login(house.staff)
    before = AccessLog.objects.count()
    page = client.get(f"/ledgers/errands/{face}/?{query}", follow=True).content.decode()
    assert "请重新选定" in page and 'class="error"' in page
    assert AccessLog.objects.count() == before


@pytest.mark.parametrize("query", ["period=zzz", "village=zzz"])
def test_a_wrong_period_or_village_offers_nothing(client: Client, query: str) -> None:
    house = OrderHouse()
    client.force_login(house.staff)
    page = client.get(f"/ledgers/?{query}").content.decode()
    assert "筛选条件有误" in page and 'class="error"' in page and "/xlsx/" not in page
    assert "/xlsx/" in client.get("/ledgers/").content.decode()
