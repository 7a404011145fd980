# Every target explains itself: make help
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/.installed-run
TEST := $(VENV)/.installed-test
IN := $(CURDIR)/$(VENV)/bin

.PHONY: help run demo test test-fast bench schema fmt check lock migrate clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: $(RUN) ## Start PostgreSQL, server and worker with demo data; Ctrl-C stops all of it
	@$(IN)/python -m web.client.build || true
	@exec $(IN)/neuroerp dev

demo: $(RUN) ## Tell the story of one invoice against the running server
	@$(IN)/neuroerp demo --url http://127.0.0.1:$${NEUROERP_PORT:-8000}

demo-company: $(RUN) ## Fill a company with two years of business, while make run runs
	@$(IN)/neuroerp demo-company

test: $(TEST) check ## Linters, types, import contracts and all tests (about 9 minutes)
	@$(IN)/python -m web.client.build
	@$(IN)/python -m pytest -n $${NEUROERP_TEST_WORKERS:-2}

test-fast: $(TEST) ## The inner loop: tests without the slow ones (about half a minute)
	@$(IN)/python -m pytest -n 2 -m "not slow"

check: $(TEST) ## Linters, types, import contracts, schema.graphql
	@$(IN)/ruff check .
	@$(IN)/ruff format --check --quiet .
	@$(IN)/mypy
	@PATH=$(IN):$$PATH $(IN)/lint-imports --verbose >$(VENV)/imports.log || { cat $(VENV)/imports.log; exit 1; }
	@$(IN)/neuroerp schema --check schema.graphql

bench: $(TEST) ## Measure against hand-written floors, ratios in one run (about 8 minutes)
	@$(IN)/python -m tests.bench

schema: $(RUN) ## Print schema.graphql and the JSON Schemas of events from the code
	@$(IN)/neuroerp schema > schema.graphql
	@$(IN)/neuroerp events docs/events

fmt: $(TEST) ## Format the code
	@$(IN)/ruff check --fix --quiet . ; $(IN)/ruff format --quiet .

lock: ## Pin dependencies anew (needs uv)
	@requirements/lock.sh

clean: ## Remove the virtual environment and the demo data
	@rm -rf $(VENV) .data web/client/dist web/client/node_modules

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "NeuroERP needs Python 3.11 or newer; this is $$($(PYTHON) --version)."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing (Debian: apt-get install python3-venv)."; exit 1; }

$(RUN): $(VENV)/bin/python requirements/run.txt pyproject.toml
	@echo "Installing what NeuroERP needs (once, about a minute) ..."
	@$(IN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(IN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(TEST): $(RUN) requirements/test.txt
	@$(IN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@
