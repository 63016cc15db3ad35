# The two commands everybody needs: `make run` and `make test`. Both make their own environment in .venv.
PYTHON ?= python3
PERSONS ?= 20000
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run test assets bench bench-national docs lock clean

run: .venv/run.stamp assets ## the whole platform on a simulated province, then its pages
	$(BIN)/quanmin demo --persons $(PERSONS) --sign-ins
	QUANMIN_HOME=$${QUANMIN_HOME:-quanmin-home}/demo $(BIN)/quanmin serve

test: .venv/dev.stamp assets ## every check and test of the default run
	$(BIN)/python scripts/checks.py

assets: .venv/run.stamp ## what pages load, built from pinned packages; Node comes from its wheel where there is none
	command -v npm >/dev/null || $(PIP) install --no-deps --require-hashes -r requirements-node.lock
	$(BIN)/python scripts/assets.py

bench: .venv/dev.stamp ## ratios against peers and floors, written to docs/performance.md
	$(BIN)/python tests/bench/run.py

bench-national: .venv/dev.stamp ## builds of 100 M and of 200 M records, written to docs/performance_national.md
	$(BIN)/python tests/bench/run.py --national

docs: .venv/dev.stamp ## the manual, into site/
	$(BIN)/python scripts/build_manual.py

lock: .venv/dev.stamp ## pin every dependency with hashes
	$(BIN)/python scripts/lock.py

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run.stamp: .venv/bin/python requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	touch $@

clean: ## forget the environment and what the demo wrote
	rm -rf .venv site quanmin-home demo-data
