# Jifen: what a person or CI asks for. `make` alone prints the list.

PROGRAMS := jifend jifenhq jifen
ARCHES   := amd64 arm64 armv7 armv6
FUZZTIME ?= 20s
SEEDS    ?= 100
START    ?= 1
DRAIN    ?= 100000
VERSION  := $(shell git describe --always --dirty --tags 2>/dev/null || echo dev)

# The budget of each part of `make test`, in seconds. What a fresh machine has to
# fetch and to compile once is in the first two, but for the code with the mutants'
# faults: the mutants take about 90 then, and 60 after that.
SETUP_BUDGET    := 900
COMPILE_BUDGET  := 900
CHECK_BUDGET    := 240
UNIT_BUDGET     := 420
MUTANTS_BUDGET  := 240
SCENARIO_BUDGET := 300
CRASH_BUDGET    := 420
DEVICES_BUDGET  := 240
WORLDS_BUDGET   := 240

GO_BUILD := CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION)"
WITH_PARTS = env $$(cat build/missing.env)
# Long simulations hash where programs sign: see terminal/signing. The unit tests simulate with real signatures.
CHEAPLY := -tags cheapsigning

.DEFAULT_GOAL := help
.PHONY: papers help run host build $(ARCHES) test compile check unit mutants scenario crash devices worlds vm-test test-arm race sim bench fuzz proof setup clean

help: ## print this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1 /p' Makefile | while read -r name text; do printf '  make %-9s %s\n' "$$name" "$$text"; done

run: host ## start HQ and a terminal with sample data; Ctrl-C stops both
	@trap : INT; ./build/jifen demo || [ $$? -eq 130 ]

host: ## build the programs for this machine into build/
	$(GO_BUILD) -o build/ $(PROGRAMS:%=./cmd/%)

build: $(ARCHES) ## build the programs for amd64, arm64, armv7 and armv6 into build/<arch>/

amd64: TARGET = GOARCH=amd64
arm64: TARGET = GOARCH=arm64
armv7: TARGET = GOARCH=arm GOARM=7
armv6: TARGET = GOARCH=arm GOARM=6
$(ARCHES):
	@mkdir -p build/$@
	GOOS=linux $(TARGET) $(GO_BUILD) -o build/$@/ $(PROGRAMS:%=./cmd/%)

test: ## set up, check, and run the unit, mutants, scenario, crash, device and simulated tests, each within its budget
	@before=$$(scripts/tree.sh) && \
	scripts/timed.sh setup $(SETUP_BUDGET) scripts/setup.sh build/missing.env && \
	scripts/timed.sh compile $(COMPILE_BUDGET) $(MAKE) --no-print-directory compile && \
	scripts/timed.sh check $(CHECK_BUDGET) scripts/check.sh && \
	scripts/timed.sh unit $(UNIT_BUDGET) $(MAKE) --no-print-directory unit && \
	scripts/timed.sh mutants $(MUTANTS_BUDGET) $(MAKE) --no-print-directory mutants && \
	scripts/timed.sh scenario $(SCENARIO_BUDGET) $(MAKE) --no-print-directory scenario && \
	scripts/timed.sh crash $(CRASH_BUDGET) $(MAKE) --no-print-directory crash && \
	scripts/timed.sh devices $(DEVICES_BUDGET) $(MAKE) --no-print-directory devices && \
	scripts/timed.sh worlds $(WORLDS_BUDGET) $(MAKE) --no-print-directory worlds && \
	{ [ "$$before" = "$$(scripts/tree.sh)" ] || { echo "the tests changed the tree" >&2; git status --short; exit 1; }; }

compile:
	@go build ./... && go vet ./... && go tool -modfile=scripts/tools/go.mod staticcheck -version >/dev/null

check: ## look for faults of form: gofmt, vet, staticcheck, shellcheck, our own rules
	@scripts/check.sh

unit: build/missing.env ## run all tests but the scenarios and the test machine
	@$(WITH_PARTS) go test -p 2 -timeout 10m $$(go list ./... | grep -v -e '/cmd/internal/scenario$$' -e '/cmd/internal/vmtest$$')

mutants: build/missing.env ## put faults into the code: the test of each must notice it
	@$(WITH_PARTS) go run ./scripts/mutants

scenario: build/missing.env ## run the built programs end to end, and a minute of harm done to them
	@$(WITH_PARTS) go test -count=1 -parallel 6 -timeout 10m ./cmd/internal/scenario

crash: build/missing.env ## cut the power under the ledger: 50,000 crash states
	@$(WITH_PARTS) scripts/crash.sh -states 50000

worlds: ## lead 27 simulated chains of stores from seed START (1) on, none of them begun after a minute
	@go test $(CHEAPLY) -count=1 -timeout 4m ./cmd/internal/simworld -run TestSeeds -v -sim.days 0 -sim.for 60s -sim.seeds 27 -sim.start $(START)

devices: ## the daemon on the kernel's own USB drivers, and the device tests on ARM
	@$(MAKE) --no-print-directory vm-test
	@scripts/arm.sh some

vm-test: build/missing.env ## boot Debian's kernel, and plug a scanner, a wedge and a printer into the built daemon
	@$(WITH_PARTS) go test -count=1 -timeout 25m -v ./cmd/internal/vmtest

test-arm: build/missing.env ## run the device tests on arm64, armv7 and armv6, emulated
	@scripts/arm.sh all

race: build/missing.env ## run all tests under the race detector, in random order
	$(WITH_PARTS) go test -race -shuffle=on -p 1 -timeout 30m $$(go list ./... | grep -v '/cmd/internal/vmtest$$')

papers: ## write the golden papers of terminal/slip anew; look at the pictures before you keep them
	go test -count=1 ./terminal/slip -run GoldenPapers -rewrite

sim: ## run SEEDS (100) simulated chains of stores from seed START (1) on
	go run $(CHEAPLY) ./cmd/jifen sim -seeds $(SEEDS) -start $(START)

bench: ## measure every benchmark, and the ledger beside its peers
	go test -run '^$$' -bench . -benchmem -p 1 ./...
	cd scripts/bench && go test -tags peers -run '^$$' -bench . -timeout 2h .

fuzz: ## run every fuzz target for FUZZTIME (20s) each
	@scripts/fuzz.sh $(FUZZTIME)

proof: build/missing.env ## the long checks: all tests on each mutant, 1,000,000 crash states, fuzz 1,000,000 times, ten minutes of simulated stores, ten of the built programs harmed, a sale while DRAIN (100,000) others go to HQ, both test machines, all of ARM, programs that are not ours, race
	@$(WITH_PARTS) go run ./scripts/mutants -whole
	@$(WITH_PARTS) scripts/crash.sh -states 1000000 -all
	@scripts/fuzz.sh 1000000x
	go test $(CHEAPLY) -count=1 -timeout 0 ./cmd/internal/simworld -run TestSeeds -v -sim.days 0 -sim.for 10m -sim.seeds 1000000
	@$(WITH_PARTS) go test -count=1 -timeout 0 ./cmd/internal/scenario -run TestSoak -v -soak.for 10m
	@$(WITH_PARTS) go test -count=1 -timeout 0 ./cmd/internal/scenario -run '^$$' -bench SaleWhileDraining -benchtime 1x -drain.backlog $(DRAIN) -drain.bars
	@for arch in amd64 armhf; do JIFEN_VM_ARCH=$$arch JIFEN_VM_ROUNDS=20 $(MAKE) --no-print-directory vm-test || exit 1; done
	@$(MAKE) --no-print-directory test-arm
	@scripts/foreign.sh
	@$(MAKE) --no-print-directory race

setup: ## install what the tests need beyond Go, or say what is missing
	@scripts/setup.sh build/missing.env

build/missing.env: scripts/setup.sh scripts/needs/parts.txt
	@scripts/setup.sh build/missing.env

clean: ## remove what was built and the demo's data
	rm -rf build jifen-demo
