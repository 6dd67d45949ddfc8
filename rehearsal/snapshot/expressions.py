"""PostgreSQL writes some expressions in another way once they were dumped and read again, with the same meaning.

Two of them are common: `(ARRAY[a, b])::text[]` comes back as `ARRAY[(a)::text, (b)::text]` (every `IN` list over a
varchar), and `((a AND b) AND c)` as `(a AND b AND c)` (every `BETWEEN` beside another condition). Neither is a
difference.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""
    (?P<tag>\$\w*\$).*?(?P=tag)      # a dollar-quoted body is one opaque token
    | [EBX]?'(?:[^']|'')*'
    | "(?:[^"]|"")*"
    | :: | \w+ | \s+ | .
    """,
    re.VERBOSE | re.DOTALL,
)
_CLOSING = {"(": ")", "[": "]"}

_Node = str | list["_Node"]
"""A token, or a bracketed group: a list that begins with its opening bracket and ends with its closing one."""


def same_meaning(one: str, other: str) -> bool:
    """Tell whether two definitions differ in nothing but the ways of writing named above."""
    return one == other or _normal(one) == _normal(other)


def _normal(text: str) -> list[_Node]:
    tokens = [match.group() for match in _TOKEN.finditer(text) if not match.group().isspace()]
    return _rewrite(_tree(tokens))


def _tree(tokens: list[str]) -> list[_Node]:
    """Nest brackets. Those that don't match (a quote that is not one, in some text) stay plain tokens."""
    stack: list[list[_Node]] = [[]]
    for token in tokens:
        if token in _CLOSING:
            stack.append([token])
        elif len(stack) > 1 and token == _CLOSING[str(stack[-1][0])]:
            group = [*stack.pop(), token]
            stack[-1].append(group)
        else:
            stack[-1].append(token)
    while len(stack) > 1:
        rest = stack.pop()
        stack[-1].extend(rest)
    return stack[0]


def _rewrite(nodes: list[_Node]) -> list[_Node]:
    inner = [node if isinstance(node, str) else _rewrite(node) for node in nodes]
    for operator in ("AND", "OR"):
        inner = _flatten(_spread(inner), operator)
    return inner


def _spread(nodes: list[_Node]) -> list[_Node]:
    """Move the cast of an array to its elements."""
    result: list[_Node] = []
    position = 0
    while position < len(nodes):
        elements, end = _cast_array(nodes, position)
        result += elements or [nodes[position]]
        position = end if elements else position + 1
    return result


def _cast_array(nodes: list[_Node], start: int) -> tuple[list[_Node], int]:
    """Read `(ARRAY[…])::type[]` at `start`: its nodes with the cast moved, and where it ends; else nothing."""
    match nodes[start : start + 2]:
        case [["(", "ARRAY", [*array], ")"], "::"]:
            end = next((i for i in range(start + 2, len(nodes)) if nodes[i] == ["[", "]"]), None)
            if end is not None and all(isinstance(n, str) or n[0] == "(" for n in nodes[start + 2 : end]):
                cast = ["::", *nodes[start + 2 : end]]
                return ["ARRAY", _cast_elements(array, cast)], end + 1
    return [], start


def _cast_elements(array: list[_Node], cast: list[_Node]) -> list[_Node]:
    result: list[_Node] = []
    element: list[_Node] = ["("]
    for node in array[1:]:
        if node in (",", "]"):
            result += [*([[*element, ")"], *cast] if len(element) > 1 else []), node]
            element = ["("]
        else:
            element.append(node)
    return ["[", *result]


def _flatten(nodes: list[_Node], operator: str) -> list[_Node]:
    """Take a group that is itself a chain of the operator out of its brackets, where it stands between operators."""
    if operator not in nodes:
        return nodes
    result: list[_Node] = []
    for i, node in enumerate(nodes):
        alone = (i == 0 or nodes[i - 1] in (operator, "(")) and (i == len(nodes) - 1 or nodes[i + 1] in (operator, ")"))
        chain = isinstance(node, list) and node[0] == "(" and operator in node and "," not in node
        result += node[1:-1] if alone and chain and isinstance(node, list) else [node]
    return result
