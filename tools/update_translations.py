"""Refreshes resources/translations: collects every text of the window, keeps what is translated, compiles.

Without an option it rewrites the Linguist files and their compiled form; `--check` only says what is missing
(exit status 1). Texts are the literals given to `tr` in jarvis_desktop/ui, the words of the configuration's
schema, the message and hint templates of every error raised anywhere in the program, and every remark.
"""

from __future__ import annotations

import argparse
import ast
import string
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "jarvis_desktop"
FOLDER = ROOT / "resources" / "translations"
LANGUAGES = ("es",)
Texts = dict[str, dict[str, None]]  # context -> texts, in order


@dataclass
class Collection:
    """Every text by context, and the places where a template could not be read."""

    texts: Texts = field(default_factory=lambda: {"window": {}, "settings": {}, "errors": {}})
    problems: list[str] = field(default_factory=list)


def collect() -> Collection:
    """All texts of the program as it is on disk."""
    found = Collection()
    for path in sorted((PACKAGE / "ui").glob("*.py")):
        for call in _calls(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call.func, ast.Name) and call.func.id == "tr":
                _take(found, "window", call.args[0], _Scope(ast.Module([], [])), f"{path.name}:{call.lineno}")
    _collect_settings(found)
    for path in sorted(PACKAGE.rglob("*.py")):
        _collect_errors(found, path)
    return found


def read(language: str) -> dict[str, dict[str, str]]:
    """Finished translations of a Linguist file by context and text; empty without the file."""
    path = FOLDER / f"jarvis_{language}.ts"
    if not path.exists():
        return {}
    return {
        context.findtext("name", ""): {
            message.findtext("source", ""): message.findtext("translation", "")
            for message in context.iter("message")
            if message.findtext("translation", "")
        }
        for context in ET.parse(path).getroot().iter("context")
    }


def missing(texts: Texts, translations: dict[str, dict[str, str]]) -> list[str]:
    """Texts without a translation, or with one whose {names} differ."""
    complaints = []
    for context, sources in texts.items():
        for source in sources:
            translation = translations.get(context, {}).get(source, "")
            if not translation:
                complaints.append(f"{context}: not translated: {source!r}")
            elif _names(source) != _names(translation):
                complaints.append(f"{context}: other {{names}} than in {source!r}: {translation!r}")
    return complaints


def write(language: str, texts: Texts, translations: dict[str, dict[str, str]]) -> None:
    """The Linguist file: texts of today, translations as far as there are any."""
    root = ET.Element("TS", version="2.1", language=language, sourcelanguage="en")
    for context, sources in texts.items():
        element = ET.SubElement(root, "context")
        ET.SubElement(element, "name").text = context
        for source in sources:
            message = ET.SubElement(element, "message")
            ET.SubElement(message, "source").text = source
            translated = translations.get(context, {}).get(source, "")
            target = ET.SubElement(message, "translation")
            target.text = translated
            if not translated:
                target.set("type", "unfinished")
    ET.indent(root, "    ")
    body = ET.tostring(root, encoding="unicode")
    text = f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n'
    (FOLDER / f"jarvis_{language}.ts").write_text(text, encoding="utf-8")


def compile_to(language: str, target: Path) -> None:
    """Compile a Linguist file with Qt's own tool."""
    source = FOLDER / f"jarvis_{language}.ts"
    tool = Path(sys.executable).parent / "pyside6-lrelease"
    subprocess.run([str(tool), "-silent", str(source), "-qm", str(target)], check=True)


class _Scope:
    """What names stand for in a module: constants, and functions that return literals."""

    def __init__(self, module: ast.Module) -> None:
        self.constants = {
            target.id: node.value
            for node in module.body
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }
        self.functions = {node.name: node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}

    def literals(self, node: ast.expr) -> list[str] | None:
        """Every text the expression can be; None when that cannot be read from the source."""
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.Constant(value=None):
                return []
            case ast.IfExp(body=body, orelse=orelse):
                return self._all([body, orelse])
            case ast.BoolOp(values=values):
                return self._all(values)
            case ast.Name(id=name) if name in self.constants:
                return self.literals(self.constants[name])
            case ast.Subscript(value=ast.Name(id=name)) if isinstance(self.constants.get(name), ast.Dict):
                table = self.constants[name]
                return self._all(table.values) if isinstance(table, ast.Dict) else None
            case ast.Call(func=ast.Name(id=name)) if name in self.functions:
                returns = [n for n in ast.walk(self.functions[name]) if isinstance(n, ast.Return)]
                return self._all([n.value for n in returns if n.value is not None])
            case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=name)):
                return self._elsewhere(module, name)
        return None

    def _elsewhere(self, module: str, function: str) -> list[str] | None:
        """What a function of another module of the program returns."""
        for path in PACKAGE.rglob(f"{module}.py"):
            scope = _Scope(ast.parse(path.read_text(encoding="utf-8")))
            if function in scope.functions:
                return scope.literals(ast.Call(ast.Name(function), [], []))
        return None

    def _all(self, nodes: list[ast.expr]) -> list[str] | None:
        parts = [self.literals(node) for node in nodes]
        return (
            None if any(part is None for part in parts) else [text for part in parts for text in part or []]
        )


def _collect_settings(found: Collection) -> None:
    from jarvis_desktop.config import describe
    from jarvis_desktop.ui.settings_pages import gathered_pages, page_title

    for page in (*describe.pages(), describe.profiles_page(), *gathered_pages()):
        found.texts["settings"].update(dict.fromkeys([page_title(page.key), page.help]))
    for setting in (*describe.settings(), *describe.profile_settings(describe.ANY)):
        found.texts["settings"].update(dict.fromkeys([setting.title, setting.help]))


def _collect_errors(found: Collection, path: Path) -> None:
    from jarvis_desktop import errors

    kinds = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.JarvisError)
    }
    module = ast.parse(path.read_text(encoding="utf-8"))
    scope = _Scope(module)
    where = path.relative_to(ROOT).as_posix()
    for call in _calls(module):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name == "Remark":
            _take(found, "errors", call.args[0], scope, f"{where}:{call.lineno}")
        if name not in kinds:
            continue
        given = dict(zip(("code", "message", "hint"), call.args, strict=False))
        given |= {word.arg: word.value for word in call.keywords if word.arg in ("message", "hint")}
        for key in ("message", "hint"):
            if key in given and not _passed_on(given[key]):
                _take(found, "errors", given[key], scope, f"{where}:{call.lineno}")


def _passed_on(node: ast.expr) -> bool:
    """A template of another error or of a remark; it is collected where it is written."""
    return isinstance(node, ast.Attribute) and node.attr in ("message_template", "hint_template", "template")


def _take(found: Collection, context: str, node: ast.expr, scope: _Scope, where: str) -> None:
    texts = scope.literals(node)
    if texts is None:
        found.problems.append(f"{where}: not a literal, so it cannot be translated: {ast.unparse(node)}")
    else:
        found.texts[context].update(dict.fromkeys(text for text in texts if text))


def _calls(module: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(module) if isinstance(node, ast.Call))


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say what is missing")
    options = parser.parse_args()
    found = collect()
    complaints = list(found.problems)
    for language in LANGUAGES:
        known = read(language)
        complaints += missing(found.texts, known)
        if not options.check:
            write(language, found.texts, known)
            compile_to(language, FOLDER / f"jarvis_{language}.qm")
    sys.stdout.write("".join(f"{complaint}\n" for complaint in complaints))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    raise SystemExit(main())
