# make app    set up and start the app
# make test   set up everything, check the style, run every test
# make train  train all models again (needs the corpora, see README.md)
PYTHON ?= python3
APP := .venv
DEV := .venv-dev
PIP := -m pip install --quiet --disable-pip-version-check

.PHONY: app test check train clean

app: $(APP)/ready
	$(APP)/bin/streamlit run app.py

test: $(DEV)/ready
	tests/browser/ensure_chromium.sh $(DEV)/bin/python
	$(MAKE) check
	$(DEV)/bin/python -m pytest

check: $(DEV)/ready
	$(DEV)/bin/ruff check .
	$(DEV)/bin/ruff format --check .

train: $(DEV)/ready
	for name in transformer svm cnn lstm mlp; do $(DEV)/bin/python -m train fit $$name || exit 1; done
	$(DEV)/bin/python -m train measure

# The warm-up compiles librosa's numerics once, so that the first visitor need not wait for it.
$(APP)/ready: requirements.txt
	$(call venv,$(APP))
	$(APP)/bin/python $(PIP) -r requirements.txt
	$(APP)/bin/python -m ser_core.warmup
	touch $@

$(DEV)/ready: requirements.txt requirements-train.txt requirements-dev.txt
	$(call venv,$(DEV))
	$(DEV)/bin/python $(PIP) -r requirements-dev.txt
	$(DEV)/bin/python -m ser_core.warmup
	touch $@

define venv
@$(PYTHON) -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] < (3, 14)))' || \
	{ echo "Python 3.11 to 3.13 is needed; name one: make $@ PYTHON=python3.11"; exit 1; }
$(PYTHON) -m venv $(1)
endef

clean:
	rm -rf $(APP) $(DEV) .cache .pytest_cache .ruff_cache .hypothesis
