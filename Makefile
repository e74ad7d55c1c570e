# Offlite: two commands are all a newcomer needs: `make run` and `make test`.
#
# Everything lives in .venv; stamp files inside it remember what is installed, so a second run starts at once, and a
# changed pyproject.toml installs again.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint format eval eval-nano fit bench bench-kb bench-model bench-window bench-convert screenshots clean

# On Linux a screen is what these name; Windows and macOS always have one.
SCREEN := $(or $(DISPLAY),$(WAYLAND_DISPLAY),$(filter Windows_NT,$(OS)),$(filter Darwin,$(shell uname -s)))

help:
	@echo 'make run     install and start: the window where there is a screen, else a conversation in the terminal'
	@echo 'make test    install what tests need and run every check'
	@echo 'make lint    formatting, style, types, import rules'
	@echo 'make format  let ruff format the code'
	@echo 'make eval    measure search and abstention on real questions'
	@echo 'make eval-nano  measure a small model of our own (MODEL=path.gguf; OPTIONS=--questions=100 for a part)'
	@echo 'make fit     fit the weights of the ranking again'
	@echo 'make bench   measure speed and size: bench-kb, bench-model, bench-window'
	@echo 'make bench-kb        measure indexing and search'
	@echo 'make bench-model     measure a model of T-lite'\''s size against a plain C loop (OPTIONS=--layers=4 for a slice; 5 GB of disk)'
	@echo 'make bench-window    measure how light the window is (on the screen of DISPLAY, or one of Xvfb)'
	@echo 'make bench-convert   measure a conversion against llama.cpp (OPTIONS=--layers=2 for a slice; 41 GB of disk)'
	@echo 'make screenshots     walk through the window and take pictures of it for docs/screenshots (needs Xvfb)'
	@echo 'make clean   remove everything that was built'

run: $(VENV)/installed $(if $(SCREEN),$(VENV)/installed-gui)
	@$(BIN)/offlite

test: lint
	$(BIN)/python -m pytest

lint: $(VENV)/installed-dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/installed-dev
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

eval: $(VENV)/installed-dev
	$(BIN)/python tests/eval/run.py

eval-nano: $(VENV)/installed-dev
	@test -f '$(MODEL)' || { echo 'Name the model: make eval-nano MODEL=path/to/offlite-nano-Q8_0.gguf' >&2; exit 2; }
	$(BIN)/python -m models.nano.evaluate '$(MODEL)' $(OPTIONS)

fit: $(VENV)/installed-dev
	$(BIN)/python tests/eval/fit.py

bench: bench-kb bench-model bench-window

bench-kb: $(VENV)/installed-dev
	$(BIN)/python tests/bench/run.py

bench-model: $(VENV)/installed-dev
	$(BIN)/python tests/bench/model.py $(OPTIONS)

bench-window: $(VENV)/installed-dev
	$(BIN)/python tests/bench/window.py

bench-convert: $(VENV)/installed-dev
	$(BIN)/python tests/bench/convert.py $(OPTIONS)

screenshots: $(VENV)/installed-dev
	$(BIN)/python tests/screenshots/run.py $(OPTIONS)

clean:
	rm -rf $(VENV) build dist *.egg-info converter/lanes/_lanes.* eval-results .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find app kb models converter tests -type d -name __pycache__ -prune -exec rm -rf {} +

# The stamp holds the folder it was made in: an environment that was moved, or whose Python is gone, is made anew.
ifneq ($(shell $(BIN)/python -c pass 2>/dev/null && cat $(VENV)/created),$(CURDIR))
.PHONY: $(VENV)/created
endif
$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'Offlite needs Python 3.11 or newer; "$(PYTHON)" is' \
	    "$$($(PYTHON) --version 2>/dev/null || echo 'not there')." \
	    'Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo 'This Python cannot make virtual environments. On Debian and Ubuntu: sudo apt install python3-venv' >&2; \
	  exit 1; }
	@echo 'Making a virtual environment in $(VENV)…' >&2
	@$(PYTHON) -m venv --clear $(VENV)
	@echo '$(CURDIR)' > $@

$(VENV)/installed: pyproject.toml setup.py $(wildcard converter/lanes/*.[ch]) $(VENV)/created
	@echo 'Installing Offlite (a few minutes the first time)…' >&2
	@$(PIP) install --editable .
	@touch $@

$(VENV)/installed-gui: $(VENV)/installed
	@echo 'Installing the window…' >&2
	@$(PIP) install --editable '.[gui]'
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo 'Installing what the tests need…' >&2
	@$(PIP) install --editable '.[dev]'
	@touch $@
