#!/usr/bin/env bash
# Formatting of Swift, and the syntax of shell scripts. `swift format -i -r Sources Tests` mends the former.
set -euo pipefail
swift format lint --strict --parallel --recursive Sources Tests Package.swift
for script in Scripts/*.sh Tests/*/*.sh .ci/run; do bash -n "$script"; done
echo "lint: clean"
