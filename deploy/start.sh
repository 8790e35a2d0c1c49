#!/bin/sh
# Starts the app in its container, or what follows its name there. numba wants a cache that it can write to, so the one from the build
# is copied to memory; it is compiled again where the processor is another.
set -eu
mkdir -p "$NUMBA_CACHE_DIR"
cp -R /opt/numba/. "$NUMBA_CACHE_DIR"
[ $# -gt 0 ] || set -- speech-emotion app
exec "$@"
