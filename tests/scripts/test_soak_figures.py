import pytest

from soak_figures import Counted, Kill, Sent, Web

ONCE, LOST, TWICE = Sent(1, 1.5, 1), Sent(1, None, 0), Sent(1, 1.5, 2)
SOON, LATE, NEVER = Kill("worker", 9, 1.2, 4), Kill("worker", 9, 1.2, 61), Kill("worker", 9)


def counted(*messages: Sent, kills: tuple[Kill, ...] = (SOON,), wrong: tuple[str, ...] = ()) -> Counted:
    return Counted(Web(2 + len(wrong), [0.01, 0.5], list(wrong)), list(kills), [*messages, ONCE])


@pytest.mark.parametrize(
    ("figures", "failures"),
    [
        (counted(), []),
        (counted(LOST), ["1 messages lost"]),
        (counted(TWICE), []),  # as often as the worker was killed: the outbox promises at least once
        (counted(TWICE, TWICE), ["2 messages doubled in 1 kills"]),
        (counted(TWICE, kills=(Kill("beat", 9, 1.2),)), ["1 messages doubled in 0 kills"]),
        (counted(kills=(LATE,)), ["not up again within 60 s"]),
        (counted(kills=(NEVER,)), ["not up again within 60 s"]),
        (counted(kills=(Kill("beat", 9, 1.2),)), []),
        (counted(wrong=("refused",)), ["1 requests without an answer"]),
    ],
)
def test_it_fails_for_what_must_not_be(figures: Counted, failures: list[str]) -> None:
    assert figures.failures() == failures


def test_it_tells_what_it_counted() -> None:
    assert counted(LOST, TWICE, wrong=("second 7, /: refused",)).lines() == [
        "requests: 3 asked, 2 answered, median 0.500 s, slowest 0.50 s",
        "second 7, /: refused",
        "messages: 3 sent; done once 1, lost 1, doubled 1; median 0.50 s, slowest 0.5 s",
        "the last one, without a nudge, by the beat: 0.5 s",
        "kill -9 of the worker at 9 s: another stood after 1.2 s, delivered after 4.0 s",
    ]


def test_a_flushed_broker_must_deliver_in_time_too() -> None:
    soon, late, never = Kill("redis", 7, 2.0, 12, 31), Kill("redis", 7, 2.0, 61, 31), Kill("redis", 7, 2.0, 12)
    assert [counted(kills=(kill,)).failures() for kill in (soon, late, never)] == [[], *[["not up again within 60 s"]] * 2]
    assert counted(kills=(soon,)).lines()[-1] == (
        "FLUSHALL and kill -9 of the worker at 7 s: another stood after 2.0 s, delivered after 12.0 s, the closing computed after 31.0 s"
    )
