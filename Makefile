# Two commands are all a newcomer needs: `make run` and `make test`. Both install what is missing.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
CHECKED := schemas transforms pipeline tests benchmarks training
STAMP := $(VENV)/.installed
BEAM = $(shell $(BIN)/python -c 'import importlib.metadata as m; print(m.version("apache-beam"))')

.PHONY: run test test-kills test-prism test-flink test-image check format benchmark clean help

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

run: $(STAMP)  ## the main job on the sample newsroom: tables in ./warehouse
	$(BIN)/newsbeam run

test: $(STAMP)  ## the tests, a process a core
	$(BIN)/python -m pytest -n auto --dist loadfile

test-kills: $(STAMP)  ## the long series: runs, workers and compactions killed at 100 moments each
	$(BIN)/python -m pytest tests/pipeline/test_kills.py --kill-moments=100

test-prism: $(STAMP)  ## the graph on Beam's engine Prism with a worker pool (needs Go; some minutes)
	GOBIN=$(CURDIR)/build/engines go install github.com/apache/beam/sdks/v2/go/cmd/prism@v$(BEAM)
	PRISM=$(CURDIR)/build/engines/prism $(BIN)/python -m pytest tests/engines/check_prism.py tests/engines/check_prism_stream.py

test-flink: $(STAMP)  ## the graph on a Flink cluster that loses a task manager (needs Java 17 and Maven; ten minutes)
	$(BIN)/python deploy/flink/distribution.py build/flink
	FLINK=$(CURDIR)/build/flink $(BIN)/python -m pytest -s tests/engines/check_flink.py tests/engines/check_flink_stream.py

test-image: $(STAMP)  ## the steps of the Dataflow image, as shell in an empty folder (some minutes)
	$(BIN)/python -m pytest tests/deploy/check_image.py

check: $(STAMP)  ## lint, format and types
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/mypy

format: $(STAMP)  ## put the code into its format
	$(BIN)/ruff check --fix $(CHECKED)
	$(BIN)/ruff format $(CHECKED)

benchmark: $(STAMP)  ## speed and memory on the sample newsroom
	$(BIN)/python -m benchmarks.throughput

clean:  ## delete the environment and the sample tables
	rm -rf $(VENV) warehouse

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' || { \
	  echo "newsbeam needs Python 3.11 with venv: apt install python3.11-venv," \
	    "or make PYTHON=/path/to/python3.11" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@
