#!/bin/sh -eu
# The Rust compiler for WASM guests where `rustup target add wasm32-unknown-unknown` cannot be had:
# Debian's packages, unpacked aside into the cache. Never install them: they conflict with rustup's package.
TC="${LINLI_CACHE:-$HOME/.cache/linli}/rust-wasm"; [ -x "$TC/rustc" ] && exit 0
mkdir -p "$TC/deb"; cd "$TC/deb"; apt-get update -qq
std=$(apt-cache depends libstd-rust-web-dev | awk '/Depends: libstd-rust-web-/{print $2}')
llvm=$(apt-cache depends "$std" | awk '/Depends: libllvm/{print $2}')
apt-get download -qq rustc-web libstd-rust-web-dev rust-web-src "$std" "$llvm"
for d in *.deb; do dpkg -x "$d" "$TC"; done; cd "$TC"; rm -r deb
printf '#!/bin/sh\nexport LD_LIBRARY_PATH=%s/usr/lib/x86_64-linux-gnu\nexec %s/usr/bin/rustc --sysroot %s/usr "$@"\n' "$TC" "$TC" "$TC" > rustc; chmod +x rustc
