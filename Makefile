# mtlscope. `make` builds ./mtlscope; `make test` passes every test; see README.md.
B ?= build
CC ?= gcc
WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
CFLAGS ?= -O2 -g
PKGS = openssl libuv libcares libcjson
TEST_PKGS = cmocka
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -I. $(WARN) $(WERROR) $(shell pkg-config --cflags $(PKGS) $(TEST_PKGS)) $(CFLAGS) $(SAN)
LIBS = $(shell pkg-config --libs $(PKGS)) -lpthread $(SAN)

# The floors, bottom first; cli/main.c is the only file that is not in the library.
FLOORS = model lab probes cli
LIB_SRC = $(filter-out cli/main.c,$(foreach d,$(FLOORS),$(wildcard $(d)/*.c)))
LIB_OBJ = $(LIB_SRC:%.c=$(B)/%.o)
TEST_SUPPORT = $(filter-out $(wildcard tests/test_*.c tests/fuzz_*.c tests/bench_*.c),$(wildcard tests/*.c))
TEST_SRC = $(wildcard tests/test_*.c)
TEST_BIN = $(TEST_SRC:tests/%.c=$(B)/tests/%)

all: mtlscope
mtlscope: $(B)/mtlscope
	cp $< $@
$(B)/mtlscope: $(B)/cli/main.o $(B)/libmtlscope.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)
$(B)/libmtlscope.a: $(LIB_OBJ)
	rm -f $@ && ar rcs $@ $^
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/tests/%: $(B)/tests/%.o $(TEST_SUPPORT:%.c=$(B)/%.o) $(B)/libmtlscope.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) $(shell pkg-config --libs $(TEST_PKGS))

tests: $(TEST_BIN)
test: mtlscope tests
	@for t in $(TEST_BIN); do echo "== $$t"; $$t || exit 1; done

clean:
	rm -rf $(B) mtlscope

.PHONY: all tests test clean
.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
