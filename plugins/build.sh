#!/bin/sh -eu
# Builds, tests and packs the shipped rules into plugins/dist (committed) and rewrites dist/LOCK.
# Only needed after a change to a rule: `make run` and `make test` take dist/ as it is.
ROOT=$(cd "$(dirname "$0")/.." && pwd); cd "$ROOT/plugins/cities"
: "${LINLI_CACHE:=$HOME/.cache/linli}"; export CARGO_TARGET_DIR="$LINLI_CACHE/guests"
SIGN="$ROOT/plugins/tools/pack/demo-signing-key.hex"
lld=$(rustc --print sysroot)/lib/rustlib/x86_64-unknown-linux-gnu/bin   # the stock compiler's, before RUSTC is set
(cd "$ROOT/plugins/tools/pack" && CARGO_TARGET_DIR="$LINLI_CACHE/pack" nice cargo build --quiet --locked --release)
RULES="shared/area-proportional shared/vote-threshold shanhe/lift-floors hostile/bad-allocation hostile/bad-threshold"
for rule in $RULES; do nice cargo test --quiet --locked -p "$(basename $rule)"; done
if rustc --print target-libdir --target wasm32-unknown-unknown 2>/dev/null | xargs test -d; then
  compiler=$(rustc --version); STD=""; TC=/nowhere
else
  "$ROOT/tools/wasm-toolchain.sh"; TC="$LINLI_CACHE/rust-wasm"
  export PATH="$lld:$PATH" RUSTC="$TC/rustc" RUSTC_BOOTSTRAP=1
  compiler="$("$RUSTC" --version) build-std"; STD="-Zbuild-std=std,panic_abort"
fi
CARGO="${CARGO_HOME:-$HOME/.cargo}"
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-Clink-arg=-zstack-size=65536 --remap-path-prefix=$ROOT=/p --remap-path-prefix=$TC=/rust --remap-path-prefix=$CARGO=/cargo"
for rule in $RULES; do
  name=$(basename $rule) # one at a time: together, cargo would merge the SDK's worlds
  case $rule in hostile/*) out=hostile ;; *) out=dist ;; esac
  nice cargo build --quiet --release --locked $STD --target wasm32-unknown-unknown -p "$name"
  "$LINLI_CACHE/pack/release/linli-plugin-pack" "$rule" "$CARGO_TARGET_DIR/wasm32-unknown-unknown/release/$(echo $name | tr - _).wasm" "$ROOT/plugins/$out" "$SIGN" "$compiler"
done
