# Everything a newcomer needs: `make run` and `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
TOOLS := $(VENV)/.tools

export TTDN_PORT ?= 8000
export TTDN_DATA_DIR ?= .data

.PHONY: help run demo test check lint format openapi lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: $(RUNTIME) ## Set up everything and serve: database, API and worker (TTDN_PORT, TTDN_DATA_DIR, TTDN_DATABASE_URL)
	@exec $(BIN)/ttdn up --dev

demo: $(RUNTIME) ## In a second terminal: a district submits its plan, the coordinator's webhook arrives
	@$(BIN)/python docs/demo/first_act.py $(TTDN_DATA_DIR)/demo-credentials.json

test: $(TOOLS) ## Run every test on an embedded PostgreSQL of their own
	@$(BIN)/python -m pytest

check: lint test ## Everything CI runs: format, lint, types, floors, OpenAPI drift, tests

lint: $(TOOLS) ## Format, lint, types, import contracts, OpenAPI drift and validity
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/ttdn openapi --check
	@$(BIN)/openapi-spec-validator openapi/openapi.json

format: $(TOOLS) ## Format the code and mend what the linter can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

openapi: $(RUNTIME) ## Write openapi/openapi.json and the problem catalogue
	@$(BIN)/ttdn openapi

lock: $(VENV)/bin/python ## Resolve the dependencies anew and write the lock files, with hashes
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --output-file requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --extra dev --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --constraints requirements.lock --output-file tests/requirements.lock

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
