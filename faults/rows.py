"""The rows there are, in the order of the plan."""

from collections.abc import Mapping

from faults import (
    clock_jumps,
    cut_ways,
    damaged_database,
    failing_disk,
    failover,
    kill_at_each_write,
    mutated_input,
    power_loss,
    random_definitions,
    restarts,
    several_daemons,
    shared_commits,
    soak,
    upgrades,
    whole_system,
)
from faults.harness import Row

ROWS: Mapping[str, Row] = {
    module.ROW.name: module.ROW
    for module in (
        random_definitions,
        whole_system,
        kill_at_each_write,
        power_loss,
        failing_disk,
        clock_jumps,
        several_daemons,
        restarts,
        failover,
        cut_ways,
        mutated_input,
        damaged_database,
        upgrades,
        soak,
        shared_commits,
    )
}
