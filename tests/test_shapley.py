"""Shapley values against their definition, closed forms, and what makes them fair."""

from collections.abc import Callable
from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchpoint.horizon import Floats
from switchpoint.study.shapley import exact, in_orders, some_orders, standard_errors


@st.composite
def games(draw: Callable) -> tuple[int, list[float]]:
    """A number of causes, and a worth for each set of them."""
    causes = draw(st.integers(1, 5))
    worths = st.lists(st.integers(-1000, 1000), min_size=2**causes, max_size=2**causes)
    return causes, draw(worths)


def of(worths: list[float]) -> Callable[[int], Floats]:
    return lambda members: np.array([worths[members], -2.0 * worths[members]])


def by_definition(causes: int, worths: list[float]) -> list[float]:
    """What each adds to those before it, over every order."""
    shares = [0.0] * causes
    for order in permutations(range(causes)):
        members = 0
        for cause in order:
            shares[cause] += (worths[members | 1 << cause] - worths[members]) / factorial(causes)
            members |= 1 << cause
    return shares


class TestExact:
    @given(games())
    def test_it_is_the_average_over_all_orders(self, game: tuple[int, list[float]]) -> None:
        causes, worths = game
        shares = exact(causes, of(worths))
        assert shares[:, 0] == pytest.approx(by_definition(causes, worths), abs=1e-9)
        assert shares[:, 1] == pytest.approx(-2 * shares[:, 0])

    @given(games())
    def test_nothing_is_left_over(self, game: tuple[int, list[float]]) -> None:
        causes, worths = game
        assert exact(causes, of(worths))[:, 0].sum() == pytest.approx(worths[-1] - worths[0], abs=1e-9)

    @given(games(), st.data())
    def test_who_changes_nothing_gets_nothing(self, game: tuple[int, list[float]], data: st.DataObject) -> None:
        causes, worths = game
        idle = data.draw(st.integers(0, causes - 1))
        without = [worths[members & ~(1 << idle)] for members in range(2**causes)]
        assert exact(causes, of(without))[idle].tolist() == [0.0, 0.0]
        assert not in_orders(some_orders(causes, 4), of(without))[:, idle].any()

    @given(st.lists(st.integers(-1000, 1000), min_size=7, max_size=7))
    def test_who_can_stand_for_each_other_get_the_same(self, worths: list[int]) -> None:
        by_size = [float(worths[members.bit_count()]) for members in range(2**6)]
        shares = exact(6, of(by_size))[:, 0]
        assert shares == pytest.approx([shares[0]] * 6)

    @given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=7))
    def test_what_adds_up_is_shared_as_it_adds_up(self, amounts: list[int]) -> None:
        worths = [
            float(sum(a for i, a in enumerate(amounts) if members >> i & 1)) for members in range(2 ** len(amounts))
        ]
        assert exact(len(amounts), of(worths))[:, 0] == pytest.approx(amounts, abs=1e-9)

    def test_gloves(self) -> None:
        """Two left gloves and a right one; a pair is worth 1. The textbook values are 1/6, 1/6 and 4/6."""
        worths = [1.0 if members & 0b100 and members & 0b011 else 0.0 for members in range(8)]
        assert exact(3, of(worths))[:, 0] == pytest.approx([1 / 6, 1 / 6, 4 / 6])

    def test_a_runway(self) -> None:
        """A runway as long as its longest user needs: each stretch is shared by those who need it."""
        needs = [8.0, 11.0, 13.0, 18.0]
        worths = [max((n for i, n in enumerate(needs) if members >> i & 1), default=0.0) for members in range(16)]
        assert exact(4, of(worths))[:, 0] == pytest.approx([2, 3, 4, 9])


class TestInOrders:
    @given(games())
    @settings(max_examples=30)
    def test_all_orders_give_the_exact_values(self, game: tuple[int, list[float]]) -> None:
        causes, worths = game
        orders = list(permutations(range(causes)))
        assert in_orders(orders, of(worths)).mean(axis=0) == pytest.approx(exact(causes, of(worths)), abs=1e-9)

    @given(games(), st.integers(1, 6))
    def test_nothing_is_left_over(self, game: tuple[int, list[float]], count: int) -> None:
        causes, worths = game
        for shares in in_orders(some_orders(causes, count), of(worths)):
            assert shares[:, 0].sum() == pytest.approx(worths[-1] - worths[0], abs=1e-9)

    def test_two_causes_need_only_an_order_and_its_reverse(self) -> None:
        worths = [3.0, 5.0, -2.0, 11.0]
        assert in_orders(some_orders(2, 2), of(worths)).mean(axis=0) == pytest.approx(exact(2, of(worths)))

    def test_orders_come_with_their_reverses_and_are_the_same_every_time(self) -> None:
        orders = some_orders(9, 6)
        assert orders[0] == list(range(9))
        assert [order[::-1] for order in orders[::2]] == orders[1::2]
        assert all(sorted(order) == list(range(9)) for order in orders)
        assert orders == some_orders(9, 6)
        assert len({tuple(order) for order in orders}) == 6

    def test_the_standard_error_is_about_the_error(self) -> None:
        """Over many seeds, estimates of a game with random worths lie about one standard error off."""
        worths = np.random.default_rng(1).normal(size=2**6).tolist()
        truth, squares = exact(6, of(worths)), []
        for seed in range(60):
            found = in_orders(some_orders(6, 40, seed), of(worths))
            errors = standard_errors(found)
            assert errors is not None
            squares.append(((found.mean(axis=0) - truth) / errors) ** 2)
        assert np.mean(squares) == pytest.approx(1.0, abs=0.3)

    def test_a_single_pair_tells_no_error(self) -> None:
        assert standard_errors(np.zeros((2, 3, 1))) is None
