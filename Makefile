# Everything a newcomer needs: `make run` and `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
TOOLS := $(VENV)/.tools
FUZZ := $(VENV)/fuzz/.ready
CLIENTS := $(VENV)/clients/.ready
NODE := $(VENV)/node

export TTDN_PORT ?= 8000
export TTDN_DATA_DIR ?= .data

.PHONY: help run demo test test-browser test-calendar test-clients test-fuzz test-reliability
.PHONY: check lint lint-api bench format openapi coverage lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: $(RUNTIME) ## Set up everything and serve: database, API and worker (TTDN_PORT, TTDN_DATA_DIR, TTDN_DATABASE_URL)
	@exec $(BIN)/ttdn up --dev

demo: $(RUNTIME) ## In a second terminal: a district submits its plan, the coordinator's webhook arrives
	@$(BIN)/python docs/demo/first_act.py $(TTDN_DATA_DIR)/demo-credentials.json

test: $(TOOLS) ## Run every test, on a core each, on embedded PostgreSQLs of their own
	@$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test-browser: $(TOOLS) ## Read /docs and /redoc in a headless Chromium; skipped where there is none
	@$(BIN)/python -m pytest -rs tests/openapi/browser_checks.py

test-calendar: $(TOOLS) ## Follow the calendar of press events with ical.js; skipped where Node.js is missing
	@if command -v npm > /dev/null; \
	then $(MAKE) --no-print-directory $(NODE)/.ready && $(BIN)/python -m pytest -rs tests/portal/calendar_checks.py; \
	else echo "test-calendar: skipped, Node.js is not installed"; fi

test-clients: $(TOOLS) $(CLIENTS) ## Make a Python and a TypeScript client, compile both, submit a plan with each; TypeScript needs Node.js
	@if command -v npm > /dev/null; \
	then $(MAKE) --no-print-directory $(NODE)/.ready && $(BIN)/python -m tests.clients.check $(VENV)/clients $(NODE); \
	else $(BIN)/python -m tests.clients.check $(VENV)/clients; fi

test-fuzz: $(TOOLS) $(FUZZ) ## Set schemathesis on the running service, for some four minutes (FUZZ_SECONDS)
	@$(BIN)/python -m tests.fuzz.run

test-reliability: $(TOOLS) ## Kill workers and API processes by the hundred; bad receivers, a week away, a recovery of 20,000 (some nine minutes)
	@$(BIN)/python -m tests.bench.webhooks

check: lint test ## Everything CI runs: format, lint, types, floors, OpenAPI drift, tests

lint: $(TOOLS) ## Format, lint, types, import contracts, OpenAPI and law coverage: drift and validity
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/ttdn openapi --check
	@$(BIN)/ttdn law coverage --check > /dev/null
	@$(BIN)/ttdn kinds --check
	@$(BIN)/openapi-spec-validator openapi/openapi.json

lint-api: ## Redocly and Spectral (OWASP rules) on openapi/openapi.json; skipped where Node.js is missing
	@if command -v npm > /dev/null; \
	then $(MAKE) --no-print-directory $(NODE)/.ready && cp openapi/*.yaml openapi/openapi.json $(NODE)/ && cd $(NODE) \
	&& REDOCLY_TELEMETRY=off node_modules/.bin/redocly lint openapi.json --config redocly.yaml \
	&& node_modules/.bin/spectral lint openapi.json --ruleset spectral.yaml --fail-severity warn; \
	else echo "lint-api: skipped, Node.js is not installed"; fi

bench: $(TOOLS) ## The service beside the bare floor, in one run; writes docs/benchmarks.md (two cores, a quiet machine)
	@$(BIN)/python -m tests.bench.run --write docs/benchmarks.md

format: $(TOOLS) ## Format the code and mend what the linter can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

openapi: $(RUNTIME) ## Write openapi/openapi.json, the problem catalogue, the page of the kinds of record
	@$(BIN)/ttdn openapi
	@$(BIN)/ttdn kinds

coverage: $(RUNTIME) ## Show what answers each provision of the regulation, and write docs/law-coverage.md
	@$(BIN)/ttdn law coverage

lock: $(VENV)/bin/python ## Resolve the dependencies anew and write the lock files, with hashes
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header --output-file requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --extra dev --quiet --universal --python-version 3.11 --generate-hashes --no-header --constraints requirements.lock --output-file tests/requirements.lock
	@$(BIN)/uv pip compile tests/fuzz/requirements.in --quiet --universal --python-version 3.11 --generate-hashes --no-header --output-file tests/fuzz/requirements.lock
	@$(BIN)/uv pip compile tests/clients/requirements.in --quiet --universal --python-version 3.11 --generate-hashes --no-header --output-file tests/clients/requirements.lock

clean: ## Remove the environment and caches; data stay
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make run PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up: environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.lock | $(VENV)/bin/python
	@echo "Setting up: dependencies"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@printf '#!/bin/sh\nexec "%s/$(BIN)/python" -m app.cli "$$@"\n' "$(CURDIR)" > $(BIN)/ttdn && chmod +x $(BIN)/ttdn
	@echo "$(CURDIR)" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/ttdn.pth"
	@touch $@

$(TOOLS): tests/requirements.lock $(RUNTIME)
	@echo "Setting up: tools and tests"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement tests/requirements.lock
	@touch $@

# An environment of its own: what schemathesis needs does not bind what the service needs.
$(FUZZ): tests/fuzz/requirements.lock | $(VENV)/bin/python
	@echo "Setting up: schemathesis"
	@$(BIN)/python -m venv $(VENV)/fuzz
	@$(VENV)/fuzz/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement tests/fuzz/requirements.lock
	@touch $@

$(CLIENTS): tests/clients/requirements.lock | $(VENV)/bin/python
	@echo "Setting up: the generator of Python clients"
	@$(BIN)/python -m venv $(VENV)/clients
	@$(VENV)/clients/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement tests/clients/requirements.lock
	@touch $@

$(NODE)/.ready: openapi/package.json openapi/package-lock.json openapi/.npmrc | $(VENV)/bin/python
	@echo "Setting up: what needs Node.js"
	@mkdir -p $(NODE) && cp openapi/package.json openapi/package-lock.json openapi/.npmrc $(NODE)/
	@cd $(NODE) && npm ci --ignore-scripts --silent
	@touch $@
