#!/bin/sh
# tools/need.sh "PROGRAM ..." "PACKAGE ..." "WHAT FOR"
# Makes sure that one of the programs is in PATH: as root on Debian and Ubuntu by installing the packages, elsewhere by
# saying what to install. In CI a program that cannot be had is an error, else the rest goes on without it.
set -eu
programs=$1 packages=$2 purpose=$3
PATH=$PATH:/usr/sbin # Where servers are, and a user's path often is not.

for program in $programs; do
    if command -v "$program" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing $packages for $purpose ..."
    export DEBIAN_FRONTEND=noninteractive
    export RUNLEVEL=1 # A server that is installed is not started.
    # shellcheck disable=SC2086 # The packages are words.
    if { apt-get -qq update && apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $packages; } \
        >/dev/null 2>&1 </dev/null; then
        exit 0
    fi
fi
echo "For $purpose, install: $packages" >&2
if [ -n "${CI:-}" ]; then exit 1; fi
