# Every command of the house. `make` alone lists them. What a command needs it
# sets up itself, inside .venv and node_modules; no active venv is looked at.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
RUNS := $(VENV)/.runs
READY := $(VENV)/.ready
BUF := node_modules/.bin/buf
PROTOS = $(wildcard proto/*/v1/*.proto)

# How much of each: override on the command line, e.g. `make sim SEEDS=10000`.
SEEDS ?= 200
ARGS ?=
TIMES ?= 20
FLIPS ?= 50
PROPERTIES = $(addprefix tests/loyalty/,test_history.py test_returns.py test_returns_in_parts.py \
	test_returns_in_any_order.py test_merging_history.py test_paying.py test_spread.py test_budgets.py \
	test_tiers.py test_book.py test_bounds.py test_anything.py test_sim.py)

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
# An active venv or a stray path would make results depend on who types.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

.PHONY: help
help: ## this list
	@printf '\n\033[1mftnode\033[0m  two units in lockstep, and the loyalty engine on them\n\n'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[36mmake %-14s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\n  Start with \033[1mmake demo\033[0m. Variables: SEED, SEEDS, ARGS, PYTHON.\n\n'

# ------------------------------------------------------------------ set-up

.PHONY: setup
setup: $(READY) ## the Python environment in .venv (at once when it is there)
	@:

# What the product itself needs: enough for the demo, and half the download.
$(RUNS): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "make: no $(PYTHON) here; install Python 3.11 with venv, or say PYTHON=/path/to/it" >&2; exit 1; }
	@echo "setting up $(VENV) (once, about half a minute)"
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(call install,.)
	@touch $(RUNS)

# And what those need who work on it.
$(READY): $(RUNS)
	@echo "setting up the tools in $(VENV) (once)"
	@$(call install,.[dev])
	@touch $(READY)

install = $(PY) -m pip --disable-pip-version-check install --quiet --constraint constraints.txt --editable '$(1)' \
	2>$(VENV)/setup.log || { cat $(VENV)/setup.log >&2; exit 1; }

.PHONY: setup-test
setup-test: setup ## what the tests need besides: Debian's packages if they may be installed, npm's
	@$(PY) -m tools.setup_test

.PHONY: constraints
constraints: setup ## pin the versions that are installed now
	@$(PY) -m tools.constraints

$(BUF): package.json package-lock.json
	@if command -v npm >/dev/null; then npm ci --loglevel=error && touch -c $(BUF) || echo "make: npm ci failed" >&2; fi

# ------------------------------------------------------------------ code

.PHONY: proto
proto: setup ## generate ftnode/v1 and loyalty/v1 anew from proto/
	@$(PY) -m grpc_tools.protoc -I proto --python_out=. --pyi_out=. --grpc_python_out=. $(PROTOS)

# `make check` refuses protos that break a client built with the baseline: a field removed, renumbered,
# renamed or of another type. Renew it with a release, and commit it; to break a promise, renew it before.
.PHONY: proto-baseline
proto-baseline: $(BUF) ## after a release: what the protos promise from now on
	@$(BUF) build --exclude-source-info --output proto/baseline.binpb

.PHONY: docs
docs: setup ## print anew what comes from tables in the code: list of alarms, example settings, rules
	@$(PY) -m tools.docs

.PHONY: format
format: setup ## put the code in order
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

.PHONY: check
check: setup $(BUF) ## ruff, mypy --strict, tidy tests, protos current and kept (two minutes)
	@$(PY) -m tools.check

.PHONY: test
test: setup ## set up what is missing, then every test (ten minutes); names what it skipped
	@$(PY) -m tools.run_tests $(ARGS)

# ------------------------------------------------------------------ proof

.PHONY: sim
sim: setup ## the pair in one process under every fault: SEEDS=200, or SEED=7 for one
	@$(PY) -m chaos.sim $(if $(SEED),--seed $(SEED),--seeds $(SEEDS)) $(ARGS)

# The engine's properties with TIMES as many cases as `make test` looks at: thousands of each.
.PHONY: properties
properties: setup ## the engine's properties over thousands of cases each: TIMES=20 (six minutes on two cores)
	@PROPERTY_TIMES=$(TIMES) $(PY) -m pytest -q -p no:cacheprovider --timeout=3600 -n auto $(PROPERTIES) $(ARGS)

.PHONY: mutants
mutants: setup ## plant protocol bugs one by one: each has to be caught
	@$(PY) -m chaos.sim mutants $(ARGS)

.PHONY: explore
explore: setup ## every order of events for a small case, not a sample
	@$(PY) -m chaos.sim explore $(ARGS)
	$(if $(ARGS),,@$(PY) -m chaos.sim explore --commands 1 --forces 1)

.PHONY: chaos
chaos: $(RUNS) ## real processes: hurt and heal, scenario by scenario
	@$(PY) -m chaos.live $(ARGS)

.PHONY: grey
grey: setup-test ## slow disks and processors, bad links, full disks: the right unit out, once (as root)
	@$(PY) -m chaos.live.grey $(ARGS)

.PHONY: flips
flips: setup-test ## bits change in memory, checkpoint, log and wire of a real pair: FLIPS=50 of each
	@$(PY) -m chaos.live.flips --times $(FLIPS) $(ARGS)

.PHONY: upgrade
upgrade: setup ## a real pair to its next version, mixed, and back, under traffic: two minutes
	@$(PY) -m chaos.live.upgrade $(ARGS)

.PHONY: clocks
clocks: setup-test ## wrong clocks on a real pair, two minutes: no points end early, the bad clock is named
	@$(PY) -m chaos.live.clocks $(ARGS)

.PHONY: durability
durability: setup-test ## kill everything 100 times, cut its power 20 times: nothing may be lost (as root)
	@$(PY) -m chaos.live.durability $(ARGS)

# Benches measure what sells: compiled where there is a C compiler. Without one they say so, and run the sources.
.PHONY: bench
bench: setup-test ## beside PostgreSQL as a synchronous pair, in one run
	@dir=$$($(PY) -m tools.compile); cd "$$dir"; exec $(CURDIR)/$(PY) -m chaos.bench $(ARGS)

.PHONY: bench-engine
bench-engine: setup ## what the loyalty engine costs on one core, its worst commands; ARGS="--what large": 2,500,000 members
	@dir=$$($(PY) -m tools.compile); cd "$$dir"; exec $(CURDIR)/$(PY) -m chaos.bench.engine $(ARGS)

.PHONY: compiled
compiled: setup ## the program with its hot modules compiled, in build/compiled: an entry costs a third less
	@$(PY) -m tools.compile --must

.PHONY: test-compiled
test-compiled: setup ## the engine's and the runtime's tests on what was compiled; its digests are those of the sources
	@dir=$$($(PY) -m tools.compile --must); cd "$$dir"; exec $(CURDIR)/$(PY) -m pytest -q -p no:cacheprovider -n auto \
		tests/compiled tests/machine tests/state tests/wire tests/loyalty $(ARGS)

.PHONY: demo
demo: $(RUNS) ## watch 50 tills buy while units are pulled, replaced and hung
	@$(PY) -m chaos.live.demo $(ARGS)

.PHONY: clean
clean: ## remove what was set up and cached
	@rm -rf $(VENV) node_modules build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
