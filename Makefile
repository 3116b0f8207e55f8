# One line each; what a target does is told by the command that it runs.
BIN := .venv/bin
# The first Python that answers and is new enough (a name on PATH may be a shim for an absent one).
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python3.14; do $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
# Looks at the machine before anything else, and installs what lacks where it may (-I: only the
# standard library; -B: leaves no file behind, whoever runs it).
MACHINE := $(or $(PYTHON),python3) -I -B src/elpython/build/first_run.py
FOR := $(if $(filter test quick-test fresh no-network prove rebase-newest mutants mutation bench,$(MAKECMDGOALS)),test,$(if $(filter lint format docs,$(MAKECMDGOALS)),run,build))
# make demo QUIET=1: no progress.
QUIETLY := $(if $(QUIET),--quiet)
# Tests are collected in a third of the time when their byte code is kept.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: machine demo deps prove rebase-newest test quick-test lint format bench docs mutants mutation fresh archive-alone no-network transparency clean

demo: $(BIN)/.installed
	@$(BIN)/elpython $(QUIETLY) build 3.11 && $(BIN)/elpython info identity 3.11 && $(BIN)/elpython info demo 3.11
	@echo && echo "next: . $(BIN)/activate && elpython branch list"

machine:
	@command -v $(or $(PYTHON),python3) >/dev/null || { echo "elpython: no python3 on PATH; install Python 3.11 or later first (packages python3 and, on Debian, python3-venv)"; exit 1; }
	@$(MACHINE) --for $(FOR) $(QUIETLY)

deps:
	@$(MACHINE) --for contract

test: $(BIN)/.installed
	$(BIN)/pytest -q -n 2

quick-test: $(BIN)/.installed
	$(BIN)/pytest -q -n 2 -m 'not slow'

lint: $(BIN)/.installed
	$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/mypy && $(BIN)/mypy --config-file runtime/pyproject.toml && $(BIN)/mypy --config-file runtime/pyproject.toml runtime/features-probe && $(BIN)/elpython branch lint --no-content && $(BIN)/elpython branch policy check && $(BIN)/python -m tests.words

format: $(BIN)/.installed
	$(BIN)/ruff check --fix && $(BIN)/ruff format

prove: $(BIN)/.installed
	$(BIN)/elpython contract check --base 3.11@base --candidate 3.11 --sample

bench: $(BIN)/.installed
	$(BIN)/python -m bench.build && $(BIN)/python -m bench.interpreter 3.11@base 3.11

mutants: $(BIN)/.installed
	$(BIN)/python -m tests.contract.mutants

archive-alone: $(BIN)/.installed
	$(BIN)/python -m bench.archive_alone --record

no-network: $(BIN)/.installed
	$(BIN)/python -m bench.no_network --to build/no-network --record

rebase-newest: $(BIN)/.installed
	$(BIN)/python -m bench.rebase --to build/rebase --archive "$(ARCHIVE)" --record

mutation: $(BIN)/.installed
	$(BIN)/pip install -q -e '.[mutation]' && $(BIN)/python -m bench.mutation

transparency: $(BIN)/.installed
	PYTHONPATH=runtime/src $(BIN)/python -m minpython.transparency --all

docs: $(BIN)/.installed
	$(BIN)/pytest -q tests/test_docs.py

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache build src/*.egg-info

fresh:
	@$(PYTHON) -m bench.fresh

$(BIN)/.installed: pyproject.toml | machine
	@echo "installing the toolchain into .venv"; $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]' && touch $@
