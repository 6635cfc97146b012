# Fovea. `make demo` and `make test` work as the first command on a bare Debian 12, Debian 13 or Ubuntu 24.04 machine with a Swift toolchain.

PREFIX ?= /usr/local
CONFIG ?= release
BUILD  := .build/$(CONFIG)
# `make test FILTER=Capture` runs a part of the suite.
FILTER ?=
SECONDS_TO_FUZZ ?= 60
MINUTES ?= 10

.PHONY: help setup build demo test test-camera test-page test-debian13 test-neon test-reference lint bench fuzz soak install uninstall clean

help:    ## list the targets
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */  \1\t/' | expand -t 18

setup:   ## install the Debian packages that are missing (uses sudo when not root)
	@Scripts/setup.sh

build: setup   ## compile everything in release mode
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

lint: setup   ## check formatting and shell scripts, and build with warnings as errors
	@Scripts/lint.sh

bench:   ## measure the engine beside its peers (needs PyPI; NETS=resnet18 THREADS=1 ROUNDS=9 for less, PRECISION=bf16, GRADIENT=1, JOB=1)
	@Scripts/bench.sh

fuzz: setup   ## fuzz the parsers of foreign bytes (SECONDS_TO_FUZZ=60)
	@Scripts/fuzz.sh $(SECONDS_TO_FUZZ)

soak: build   ## run the viewer under load and watch its memory and descriptors (MINUTES=10)
	@Tests/Soak/soak.sh $(MINUTES) $(BUILD)/fovea

install: build   ## install into PREFIX (/usr/local)
	@Scripts/install.sh install "$(DESTDIR)$(PREFIX)" $(BUILD)

uninstall:   ## remove what install put there
	@Scripts/install.sh uninstall "$(DESTDIR)$(PREFIX)" $(BUILD)

clean:   ## remove everything that was built
	rm -rf .build demo
