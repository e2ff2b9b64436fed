"""review.yaml -> Protocol, with every mistake at once: file, line, key, what was found, what is allowed."""

from __future__ import annotations

import difflib
import types
import typing
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from living_review.errors import ProtocolError
from living_review.protocol import Protocol
from living_review.protocol_rules import inconsistencies

FILE_NAME = "review.yaml"
LARGEST_BYTES = 2_000_000
"""A protocol is written by hand; a larger file is something else given by mistake."""
MOST_VALUES = 100_000
"""Values counted as often as an alias repeats them: a few lines of aliases can stand for billions."""
DEEPEST = 40
"""Levels; the deepest key of a protocol is at six."""


def load(folder: Path) -> Protocol:
    """The protocol of the review in ``folder``.

    Raises:
        ProtocolError: With one line for every mistake in the file.
    """
    path = folder / FILE_NAME
    try:
        body = path.read_bytes()
    except FileNotFoundError as error:
        raise ProtocolError(
            [
                f"no {FILE_NAME} in {folder}, start one with `living-review init {folder}`, or name another folder with --review"
            ]
        ) from error
    except OSError as error:
        raise ProtocolError(
            [f"{path}: found what cannot be read ({error.strerror}); allowed: a file that you may read"]
        ) from error
    return parse(body, str(path))


@lru_cache(maxsize=16)  # a flow opens its review once a step, and a protocol is never changed
def parse(body: bytes, name: str = FILE_NAME) -> Protocol:
    """The protocol that ``body`` (UTF-8 YAML) states; ``name`` is used in messages.

    Raises:
        ProtocolError: With one line for every mistake.
    """
    if len(body) > LARGEST_BYTES:
        raise ProtocolError([f"{name}: found {len(body)} bytes; allowed: at most {LARGEST_BYTES}"])
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        raise ProtocolError(
            [f"{name}, line {line}: found a byte that is not UTF-8; allowed: text saved as UTF-8"]
        ) from error
    try:
        tree = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = (error.problem or str(error)).split("\n")[0]
        raise ProtocolError([f"{name}, line {line}: found broken YAML ({problem}); allowed: valid YAML"]) from error
    except RecursionError as error:
        raise ProtocolError([f"{name}: found values nested too deeply; allowed: {DEEPEST} levels"]) from error
    except (YAMLError, ValueError) as error:
        raise ProtocolError(
            [f"{name}: found broken YAML ({str(error).splitlines()[0]}); allowed: valid YAML"]
        ) from error
    if not isinstance(tree, CommentedMap):
        found = "an empty file" if tree is None else f"a {_kind(tree)}"
        raise ProtocolError(
            [f"{name}, line 1: found {found}; allowed: keys with values, as `living-review init` writes"]
        )
    values = _values(name, tree)
    try:
        protocol = Protocol.model_validate(values)
    except ValidationError as error:
        broken = {str(item["loc"][0]) for item in error.errors() if item["loc"]}
        lines = {*_lines_for(name, tree, error), *_references_beside(name, tree, values, broken)}
        raise ProtocolError(sorted(lines, key=_by_line)) from error
    wrong = inconsistencies(protocol)
    if wrong:
        raise ProtocolError(sorted((_message(name, tree, path, text) for path, text in wrong), key=_by_line))
    return protocol


_NEEDS = {
    "screening": {"eligibility"},
    "notify": {"screening"},
    "charting": {"typology"},
    "typology": {"charting"},
    "summary": {"charting", "typology"},
    "translations": {"charting", "typology", "language"},
}
"""Section -> the other sections that its references lead to."""
_STAND_IN = {"id": "x", "title": "x", "question": "x", "searches": [{"source": "files", "inbox": "x"}]}


def _references_beside(name: str, tree: CommentedMap, values: dict[str, Any], broken: set[str]) -> list[str]:
    """Mistakes of reference in the sections that can be read, so that nobody has to come back for them."""
    rest = {**_STAND_IN, **{key: value for key, value in values.items() if key not in broken}}
    try:
        wrong = inconsistencies(Protocol.model_validate(rest))
    except ValidationError:
        return []
    return [
        _message(name, tree, path, text)
        for path, text in wrong
        if not broken & {str(path[0]), *_NEEDS.get(str(path[0]), ())}
    ]


def _by_line(message: str) -> tuple[int, str]:
    after = message.partition(", line ")[2]
    digits = after.split(",")[0].split(":")[0]
    return (int(digits) if digits.isdigit() else 0, message)


def _values(name: str, tree: CommentedMap) -> dict[str, Any]:
    """The tree as plain values; an alias is written out, as often as it is used, within bounds."""
    seen = 0

    def plain(node: Any, depth: int) -> Any:
        nonlocal seen
        seen += 1
        if seen > MOST_VALUES or depth > DEEPEST:
            raise ProtocolError(
                [f"{name}: found too much; allowed: {MOST_VALUES} values with aliases written out, {DEEPEST} levels"]
            )
        if isinstance(node, CommentedMap):
            return {str(key): plain(value, depth + 1) for key, value in node.items()}
        if isinstance(node, CommentedSeq):
            return [plain(item, depth + 1) for item in node]
        return _scalar(node)

    return {str(key): plain(value, 1) for key, value in tree.items()}


def _scalar(node: Any) -> Any:
    if isinstance(node, bool) or node is None:
        return node
    if isinstance(node, int):
        return int(node)
    if isinstance(node, float):
        return float(node)
    return str(node) if isinstance(node, str) else node


def _message(name: str, tree: CommentedMap, path: tuple[str | int, ...], text: str) -> str:
    return f"{name}, line {_line_of(tree, path)}: {_dotted(path)}: {text}"


def _lines_for(name: str, tree: CommentedMap, error: ValidationError) -> list[str]:
    found = error.errors()
    # A list whose items are all wrong is reported as too short as well: the items' own mistakes say it better.
    told = [
        item
        for item in found
        if item["type"] != "too_short"
        or not any(other["loc"][: len(item["loc"])] == item["loc"] and other is not item for other in found)
    ]
    return sorted({_line_for(name, tree, item) for item in told}, key=_by_line)


def _line_for(name: str, tree: CommentedMap, error: Any) -> str:
    path = _real_path(tree, error["loc"], error["type"])
    found = error["input"]
    kind = error["type"]
    if kind == "extra_forbidden":
        allowed = _keys_at(path[:-1], tree)
        near = difflib.get_close_matches(str(path[-1]), allowed, n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        return _message(name, tree, path, f"found an unknown key{hint}; allowed: {', '.join(allowed)}")
    if kind == "missing":
        return _message(name, tree, path, "found nothing; allowed: a value, this key is required")
    if kind == "union_tag_invalid":
        path, found = (*path, "source"), found.get("source")
    if kind == "union_tag_not_found":
        return _message(name, tree, (*path, "source"), "found nothing; allowed: pubmed, files")
    allowed_text = str(error["msg"]).removeprefix("Value error, ")
    allowed_text = allowed_text[:1].lower() + allowed_text[1:]
    return _message(name, tree, path, f"found {_shown(found)}; allowed: {_readable(allowed_text, error)}")


def _readable(text: str, error: Any) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "literal_error" | "enum":
            return str(context.get("expected", text)).replace("'", "").replace(" or ", ", ")
        case "union_tag_invalid":
            return str(context.get("expected_tags", text)).replace("'", "")
        case "string_pattern_mismatch":
            return _PATTERNS.get(str(context.get("pattern")), text)
        case "too_short":
            return f"at least {context.get('min_length')} entry"
        case _:
            return text.removeprefix("input should be ")


_PATTERNS = {
    r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$": "lower-case letters, digits and hyphens, at most 63",
    r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$": "a letter, then letters, digits, _ . or -, at most 64",
    r"^[a-z][a-z0-9_]{0,62}$": "a lower-case letter, then lower-case letters, digits and _, at most 63",
    r"^(\d{4}-\d{4}-\d{4}-\d{3}[\dX])?$": "an ORCID iD such as 0000-0002-1825-0097",
}


def _real_path(tree: CommentedMap, location: tuple[str | int, ...], kind: str) -> tuple[str | int, ...]:
    """Pydantic's location without the names it adds for unions and their tags."""
    path: list[str | int] = []
    node: Any = tree
    for place, part in enumerate(location):
        last = place == len(location) - 1
        if isinstance(node, CommentedMap) and (part in node or (last and kind in {"missing", "extra_forbidden"})):
            path.append(part)
            node = node.get(part)
        elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            path.append(part)
            node = node[part]
        elif last and kind == "missing":
            path.append(part)
    return tuple(path)


def _line_of(tree: CommentedMap, path: tuple[str | int, ...]) -> int:
    node: Any = tree
    line = 1
    for part in path:
        if isinstance(node, CommentedMap) and part in node:
            line = node.lc.key(part)[0] + 1
            node = node[part]
        elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            line = node.lc.item(part)[0] + 1
            node = node[part]
        else:
            break
    return line


def _dotted(path: tuple[str | int, ...]) -> str:
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else (f".{part}" if text else part)
    return text or "the file"


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, (dict, list)):
        return f"a {_kind(value)}"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "mapping"
    return "list" if isinstance(value, list) else "plain value"


def _keys_at(path: tuple[str | int, ...], tree: CommentedMap) -> list[str]:
    model: Any = Protocol
    node: Any = tree
    for part in path:
        node = node[part]
        if typing.get_origin(model) is dict:
            model = typing.get_args(model)[1]
        elif isinstance(part, str) and isinstance(model, type) and issubclass(model, BaseModel):
            model = model.model_fields[part].annotation if part in model.model_fields else None
        model = _model_in(model, node)
    return sorted(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _model_in(annotation: Any, node: Any) -> Any:
    """The model that ``node`` was read as, inside tuples, unions and annotations."""
    if (isinstance(annotation, type) and not typing.get_args(annotation)) or typing.get_origin(annotation) is dict:
        return annotation
    candidates = [item for item in typing.get_args(annotation) if item is not Ellipsis and item is not types.NoneType]
    if isinstance(node, CommentedSeq):
        return annotation
    models = [_model_in(item, node) for item in candidates]
    models = [item for item in models if isinstance(item, type) and issubclass(item, BaseModel)]
    if len(models) > 1 and isinstance(node, CommentedMap):
        for item in models:
            tag = item.model_fields.get("source")
            if tag is not None and node.get("source") in typing.get_args(tag.annotation):
                return item
    return models[0] if models else annotation
