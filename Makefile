# `make` lists the targets. Everything runs in .venv, made from the hashed locks in requirements/.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The interpreter to make .venv with; by default the newest one that is found.
PYTHON ?=
BIN := .venv/bin
# Tests from fast to slow, so that a mistake shows early. Each process has its share in this order, so that what a file
# makes for its tests is made once, and takes of another's when it has done its own.
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist worksteal
TESTS := $(wildcard tests/unit tests/store tests/integration tests/acceptance)
TYPED := $(wildcard workflow storage audit rehearsal operators settings bench faults app.py runner.py)

TOOLS := .venv/dev.stamp .venv/office.stamp .venv/strace.stamp .venv/browser.stamp .venv/drawing.stamp

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
INSTALL := $(BIN)/python -m pip install -qq
# The build tools come hashed from build.txt; an isolated build would fetch others, unhashed.
LOCKED := $(INSTALL) --require-hashes --no-build-isolation --use-pep517
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --custom-compile-command 'make lock' $(UPGRADE)

# What an installation that serves has besides: deploy/install.sh takes its lock.
SERVED := --extra web --extra metrics --extra postgres

.PHONY: help demo test test-long soundness tamper faults bench bench-others bench-full bench-growth bench-pages bench-runners coverage check lint types format lock schema clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/run.stamp ## a sample's years on a compressed clock, from an empty database; at a terminal, then the console
	@$(BIN)/python -m operators.demo

test: $(TOOLS) ## all tests, fast ones first (ARGS='-k name' for some)
	HYPOTHESIS_PROFILE=ci $(PYTEST) -rs $(TESTS) $(ARGS)

test-long: $(TOOLS) ## all tests, with thousands of examples for each law
	HYPOTHESIS_PROFILE=long $(PYTEST) -rs $(TESTS) $(ARGS)

soundness: .venv/dev.stamp ## what checks say of time, beside all that the engine does under 4,000 drawn definitions
	CHECK_SEEDS=$${CHECK_SEEDS:-3000} $(PYTEST) tests/unit/timing/test_agreement.py $(ARGS)

tamper: .venv/dev.stamp ## every attack on the audit log, on 50 histories
	TAMPER_SEEDS=50 $(PYTEST) tests/acceptance/test_tampering.py $(ARGS)

faults: .venv/dev.stamp .venv/strace.stamp ## whole systems on seeds, kills, failing disks, damage, spoilt input, jumping clocks (ARGS='T3 T5 --long')
	@$(BIN)/python -m faults $(ARGS)

bench: .venv/run.stamp ## the engine beside its database's limit, and beside others where `make bench-others` was made (ARGS='--rounds 9')
	@$(BIN)/python -m bench $(ARGS)

bench-others: .venv/run.stamp requirements/bench.txt ## install what `make bench` compares with: DBOS, Procrastinate, python-statemachine, sismic
	@$(LOCKED) -r requirements/bench.txt

bench-full: .venv/dev.stamp ## exports of 1,000,000 entries in every form, beside reading them (ARGS='--entries N' for fewer)
	@$(BIN)/python -m bench.exports $(ARGS)

bench-growth: .venv/run.stamp ## what a transition, a list and the daemon cost with up to 1,000,000 placements (ARGS='--folder F': 20 GB)
	@$(BIN)/python -m bench.growth $(ARGS)

bench-pages: .venv/dev.stamp ## each page of the console with 100,000 placements on SQLite (ARGS='--keep FOLDER' to find them again)
	@$(BIN)/python -m bench.pages $(ARGS)

bench-runners: .venv/dev.stamp ## one, two and four runners on a PostgreSQL server, beside the same rows by hand
	@$(BIN)/python -m bench.runners $(ARGS)

coverage: $(TOOLS) ## lines and branches that no test reaches
	$(BIN)/coverage erase
	HYPOTHESIS_PROFILE=ci $(BIN)/coverage run -m pytest -q -n 2 --dist worksteal $(TESTS) $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

check: lint types test ## all that CI does

lint: .venv/dev.stamp ## style and common mistakes
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .

types: .venv/dev.stamp ## strict type check of the product, its measures and its faults
	$(if $(TYPED),$(BIN)/mypy $(TYPED))

format: .venv/dev.stamp ## rewrite the code in the project's style
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

lock: .venv/dev.stamp ## write requirements/ anew (UPGRADE=--upgrade for newer versions)
	$(COMPILE) --group build -o requirements/build.txt
	$(COMPILE) pyproject.toml --extra web -c requirements/build.txt -o requirements/run.txt
	$(COMPILE) pyproject.toml $(SERVED) -c requirements/build.txt -c requirements/run.txt -o requirements/deploy.txt
	$(COMPILE) pyproject.toml --group dev -c requirements/build.txt -c requirements/run.txt -o requirements/dev.txt
	$(COMPILE) --group bench -c requirements/run.txt -c requirements/dev.txt -o requirements/bench.txt

schema: .venv/run.stamp ## write the JSON Schemas of definitions and behaviours anew
	$(BIN)/parcours definition schema > .venv/definition.schema.json
	$(BIN)/python -m operators.simulation > .venv/behaviour.schema.json
	@mkdir -p schema
	@cp .venv/definition.schema.json .venv/behaviour.schema.json schema/

clean: ## remove the environment and all caches
	rm -rf .venv dist build htmlcov .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment: made once, brought up to date when a lock or pyproject.toml changes.

.venv/dev.stamp: .venv/run.stamp requirements/dev.txt
	@echo "Installing what the tests need …"
	@$(LOCKED) -r requirements/dev.txt
	@touch $@

# Programs that tests need, from Debian's packages. Where one cannot be had, the run says so and lists what it leaves out.
# $(call from_debian,command,package,what is left out)
define from_debian
@set -eu; \
if ! command -v $(1) >/dev/null && [ -e /etc/debian_version ] && [ "$$(id -u)" = 0 ]; then \
  echo "Installing $(2) …"; \
  apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install --no-install-recommends $(2) >/dev/null 2>&1 || echo "$(2) cannot be installed" >&2; \
fi; \
if command -v $(1) >/dev/null; then touch $@; else \
  echo "$(1) is missing, $(3); on Debian: sudo apt-get install --no-install-recommends $(2)" >&2; \
fi
endef

# The spreadsheet that exports are read back by.
.venv/office.stamp: .venv/made.stamp
	$(call from_debian,soffice,libreoffice-calc-nogui,some tests will not run)

# What kills a process at a system call, or fails the call.
.venv/strace.stamp: .venv/made.stamp
	$(call from_debian,strace,strace,some faults will not be tried)

# The browser in which the console is tried.
.venv/browser.stamp: .venv/made.stamp
	$(call from_debian,chromium,chromium,some tests will not run)

# What draws the process.
.venv/drawing.stamp: .venv/made.stamp
	$(call from_debian,dot,graphviz,some tests will not run)

.venv/run.stamp: .venv/made.stamp requirements/build.txt requirements/run.txt pyproject.toml
	@echo "Installing what Parcours needs …"
	@$(LOCKED) -r requirements/build.txt
	@$(LOCKED) -r requirements/run.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# Debian ships Python without ensurepip, which `venv` needs, in a package of its own.
.venv/made.stamp:
	@set -eu; \
	for python in $(or $(PYTHON),python3.14 python3.13 python3.12 python3.11 python3) none; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; \
	done; \
	if [ $$python = none ]; then \
	  echo "Parcours needs Python 3.11 or newer, and found none: install it, or name it: make PYTHON=/path/to/python3" >&2; \
	  exit 1; \
	fi; \
	if ! $$python -c 'import ensurepip' 2>/dev/null; then \
	  package=$$($$python -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
	  if [ -e /etc/debian_version ] && [ "$$(id -u)" = 0 ]; then \
	    echo "Installing $$package …"; \
	    apt-get -qq update; \
	    DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends $$package >/dev/null; \
	  else \
	    echo "$$python cannot make an environment yet; run: sudo apt-get install $$package" >&2; \
	    exit 1; \
	  fi; \
	fi; \
	echo "Making .venv with $$($$python --version) …"; \
	$$python -m venv --clear .venv
	@touch $@
