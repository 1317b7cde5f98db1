# make app     set up what the app needs and open it          (PORT=8600 picks the port)
# make test    set up what development needs and run every test (WORKERS=4 runs more at a time)
# make test-fast  the tests for while one works: no browser, no LibreOffice, nothing that takes seconds
# make fuzz    send spoilt input through every door            (CASES=500 for fewer, SEED=7 for others)
# make test-lowest  run the tests with the lowest versions that pyproject.toml allows, in .venv-lowest
# make check   style, types, direction of imports, generated pages   (FACTS=folder also compares the estimates of prices,
#              SERIES=folder those of usage and the warning)
#
# The first call builds .venv; it is built again when pyproject.toml changes. PYTHON=python3.12 picks another Python.

PYTHON ?= python3
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
LOWEST := .venv-lowest
WANTED := Switchpoint needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)

# What the tests start must not compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help app test test-fast test-lowest fuzz check style types imports pages docs format clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

app: $(VENV)/.installed  ## Open the app in the browser (PORT=8600 picks the port)
	$(BIN)/python -m switchpoint app $(if $(PORT),--port $(PORT))

test: $(VENV)/.installed-dev  ## Run every test, and every example in docstrings and Markdown
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

test-fast: $(VENV)/.installed-dev  ## Run the tests that take no browser, no LibreOffice and no seconds
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not slow and not browser" $(ARGS)

test-lowest: $(LOWEST)/.installed  ## Run the tests with the lowest versions that are allowed (ARGS=tests/test_world.py for some)
	$(LOWEST)/bin/python -m pytest -n $(WORKERS) --dist loadfile -p no:cacheprovider --ignore=tests/browser $(ARGS)

fuzz: $(VENV)/.installed-dev  ## Send spoilt input through every door; fails on any traceback or hang
	$(BIN)/python -m tools.fuzz $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED))

check: style types imports pages  ## Style, types, direction of imports, generated pages

style: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/python -m mypy

imports: $(VENV)/.installed-dev
	$(BIN)/lint-imports --no-logo

# TESTED=1, right after `make test`, leaves out the pages that a test compares too: they take half a minute.
pages: $(VENV)/.installed-dev
	$(if $(TESTED),,$(BIN)/python -m switchpoint.docs_pages --check)
	$(if $(TESTED),,$(BIN)/python -m tools.validation --check)
	$(if $(TESTED),,$(BIN)/python -m tools.why --check)
	$(BIN)/python -m tools.draws --check
	$(BIN)/python -m tools.readiness_trials --check
	$(BIN)/python -m tools.calibrate_prices --check $(FACTS)
	$(BIN)/python -m tools.calibrate_usage --check $(SERIES)
	$(if $(SERIES),$(BIN)/python -m tools.validate_warning --check $(SERIES))

docs: $(VENV)/.installed-dev  ## Write the generated pages of docs/ anew
	$(BIN)/python -m switchpoint.docs_pages
	$(BIN)/python -m tools.validation
	$(BIN)/python -m tools.draws
	$(BIN)/python -m tools.why
	$(BIN)/python -m tools.readiness_trials

format: $(VENV)/.installed-dev  ## Put the code into the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## Remove the environment and every cache
	rm -rf $(VENV) $(LOWEST) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.installed: pyproject.toml | $(BIN)/pip
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.installed

$(LOWEST)/.installed: pyproject.toml tools/lowest.py
	$(PYTHON) -m venv --clear $(LOWEST)
	$(PYTHON) tools/lowest.py > $(LOWEST)/constraints.txt
	$(LOWEST)/bin/python -m pip install --quiet --constraint $(LOWEST)/constraints.txt --editable '.[test]'
	@touch $@

# venv makes pip last, so its presence says that the environment is whole.
$(BIN)/pip:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not installed. $(WANTED)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is $$($(PYTHON) --version 2>&1). $(WANTED)" >&2; exit 1; }
	@echo "Setting up $(VENV) (once; it takes a minute or two)"
	$(PYTHON) -m venv --clear $(VENV)
