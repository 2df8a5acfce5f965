"""What a request looks like behind the desk's doors."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from governance.accounts.models import User


class DeskRequest(HttpRequest):
    """Somebody has logged in (`duty_required`, `login_required`), and htmx has said whether it asks."""

    user: User
    htmx: HtmxDetails
