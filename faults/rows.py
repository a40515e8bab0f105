"""The rows there are, in the order of the plan."""

from collections.abc import Mapping

from faults import (
    failing_disk,
    kill_at_each_write,
)
from faults.harness import Row

ROWS: Mapping[str, Row] = {
    module.ROW.name: module.ROW
    for module in (
        kill_at_each_write,
        failing_disk,
    )
}
