"""The strongly connected components of a graph that hold a cycle (Tarjan's algorithm, without recursion)."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

_N = TypeVar("_N", bound=Hashable)


def components(edges: Mapping[_N, Iterable[tuple[Any, _N]]]) -> Iterator[frozenset[_N]]:
    """Each largest set of nodes that all lead to one another, where it has an edge within it."""
    index: dict[_N, int] = {}
    low: dict[_N, int] = {}
    stack: list[_N] = []
    held: set[_N] = set()
    for root in edges:
        if root in index:
            continue
        work = [(root, iter([to for _, to in edges[root] if to in edges]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        held.add(root)
        while work:
            node, targets = work[-1]
            target = next(targets, None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    found = _popped(stack, held, node)
                    if len(found) > 1 or any(to == node for _, to in edges[node]):
                        yield found
            elif target not in index:
                index[target] = low[target] = len(index)
                stack.append(target)
                held.add(target)
                work.append((target, iter([to for _, to in edges[target] if to in edges])))
            elif target in held:
                low[node] = min(low[node], index[target])


def _popped(stack: list[_N], held: set[_N], root: _N) -> frozenset[_N]:
    found: set[_N] = set()
    while root not in found:
        node = stack.pop()
        held.discard(node)
        found.add(node)
    return frozenset(found)
