# make demo: both networks in lockstep on real digits, then the parity report.
# make test: lint, types, import walls, and the whole proof.
# Both set up what they need in .venv first; PYTHON names another interpreter (3.11 or newer).

PYTHON ?= python3
BIN := .venv/bin
export HYPOTHESIS_PROFILE ?= ci

.PHONY: demo test mutants bench clean

demo: .venv/installed
	$(BIN)/python -m parity_tests --html results/report.html

test: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto --dist worksteal

mutants: .venv/installed
	$(BIN)/python -m parity_tests mutants

bench: .venv/installed
	$(BIN)/python -m benchmarks steps optimizers start --only SimpleNet 10⁶ first --min-time 0.05 --json results/bench.json

.venv/installed: setup.cfg pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[torch,data,cli,test]"
	@touch $@

clean:
	rm -rf .venv results build *.egg-info .mypy_cache .ruff_cache .hypothesis
