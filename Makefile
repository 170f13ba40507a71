# Everything runs from a clean clone: each target sets up what it needs first.
PYTHON ?= python3
VENV   ?= .venv
FUZZ_SECONDS ?= 600
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready

.DEFAULT_GOAL := help

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

setup: $(STAMP) ## Make the virtual environment, the editable install and the kernel cache

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@mkdir -p .types && ln -sfn .. .types/alphaforge
	@touch $(STAMP)
	$(BIN)/alphaforge warm

demo: $(STAMP) ## Run the whole main job end to end and leave a report
	$(BIN)/alphaforge demo

test: $(STAMP) ## Run all tests that need no torch
	$(BIN)/python -m pytest -n 2 -m "not embeddings and not long"

test-all: $(STAMP) ## Run the long tests too (deep properties, long crash matrix)
	$(BIN)/python -m pytest -n 2 -m "not embeddings"

test-embeddings: $(STAMP) ## Run the tests of the extra `embeddings` (installs the CPU torch first)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt 'torch==2.13.0'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,embeddings]'
	$(BIN)/python -m pytest -m embeddings

fuzz: $(STAMP) ## Fuzz the compiler in all dialects for FUZZ_SECONDS (installs the extra `fuzz` first)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,fuzz]'
	@mkdir -p .fuzz
	$(BIN)/python -m alphaforge.tests.fuzz.run .fuzz $(FUZZ_SECONDS)

lint: $(STAMP) ## Check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP) ## Check types
	$(BIN)/mypy

check: lint types test ## Lint, types and tests

fmt: $(STAMP) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

golden: $(STAMP) ## Rewrite the golden files, for review
	ALPHAFORGE_GOLDEN=rewrite $(BIN)/python -m pytest -q -m "not embeddings" -k golden

docs: $(STAMP) ## Write the pages that are made from the catalogue anew
	$(BIN)/python docs/write_operators.py
	$(BIN)/python docs/write_cheatsheet.py
	$(BIN)/python docs/write_schemas.py
	$(BIN)/python editors/vscode/write_extension.py

PEERS := .venv-peers/.ready

peers: $(PEERS) ## Install the public packages that `make bench` compares with, in a venv of their own

$(PEERS): benchmarks/peers.txt
	@test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/peers.txt
	@touch $(PEERS)

bench: $(STAMP) $(PEERS) ## Print the benchmarks, as ratios in one run
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

wheel: $(STAMP) ## Build the wheel
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps -w dist .

clean: ## Remove what the targets made
	rm -rf $(VENV) .types build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .fuzz .venv-peers

.PHONY: help setup demo test test-all test-embeddings fuzz lint types check fmt golden docs peers bench wheel clean
