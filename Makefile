# The front door: every habit of this project is a target here. `make` lists them.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test lint format bench lock messages wheels clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 14

.venv/.runtime: requirements/runtime.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements/runtime.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.runtime
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

demo: .venv/.runtime ## run simulator and agent on a throw-away profile; Ctrl-C ends it
	$(BIN)/onvio-agent demo

test: .venv/.dev ## every test, in random order, on real parts
	$(PYTEST) -n $(JOBS) --dist worksteal

lint: .venv/.dev ## style, types and layers, without running the program
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.dev ## put code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.dev ## start time, memory, wake-ups and CPU per check, beside the budgets
	$(BIN)/python -m bench

messages: .venv/.dev ## update and compile the message catalogues, and the page of reasons
	$(BIN)/python packaging/messages.py update
	$(BIN)/python packaging/messages.py compile
	$(BIN)/python packaging/reasons.py

lock: .venv/.dev ## resolve the dependencies anew, for every platform at once
	$(BIN)/python packaging/lock.py

wheels: .venv/.dev ## the locked versions exist as wheels for Windows too
	$(BIN)/python packaging/check_wheels.py

clean: ## forget what was built
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
