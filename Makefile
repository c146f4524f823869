# Everything starts here: `make` alone lists the commands.

export UV_PYTHON_DOWNLOADS = never
export NEXT_TELEMETRY_DISABLED = 1

UV := .tools/bin/uv
PY := .venv/bin/python
PYTHON ?= python3
# What the type check writes is no reason to build again.
WEB_SOURCES := $(shell find web -type d \( -name node_modules -o -name .next -o -name out \) -prune -o \
  -type f -not -name '*.tsbuildinfo' -not -name next-env.d.ts -print 2>/dev/null)
SDK := sdks/typescript
SDK_SOURCES := $(filter-out %/schema.ts,$(wildcard $(SDK)/src/*.ts $(SDK)/test/*.ts))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run demo test assay pairs points histories lint fmt bench new-module lock openapi hooks clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.ok web/out/index.html ## Install everything and build the web, without starting it

run: setup ## Start the whole platform with demo data (http://127.0.0.1:8000)
	.venv/bin/specie up --demo

demo: setup ## Make the database anew with demo data (asks first; the platform must be stopped)
	.venv/bin/specie demo

test: setup sdks/typescript/dist/.ok ## Run everything that must be green (at most 15 minutes on two cores)
	@$(PY) -m tools.check

lint: .venv/.ok web/node_modules/.ok ## Run only the static checks
	@$(PY) -m tools.check lint

fmt: .venv/.ok web/node_modules/.ok ## Format Python and web sources in place
	.venv/bin/ruff check --fix-only --quiet .
	.venv/bin/ruff format .
	cd web && npm run --silent format

assay: setup ## Try to lose money: make assay [PROFILE=smoke|gate|nightly|release] [DRILL=all|fail-over|…] [SEED=1]
ifdef DRILL
	.venv/bin/specie assay drill "$(DRILL)" $(if $(SEED),--seed $(SEED)) $(if $(OLD),--old "$(OLD)")
else
	.venv/bin/specie assay --profile "$(or $(PROFILE),smoke)" $(if $(SEED),--seed $(SEED))
	SPECIE_ASSAY_PROFILE="$(or $(PROFILE),smoke)" $(if $(SEED),SPECIE_ASSAY_SEED=$(SEED)) \
	  $(PY) -m pytest -q -s tests/faults/test_crash_points.py tests/faults/test_defects.py tests/interleavings tests/histories
endif

pairs: setup ## Every pair of money flows, statement by statement: make pairs [PROFILE=gate|nightly] [PIECE=1/4] [SEED=1]
	SPECIE_ASSAY_PROFILE="$(or $(PROFILE),gate)" SPECIE_ASSAY_PIECE="$(or $(PIECE),1/1)" \
	  $(if $(SEED),SPECIE_ASSAY_SEED=$(SEED)) $(PY) -m pytest -q tests/interleavings

points: setup ## Every crash point in every flow, going on where the report stops: make points [MINUTES=30] [REPORT=file]
	$(PY) -m tests.faults.every_point "$(or $(REPORT),.specie/points.jsonl)" --minutes "$(or $(MINUTES),30)"

histories: setup ## Random histories, pure ones and over the real ledger: make histories [COUNT=10000] [MINUTES=60] [SEED=4711]
	$(PY) -m benchmarks.histories "$(or $(COUNT),10000)" $(SEED)
	SPECIE_HISTORIES="$(or $(COUNT),10000)" SPECIE_HISTORIES_MINUTES="$(or $(MINUTES),60)" \
	  $(if $(SEED),SPECIE_ASSAY_SEED=$(SEED)) $(PY) -m pytest -q -s tests/histories

bench: setup ## Measure, into docs/reference: make bench [GROWTH=7], which grows the books alone to 10^7 postings (40 min)
	$(PY) -m benchmarks $(if $(GROWTH),--only growth --growth $(GROWTH))

new-module: .venv/.ok ## Create a module: make new-module NAME=loyalty [BESIDE=cashback]
	@$(PY) -m tools.new_module "$(NAME)" --beside "$(BESIDE)"

lock: $(UV) ## Write the lock files anew from pyproject.toml and both package.json
	$(UV) pip compile --universal --generate-hashes --no-annotate --no-header --no-emit-index-url \
	  pyproject.toml --group dev -o requirements.lock
	for folder in web $(SDK); do \
	  (cd $$folder && npm install --package-lock-only --omit-lockfile-registry-resolved) || exit 1; done
	$(PY) -m tools.lockcheck

openapi: .venv/.ok ## Write docs/reference/openapi.json anew; the web's client is generated from it
	.venv/bin/specie openapi

hooks: .venv/.ok ## Check before each commit (needs pre-commit on the path)
	pre-commit install

clean: ## Remove what make built; the platform's data in .specie stays
	rm -rf .venv .tools web/node_modules web/.next web/out $(SDK)/node_modules $(SDK)/dist

$(UV):
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .tools uv==0.13.8

# Bytecode is written here, since many machines tell Python not to: then every process would compile 1,900 modules anew.
# uv is told the interpreter by its full path: version managers put shims on the path that print warnings.
.venv/.ok: requirements.lock pyproject.toml | $(UV)
	test -x .venv/bin/python || $(UV) venv --quiet --clear -p "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv
	$(UV) pip sync --quiet --require-hashes --compile-bytecode -p .venv requirements.lock
	$(UV) pip install --quiet --no-deps -p .venv -e .
	$(PY) -m compileall -q specie
	touch $@

web/node_modules/.ok: web/package-lock.json
	cd web && npm ci --no-fund --no-audit
	touch $@

# A build that dies half-way leaves a cache the next one stumbles over.
web/out/index.html: web/node_modules/.ok $(WEB_SOURCES)
	cd web && { npm run --silent build || { rm -rf .next out; exit 1; }; }
	touch $@

$(SDK)/node_modules/.ok: $(SDK)/package-lock.json
	cd $(SDK) && npm ci --no-fund --no-audit
	touch $@

# The client is built with the web's own compiler, which the web's lock pins.
$(SDK)/dist/.ok: web/node_modules/.ok $(SDK)/node_modules/.ok docs/reference/openapi.json $(SDK_SOURCES)
	cd $(SDK) && npm run --silent build
	touch $@
