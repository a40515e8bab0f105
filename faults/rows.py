"""The rows there are, in the order of the plan."""

from collections.abc import Mapping

from faults import (
    clock_jumps,
    damaged_database,
    failing_disk,
    failover,
    kill_at_each_write,
    mutated_input,
    random_definitions,
    several_daemons,
    soak,
    upgrades,
)
from faults.harness import Row

ROWS: Mapping[str, Row] = {
    module.ROW.name: module.ROW
    for module in (
        random_definitions,
        kill_at_each_write,
        failing_disk,
        clock_jumps,
        several_daemons,
        failover,
        mutated_input,
        damaged_database,
        upgrades,
        soak,
    )
}
