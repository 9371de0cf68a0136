"""What the table of `make bench-store` says of times."""

from store.figures import Figure, at, figure, growth, table


def one(what: str, where: str, p95: float, processor: float | None = None) -> Figure:
    return Figure(what, where, 20, p95, p95, processor, 100)


def test_a_bar_is_reached_by_the_wall_or_else_by_the_processor() -> None:
    assert one("open", "small", 99).verdict == "reached"
    assert one("open", "small", 300, 99).verdict == "by the processor"
    assert one("open", "small", 300, 101).verdict == "not reached"
    assert one("open", "small", 300).verdict == "not reached"


def test_nineteen_of_twenty_samples_are_within_the_95th_percentile() -> None:
    samples = [(float(n), n / 2) for n in range(100, 0, -1)]
    found = figure("open", "small", samples, 100)
    assert (found.samples, found.median, found.p95, found.processor_p95) == (100, 51, 96, 48)
    assert at([7.0], 0.95) == 7


def test_growth_is_told_beyond_noise_and_by_the_processor() -> None:
    figures = [
        one("open", "small", 500, 40),
        one("open", "large", 900, 50),
        one("jump", "small", 10, 1),
        one("jump", "large", 10, 10.5),
        one("next", "small", 10, 10),
        one("next", "large", 10, 30),
        one("only here", "small", 10),
    ]
    opened, jumped, went = growth(figures, "small", "large")
    assert opened.endswith("40.0 -> 50.0 ms: flat")
    assert jumped.endswith("flat")
    assert went.endswith("grows 3.0 times")


def test_the_table_names_each_figure_with_its_bar() -> None:
    _, line = table([one("open a session", "small", 12.34)])
    assert line.split()[:4] == ["open", "a", "session", "small"]
    assert "12.3" in line
    assert line.endswith("100 ms  reached")
