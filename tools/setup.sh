#!/bin/sh
# Makes .venv what requirements.lock says, and the checkout importable in it. With uv, or with pip where uv cannot be
# had or cannot reach the packages; HUB_SETUP=pip asks for pip.
set -eu
cd "$(dirname -- "$0")/.."

python=$(tools/python)

with_uv() {
    tools/uv --version >/dev/null || return 1
    .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 ||
        tools/uv venv --quiet --clear --python "$python" .venv || return 1
    tools/uv pip sync --quiet --compile-bytecode --python .venv/bin/python --require-hashes requirements.lock
}

with_pip() {
    python=$(tools/python ensurepip) && "$python" -m venv --clear .venv || {
        echo "No Python here can make virtual environments; on Debian and Ubuntu install python3-venv." >&2
        return 1
    }
    .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
}

rm -f .venv/.ready
if [ "${HUB_SETUP:-}" = pip ] || ! tools/uv --version >/dev/null; then
    echo "Setting up .venv with pip (a minute or two, once) ..."
    with_pip
else
    echo "Setting up .venv with uv (a minute at most, once) ..."
    with_uv || { echo "uv could not; trying pip ..." && with_pip; }
fi

# Instead of an editable install, whose build would have to fetch the build backend: one line that puts src on the
# path, relative, so that the checkout can be moved, and the command.
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo ../../../../src >"$site/hub.pth"
cat >.venv/bin/hub <<'HUB'
#!/bin/sh
'''exec' "$(dirname -- "$0")/python" "$0" "$@"
' '''
import sys

from hub.cli import main

# Server processes import this file again when they start; only the first one runs the command.
if __name__ == "__main__":
    sys.exit(main())
HUB
chmod +x .venv/bin/hub
# Compiled once here, so that servers start in a second even where Python may not write beside the sources.
.venv/bin/python -m compileall -q src
touch .venv/.ready
