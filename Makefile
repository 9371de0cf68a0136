# Everything a developer does here. `make` alone lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PAGE := rewind/web/static/index.html
NATIVE := $(wildcard $(addsuffix /native/*,rewind/capture rewind/spool rewind/store rewind/transform rewind/writer))
MODULES := webui/node_modules/.package-lock.json
PAGE_SOURCES := $(shell find webui -type f -not -path '*/node_modules/*' -not -path '*/dist/*' \
	-not -path '*/tests/*' 2>/dev/null)
# Suites that a second and third Python run too: they need no server, browser or built wheel.
PORTABLE := $(wildcard tests/property tests/fidelity/language tests/contract tests/unit)
# What is shown with real libraries, in whichever versions there are.
SERVICES := tests/unit/integrations $(addprefix tests/integration/test_, \
	web_services.py jobs.py traces.py two_services.py dev_routes.py)
WORKERS ?= 2
# A file's tests stay together. Where a worker dies the run ends and names the test.
XDIST = -n $(WORKERS) --dist loadfile --no-loadscope-reorder --max-worker-restart 0
# Suites whose files take long: they are begun first, so that no core waits for another's last file.
LONG := $(wildcard tests/faults tests/browser tests/integration tests/fidelity tests/property)
SHORT := $(filter-out $(LONG) %.py %/__pycache__,$(wildcard tests/*))
MINUTES ?= 5
PICTURES ?= docs/pictures
# Passed to the two fidelity runs, such as FIDELITY='--project click --python 3.13'.
FIDELITY ?=

.DEFAULT_GOAL := help

.PHONY: help
help: ## list these targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

.PHONY: demo
demo: install ## set up, record the example, open its replay in the browser
	cd examples/orders && ../../$(BIN)/rewind run --name demo orders.py
	cd examples/orders && ../../$(BIN)/rewind ui last --open

.PHONY: test
test: install ## everything that CI runs
	@# Thousands of processes are started, some where Python keeps nothing of what it compiles.
	$(BIN)/python -m compileall -q rewind
	@# What keeps one core busy goes side by side.
	$(MAKE) --jobs=2 --output-sync=target native-asan lint types layers page-check more-pythons
	$(MAKE) --jobs=1 pythons suite

.PHONY: install
install: $(VENV)/.installed ## make .venv with Rewind, its page and all tools in it

$(VENV)/.installed: pyproject.toml setup.py rewind.pth rewind.start $(NATIVE) | $(PAGE)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Rewind needs Python 3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $@

.PHONY: page
page: $(PAGE) ## build the dashboard's page

$(PAGE): $(MODULES) $(PAGE_SOURCES)
	cd webui && npm run build
	@touch $@

$(MODULES): webui/package-lock.json
	cd webui && npm ci --no-audit --no-fund
	@touch $@

.PHONY: lint
lint: install ## style and format of the Python code
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: types
types: install ## mypy, strict
	$(BIN)/mypy

.PHONY: layers
layers: install ## who may import whom
	$(BIN)/lint-imports
	$(BIN)/pytest tests/architecture

.PHONY: page-check
page-check: $(PAGE) ## types, style and unit tests of the page
	cd webui && npm run check
	cd webui && npm test

.PHONY: more-pythons
more-pythons: install ## environments of the other Pythons that this machine has
	.ci/pythons

.PHONY: pythons
pythons: install ## the portable suites on the other Pythons that this machine has
	.ci/pythons $(XDIST) $(PORTABLE)

.PHONY: suite
suite: install ## every test but the benchmarks, on this Python
	$(BIN)/pytest $(XDIST) $(LONG) $(SHORT)

.PHONY: oldest
oldest: page ## the libraries that are recorded at work, in their oldest versions
	$(PYTHON) -m venv .venv/oldest
	.venv/oldest/bin/pip install --quiet --editable '.[test]' --constraint tests/oldest.txt
	.venv/oldest/bin/pytest $(XDIST) $(SERVICES)

.PHONY: unit
unit: install ## the fast tests alone
	$(BIN)/pytest $(PORTABLE)

.PHONY: browser
browser: install ## the dashboard in a real Chromium
	$(BIN)/pytest tests/browser

.PHONY: screenshots
screenshots: install ## pictures of every page, into docs/pictures (PICTURES=elsewhere STATES=--states)
	$(BIN)/python -m tests.browser.screenshots $(PICTURES) $(STATES)

.PHONY: fidelity
fidelity: install ## other projects' own test suites, recorded: nothing else changes (hours)
	$(BIN)/python -m tests.fidelity.projects $(FIDELITY)

.PHONY: fidelity-stdlib
fidelity-stdlib: install ## CPython's own tests, they and what they test recorded
	$(BIN)/python -m tests.fidelity.stdlib $(FIDELITY)

.PHONY: bench
bench: install ## what recording costs
	$(BIN)/pytest benchmarks

.PHONY: native
native: install ## the native core in place, warnings are errors
	REWIND_STRICT_BUILD=1 $(BIN)/pip install --quiet --no-deps --editable .

.PHONY: fuzz-values
fuzz-values: native ## random values through both cores, for MINUTES
	$(BIN)/python -m tests.contract.fuzz_values --minutes $(MINUTES)

.PHONY: search
search: native ## random programs, plain and recorded, by both cores, for MINUTES
	$(BIN)/python -m tests.property.search --minutes $(MINUTES)

# A build of its own, ahead of the plain one on the path. What runs the parts in Python alone has
# nothing to be watched. Some tests measure memory, of which the sanitizer keeps what was freed.
SANITIZED := build/sanitized
SANITIZE = gcc -shared -fPIC -std=c11 -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined -Wall -Wextra -Werror $$(cat $(SANITIZED)/include) \
	-Irewind/spool/native -DRW_CHECKED

.PHONY: faults
faults: install ## programs and writers killed a thousand times: nothing published is lost (FAULTS="--kills 100")
	$(BIN)/python -m tests.faults $(FAULTS)

.PHONY: bench-service
bench-service: install ## requests a second of a recorded service (SERVICE="--rounds 3")
	cd benchmarks && ../$(BIN)/python service.py $(SERVICE)

.PHONY: soak
soak: install ## what 100,000 requests leave behind in a recorded service (SOAK="--requests 20000")
	$(BIN)/python -m tests.soak $(SOAK)

.PHONY: native-asan
native-asan: install ## the contract suite, core and writer under AddressSanitizer and UBSan
	rm -rf $(SANITIZED) && mkdir -p $(SANITIZED) && cp -r rewind tests benchmarks migrations $(SANITIZED)/
	cd $(SANITIZED) && rm -f rewind/*/_*.so && cp ../../pyproject.toml ../../setup.py .
	$(BIN)/python -c 'import sysconfig as s; print("-I" + s.get_path("include"))' > $(SANITIZED)/include
	$(BIN)/python -c 'import sysconfig as s; print(s.get_config_var("EXT_SUFFIX"))' > $(SANITIZED)/suffix
	$(SANITIZE) rewind/capture/native/*.c rewind/spool/native/expansion.c \
		-o $(SANITIZED)/rewind/capture/_native$$(cat $(SANITIZED)/suffix)
	$(SANITIZE) rewind/spool/native/*.c \
		-o $(SANITIZED)/rewind/spool/_expansion$$(cat $(SANITIZED)/suffix)
	$(SANITIZE) rewind/store/native/*.c \
		-o $(SANITIZED)/rewind/store/_references$$(cat $(SANITIZED)/suffix)
	$(SANITIZE) rewind/writer/native/*.c \
		-o $(SANITIZED)/rewind/writer/_following$$(cat $(SANITIZED)/suffix)
	$(SANITIZE) rewind/transform/native/*.c \
		-o $(SANITIZED)/rewind/transform/_nodes$$(cat $(SANITIZED)/suffix)
	cd $(SANITIZED) && PYTHONMALLOC=malloc ASAN_OPTIONS=detect_leaks=0 PYTHONPATH=. \
		LD_PRELOAD="$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libubsan.so)" \
		../../$(BIN)/python -m pytest $(XDIST) \
		tests/contract tests/unit/capture tests/unit/writer tests/unit/transform/test_nodes.py \
		tests/unit/store/test_references.py \
		tests/unit/integrations/test_sql.py::test_sqlite_tells_of_each_statement_once \
		tests/unit/integrations/test_sql.py::test_a_statement_is_told_alike_when_it_comes_again \
		-k 'not ([python or -python)' --ignore tests/contract/test_leaks.py \
		--deselect tests/contract/test_same_values.py::test_a_million_values_leave_nothing_behind \
		--deselect tests/contract/test_echoes.py::test_a_million_echoes_leave_nothing_behind

.PHONY: bench-peers
bench-peers: install ## what other tools cost beside it (PEERS="--rounds 3 --workloads fib")
	cd benchmarks && ../$(BIN)/python -m peers $(PEERS)

.PHONY: bench-store
bench-store: install ## how fast large recordings are stored and answer (STORE="--events 2000000")
	cd benchmarks && ../$(BIN)/python -m store $(STORE)

.PHONY: bench-page
bench-page: install ## how fast the dashboard's page is, in Chromium (PAGES="--only live --seconds 30")
	cd benchmarks && ../$(BIN)/python -m page $(PAGES)

.PHONY: wheel
wheel: install ## dist/: a source distribution and a wheel
	$(BIN)/python -m build

.PHONY: format
format: install ## put Python and page into their format
	$(BIN)/ruff check --fix --exit-zero
	$(BIN)/ruff format
	cd webui && npm run format

.PHONY: clean
clean: ## remove what was built, but not .venv
	rm -rf build dist *.egg-info rewind/web/static .mypy_cache .pytest_cache .ruff_cache
