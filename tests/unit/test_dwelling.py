"""How long placements stayed in a state: what ended counts, what was undone does not."""

from datetime import timedelta

from operators.dwelling import stays
from tests.unit.test_engine_corrections import reverse
from tests.world import World, reach


def test_stay_lasts_from_the_move_in_to_the_move_out(world: World) -> None:
    reach(world, "candidate_shown")
    world.wait(days=3)
    world.ask("select_candidate", "host", selected_candidate_ref="C-P")
    assert list(stays(world.history()))[-1] == ("candidate_shown", timedelta(days=3))


def test_move_that_was_reversed_ends_no_stay(world: World) -> None:
    reach(world, "candidate_shown")
    before = list(stays(world.history()))
    world.wait(days=3)
    world.ask("select_candidate", "host", selected_candidate_ref="C-P")
    reverse(world)
    assert list(stays(world.history())) == before
    world.wait(days=2)
    world.ask("select_candidate", "host", selected_candidate_ref="C-P")
    assert list(stays(world.history())) == [*before, ("candidate_shown", timedelta(days=5))]
