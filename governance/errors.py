"""The one kind of error that people are shown."""


class DomainError(Exception):
    """A rule of the house was broken; `message` is plain Chinese for the user, `code` is for programs."""

    code = "invalid"

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
