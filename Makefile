# One command surface: what a person runs and what CI runs are the same lines. `make help` lists them.

VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
NODE   := tests/node/node_modules/.ready
PEERS  := $(VENV)/.peers
SUPPLY := $(VENV)-supply
DRIVER := $(VENV)/.driver
MUTMUT := $(VENV)/.mutmut

# The first interpreter that is new enough; `make test PYTHON=python3.13` chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-check test test-on conformance conformance-table check lint types imports audit build fuzz mutants bench bench-quick profile lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(READY) $(NODE) $(PEERS) $(DRIVER) ## Create .venv with the locked dependencies (done by the other targets when needed)

$(READY): requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and none was found; install one or run: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON) (once; about a minute) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Authorization servers for tests/interop that come from the Python index.
$(PEERS): requirements/interop.txt $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/interop.txt
	@touch $@

# What drives the browser of tests/browser is the largest of all packages: it is installed only where there is a browser.
$(DRIVER): requirements/browser.txt $(READY)
	@if { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1; then \
		if $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/browser.txt; then touch $@; \
		else echo "what drives a browser could not be installed: tests/browser will skip"; fi; \
	else echo "Chromium was not found: tests/browser will skip"; fi

# Newman and the authorization servers of tests/interop are Node programs; without npm their suites skip and say so.
$(NODE): tests/node/package-lock.json
	@if command -v npm >/dev/null 2>&1; then \
		echo "Installing the Node programs that tests/interop and newman need ..."; \
		if npm ci --prefix tests/node --no-audit --no-fund --loglevel=error; then touch $@; \
		else echo "npm could not install them: the suites that need Node will skip"; fi; \
	else echo "npm was not found: the suites that need Node will skip"; fi

demo: $(READY) ## Start the forge and the example application, and print a walk with live tokens
	@$(BIN)/python -m examples.articles.demo

demo-check: $(READY) ## The same walk, each call made and compared; fails on any difference
	@$(BIN)/python -m examples.articles.demo --check

test: $(READY) $(NODE) $(PEERS) $(DRIVER) ## Run the whole suite
	@$(BIN)/python -m pytest

test-on: ## The unit and edge tests on another version: make test-on PYTHON=python3.13
	@$(MAKE) --silent $(VENV)-$(notdir $(PYTHON))/.ready VENV=$(VENV)-$(notdir $(PYTHON))
	@$(VENV)-$(notdir $(PYTHON))/bin/python -m pytest -q tests/unit tests/edge

conformance: $(READY) ## Try every named requirement and attack, and print group by group what was refused and accepted
	@$(BIN)/python -m pytest --conformance -q -p no:warnings

conformance-table: $(READY) ## Write docs/security/conformance.md anew
	@$(BIN)/python tests/conformance/table.py

check: lint types imports audit ## Lint, types, import contracts, and known vulnerabilities of what is locked

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy
	@$(BIN)/mypy tests/typing
	@$(BIN)/pyright

imports: $(READY)
	@$(BIN)/lint-imports

$(SUPPLY)/.ready: requirements/supply.txt
	@$(PYTHON) -m venv --clear $(SUPPLY)
	@$(SUPPLY)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/supply.txt
	@touch $@

audit: $(SUPPLY)/.ready ## Ask the index of advisories about every locked dependency, where it can be reached
	@$(SUPPLY)/bin/python tools/audit.py

build: $(READY) $(SUPPLY)/.ready ## Build the wheel and the source distribution, with a software bill of materials (CycloneDX)
	@rm -rf dist
	@$(BIN)/python -m hatchling build
	@$(SUPPLY)/bin/cyclonedx-py requirements requirements/runtime.txt --pyproject pyproject.toml --output-reproducible \
		--output-file dist/axioms-fastapi.cdx.json

fuzz: $(READY) ## Fuzz the way of a request for FUZZ_SECONDS (60), guided by coverage (Linux)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/fuzz.txt
	@mkdir -p build/fuzz && [ -n "$$(ls build/fuzz)" ] || for i in 1 2 3 4 5 6 7 8; do head -c 1024 /dev/urandom > build/fuzz/$$i; done
	@$(BIN)/python fuzz/verify.py -max_total_time=$${FUZZ_SECONDS:-60} -max_len=2048 -artifact_prefix=build/ build/fuzz

$(MUTMUT): requirements/mutants.txt $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/mutants.txt
	@touch $@

mutants: $(MUTMUT) ## Put the core wrong in one place at a time, and print what no test notices: all, or MUTANTS=core/claims.py (Linux)
	@PYTHONHASHSEED=0 nice $(BIN)/python tools/mutants.py $(MUTANTS)

bench: $(READY) $(PEERS) ## Measure everything beside other libraries (six minutes), and write docs/performance.md and its picture
	@$(BIN)/python -m benchmarks
	@$(BIN)/python benchmarks/keys.py
	@$(BIN)/python benchmarks/forge.py

bench-quick: $(READY) $(PEERS) ## The rows that must not be missed, briefly; fails where one is missed, after three more tries
	@$(BIN)/python -m benchmarks --quick

profile: $(READY) ## Count the calls of a request, before anything was done for speed and now, and write them into docs/performance.md
	@$(BIN)/python -m benchmarks.profiles

lock: $(READY) ## Resolve the locked dependencies anew (with hashes, naming no host)
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --group dev --generate-hashes --no-header --upgrade pyproject.toml -o requirements/dev.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade -c requirements/dev.txt pyproject.toml -o requirements/runtime.txt
	@for group in fuzz supply; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --group $$group \
		--generate-hashes --no-header --upgrade -o requirements/$$group.txt; done
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --group mutants --generate-hashes --no-header --upgrade -c requirements/dev.txt -o requirements/mutants.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --group interop --generate-hashes --no-header --upgrade -c requirements/dev.txt -o requirements/interop.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --group browser --generate-hashes --no-header --upgrade -c requirements/dev.txt -o requirements/browser.txt
	@for peer in axioms-fastapi fastapi-azure-auth; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade -c requirements/dev.txt benchmarks/peers/$$peer.in -o benchmarks/peers/$$peer.txt; done

clean: ## Remove everything that the other targets made
	@rm -rf $(VENV) $(VENV)-* tests/node/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache benchmarks/.peers build dist
