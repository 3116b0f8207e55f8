"""Pairs of a place from which sqlite3 calls Python code, and of what that code does to its caller.

``python hunt_sqlite.py list`` prints the pairs; ``python hunt_sqlite.py PLACE ACT`` tries one and
ends with 0, unless the interpreter dies. Standard library only, Python 3.9 and later.
"""

import gc
import itertools
import sqlite3
import sys

PLACES = (
    "function", "function that changes", "aggregate", "collation", "authorizer", "trace",
    "progress", "converter", "text factory", "row factory", "adapter", "rows", "parameters",
    "missing parameter", "blob", "backup", "dump", "isolation level",
)  # fmt: skip
ACTS = ("close", "close cursor", "make cursor anew", "make anew", "execute", "drop", "rollback")


class Trial:
    """A connection with a table, a cursor, and what strikes back twice."""

    def __init__(self, act):
        self.act = act
        self.left = 2
        kinds = sqlite3.PARSE_COLNAMES | sqlite3.PARSE_DECLTYPES
        self.con = sqlite3.connect(":memory:", detect_types=kinds)
        self.cur = self.con.cursor()
        self.con.execute("create table t(a, b)")
        self.con.executemany("insert into t values(?, ?)", [(1, "x"), (2, "y"), (3, "z")])
        self.con.commit()

    def strike(self, *args):
        """Do it to the caller; answer what fits most places."""
        if self.left:
            self.left -= 1
            acts = {
                "close": self.con.close,
                "close cursor": self.cur.close,
                "make cursor anew": lambda: self.cur.__init__(self.con),
                "make anew": lambda: self.con.__init__(":memory:"),
                "execute": lambda: self.cur.execute("select 1"),
                "drop": lambda: self.con.execute("drop table t"),
                "rollback": self.con.rollback,
            }
            try:
                acts[self.act]()
            except (sqlite3.Error, ValueError):
                pass
            gc.collect()
        return 1

    def read(self, words="select * from t", *more):
        """Execute and fetch all."""
        return self.cur.execute(words, *more).fetchall()

    def rows(self):
        """Yield parameters, and strike."""
        for number in range(4):
            self.strike()
            yield number, number


def called(trial):
    """Return place -> function that makes sqlite3 call the trial from there."""
    return {**callbacks(trial), **arguments(trial)}


def callbacks(trial):
    """Return the places that are functions which a program registers."""
    con, cur, strike = trial.con, trial.cur, trial.strike

    class Sum:
        def step(self, value):
            strike()

        def finalize(self):
            return strike()

    def factory():
        con.row_factory = lambda cursor, row: strike() and row
        trial.cur = con.cursor()
        trial.read()

    return {
        "function": lambda: (con.create_function("f", 1, strike), trial.read("select f(a) from t")),
        "function that changes": lambda: (
            con.create_function("f", 1, strike),
            cur.execute("insert into t select f(a), b from t"),
        ),
        "aggregate": lambda: (con.create_aggregate("g", 1, Sum), trial.read("select g(a) from t")),
        "collation": lambda: (
            con.create_collation("k", lambda a, b: strike() and (a > b) - (a < b)),
            trial.read("select * from t order by b collate k"),
        ),
        "authorizer": lambda: (con.set_authorizer(lambda *args: strike() and 0), trial.read()),
        "trace": lambda: (
            con.set_trace_callback(strike),
            cur.execute("insert into t values(1, 2)"),
            trial.read(),
        ),
        "progress": lambda: (con.set_progress_handler(lambda: strike() and 0, 1), trial.read()),
        "converter": lambda: (
            sqlite3.register_converter("zz", strike),
            trial.read('select b as "b [zz]", b as "c [zz]" from t'),
        ),
        "text factory": lambda: (
            setattr(con, "text_factory", lambda data: strike() and "x"),
            trial.read("select b, b from t"),
        ),
        "row factory": factory,
    }


def arguments(trial):
    """Return the places that are methods of an argument, and those of other calls."""
    con, cur, strike = trial.con, trial.cur, trial.strike

    class Adapted:
        def __conform__(self, protocol):
            return strike()

    class Parameters(list):
        def __len__(self):
            strike()
            return 2

        def __getitem__(self, index):
            return strike()

    class Missing(dict):
        def __missing__(self, key):
            return strike()

    class Index:
        def __index__(self):
            strike()
            return 3

    def blob():
        con.execute("insert into t values(99, zeroblob(20))")
        one = con.blobopen("t", "b", 4)
        for call in (
            lambda: one[Index()],
            lambda: one.__setitem__(Index(), Index()),
            lambda: one.__setitem__(slice(Index(), 5), b"ab"),
            lambda: one.seek(Index()),
            lambda: one.read(Index()),
        ):
            try:
                call()
            except (sqlite3.Error, ValueError, TypeError, IndexError):
                pass

    return {
        "adapter": lambda: cur.execute("insert into t values(?, ?)", (Adapted(), Adapted())),
        "rows": lambda: cur.executemany("insert into t values(?, ?)", trial.rows()),
        "parameters": lambda: cur.execute("insert into t values(?, ?)", Parameters([1, 2])),
        "missing parameter": lambda: cur.execute("insert into t values(:a, :b)", Missing()),
        "blob": blob if hasattr(con, "blobopen") else bool,
        "backup": lambda: con.backup(sqlite3.connect(":memory:"), pages=1, progress=strike),
        "dump": lambda: [strike() for _ in con.iterdump()],
        "isolation level": lambda: (
            con.set_trace_callback(strike),
            setattr(con, "isolation_level", None),
            setattr(con, "isolation_level", "IMMEDIATE"),
            cur.execute("insert into t values(1, 2)"),
        ),
    }


def main():
    """Print the pairs, or try one."""
    if sys.argv[1:] == ["list"]:
        for place, act in itertools.product(PLACES, ACTS):
            print(f"{place}\t{act}")
        return
    place, act = sys.argv[1:3]
    try:
        called(Trial(act))[place]()
    except (sqlite3.Error, ValueError, TypeError, AttributeError):
        pass


if __name__ == "__main__":
    main()
