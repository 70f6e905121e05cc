# `make` alone lists the targets. Written for GNU make 3.81, which macOS ships.
BIN := .venv/bin
# What users run.
SHIPPED := crack pages server.py streamlit_app.py

# The first Python that TensorFlow has wheels for; override with PYTHON=...
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	2>/dev/null && echo $$python && break; done)

.DEFAULT_GOAL := help
.PHONY: help setup app test test-slow e2e cluster service lint types format bench clean audit

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' \
	$(firstword $(MAKEFILE_LIST))

setup: .venv/.installed ## Create .venv with the runtime and the development tools

app: .venv/.installed-app ## Open the dashboard in the browser
	$(BIN)/streamlit run streamlit_app.py

test: setup ## Fast tests: the core and the pages
	$(BIN)/python -m pytest -m "not slow and not e2e"

test-slow: setup ## Tests that train for real
	$(BIN)/python -m pytest -m "slow and not e2e"

e2e: setup ## Tests in a real browser (needs Chromium)
	$(BIN)/python -m pytest -m e2e

service: .venv/.installed-service ## Tests of `crack serve` (installs what only it needs)
	$(BIN)/python -m pytest tests/service

cluster: .venv/.installed-cluster ## Tests of `--engine ray` (installs Ray)
	$(BIN)/python -m pytest tests/cluster

lint: setup ## Check style, the import walls, the formatting and for unsafe code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(SHIPPED)

audit: setup ## Look for packages with known weaknesses (asks pypi.org: needs the internet)
	@echo "Asking pypi.org about every installed package. This needs the internet."
	$(BIN)/pip-audit --local --strict --progress-spinner off

types: setup ## Check the types
	$(BIN)/mypy

format: setup ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## Measure training (ARGS="..."; without, it lists the options)
	$(BIN)/python -m benchmarks.training_speed $(or $(ARGS),--help)

clean: ## Remove caches; keeps .venv and workspace
	rm -rf .mypy_cache .pytest_cache .ruff_cache
	find . -name .venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: pip runs only when .venv is new or a list of requirements changed.
.venv/.installed: requirements.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install -r requirements-dev.txt
	@touch .venv/.installed-app $@

.venv/.installed-app: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install -r requirements.txt
	@touch $@

.venv/.installed-service: requirements-serve.txt requirements-serve-dev.txt | setup
	$(BIN)/python -m pip install -r requirements-serve-dev.txt
	@touch $@

.venv/.installed-cluster: requirements-cluster.txt requirements-cluster-dev.txt | setup
	$(BIN)/python -m pip install -r requirements-cluster-dev.txt
	@touch $@

$(BIN)/python:
	@test -n "$(PYTHON)" || \
	{ echo "Python 3.11, 3.12 or 3.13 is needed; none was found." >&2; exit 1; }
	$(PYTHON) -m venv .venv
