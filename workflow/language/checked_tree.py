"""The tree of a checked expression, read from the bytes in which CEL's engine gives it away.

It is the very tree that the engine evaluates: nothing is parsed a second time, so that nothing can be read otherwise.
The bytes are a `cel.expr.CheckedExpr` (cel-spec, checked.proto and syntax.proto) in an `Any`; of Protocol Buffers' wire
format only what occurs there is read here. Knows nothing of what a function means.
"""

from collections import defaultdict
from dataclasses import dataclass

_VARINT, _BYTES = 0, 2
_PACKED_IN, _TREE_IN = 2, 4
_CONSTANT, _NAME, _CALL, _LISTING = 3, 4, 6, 7
_TRUTH, _WHOLE, _TEXT = 2, 3, 6


class NotRead(Exception):
    """A tree with something that is not read here: a macro, a selection, a number that is not whole."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal: true or false, a whole number, a text."""

    value: bool | int | str


@dataclass(frozen=True, slots=True)
class Name:
    """A variable."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function or an operator, by CEL's name for it (`_<_`, `@in`), with its arguments."""

    function: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that is written out."""

    items: tuple["Node", ...]


Node = Constant | Name | Call | Listing
_Message = dict[int, list[int | bytes]]


def checked_tree(serialized: bytes) -> Node:
    """The tree of an expression that the engine has checked. Raises NotRead."""
    return _node(_only(_message(_only(_message(serialized), _PACKED_IN)), _TREE_IN))


def _node(data: bytes) -> Node:
    message = _message(data)
    if _CONSTANT in message:
        return Constant(_constant(_message(_only(message, _CONSTANT))))
    if _NAME in message:
        return Name(_only(_message(_only(message, _NAME)), 1).decode())
    if _CALL in message:
        return _call(_message(_only(message, _CALL)))
    if _LISTING in message:
        return _listing(_message(_only(message, _LISTING)))
    raise NotRead(f"a node of the fields {sorted(message)}")


def _constant(message: _Message) -> bool | int | str:
    match list(message.items()):
        case [(number, [int(value)])] if number == _TRUTH:
            return bool(value)
        case [(number, [int(value)])] if number == _WHOLE:
            return value - (1 << 64) if value >> 63 else value
        case [(number, [bytes(value)])] if number == _TEXT:
            return value.decode()
    raise NotRead(f"a literal of the fields {sorted(message)}")


def _call(message: _Message) -> Call:
    if not message.keys() <= {2, 3}:
        raise NotRead("a method")
    return Call(_only(message, 2).decode(), _nodes(message, 3))


def _listing(message: _Message) -> Listing:
    if not message.keys() <= {1}:
        raise NotRead("a list with optional items")
    return Listing(_nodes(message, 1))


def _nodes(message: _Message, number: int) -> tuple[Node, ...]:
    return tuple(_node(part) for part in message.get(number, ()) if isinstance(part, bytes))


def _only(message: _Message, number: int) -> bytes:
    match message.get(number):
        case [bytes(part)]:
            return part
    raise NotRead(f"no field {number}")


def _message(data: bytes) -> _Message:
    """The fields of one message: number -> its values, in their order."""
    message: _Message = defaultdict(list)
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        value, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            message[number].append(value)
        elif wire == _BYTES:
            message[number].append(data[at : at + value])
            at += value
        else:
            raise NotRead(f"a field of the wire type {wire}")
    return message


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, the least first, and where the next one begins."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
