# The only door: every target is a line of `make help`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?= $(shell nproc)
SWIFT ?= $(shell command -v swift || ls -d /opt/swift/usr/bin/swift /usr/share/swift/usr/bin/swift $(HOME)/.local/share/swiftly/bin/swift 2>/dev/null | head -1)
PROGRAMS := gantry gantryd gantry-shim
PURE := YAMLTests|StackModelTests|StackFileTests|PlannerTests|LaunchTests|OCITests|RuntimeSpecTests|CgroupsTests|NetlinkTests|NetworksTests|ContainersTests|TerminalTests|APITests|BlueprintTests|EngineTests

.PHONY: help deps build test test-pure test-kernel test-root demo bench install lint fmt docs

help: ## print the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## install the Debian packages that are missing
	@sh Tests/deps.sh

build: deps ## leave gantry, gantryd and gantry-shim in .build/release
	@test -n "$(SWIFT)" || { echo "no swift was found: install a Swift 6.1 toolchain (swift.org/install) and put it on PATH"; exit 1; }
	@for program in $(PROGRAMS); do $(SWIFT) build -c release -j $(JOBS) --product $$program || exit 1; done

.build/tests-are-built: deps lint
	@test -n "$(SWIFT)" || { echo "no swift was found: install a Swift 6.1 toolchain (swift.org/install) and put it on PATH"; exit 1; }
	$(SWIFT) build --build-tests -j $(JOBS)
.PHONY: .build/tests-are-built

test: .build/tests-are-built ## run every test (as root: tests of the kernel and of whole stacks too)
	@SWIFT="$(SWIFT)" PURE="$(PURE)" bash Tests/run.sh pure kernel root

test-pure: .build/tests-are-built ## run the tests that need nothing
	@SWIFT="$(SWIFT)" PURE="$(PURE)" bash Tests/run.sh pure

test-kernel: .build/tests-are-built ## run the tests against this kernel (as root)
	@SWIFT="$(SWIFT)" PURE="$(PURE)" bash Tests/run.sh kernel

test-root: .build/tests-are-built ## run the scenarios of whole stacks (as root)
	@SWIFT="$(SWIFT)" PURE="$(PURE)" bash Tests/run.sh root

demo: build ## bring a real stack up, use it, break it, take it down
	@bash examples/demo.sh

bench: build ## compare with docker-compose, side by side
	@bash Tests/Bench/run.sh

install: build ## install to PREFIX (/usr/local): programs, systemd unit, completions
	@BUILD=.build/release PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" sh docs/packaging/install.sh

lint: ## check layers, sizes and traps
	@python3 Tests/Lint/lint.py

fmt: ## format the sources
	$(SWIFT) format --in-place --recursive Sources Tests Package.swift

docs: build ## write docs/reference from the programs
	@bash docs/reference.sh
