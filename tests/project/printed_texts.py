"""Finds the sentences in the code that a user may read: on a terminal or in a note."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

# These hold no sentence that is only said: what is refused, and what flags and the
# debugger say.
_NO_LINES = re.compile(r"(Error|^Origin|^debug|^compile|^add_argument)$")
_WORD = re.compile(r"(?:^| )\S*[A-Za-z]{2}")
_HAS_BODY = ast.Module | ast.ClassDef | ast.FunctionDef


def list_sentences(path: Path) -> set[str]:
    """Lists the texts of three words or more, without what is put into them.

    An f-string is as many texts as stand between its values. Documentation and the
    messages of exceptions are left out.
    """
    tree = ast.parse(path.read_text())
    texts = (text for text in _list_texts(tree) if text.strip())
    parts = (part for text in texts for part in re.split(r"%[a-z]", text))
    plain = (tidy(part) for part in parts)
    return {text for text in plain if len(_WORD.findall(text)) >= 3}


def tidy(text: str) -> str:
    """Takes off what stands around a sentence, and the escapes of a pattern."""
    return " ".join(text.replace("\\", "").split()).strip(" .,:;()`'\"")


def list_strings(path: Path) -> Iterator[str]:
    """Lists every string of a file but its documentation, in the same form."""
    tree = ast.parse(path.read_text())
    yield from (tidy(text) for text in _list_strings(tree, _documentation(tree)))


def _list_texts(tree: ast.AST) -> Iterator[str]:
    left_out = _documentation(tree)
    for node in ast.walk(tree):
        if _is_no_line(node):
            left_out |= {id(inner) for inner in ast.walk(node)}
    return _list_strings(tree, left_out)


def _list_strings(tree: ast.AST, left_out: set[int]) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in left_out:
                yield text


def _documentation(tree: ast.AST) -> set[int]:
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, _HAS_BODY)]
    return {
        id(line.value)
        for body in bodies
        for line in body
        if isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
    }


def _is_no_line(node: ast.AST) -> bool:
    match node:
        case ast.Raise():
            return True
        case ast.ClassDef(name=name) | ast.Call(func=ast.Name(id=name)):
            return bool(_NO_LINES.search(name))
        case ast.Call(func=ast.Attribute(attr=name)):
            return bool(_NO_LINES.search(name))
    return False
