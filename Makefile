# Every target brings what it needs: the first one that is run sets up .venv, later ones find it ready.
.DEFAULT_GOAL := help
.PHONY: help demo test bench outage crash crash-bugs poison race fuzz lint lock wheel clean
.SUFFIXES:

ARGS ?=
KILLS ?= 20
ROWS ?=
REPORT ?=
DIST ?= dist

READY := .venv/.ready
PYTHON_HERE := .venv/bin/python
COMPILE := tools/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

demo: $(READY) ## run the hub, both targets and sample platforms on this machine; ARGS="…" for hub demo
	@.venv/bin/hub demo $(ARGS)

test: $(READY) ## run the tests on SQLite and PostgreSQL; ARGS="…" for pytest
	@tools/need.sh "chromium chromium-browser google-chrome google-chrome-stable" "chromium fonts-noto-cjk" "tests of the pages"
	@$(PYTHON_HERE) -m pytest -n 4 --dist worksteal $(ARGS)

PEERS := .tools/peers/.ready

bench: $(READY) $(PEERS) ## measure against the limit and against a conventional build; ARGS="…" for benchmarks
	@tools/need.sh wrk wrk "benchmarks"
	@tools/need.sh nginx nginx "benchmarks"
	@tools/need.sh redis-server redis-server "benchmarks of a queue that needs it"
	@PATH="$$PATH:/usr/sbin" $(PYTHON_HERE) -m benchmarks $(ARGS)

outage: $(READY) ## drain a backlog of ROWS versions beside live intake, and measure both
	@$(PYTHON_HERE) -m benchmarks.outage --rows $(or $(ROWS),1000000) $(ARGS)

crash: $(READY) ## kill the hub KILLS times and PostgreSQL a fifth as often, and prove that nothing was lost; REPORT=file
	@$(PYTHON_HERE) -m tests.crash --kills $(KILLS) $(if $(REPORT),--report $(REPORT)) $(ARGS)

crash-bugs: $(READY) ## put each seeded bug into the hub, and see that the crash programme finds it
	@$(PYTHON_HERE) -m tests.crash.seeded $(ARGS)

poison: $(READY) ## push versions that a target can never take, and prove what becomes of them and of the others
	@$(PYTHON_HERE) -m tests.crash.poison $(ARGS)

race: $(READY) ## append ROWS versions from many writers and prove that no reader missed one
	@$(PYTHON_HERE) -m tests.race --rows $(or $(ROWS),100000)

fuzz: $(READY) ## send the API what its description allows, and what it does not
	@$(PYTHON_HERE) -m tests.fuzz

lint: $(READY) ## check format, rules and types
	@$(PYTHON_HERE) -m ruff format --check .
	@$(PYTHON_HERE) -m ruff check .
	@$(PYTHON_HERE) -m mypy

lock: ## write the lock files anew from pyproject.toml; ARGS="--upgrade" for newer versions
	@$(COMPILE) $(ARGS) --group dev pyproject.toml -o requirements.lock
	@$(COMPILE) $(ARGS) --constraint requirements.lock pyproject.toml -o requirements-runtime.lock
	@$(COMPILE) $(ARGS) --group peers -o requirements-peers.lock
	@$(COMPILE) $(ARGS) tools/build.in -o tools/build.lock

wheel: ## build the wheel into DIST
	@tools/uv build --quiet --wheel --require-hashes --build-constraints tools/build.lock --out-dir "$(DIST)"

clean: ## remove what make made
	@rm -rf .venv .tools dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis

$(READY): requirements.lock tools/setup.sh
	@tools/setup.sh

$(PEERS): requirements-peers.lock
	@echo "Setting up what the hub is measured against ..."
	@tools/uv venv --quiet --clear --python $(PYTHON_HERE) .tools/peers
	@tools/uv pip sync --quiet --python .tools/peers/bin/python --require-hashes requirements-peers.lock
	@touch $@
