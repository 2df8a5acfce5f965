"""What a division code says of its unit. Pure."""

VILLAGE_FROM = "200"  # the last three figures of a village's code: 001 to 199 are 居委会, 村委会 have 200 and more (domain.md §2)


def is_community(code: str) -> bool:
    """社区, by the code of a village."""
    return code[9:12] < VILLAGE_FROM
