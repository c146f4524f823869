"""Costing: whatever comes and goes, what came in is what went out and what is left, to the minor unit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specie.kernel.quantity import Quantity
from specie.stock.errors import MovementUnfit
from specie.stock.model import Layer, Method, Pile, lowest, share_coming_back

ONE = Quantity.ONE
_moves = st.lists(
    st.one_of(
        st.tuples(st.just("in"), st.integers(1, 5 * 10**7), st.integers(0, 10**7)),
        st.tuples(st.just("out"), st.integers(1, 5 * 10**7), st.just(0)),
    ),
    max_size=30,
)


@settings(max_examples=200, deadline=None)
@given(_moves, st.sampled_from(Method), st.booleans())
def test_no_value_is_made_or_lost_by_any_history(
    moves: list[tuple[str, int, int]], method: Method, below: bool
) -> None:
    pile, quantity, came_in, went_out = Pile(method), 0, 0, 0
    for kind, much, cost in moves:
        if kind == "in":
            pile, correction = pile.receive(much, cost)
            quantity, came_in, went_out = quantity + much, came_in + cost, went_out + correction
        elif below or much <= pile.quantity:
            pile, cost_out = pile.take(much, may_go_below=below)
            quantity, went_out = quantity - much, went_out + cost_out
        assert pile.quantity == quantity
        assert came_in == went_out + pile.cost
        assert (pile.quantity > 0) >= (pile.cost > 0), "no value without goods"
        assert all(layer.quantity > 0 for layer in pile.layers) or len(pile.layers) == 1
        assert quantity or pile.cost == 0


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 10**7), st.lists(st.integers(1, 10**6), max_size=20))
def test_what_comes_back_in_parts_brings_back_the_cost_it_left_with(cost: int, quantity: int, parts: list[int]) -> None:
    returned = back = 0
    for part in [*parts, quantity]:
        more = min(part, quantity - returned)
        back += share_coming_back(cost, quantity, returned, more)
        returned += more
        assert 0 <= back <= cost
    assert (returned, back) == (quantity, cost)


def stocked(method: Method) -> Pile:
    pile, _ = Pile(method).receive(10 * ONE, 1_000)
    return pile.receive(10 * ONE, 2_000)[0]


def test_the_oldest_goods_leave_first_and_the_average_forgets_which_is_which() -> None:
    assert stocked(Method.FIFO).take(15 * ONE) == (
        Pile(Method.FIFO, (Layer(5 * ONE, 1_000),), Layer(10 * ONE, 2_000)),
        2_000,
    )
    assert stocked(Method.AVERAGE).take(15 * ONE)[1] == 2_250


def test_a_third_of_a_layer_is_rounded_and_its_last_third_takes_the_rest() -> None:
    pile, _ = Pile(Method.FIFO).receive(3 * ONE, 100)
    costs = []
    for _ in range(3):
        pile, cost = pile.take(ONE)
        costs.append(cost)
    assert (costs, pile.cost) == ([33, 34, 33], 0)


def test_more_than_there_is_leaves_only_where_stock_may_go_below() -> None:
    with pytest.raises(MovementUnfit):
        stocked(Method.FIFO).take(20 * ONE + 1)
    pile, cost = stocked(Method.FIFO).take(25 * ONE, may_go_below=True)
    # Five are missing, at the 200 a unit that the last receipt cost.
    assert (cost, pile.layers) == (4_000, (Layer(-5 * ONE, -1_000),))
    filled, correction = pile.receive(8 * ONE, 2_400)
    assert (correction, filled.layers) == (500, (Layer(3 * ONE, 900),))


def test_a_receipt_without_quantity_or_with_a_cost_below_zero_is_refused() -> None:
    for quantity, cost in ((0, 1), (-1, 1), (1, -1)):
        with pytest.raises(MovementUnfit):
            Pile(Method.FIFO).receive(quantity, cost)


def test_the_least_that_was_in_stock_is_found_going_backwards() -> None:
    # 10 now; last came 8, before that 5 left: there were 2, before that 7.
    assert lowest(Quantity(10), [Quantity(8), Quantity(-5)]) == Quantity(2)
