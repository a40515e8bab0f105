"""Named predicates: conditions that an expression cannot say, since they look back over a placement's history.

Each is given a Situation and answers yes or no; none has an effect.
"""

from collections.abc import Callable
from typing import Final

from workflow.definition import Value
from workflow.situation import Situation

_SHOWN: Final = "show_candidate"
_OF_CANDIDATES: Final = (_SHOWN, "candidate_withdraws")

Predicate = Callable[[Situation], bool]
PREDICATES: dict[str, Predicate] = {}


def predicate(check: Predicate) -> Predicate:
    """Register a predicate under its function's name."""
    PREDICATES[check.__name__] = check
    return check


@predicate
def selected_candidate_was_shown(situation: Situation) -> bool:
    """The candidate to select is one of those shown for this vacancy who have not withdrawn."""
    return situation.value("selected_candidate_ref") in _candidates(situation)


@predicate
def candidate_was_shown(situation: Situation) -> bool:
    """The candidate spoken of is one of those shown for this vacancy who have not withdrawn."""
    return situation.value("candidate_ref") in _candidates(situation)


@predicate
def other_candidates_remain(situation: Situation) -> bool:
    """Somebody else than the candidate spoken of was shown for this vacancy and has not withdrawn."""
    return bool(_candidates(situation) - {situation.value("candidate_ref")})


@predicate
def candidate_is_not_selected(situation: Situation) -> bool:
    """The candidate spoken of is not the one whom the host selected."""
    return situation.value("candidate_ref") != situation.value("selected_candidate_ref")


def _candidates(situation: Situation) -> set[Value]:
    """The candidates of this vacancy: shown since the post was last vacant, less those who withdrew since."""
    vacant = situation.facts.entered.get("post_vacant")
    remaining: set[Value] = set()
    told = [entry for entry in situation.before(situation.facts.seq) if entry.trigger in _OF_CANDIDATES]
    # By when it happened: somebody shown for an earlier vacancy may have been entered during this one.
    for entry in sorted(told, key=lambda entry: (entry.occurred_at, entry.seq)):
        if vacant is not None and (entry.occurred_at, entry.seq) <= (vacant.last_at, vacant.last_seq):
            continue
        candidate = situation.past.value(entry.seq, "candidate_ref")
        if entry.trigger == _SHOWN:
            remaining.add(candidate)
        else:
            remaining.discard(candidate)
    return remaining - {None}


PREDICATE_NAMES = frozenset(PREDICATES)
