# mtlscope.
#   make          builds ./mtlscope            make demo      the program on the practice lab
#   make test     every test                   make bench     measures, beside openssl's own tools
#   make fuzz     every fuzz target, 10 s each make lint, make check-layers
#   make screenshots  screenshots/*.png, by driving the demo
#   make install  (PREFIX=/usr/local, DESTDIR) make uninstall, make clean
#   make deps     installs what is missing; DEPS=no only prints the command
# Other builds live side by side: make B=build-clang CC=clang, make B=build-asan SAN="$(ASAN)".
B ?= build
PREFIX ?= /usr/local
# make V=1 shows the commands themselves.
Q = $(if $(V),,@)
ifeq ($(origin CC),default)
CC = gcc
endif
CFLAGS ?= -O2 -g
WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
ASAN = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -I. $(WARN) $(WERROR) -fstack-protector-strong $(PKG_CFLAGS) $(CFLAGS) $(SAN)
ALL_LDFLAGS = $(LDFLAGS) $(SAN) -pthread
PKGS = openssl libuv libcares libcurl libnghttp2 libcjson libidn2 ncursesw libcyaml yaml-0.1 zlib libp11 p11-kit-1 sqlite3 libmicrohttpd

# The floors, bottom first; cli/main.c is the only file that is not in the library.
FLOORS = model aws probes lab fixes tui cli
LIB_SRC = $(filter-out cli/main.c,$(foreach d,$(FLOORS),$(wildcard $(d)/*.c)))
WALKS = $(wildcard tui/walkthroughs/*.yaml)
LIB_OBJ = $(LIB_SRC:%.c=$(B)/%.o) $(B)/tui/walkthrough_files.o
TEST_SRC = $(wildcard tests/test_*.c)
FUZZ_SRC = $(wildcard tests/fuzz_*.c)
BENCH_SRC = $(wildcard tests/bench_*.c)
SUPPORT_SRC = $(filter-out $(TEST_SRC) $(FUZZ_SRC) $(BENCH_SRC),$(wildcard tests/*.c))
SUPPORT_OBJ = $(SUPPORT_SRC:%.c=$(B)/%.o)
TEST_BIN = $(TEST_SRC:%.c=$(B)/%)
BENCH_BIN = $(BENCH_SRC:%.c=$(B)/%)
FUZZ_BIN = $(FUZZ_SRC:%.c=build-fuzz/%)

all: mtlscope

# Goals that compile need the libraries first. $(B)/deps-*.mk is made by installing what is missing
# and asking pkg-config; make starts over once it is there, so one run does it all.
GOALS = $(or $(MAKECMDGOALS),all)
ifneq ($(filter-out clean uninstall deps check-layers lint,$(GOALS)),)
include $(B)/deps-build.mk
endif
ifneq ($(filter test tests bench fuzz fuzzers $(B)/tests/%,$(GOALS)),)
include $(B)/deps-test.mk
endif
ifneq ($(filter bench,$(GOALS)),)
include $(B)/deps-bench.mk
endif
ifneq ($(filter screenshots,$(GOALS)),)
include $(B)/deps-pictures.mk
endif
ifneq ($(filter fuzz fuzzers,$(GOALS)),)
include $(B)/deps-ci.mk
endif

$(B)/deps-build.mk: tools/deps tools/packages
	@tools/deps build
	@mkdir -p $(B)
	@{ echo "PKG_CFLAGS = $$(pkg-config --cflags $(PKGS))"; echo "PKG_LIBS = $$(pkg-config --libs $(PKGS)) -lm"; } >$@
$(B)/deps-test.mk: tools/deps tools/packages $(B)/deps-build.mk
	@tools/deps test
	@{ echo "TEST_CFLAGS = $$(pkg-config --cflags cmocka vterm)"; echo "TEST_LIBS = $$(pkg-config --libs cmocka vterm) -lutil"; } >$@
$(B)/deps-%.mk: tools/deps tools/packages $(B)/deps-build.mk
	@tools/deps $*
	@touch $@

deps:
	@tools/deps build test

mtlscope: $(B)/mtlscope
	@cp $< $@.new && mv -f $@.new $@
$(B)/mtlscope: $(B)/cli/main.o $(B)/libmtlscope.a
	@echo "  link  $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)
$(B)/libmtlscope.a: $(LIB_OBJ)
	@rm -f $@
	@ar rcs $@ $^
$(B)/%.o: %.c $(B)/deps-build.mk
	@mkdir -p $(@D)
	@echo "  cc    $<"
	$(Q)$(CC) $(ALL_CFLAGS) $(TEST_CFLAGS) -MMD -MP -c -o $@ $<
# Walkthroughs are data, and part of the program: it stays one file.
$(B)/tui/walkthrough_files.c: tools/embed $(WALKS) $(B)/deps-build.mk
	@mkdir -p $(@D)
	@tools/embed walkthrough_file walkthrough_files $(WALKS) >$@
$(B)/tui/walkthrough_files.o: $(B)/tui/walkthrough_files.c
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
$(TEST_BIN) $(BENCH_BIN): $(B)/tests/%: $(B)/tests/%.o $(B)/tests/libsupport.a $(B)/libmtlscope.a
	@echo "  link  $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) $(TEST_LIBS)

$(B)/tests/libsupport.a: $(SUPPORT_OBJ)
	@rm -f $@
	@ar rcs $@ $^

# Servers for tests/test_peers.c in compiled languages, where the compiler is here; no network is used.
SERVERS = $(if $(shell command -v go),build-servers/go_server) $(if $(shell command -v javac),build-servers/JavaServer.class)
# And AWS's SDK for JavaScript, for tests/test_aws_clients.c: without it that client is left out, and the test says so.
SDK = build-servers/js/node_modules/@aws-sdk/client-acm-pca/package.json
servers: $(SERVERS) $(if $(shell command -v npm),$(SDK))
$(SDK):
	@mkdir -p build-servers/js
	@echo "  npm   @aws-sdk/client-acm-pca"
	$(Q)cd build-servers/js && echo '{"private":true}' >package.json && timeout 180 npm install --silent --fetch-retries=1 --fetch-timeout=30000 --no-audit --no-fund --ignore-scripts \
		@aws-sdk/client-acm-pca@3.523.0 >npm.log 2>&1 || echo "  npm   it is not to be had: see build-servers/js/npm.log"
build-servers/go_server: tests/servers/go_server.go
	@mkdir -p $(@D)
	@echo "  go    $<"
	$(Q)GO111MODULE=off GOTOOLCHAIN=local CGO_ENABLED=0 GOCACHE=$(CURDIR)/build-servers/go-cache go build -o $@ $<
build-servers/JavaServer.class: tests/servers/JavaServer.java
	@mkdir -p $(@D)
	@echo "  javac $<"
	$(Q)javac -d $(@D) $<

# Tests that start the program find it through MTLSCOPE.
tests: $(B)/mtlscope $(TEST_BIN) servers
test: tests check-layers
	@MTLSCOPE=$(CURDIR)/$(B)/mtlscope tools/run-tests $(sort $(TEST_BIN))

demo: mtlscope
	@./mtlscope demo

# Pictures of the real program in a real terminal: the same bytes in every run on one machine.
screenshots: mtlscope
	@tools/screenshots ./mtlscope

bench: mtlscope $(BENCH_BIN)
	@MTLSCOPE=$(CURDIR)/mtlscope tools/bench

# Fuzz targets are built by clang with all of the library instrumented, apart from other builds.
fuzzers:
	@$(MAKE) --no-print-directory B=build-fuzz CC=clang CFLAGS="-O1 -g" SAN="-fsanitize=address,undefined,fuzzer-no-link" $(FUZZ_BIN)
$(FUZZ_BIN): build-fuzz/tests/%: build-fuzz/tests/%.o build-fuzz/libmtlscope.a
	@echo "  link  $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)
fuzz: fuzzers
	@tools/run-fuzzers $(FUZZ_BIN)

check-layers:
	@tools/check-layers
lint:
	@tools/lint

install: mtlscope
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 mtlscope $(DESTDIR)$(PREFIX)/bin/mtlscope
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/mtlscope
clean:
	rm -rf build build-* mtlscope

.PHONY: all deps tests servers test demo screenshots bench fuzzers fuzz check-layers lint install uninstall clean
.SECONDARY:
.DELETE_ON_ERROR:
ifneq ($(wildcard $(B)),)
-include $(shell find $(B) -name '*.d')
endif
