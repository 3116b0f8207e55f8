# One line each; what a target does is told by the command that it runs.
BIN := .venv/bin
# The first Python that answers and is new enough (a name on PATH may be a shim for an absent one).
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python3.14; do $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: demo deps prove test quick-test lint format bench docs mutants transparency clean

demo: $(BIN)/.installed
	@$(BIN)/elpython build 3.11 && $(BIN)/elpython identity 3.11 && $(BIN)/elpython demo 3.11

deps:
	$(SUDO) apt-get update -q && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends python3-venv $$(PYTHONPATH=src $(PYTHON) -c 'from elpython.doctor import check, packages; print(*packages(check()))')

test: $(BIN)/.installed
	$(BIN)/pytest -q -n 2

quick-test: $(BIN)/.installed
	$(BIN)/pytest -q -n 2 -m 'not slow'

lint: $(BIN)/.installed
	$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/mypy && $(BIN)/mypy --config-file runtime/pyproject.toml && $(BIN)/mypy --config-file runtime/pyproject.toml runtime/features-probe && $(BIN)/elpython lint-branches --no-content && $(BIN)/elpython policy check

format: $(BIN)/.installed
	$(BIN)/ruff check --fix && $(BIN)/ruff format

prove: $(BIN)/.installed
	$(BIN)/elpython contract check --base 3.11@base --candidate 3.11 --sample

bench: $(BIN)/.installed
	$(BIN)/python -m bench.build

mutants: $(BIN)/.installed
	$(BIN)/python -m tests.contract.mutants

transparency: $(BIN)/.installed
	PYTHONPATH=runtime/src $(BIN)/python -m minpython.transparency --all

docs: $(BIN)/.installed
	$(BIN)/pytest -q tests/test_docs.py

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache build src/*.egg-info

$(BIN)/.installed: pyproject.toml
	@[ -n "$(PYTHON)" ] || { echo "EL Python's toolchain needs Python 3.11 or later: apt-get install python3 python3-venv"; exit 1; }
	@echo "installing the toolchain into .venv"; $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]' && touch $@
