# `make report` and `make test` set up everything they need first: system libraries, and .venv with locked packages.

SPEC ?= specs/yolov3.mem
VENV := .venv
PYTHON := $(VENV)/bin/python
SET_UP := .ci/set-up .ci/system-libraries .ci/find-python pyproject.toml

# macOS: lets WeasyPrint find Homebrew's Pango.
ifeq ($(shell uname),Darwin)
RUN := DYLD_FALLBACK_LIBRARY_PATH=/opt/homebrew/lib:/usr/local/lib:/usr/lib
endif

# A .venv that does not run, or that belongs to another checkout (this folder was moved or copied), is set up again.
WHERE := import importlib.util, os; print(os.path.realpath(importlib.util.find_spec("memdsl").submodule_search_locations[0]))
ifneq ($(shell $(PYTHON) -c '$(WHERE)' 2>/dev/null),$(realpath dsl/memdsl))
$(shell rm -f $(VENV)/.installed $(VENV)/.installed-dev)
endif

.PHONY: help report test mutants prove bench fuzz pictures lint docs lock clean

help:
	@echo "make report   write the workbook, the PDF and the HTML of SPEC ($(SPEC)) to reports/"
	@echo "make test     run the tests"
	@echo "make mutants  put small faults in, one at a time: the tests must notice each"
	@echo "make prove    compare searches of schedules with brute force, at length"
	@echo "make bench    run the measurements of speed"
	@echo "make fuzz     damage inputs of every sort, CASES ($(CASES)) of each"
	@echo "make pictures make the pictures of README anew"
	@echo "make lint     ruff and mypy --strict"
	@echo "make docs     make the generated parts of dsl/docs anew"
	@echo "make lock     make the lock files in .ci/ anew (needs uv)"
	@echo "make clean    remove .venv, caches and what was written to reports/"

# Without Pango the workbook and the HTML are still written, and memdsl says what the PDF lacks.
report: $(VENV)/.installed
	@test -e $(VENV)/.system-report || { .ci/system-libraries report && touch $(VENV)/.system-report; } || true
	@$(RUN) $(PYTHON) -m memdsl report $(SPEC)

test: $(VENV)/.installed-dev $(VENV)/.system-test
	@$(RUN) $(PYTHON) -m pytest -n auto --dist loadfile

mutants: $(VENV)/.installed-dev $(VENV)/.system-test
	@$(RUN) $(PYTHON) tests/mutants.py

prove: $(VENV)/.installed-dev
	@$(RUN) $(PYTHON) tests/prove.py

bench: $(VENV)/.installed-dev
	@$(RUN) $(PYTHON) tests/bench.py

CASES ?= 1000
fuzz: $(VENV)/.installed-dev
	@$(RUN) $(PYTHON) tests/fuzz.py --cases $(CASES)

pictures: $(VENV)/.installed-dev $(VENV)/.system-test
	@$(RUN) $(PYTHON) tests/pictures.py

lint: $(VENV)/.installed-dev
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check
	@$(PYTHON) -m mypy

docs: $(VENV)/.installed-dev
	@$(PYTHON) tests/docs/generate.py

lock:
	@.ci/lock --upgrade

clean:
	@rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find dsl tests -name __pycache__ -type d -prune -exec rm -rf {} +
	@find reports -mindepth 1 ! -name README.md ! -path 'reports/pictures*' -delete

$(VENV)/.installed: $(SET_UP) .ci/requirements.lock .ci/requirements-build.lock
	@.ci/set-up run
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed .ci/requirements-dev.lock
	@.ci/set-up dev
	@touch $@

$(VENV)/.system-test: $(VENV)/.installed .ci/system-libraries
	@.ci/system-libraries test
	@touch $@
