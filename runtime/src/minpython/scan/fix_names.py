"""Fix names of modules that live elsewhere: imports, and their uses with dots."""

from __future__ import annotations

import ast
import builtins
from typing import Any

from minpython.scan.concrete import Concrete, Edit, NotFixableError, above

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minpython.scan.bindings import Bindings, Imported, Site
    from minpython.scan.rules import Rules


def moved(site: Site, old: str, new: str) -> list[Edit]:
    """Return the edits for one use of a module's attribute that is `new` now.

    Args:
        site: the use, an attribute or a name in an import statement.
        old: the dotted name as it was.
        new: the dotted name as it is, or a built-in name.

    Raises:
        NotFixableError: it can't be written so.
    """
    source, names, node = site.source, site.names, site.node
    if isinstance(node, ast.alias):
        statement = names.parents[node]
        if not isinstance(statement, ast.ImportFrom):
            raise NotFixableError("it is imported with dots")
        return taken_from(source, statement, {node: (old, new)})
    if not isinstance(node, ast.Attribute):
        raise NotFixableError("its name stands in a text")
    if not isinstance(node.ctx, ast.Load):
        raise NotFixableError("it is set here")
    dotted, imports = names.dotted(node)
    if dotted != old:
        raise NotFixableError("it belongs to an object, not to the module")
    start, end = source.whole(node)
    module = new if _is_module(new) else new.rpartition(".")[0]
    if module:
        edits = importing(source, names, imports, module)
        text = _spelled(module, imports[0]) + new[len(module) :]
    else:
        edits, text = [], new
        if names.mentioned(new) and (new in names.bound or names.imported(new)):
            raise NotFixableError(f"{new} is something else here")
    return [Edit(start, end, text), *edits]


def _is_module(new: str) -> bool:
    """Return whether a name without dots is a module's, not a built-in one."""
    return "." not in new and not hasattr(builtins, new)


def _spelled(module: str, imported: Imported) -> str:
    """Return how a file that has imported the old module spells the new one."""
    if (module + ".").startswith(imported.dotted + "."):
        return imported.local + module[len(imported.dotted) :]
    return module


def importing(
    source: Concrete, names: Bindings, imports: list[Imported], module: str
) -> list[Edit]:
    """Return the edits that import a module wherever the one that had its name is imported.

    Raises:
        NotFixableError: the module's name is something else in the file.
    """
    edits = []
    for each in imports:
        inside = (module + ".").startswith(each.dotted + ".")
        if module == each.dotted or (inside and _loaded(names, module)):
            continue
        if names.imported(module):
            continue
        plain = isinstance(each.statement, ast.Import) and not each.alias.asname
        if inside and plain and each.alias.name == each.dotted:
            edits.append(source.replaced(_name_leaf(source, each.alias), module))
            continue
        if not names.free_for(module):
            raise NotFixableError(f"{module.partition('.')[0]} is something else here")
        edits.append(source.before_statement(_leaf(source, each), f"import {module}"))
    return edits


def _loaded(names: Bindings, module: str) -> bool:
    """Return whether the top of the file imports a module or something of it, in any way."""
    return any(
        each.statement in names.top
        and (
            (each.alias.name + ".").startswith(module + ".")
            if isinstance(each.statement, ast.Import)
            else (each.dotted + ".").startswith(module + ".")
        )
        for each in names.imports
    )


def _leaf(source: Concrete, imported: Imported) -> Any:
    return source.leaf(source.start(imported.statement))


def _name_leaf(source: Concrete, alias: ast.alias) -> Any:
    """Return the concrete tree's node of an alias, without its ``as``."""
    leaf = source.leaf(source.start(alias))
    dotted = above(leaf, "dotted_name")
    return dotted if dotted is not None else leaf


def taken_from(
    source: Concrete,
    statement: ast.ImportFrom,
    taken: dict[ast.alias, tuple[str, str]],
) -> list[Edit]:
    """Return the edits for ``from module import names`` of which some are elsewhere now.

    Args:
        source: the file's text.
        statement: the import.
        taken: for aliases of it, the old and the new dotted name.

    Raises:
        NotFixableError: a comment stands between the names, or a built-in name is asked for.
    """
    node = above(source.leaf(source.start(statement)), "import_from")
    if node is None or statement.level:
        raise NotFixableError("its import statement can't be taken apart")
    by_module: dict[str, list[str]] = {}
    for alias, (_, new) in taken.items():
        module, _, name = new.rpartition(".")
        local = alias.asname or alias.name
        by_module.setdefault(module, []).append(name if local == name else f"{name} as {local}")
    if "" in by_module:
        return _by_itself(source, node, statement, by_module)
    if len(taken) == len(statement.names) and len(by_module) == 1:
        (module,) = by_module
        edits = [source.replaced(_module_node(node), module)]
        for alias, (_, new) in taken.items():
            name = new.rpartition(".")[2]
            if name != alias.name:
                text = name if alias.asname else f"{name} as {alias.name}"
                edits.append(source.replaced(source.leaf(source.start(alias)), text))
        return edits
    lines = [f"from {module} import {', '.join(by_module[module])}" for module in sorted(by_module)]
    return _instead(source, node, statement, list(taken), lines)


def _by_itself(
    source: Concrete, node: Any, statement: ast.ImportFrom, by_module: dict[str, list[str]]
) -> list[Edit]:
    """Return the edits for a name that is a module of its own, or a built-in one."""
    only = by_module[""]
    is_module = all(_is_module(each.partition(" ")[0]) for each in only)
    if len(by_module) > 1 or len(only) != len(statement.names) or not is_module:
        raise NotFixableError("a built-in name can't be imported")
    source.refuse_comment(*source.span(node))
    return [source.replaced(node, f"import {', '.join(only)}")]


def _module_node(node: Any) -> Any:
    """Return the module of a ``from`` import of the concrete tree."""
    return node.children[1]


def _instead(
    source: Concrete, node: Any, statement: ast.ImportFrom, taken: list[ast.alias], lines: list[str]
) -> list[Edit]:
    """Return the edits that take names out of an import and put other imports before it."""
    if len(taken) == len(statement.names):
        source.refuse_comment(*source.span(node))
        edits = [source.replaced(node, lines[-1])]
        lines = lines[:-1]
    else:
        parts = [_alias_node(source, alias) for alias in statement.names]
        spans = [source.span(part) for part in parts]
        kept = [index for index, alias in enumerate(statement.names) if alias not in taken]
        edits = []
        for index, alias in enumerate(statement.names):
            if alias not in taken:
                continue
            if index < kept[-1]:
                edits.append(source.removed(spans[index][0], spans[index + 1][0]))
        if kept[-1] < len(spans) - 1:
            edits.append(source.removed(spans[kept[-1]][1], spans[-1][1]))
    return [*edits, *(source.before_statement(node, line) for line in lines[::-1])]


def _alias_node(source: Concrete, alias: ast.alias) -> Any:
    leaf = source.leaf(source.start(alias))
    return above(leaf, "import_as_name") or leaf


def module(site: Site, old: str, new: str) -> list[Edit]:
    """Return the edits for the import of a module that another one can stand in for.

    Raises:
        NotFixableError: it is imported with dots, and so used by its whole name.
    """
    source, names, node = site.source, site.names, site.node
    if isinstance(node, ast.ImportFrom):
        if node.module != old:
            raise NotFixableError("a part of the module is imported")
        imported = above(source.leaf(source.start(node)), "import_from")
        return [source.replaced(_module_node(imported), new)]
    if not isinstance(node, ast.alias) or not isinstance(names.parents[node], ast.Import):
        raise NotFixableError("its name stands in a text")
    if node.name != old or "." in old:
        raise NotFixableError("it is imported with dots")
    text = new if node.asname else f"{new} as {old}"
    return [source.replaced(_name_leaf(source, node), text)]


def members(site: Site, gone: str, rules: Rules) -> list[Edit]:
    """Return the edits for the import of a gone module, when all that is used of it is known.

    Raises:
        NotFixableError: something else of it is used.
    """
    source, names, node = site.source, site.names, site.node
    if isinstance(node, ast.ImportFrom):
        taken = {}
        for alias in node.names:
            dotted = f"{node.module}.{alias.name}"
            if dotted not in rules.members:
                raise NotFixableError(f"{dotted} has no modern form of the same meaning")
            taken[alias] = (dotted, rules.members[dotted])
        return taken_from(source, node, taken)
    if not isinstance(node, ast.alias):
        raise NotFixableError("its name stands in a text")
    local = node.asname or node.name.partition(".")[0]
    imports = names.of(local)
    edits, modules = [], []
    for use in names.uses(local):
        whole: ast.AST = use
        while isinstance(names.parents.get(whole), ast.Attribute):
            whole = names.parents[whole]
            if names.dotted(whole)[0] in rules.members:
                break
        dotted = names.dotted(whole)[0]
        new = rules.members.get(dotted)
        if new is None:
            raise NotFixableError(f"{dotted} has no modern form of the same meaning")
        edits.append(Edit(*source.whole(whole), new))
        modules.append(new.rpartition(".")[0])
    if not modules or (gone != imports[0].dotted and not imports[0].dotted.startswith(gone)):
        raise NotFixableError("nothing of it is used by name")
    for each in dict.fromkeys(modules):
        if not names.free_for(each):
            raise NotFixableError(f"{each} is something else here")
    return [*edits, *_imports_replaced(source, imports, list(dict.fromkeys(modules)))]


def _imports_replaced(source: Concrete, imports: list[Imported], modules: list[str]) -> list[Edit]:
    """Return the edits that put imports of other modules in the place of these."""
    edits = []
    for each in imports:
        if not isinstance(each.statement, ast.Import):
            raise NotFixableError("the module is imported from a package")
        leaf = source.leaf(source.start(each.alias))
        part = above(leaf, "dotted_as_name") or above(leaf, "import_as_name")
        part = part or above(leaf, "dotted_name") or leaf
        edits.append(source.replaced(part, ", ".join(sorted(modules))))
    return edits
