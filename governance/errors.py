"""The one kind of error that people are shown."""

from celery.exceptions import SoftTimeLimitExceeded


class DomainError(Exception):
    """A rule of the house was broken; `message` is plain Chinese for the user, `code` is for programs, `field` is the
    service's argument that breaks it ("" where it is not one alone): a form shows the message there."""

    code = "invalid"
    field = ""

    def __init__(self, message: str, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        if field is not None:
            self.field = field


def reason_of(error: Exception) -> str:
    """Why work in the background failed, as its row keeps it and as people read it."""
    if isinstance(error, DomainError):
        return str(error)
    if isinstance(error, SoftTimeLimitExceeded):
        return "超过时限还没有办完，已停下；请分成几份再试，或联系管理员"
    return f"程序出错（{type(error).__name__}），请联系管理员"
