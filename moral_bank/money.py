"""Money is kept in 分 (cents) and shown in 元."""


def yuan(cents: int) -> str:
    """12.50 for 1250, with a minus where there is one."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
