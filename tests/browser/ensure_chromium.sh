#!/bin/sh
# Makes sure that there is a browser for the tests. Usage: ensure_chromium.sh PYTHON
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && apt-get install -y -qq chromium >/dev/null && exit 0
fi
exec "$1" -m playwright install chromium
