# Fovea. `make demo` and `make test` work as the first command on a bare Debian 12, Debian 13 or Ubuntu 24.04 machine with a Swift toolchain.

PREFIX ?= /usr/local
CONFIG ?= release
BUILD  := .build/$(CONFIG)
STATIC := .build/static/release
# `make test FILTER=Capture` runs a part of the suite.
FILTER ?=
SECONDS_TO_FUZZ ?= 60
MINUTES ?= 10

.PHONY: help setup needs build demo test test-camera test-page test-debian13 test-neon test-reference test-package test-service lint bench fuzz soak soak-service static install uninstall deb clean

help:    ## list the targets
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */  \1\t/' | expand -t 18

setup:   ## install the Debian packages that are missing (uses sudo when not root)
	@Scripts/setup.sh --tests

# What the program itself needs, of the same.
needs:
	@Scripts/setup.sh

build: needs   ## compile everything in release mode
	swift build -c $(CONFIG)

demo: build   ## annotate the sample clip and say where the result is
	@Scripts/demo.sh $(BUILD)/fovea

test: setup   ## build and run the whole suite
	@Scripts/test.sh $(CONFIG) "$(FILTER)"

test-camera: setup   ## run the camera tests on a real driver in a throw-away machine (QEMU; needs the network once)
	@Tests/Camera/test.sh $(CONFIG) "$(FILTER)"

test-debian13:   ## build and run the suite on Debian 13 (needs root, and the network once)
	@Scripts/test-debian13.sh "$(FILTER)"

test-page: setup   ## drive the viewer's page in headless Chromium (needs the network once)
	@Tests/Page/test.sh $(CONFIG)

test-reference: build   ## compare whole networks with onnxruntime (needs PyPI; makes its own virtual environment)
	@Scripts/test-reference.sh

test-neon:   ## compile the kernels for 64-bit ARM and test NEON in an emulator (needs a cross compiler and qemu-user-static)
	@Scripts/test-neon.sh

lint: needs   ## check formatting and shell scripts, and build with warnings as errors
	@Scripts/lint.sh

bench:   ## measure the engine beside its peers (needs PyPI; NETS=resnet18 THREADS=1 ROUNDS=9 for less, PRECISION=bf16, GRADIENT=1, JOB=1)
	@Scripts/bench.sh

fuzz: needs   ## fuzz the parsers of foreign bytes (SECONDS_TO_FUZZ=60)
	@Scripts/fuzz.sh $(SECONDS_TO_FUZZ)

soak-service: build   ## run the service with four cameras among faults and account for every frame (MINUTES=10)
	@Tests/Soak/soak-service.py $(MINUTES) $(BUILD)/fovea

soak: build   ## run the viewer under load and watch its memory and descriptors (MINUTES=10)
	@Tests/Soak/soak.sh $(MINUTES) $(BUILD)/fovea

static: needs   ## compile the program as it is installed: it needs no Swift on its machine
	swift build -c release --static-swift-stdlib --disable-local-rpath --product fovea --scratch-path .build/static

install: static   ## install program, manual pages, completions and service into PREFIX (/usr/local), below DESTDIR
	@Scripts/install.sh install "$(PREFIX)" $(STATIC) "$(DESTDIR)"

uninstall:   ## remove what install put there
	@Scripts/install.sh uninstall "$(PREFIX)" $(STATIC) "$(DESTDIR)"

deb: setup static   ## make the Debian package, in .build/deb
	@Scripts/deb.sh $(STATIC)

test-package: deb   ## check the units, the installed files and the Debian package
	@Tests/Service/units.sh
	@Tests/Service/package.sh $(STATIC)

test-service: deb   ## try the package and its service in a throw-away machine with systemd (QEMU; needs root, and the network once)
	@Tests/Service/test.sh

clean:   ## remove everything that was built
	rm -rf .build demo
