# One line each; what a target does is told by the command that it runs.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell command -v python3.13 || command -v python3.12 || command -v python3.11 || echo python3)

.PHONY: demo deps test quick-test lint format bench docs mutants clean

$(BIN)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]' && touch $@

quick-test: $(BIN)/.installed
	$(BIN)/pytest -q -n 2 -m 'not slow'
test: $(BIN)/.installed
	$(BIN)/pytest -q -n 2
lint: $(BIN)/.installed
	$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/mypy
format: $(BIN)/.installed
	$(BIN)/ruff check --fix && $(BIN)/ruff format
