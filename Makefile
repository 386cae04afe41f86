# The front door: every habit of this project is a target here. `make` lists them.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
JOBS ?= 2

# make simulate: which lives. ONLY, ONLY_KILLS, SALT and DOOR come from the command that a failing life prints.
SEEDS ?= 200
HOURS ?= 48
FIRST_SEED ?= 1
USERS ?= 5
DOOR ?=
SALT ?= 0
ONLY ?=
ONLY_KILLS ?=
SIMULATION := PYTHONPATH=tests $(BIN)/python -W error -m
TORTURE_SEED ?= 10001

.DEFAULT_GOAL := help
.PHONY: help demo test simulate simulate-mutants torture lint format bench lock messages docs icons pictures wheels freeze test-frozen deb try-deb clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 20

.venv/.runtime: requirements/runtime.txt pyproject.toml
	@echo "installing the agent into .venv" >&2  # stdout belongs to what was asked for
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --require-hashes -r requirements/runtime.txt
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.runtime
	@echo "installing the development tools into .venv" >&2
	@$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

demo: .venv/.runtime ## run simulator and agent on a throw-away profile; Ctrl-C ends it
	$(BIN)/onvio-agent demo

test: .venv/.dev ## every test, in random order, on real parts
	$(PYTEST) -n $(JOBS) --dist worksteal

simulate: .venv/.dev ## office days in seconds, with faults and kills; one line of figures (SEEDS HOURS FIRST_SEED USERS)
	@$(SIMULATION) simulation.run --jobs $(JOBS) --seeds $(SEEDS) --hours $(HOURS) --first-seed $(FIRST_SEED) \
	  --users $(USERS) --door "$(DOOR)" --salt $(SALT) --only "$(ONLY)" --only-kills "$(ONLY_KILLS)"

simulate-mutants: .venv/.dev ## plant bugs in the agent: the simulation finds each of them (MUTANTS="name …")
	@$(SIMULATION) simulation.mutants_run --jobs $(JOBS) $(MUTANTS)

torture: .venv/.dev ## an office-year, large offices, planted bugs, 100 logins, 200 real kills, 10,000 random sequences, 5,000 documents under 200 more, grown inputs: long
	$(MAKE) --no-print-directory simulate SEEDS=184 FIRST_SEED=$(TORTURE_SEED)
	$(MAKE) --no-print-directory simulate SEEDS=6 HOURS=24 USERS=300 FIRST_SEED=$(TORTURE_SEED)
	$(MAKE) --no-print-directory simulate-mutants
	LOGINS=100 $(PYTEST) tests/integration/test_logins.py
	KILLS=200 $(PYTEST) tests/integration/test_kills.py
	SEQUENCES=10000 $(PYTEST) --timeout 7200 tests/integration/test_office_sequences.py
	DOCUMENTS=5000 KILLS=200 $(PYTEST) -s tests/integration/test_sync_torture.py
	FUZZ_S=600 $(PYTEST) -s tests/integration/test_fuzz.py

lint: .venv/.dev ## style, types and layers, without running the program
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.dev ## put code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.dev ## start time, memory, wake-ups, CPU per check and document, beside the budgets
	$(BIN)/python -m bench

messages: .venv/.dev ## update and compile the message catalogues, and the page of reasons
	$(BIN)/python packaging/messages.py update
	$(BIN)/python packaging/messages.py compile
	$(BIN)/python packaging/reasons.py

docs: .venv/.dev ## the pages of docs as a site, in build/site; no warning is let pass
	$(BIN)/mkdocs --quiet build --strict

icons: .venv/.dev ## draw the icons anew, in every size
	$(BIN)/python packaging/icons.py

pictures: .venv/.dev ## photograph the icon and the panel of a running demo, for README and docs
	PYTHONPATH=tests $(BIN)/python packaging/pictures.py

lock: .venv/.dev ## resolve the dependencies anew, for every platform at once
	$(BIN)/python packaging/lock.py

wheels: .venv/.dev ## the locked versions exist as wheels for Windows too
	$(BIN)/python packaging/check_wheels.py

freeze: .venv/.dev ## both programs with their own Python, in dist/onvio-agent
	PYSTRAY_BACKEND=dummy $(BIN)/pyinstaller --noconfirm --clean --log-level ERROR \
	  --distpath dist --workpath build/freeze packaging/freeze/onvio.spec
	@du -sh dist/onvio-agent

test-frozen: .venv/.dev ## the end-to-end tests against the frozen programs of dist: make freeze first
	FROZEN=dist/onvio-agent $(PYTEST) -n $(JOBS) --dist worksteal tests/e2e --ignore tests/e2e/test_wheel.py

deb: freeze ## the Debian package, with list of parts and checksums, in dist
	@$(BIN)/python packaging/linux/build_deb.py

try-deb: ## the Debian package in a clean Debian with a booted systemd; as root, some minutes
	@sh packaging/linux/try_deb.sh || [ $$? = 77 ]

clean: ## forget what was built
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
