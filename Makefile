# Two commands need nothing but Python 3.11+, git and make:
#   make demo    the main job against a sandbox on this machine
#   make test    lint, types and the whole suite
# Underneath there is a plain .venv and pip. Another interpreter: make test PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt

# pyright --verifytypes looks for packages next to the first python on the path.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help demo test lint types suite thorough bench bench-smoke clean

help: ## Say what there is.
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /make \1\t/'

demo: $(VENV)/.demo ## Run examples/demo.py against a sandbox in its process.
	@$(BIN)/python examples/demo.py

test: lint types suite ## Check everything.

lint: $(VENV)/.test ## Rules, format, layers, spelling, slots.
	ruff check .
	ruff format --check .
	lint-imports --no-logo
	codespell
	python -m slotscheck -m gameball_async -m gameball_sync

types: $(VENV)/.test ## mypy and pyright, and the types that users see.
	mypy
	pyright
	pyright --ignoreexternal --verifytypes gameball_async
	pyright --ignoreexternal --verifytypes gameball_sync

suite: $(VENV)/.test ## Every test, every line and branch covered.
	coverage erase
	coverage run -m pytest -q --numprocesses auto --maxprocesses 4
	coverage combine -q
	coverage report

thorough: $(VENV)/.test ## The tests that take long: faults by the thousand, forks, real servers.
	python -m pytest -q -m thorough

bench: $(VENV)/.benchmarks ## Run every benchmark; fail where a goal is missed.
	$(BIN)/python -m benchmarks --check

bench-smoke: $(VENV)/.benchmarks ## Run every benchmark once, briefly.
	$(BIN)/python -m benchmarks --smoke

clean: ## Remove what the other targets made.
	rm -rf $(VENV) .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, and $(PYTHON) is %d.%d: make ... PYTHON=python3.12" % sys.version_info[:2])'
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing the package and what the demo needs"
	@$(PIP) --editable '.[demo]'
	@touch $@

$(VENV)/.test: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing the package and what the checks need"
	@$(PIP) --editable '.[test,lint,benchmarks,examples]'
	@touch $@

$(VENV)/.benchmarks: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing the package and what the benchmarks need"
	@$(PIP) --editable '.[benchmarks]'
	@touch $@
