"""Which mutants a source file has: its own text with one thing wrong in it.

The operators are mutmut's, and a few that it lacks. They are applied to everything, to constants and decorated functions too: in
the core it is the constants that say what is refused.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

# Two words in a row: a sentence for people, in an error or a log. What it says is held by tests that quote it where it matters.
_PROSE = re.compile(r"[A-Za-z]{2,}[,:;.]? [A-Za-z]{2,}")
# Names of types, which nothing reads at run time: `T = TypeVar("T")`, `Outline = Mapping[str, Any]`.
_TYPE = re.compile(r"[A-Z][a-z]*([A-Z][a-z]+)*")

# Calls whose arguments, left out or None, only fail: nothing is learnt of the tests.
_NEVER_CALLED_WRONGLY = {"isinstance", "len", "type"}
_OPPOSITE = {"True": "False", "False": "True"}


@dataclass(frozen=True)
class Mutant:
    """A file with one thing wrong: `place` is the function or class, `change` the line as it is then, white space aside."""

    place: str
    line: int
    before: str
    change: str
    source: str


def mutants_of(source: str) -> list[Mutant]:
    """Every mutant of that source that is Python, each once."""
    wrapper = MetadataWrapper(cst.parse_module(source))
    visitor = _Visitor()
    wrapper.visit(visitor)
    mutants: dict[str, Mutant] = {}
    for place, line, node, changed in visitor.mutations:
        mutated = _replaced(wrapper.module, node, changed)
        if mutated != source and mutated not in mutants and _is_python(mutated):
            before, after = _difference(source, mutated)
            change = f"without {before}" if after in {"", "pass"} else after
            mutants[mutated] = Mutant(place, line, before, change, mutated)
    return list(mutants.values())


class _Visitor(cst.CSTVisitor):
    """Collects what may be replaced by what, and in which function or class it stands."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.mutations: list[tuple[str, int, cst.CSTNode, cst.CSTNode]] = []
        self._places: list[str] = []
        self._targets: set[cst.CSTNode] = set()

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._places.append(node.name.value)
        if isinstance(node, cst.For | cst.CompFor | cst.AssignTarget):
            self._targets.add(node.target)
        if node in self._targets or _is_left_alone(node):
            return False
        for changed in _mutated(node):
            line = self.get_metadata(PositionProvider, node).start.line
            self.mutations.append((".".join(self._places) or "the module", line, node, changed))
        return not isinstance(node, cst.Decorator)

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._places.pop()


def _is_left_alone(node: cst.CSTNode) -> bool:
    match node:
        case cst.Annotation() | cst.Import() | cst.ImportFrom():
            return True
        case cst.SimpleString() | cst.ConcatenatedString():
            return bool(_PROSE.search(cst.Module([]).code_for_node(node)))
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]):
            return _TYPE.fullmatch(name) is not None
    return False


def _mutated(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """What may stand in the place of the node."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in _NEVER_CALLED_WRONGLY:
        return
    for kind, operator in mutation_operators:
        if isinstance(node, kind):
            # Of a text the first alone: in other letters it is as wrong as with letters around it.
            yield from list(operator(node))[: 1 if kind is cst.BaseString else None]
    match node:
        case cst.Decorator(decorator=cst.Call(args=args) as call):  # frozen=True; slots only save memory
            for index, arg in enumerate(args):
                if isinstance(arg.value, cst.Name) and arg.value.value in _OPPOSITE and arg.keyword.value != "slots":
                    opposite = arg.with_changes(value=cst.Name(_OPPOSITE[arg.value.value]))
                    yield node.with_changes(
                        decorator=call.with_changes(args=[*args[:index], opposite, *args[index + 1 :]])
                    )
        case cst.If() | cst.While() | cst.CompIf() if not isinstance(node.test, cst.Comparison | cst.UnaryOperation):
            negated = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
            yield node.with_changes(test=cst.UnaryOperation(cst.Not(), negated))
        case cst.Raise() | cst.Expr(value=cst.Call() | cst.Await()):  # a refusal or a check that is not there
            yield cst.Pass()
        case cst.Set() | cst.List() | cst.Dict() | cst.Tuple():
            least = 1 if isinstance(node, cst.List | cst.Dict) else 2
            if len(node.elements) >= least:
                for index in range(len(node.elements)):
                    yield node.with_changes(elements=[*node.elements[:index], *node.elements[index + 1 :]])
        case cst.FunctionDef() | cst.ClassDef():
            for index in range(len(node.decorators)):
                yield node.with_changes(decorators=[*node.decorators[:index], *node.decorators[index + 1 :]])


def _replaced(module: cst.Module, node: cst.CSTNode, changed: cst.CSTNode) -> str:
    replaced = module.deep_replace(node, changed)
    assert isinstance(replaced, cst.Module)
    return replaced.code


def _is_python(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def _difference(source: str, mutated: str) -> tuple[str, str]:
    """The lines that differ, each side in one line."""
    old, new = source.splitlines(), mutated.splitlines()
    before: list[str] = []
    after: list[str] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            before += old[i1:i2]
            after += new[j1:j2]
    return " ".join(" ".join(before).split()), " ".join(" ".join(after).split())
