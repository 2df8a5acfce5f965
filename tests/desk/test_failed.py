"""What the background gave up is shown with its reason to those who may ask for it again, and is asked for by one press."""

from __future__ import annotations

import pytest
from django.test import Client

from governance.accounts.models import User
from governance.frame.sweeping import GIVEN_UP
from governance.periods import Kind, Period, today
from moral_bank.models import Closing
from tests.builders import make_township, make_user
from tests.moral_bank.closings.house import ClosingHouse

pytestmark = pytest.mark.django_db
LAST_MONTH = Period.of(Kind.MONTH, today()).previous()


@pytest.fixture
def failed() -> Closing:
    closing = ClosingHouse(households=1, rules_from=LAST_MONTH.start).closing(str(LAST_MONTH))
    Closing.objects.filter(pk=closing.pk).update(job="failed", job_error=GIVEN_UP, job_tries=5)
    return closing


def desk(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_staff_sees_the_reason_and_asks_again(failed: Closing) -> None:
    client = desk(make_user("clerk", "staff", failed.village.parent))
    page = client.get("/failed/").content.decode()
    assert str(failed) in page and GIVEN_UP in page and "试了 5 次" in page
    assert "已重新交给后台办理" in client.post(f"/failed/closing/{failed.pk}/again/", follow=True).content.decode()
    failed.refresh_from_db()
    assert (failed.job, failed.job_error, failed.job_tries) == ("queued", "", 0)
    assert "没有停下来的后台任务" in client.get("/failed/").content.decode()
    assert client.post(f"/failed/closing/{failed.pk}/again/").status_code == 404, "it has not failed any more"


def test_nobody_else_sees_or_presses(failed: Closing) -> None:
    for client in (desk(make_user("other", "staff", make_township("511923103"))), desk(make_user("cadre", "cadre", failed.village))):
        assert str(failed) not in client.get("/failed/").content.decode()
        assert client.post(f"/failed/closing/{failed.pk}/again/").status_code == 404
    assert desk(make_user("clerk", "staff", failed.village.parent)).post(f"/failed/else/{failed.pk}/again/").status_code == 404
    failed.refresh_from_db()
    assert failed.job == "failed"
