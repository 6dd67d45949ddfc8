"""Markdown in, the tree of headings out, with what stands directly under each: the ground of every other reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from rehearsal.runbook.anchors import Anchors
from rehearsal.runbook.inline import Inline, Written, is_command, read_inline
from rehearsal.runbook.model import Command, Problem, Procedure, Row, Step
from rehearsal.runbook.parts import Document, Item, Part
from rehearsal.runbook.placeholders import find_placeholders
from rehearsal.runbook.shell import split_commands
from rehearsal.runbook.transcript import SESSIONS, typed

SHELLS = ("", "bash", "sh", "shell", "zsh", *SESSIONS)
"""Languages of a block whose text is commands; a block that names none is taken for one."""


def read_document(text: str) -> Document:
    """Read the structure of a Markdown text whose only newline is the line feed."""
    reader = _Reader(text.split("\n"))
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    reader.read(SyntaxTreeNode(tokens).children)
    return reader.document


class _Reader:
    """Walks the blocks of a document and puts each under the last heading seen."""

    def __init__(self, source: Sequence[str]) -> None:
        self.source = source
        self.anchors = Anchors()
        self.document = Document([Part()], [], [])
        self.lineage: list[Part] = []
        self.gathered: list[Command] | None = None
        """The commands of the numbered list that is being read; None outside of one."""

    @property
    def part(self) -> Part:
        return self.document.parts[-1]

    def read(self, nodes: Sequence[SyntaxTreeNode]) -> None:
        for node in nodes:
            match node.type:
                case "heading":
                    self._heading(node)
                case "fence" | "code_block":
                    self._block(node)
                case "ordered_list" | "bullet_list":
                    self._list(node)
                case "table":
                    self._table(node)
                case "paragraph":
                    self.part.lines += self._inline(node).lines
                case "blockquote":
                    self.read(node.children)

    def _inline(self, node: SyntaxTreeNode) -> Inline:
        inline = read_inline(_token(node), self.source)
        self.document.links += inline.links
        return inline

    def _heading(self, node: SyntaxTreeNode) -> None:
        inline, level = self._inline(node), int(node.tag[1])
        raw = " ".join(node.children[0].content.split("\n"))
        above = [part for part in self.lineage if part.level < level]
        part = Part(raw, inline.text, level, inline.lines[0].line, self.anchors.next(inline.text))
        part.above = tuple(parent.heading for parent in above)
        self.lineage = [*above, part]
        self.document.parts.append(part)

    def _list(self, node: SyntaxTreeNode) -> None:
        numbered, part, outermost = node.type == "ordered_list", self.part, self.gathered is None
        if numbered and outermost:
            self.gathered = []
        first = int(node.attrs.get("start", 1))
        for number, item in enumerate(node.children, first):
            self._item(item, part.steps if numbered else part.items, number if numbered else 0)
        if numbered and outermost:
            commands, self.gathered = tuple(self.gathered or ()), None
            if commands:
                text = "\n".join(command.text for command in commands)
                part.procedures.append(Procedure(part.place(_line(node)), "", commands, text))

    def _item(self, node: SyntaxTreeNode, target: list[Item], number: int) -> None:
        index = len(target)
        number = number or index + 1
        step = Step(number, "", _line(node))
        target.append(Item(step, ()))  # its place, before those of the lists inside it
        texts: list[str] = []
        codes: list[Written] = []
        commands: list[Command] = []
        for child in node.children:
            if child.type == "paragraph":
                inline = self._inline(child)
                texts.append(inline.text)
                codes += inline.codes
                commands += self._inline_commands(inline)
            elif child.type in ("fence", "code_block"):
                commands += self._block(child)
            else:
                self.read([child])
        target[index] = Item(replace(step, text=" ".join(texts), commands=tuple(commands)), tuple(codes))

    def _inline_commands(self, inline: Inline) -> list[Command]:
        commands = []
        for code in inline.codes:
            if is_command(code.text):
                label = inline.text.partition(code.text)[0].rstrip(" :")
                placeholders = find_placeholders(code.text, code.line)
                commands.append(Command(code.text, label, code.line, placeholders))
        if self.gathered is not None:
            self.gathered += commands
        return commands

    def _block(self, node: SyntaxTreeNode) -> tuple[Command, ...]:
        language = (node.info.split() or [""])[0]
        fenced = node.type == "fence"
        commands: tuple[Command, ...] = ()
        if language.lower() in SHELLS:
            commands = split_commands(typed(node.content, language.lower()), _line(node) + fenced)
        if fenced and not self._is_closed(node):
            message = f"expected the block to end with {node.markup}, found none before the end of what it stands in"
            place = self.part.place(_line(node))
            self.document.problems.append(Problem("procedure", self.part.heading, message, place))
        if commands and self.gathered is not None:
            self.gathered += commands
        else:
            place = self.part.place(_line(node))
            self.part.procedures.append(Procedure(place, language, commands, node.content))
        return commands

    def _is_closed(self, node: SyntaxTreeNode) -> bool:
        first, last = node.map or (0, 0)
        end = self.source[last - 1].strip("> \t")
        return last - first > 1 and len(end) >= len(node.markup) and not end.strip(node.markup[0])

    def _table(self, node: SyntaxTreeNode) -> None:
        rows = [row for group in node.children for row in group.children]
        cells = [tuple(self._inline(cell).text for cell in row.children) for row in rows]
        self.part.tables.append([Row(texts, _line(row)) for texts, row in zip(cells, rows, strict=True)])


def _token(node: SyntaxTreeNode) -> Token:
    token = node.children[0].token
    assert token, "headings, paragraphs and cells hold one inline token each"
    return token


def _line(node: SyntaxTreeNode) -> int:
    return node.map[0] + 1 if node.map else 0
