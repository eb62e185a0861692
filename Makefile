# The commands of the project; `make help` lists them.

SETUP := sh tools/with_python.sh -m tools.setup
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -q
# One file of tests stays with one process: its fixtures are made once. In the order of the folders:
# browsers first, so that no process ends alone with the slowest file.
PARALLEL := -n 2 --dist loadfile --no-loadscope-reorder
# Of a browser test that fails: a picture, under test-results/.
BROWSER := --screenshot only-on-failure

.DEFAULT_GOAL := help
.PHONY: help run test test-fast check format translations bench pin screenshots clean reset-demo

help: ## list these commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-13s %s\n", $$1, $$2 }'

run: ## set everything up and serve on http://127.0.0.1:8000 (MDT_HOST, MDT_PORT)
	@$(SETUP) run

test: ## the whole suite, browser tests included; ARGS="-k word" picks
	@$(SETUP) test
	@$(PYTEST) $(PARALLEL) $(BROWSER) $(ARGS)

test-fast: ## what needs no browser, within two minutes; ARGS="-k word" picks
	@$(SETUP) fast
	@$(PYTEST) $(PARALLEL) -m "not e2e and not slow" $(ARGS)

check: ## format, lint, import contracts, types, migrations, templates, translations
	@$(SETUP) fast
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/python -m tools.check_migrations
	$(BIN)/djlint --lint --quiet mdt/templates
	$(BIN)/python -m tools.check_translations

format: ## put code into the project's format and mend what the linter can
	@$(SETUP) fast
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

translations: ## update and compile the catalogues; ARGS="words.json" adds translations
	@$(SETUP) fast
	$(BIN)/python -m tools.update_translations $(ARGS)
	$(BIN)/pybabel compile -d mdt/translations

bench: ## the benchmarks: a table, and benchmarks/results.json
	@$(SETUP) fast
	$(BIN)/python benchmarks/run.py $(ARGS)

pin: ## resolve requirements*.in into the pinned requirements*.txt
	@$(SETUP) fast
	$(BIN)/python -m tools.pin

screenshots: ## the README's pictures, from a demo that runs at MDT_URL (by default port 8000)
	$(BIN)/python -m tools.screenshots $(MDT_URL)

clean: ## remove what the set-up made; data under instance/ stays
	rm -rf .venv .setup node_modules mdt/static/build mdt/adapters/fonts/*.ttf
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find mdt migrations tests tools benchmarks -name __pycache__ -prune -exec rm -rf {} +

reset-demo: ## throw the demo data away; the next `make run` loads it anew
	@if [ "$${MDT_ENV:-demo}" != demo ]; then echo "MDT_ENV is not demo: nothing removed."; exit 1; fi
	rm -rf "$${MDT_INSTANCE:-instance}"
