# Linli: two commands, `make run` and `make test`. Builds go to a cache outside the checkout, so that clones share it.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/linli/target
ACCEPTANCE ?= ../shared/acceptance
DATA ?= $(HOME)/.local/share/linli/demo
LISTEN ?= 127.0.0.1:8080
CLOCK ?= $(shell date -u +%Y-%m-%dT%H:%M:%SZ)
LINLI = $(CARGO_TARGET_DIR)/debug/linli

.PHONY: run build web test check bench nightly plugins openapi
run: build
	@test -z "$(FRESH)" || rm -rf "$(DATA)"
	@exec $(LINLI) demo --clock $(CLOCK) --listen $(LISTEN) --data "$(DATA)"
build: web
	@command -v cargo >/dev/null || { echo "Rust is missing: install it from https://rustup.rs"; exit 1; }
	@command -v cc >/dev/null || { echo "A C compiler is missing: apt-get install build-essential"; exit 1; }
	cargo build --workspace --locked
web: web/dist/.built
web/dist/.built: $(shell find web/src web/site web/*.html web/*.json web/*.ts -type f 2>/dev/null)
	@command -v npm >/dev/null || { echo "Node is missing: install Node 20 or newer with npm"; exit 1; }
	cd web && { test -d node_modules || npm ci --ignore-scripts --no-audit --no-fund; } && npm run build && touch dist/.built
# All targets at once: dependencies are built with the features of the tests, and only once.
test: check web
	cargo build --workspace --all-targets --locked
	ACCEPTANCE=$(ACCEPTANCE) $(CARGO_TARGET_DIR)/debug/linli-test
check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny@0.20.2 --debug --target-dir $(CARGO_TARGET_DIR)/tools
	cargo fetch --locked -q && cargo deny --offline check licenses bans sources
	cd web && { test -d node_modules || npm ci --ignore-scripts --no-audit --no-fund; } && npm run check
bench: web
	cargo build --release --workspace --locked
	$(CARGO_TARGET_DIR)/release/linli-bench
nightly: test
	LINLI_LONG=1 cargo test --workspace --locked -- --nocapture
openapi: build
	$(LINLI) openapi > openapi/openapi.json
plugins:
	plugins/build.sh
