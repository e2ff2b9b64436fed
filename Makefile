# Two commands on a machine with Python 3.11+ and make: `make demo` and `make test`. Each sets up all it needs.

PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
ifeq ($(OS),Windows_NT)
$(error Living Review runs on Linux and macOS)
endif

.PHONY: demo test check lint types arrows format benchmarks docs clean

demo: $(READY)
	$(VENV)/bin/living-review demo

test: $(READY)
	$(VENV)/bin/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: lint types arrows

lint: $(READY)
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .

types: $(READY)
	$(VENV)/bin/mypy

arrows: $(READY)
	$(VENV)/bin/lint-imports

format: $(READY)
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

benchmarks: $(READY)
	$(VENV)/bin/python -m tests.benchmarks

# The pins are exact and hashed; nothing is installed that they do not name.
$(READY): requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, found " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
