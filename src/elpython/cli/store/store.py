"""`elpython store`: what is kept, and how much of the disk it takes."""

from __future__ import annotations

import click

from elpython.cli.render import json_option, print_json, print_table

__all__ = ["store"]


@click.group("store", invoke_without_command=True)
@json_option
@click.pass_context
def store(context: click.Context, as_json: bool) -> None:
    """Show what the store holds, kind by kind; `prune` makes it smaller.

    The store is ~/.cache/elpython, or ELPYTHON_STORE. Everything in it can be made again. For
    example: elpython store prune --unused 30.
    """
    if context.invoked_subcommand is not None:
        return
    from elpython.core.shelves import shelves, sweep
    from elpython.core.store import Store

    kept = Store.default()
    swept = sweep(kept)
    found = shelves(kept)
    if as_json:
        print_json(
            {
                "root": kept.root,
                "kinds": [
                    {"kind": shelf.kind, "count": shelf.count, "bytes": shelf.size}
                    for shelf in found
                ],
                "removed": swept,
            }
        )
        return
    rows = [
        [shelf.kind, shelf.count, megabytes(shelf.size), f"{shelf.idle:.0f} days ago"]
        for shelf in found
    ]
    print_table(["kind", "products", "MB", "last used"], rows)
    total = sum(shelf.size for shelf in found)
    click.echo(f"{kept.root}: {megabytes(total)} MB")


@store.command("prune")
@click.option(
    "--unused",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    help="Days in which nobody asked for a product.",
)
@click.option("--kind", default="", help="Only products of this kind [all].")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@json_option
def prune(unused: float, kind: str, dry_run: bool, as_json: bool) -> None:
    """Remove products that were not used for a time; they are made again when asked for."""
    from elpython.core.shelves import prune as remove
    from elpython.core.store import Store

    gone = remove(Store.default(), unused=unused, kind=kind, dry=dry_run)
    if as_json:
        rows = [{"kind": item.kind, "key": item.key, "bytes": item.size} for item in gone]
        print_json({"removed": rows, "dry_run": dry_run})
        return
    for item in gone:
        click.echo(f"{item.kind}/{item.key}: {megabytes(item.size)} MB")
    total = megabytes(sum(item.size for item in gone))
    click.echo(f"{'would remove' if dry_run else 'removed'} {len(gone)} product(s), {total} MB")


def megabytes(size: int) -> int:
    """Return bytes as whole megabytes, rounded up."""
    return -(-size // 1_000_000)
