"""The one kind of error that people are shown."""


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
