"""`python -m faults [ROW…] [--long]`: try the rows, print one table, and write docs/reference/faults.md anew.

Rows that leave a processor idle are tried in a process of their own beside the others. The last line is `N faults
tried, M violations`; the exit code is 1 where there was a violation, where a control did not fail as it must, or where
a tool is missing.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from faults import page
from faults.harness import Row, Tally
from faults.page import Result
from faults.rows import ROWS

_SHOWN = 20


def main() -> int:
    """Try what was asked for, and tell."""
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="T3, T5 …; all without one")
    parser.add_argument("--long", action="store_true", help="many more of each")
    parser.add_argument("--count", type=int, help="so many of each")
    given = parser.parse_args()
    unknown = sorted(set(given.rows) - ROWS.keys())
    if unknown:
        parser.error(f"there is no row {', '.join(unknown)}: choose from {', '.join(ROWS)}")
    usual = [row.name for row in ROWS.values() if row.usual and not row.named_only]
    results = _in_lanes(given.rows or usual, given)
    page.write([result for result in results if result.on], ROWS)
    print(page.table(results))
    print(f"{sum(r.tried for r in results)} faults tried, {sum(r.violations for r in results)} violations")
    return 0 if all(result.is_green for result in results) else 1


def _in_lanes(names: Sequence[str], given: argparse.Namespace) -> list[Result]:
    """What came of these rows, in their order."""
    slack = [name for name in names if ROWS[name].slack]
    with _beside(slack, given) as others:
        found = [_tried(ROWS[name], given) for name in names if name not in slack]
        found += others()
    return sorted(found, key=lambda result: names.index(result.row))


@contextmanager
def _beside(names: Sequence[str], given: argparse.Namespace) -> Iterator[Callable[[], list[Result]]]:
    """Try these rows in another process: what a control breaks is broken in its own. Gives what waits for them."""
    processes = get_context("fork")
    mine, its = processes.Pipe(duplex=False)
    lane = processes.Process(target=_lane, args=(names, given, its))
    lane.start()
    its.close()
    try:
        yield mine.recv
    finally:
        # Not ended by force: it has servers and daemons to stop.
        lane.join()


def _lane(names: Sequence[str], given: argparse.Namespace, told: Connection) -> None:
    told.send([_tried(ROWS[name], given) for name in names])


def _tried(row: Row, given: argparse.Namespace) -> Result:
    missing = row.missing()
    if missing:
        print(f"{row.name}: not tried, {', '.join(missing)} is missing", file=sys.stderr)
        return Result.missing(row)
    count = given.count or (row.many if given.long else row.usual or row.many)
    print(f"{row.name}: {row.fault} …", file=sys.stderr, flush=True)
    started_s = time.monotonic()
    tally = row.run(count)
    _complain(row, tally)
    result = Result.of(row, tally, row.control(), time.monotonic() - started_s)
    print(f"{row.name}: {result.tried} tried, {result.violations} violations, {result.took_s:.0f} s; "
          f"control: {result.control}", file=sys.stderr, flush=True)  # fmt: skip
    return result


def _complain(row: Row, tally: Tally) -> None:
    for sentence in tally.violations[:_SHOWN]:
        print(f"{row.name}: VIOLATION: {sentence}", file=sys.stderr)
    if len(tally.violations) > _SHOWN:
        print(f"{row.name}: and {len(tally.violations) - _SHOWN} more", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
