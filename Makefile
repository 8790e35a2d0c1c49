PYTHON ?= python3
APP := .venv
DEV := .venv-dev
PIP := -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
# two workers at most: more would only wait for each other's browsers and networks
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1); echo $$(( n < 2 ? n : 2 )))

.PHONY: help app test check lint measures fast docs format hooks lock train clean

help:  ## list these commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

app: $(APP)/ready  ## set up and start the app
	$(APP)/bin/streamlit run app.py

test: $(DEV)/ready  ## set up everything, check, and run every test
	tests/browser/ensure_chromium.sh $(DEV)/bin/python
	$(MAKE) lint
	$(DEV)/bin/python -m pytest -n $(WORKERS) --durations=15

check: lint fast  ## format, lint, types, who may import whom, fast tests: under a minute

lint: $(DEV)/ready
	$(DEV)/bin/ruff format --check .
	$(DEV)/bin/ruff check .
	$(DEV)/bin/lint-imports --no-cache
	$(DEV)/bin/mypy

measures: $(DEV)/ready  ## run the benchmarks' own tests, which measure for real
	$(DEV)/bin/python -m pytest -m measures

fast: $(DEV)/ready  ## the fast tests alone
	$(DEV)/bin/python -m pytest -q -n $(WORKERS) -m "not slow and not browser" tests/core tests/test_architecture.py tests/test_readme.py

docs: $(DEV)/ready  ## write the pages of the documentation to .cache/site
	NO_MKDOCS_2_WARNING=1 $(DEV)/bin/python -m mkdocs build --strict --quiet
	@echo "Open .cache/site/index.html"

format: $(DEV)/ready  ## put the code into its form
	$(DEV)/bin/ruff check --fix .
	$(DEV)/bin/ruff format .

hooks: $(DEV)/ready  ## check before every commit
	$(DEV)/bin/pre-commit install

lock: $(DEV)/ready  ## write constraints.txt anew from requirements*.txt
	$(DEV)/bin/python -m pip install --quiet uv
	$(DEV)/bin/uv pip compile requirements-dev.txt --universal --python-version 3.11 --no-annotate --no-emit-index-url --custom-compile-command "make lock" --output-file constraints.txt --quiet

train: $(DEV)/ready  ## train all models again (needs the corpora, see README.md)
	for name in transformer svm cnn lstm mlp; do $(DEV)/bin/python -m train fit $$name || exit 1; done
	$(DEV)/bin/python -m train measure

# The warm-up compiles librosa's numerics once, so that the first visitor need not wait for it.
$(APP)/ready: requirements.txt constraints.txt
	$(call venv,$(APP))
	$(APP)/bin/python $(PIP) -r requirements.txt
	$(APP)/bin/python -m ser_core.warmup
	touch $@

$(DEV)/ready: requirements.txt requirements-train.txt requirements-words.txt requirements-serve.txt requirements-dev.txt constraints.txt
	$(call venv,$(DEV))
	$(DEV)/bin/python $(PIP) -r requirements-dev.txt
	$(DEV)/bin/python -m ser_core.warmup
	touch $@

define venv
@$(PYTHON) -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] < (3, 14)))' || \
	{ echo "Python 3.11 to 3.13 is needed; name one: make $@ PYTHON=python3.11"; exit 1; }
$(PYTHON) -m venv $(1)
endef

clean:  ## remove what was set up and cached
	rm -rf $(APP) $(DEV) .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis
