# Two commands matter: `make run` and `make test`. Each sets itself up; nothing global is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: run test lint types check audit fuzz orders faults soak bench wheel zendesk-app lock clean

run: $(VENV)/run.stamp
	@exec $(BIN)/bridge demo $(ARGS)

# BOTH=1: tests/flow on both databases too, where otherwise each of its tests runs on one of them.
BOTH ?=
test: $(VENV)/dev.stamp
	@bash .ci/browser
	@$(if $(strip $(ARGS)),$(BIN)/python -m pytest $(ARGS),BOTH=$(BOTH) bash .ci/suite)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev.stamp
	$(BIN)/mypy

check: lint types test

# Every parser of outside input, with inputs that are new each time; what fails is kept. About five minutes.
fuzz: $(VENV)/dev.stamp
	@$(BIN)/python -m fuzz.run --examples 5000 $(ARGS)

# Every call, commit and webhook of every flow, times everything that can go wrong there, as tables; on every core.
# About half an hour of one core. A part of it: make faults ARGS="-k 'private and frozen'".
faults: $(VENV)/dev.stamp
	@$(BIN)/python tests/faults_table.py $(ARGS)

# A minute of posts, answers, kills and faults at a steady rate, and then everything is counted. docs/soak.md.
soak: $(VENV)/dev.stamp
	@$(BIN)/python -m soak $(ARGS)

# How fast, how cheap, and how that grows: docs/performance.md, from what was measured here. Under thirteen minutes on
# a machine that does nothing else. Seconds, to see that it works: make bench ARGS="--quick --only accepting".
bench: $(VENV)/dev.stamp
	@$(BIN)/python -m bench $(ARGS)

# Everything in any order, fifty times as many orders as in `make test`, and new ones each time. About two hours.
orders: $(VENV)/dev.stamp
	@$(BIN)/python -m pytest -q --hypothesis-profile=long tests/ledger/test_machine.py tests/flow/test_any_order.py $(ARGS)

# Known holes in what is installed. Says so where nobody can be asked.
audit: $(VENV)/dev.stamp
	@$(BIN)/python .ci/audit.py $(ARGS)

# The wheel is what people get, so the wheel is what is tested: in an environment of its own, away from the source.
wheel: $(VENV)/dev.stamp
	@bash .ci/wheel

# The sidebar app as the archive that an admin uploads to Zendesk: make zendesk-app BRIDGE_PUBLIC_URL=https://...
zendesk-app: $(VENV)/run.stamp
	@$(BIN)/python .ci/zendesk_app.py "$(or $(BRIDGE_URL),$(BRIDGE_PUBLIC_URL))"

lock:
	@command -v uv >/dev/null || { echo "make lock needs uv (pip install uv)"; exit 1; }
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	  --upgrade pyproject.toml requirements/build.in -o requirements/run.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	  --upgrade -c requirements/run.txt pyproject.toml requirements/build.in --group dev -o requirements/dev.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	  --upgrade -c requirements/run.txt pyproject.toml requirements/build.in --extra celery -o requirements/celery.txt
	for name in airbyte dlt singer target; do \
	  uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	    --upgrade requirements/contrib-$$name.in -o requirements/contrib-$$name.txt || exit 1; done

$(VENV)/run.stamp: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is %s" % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || { echo "Setting up $(VENV) (once) ..."; $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	@echo "Installing what the tests need (once) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

clean:
	rm -rf $(VENV) .venv-contrib dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
