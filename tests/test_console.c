/* The frame: title, footer, messages, prompts, the stack of views; driven by keys on a terminal in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* after its own needs */
#include <cmocka.h>

#include "tests/fleet_builder.h"
#include "tests/screen.h"

static int
make(void **state)
{
	*state = fleet_builder_make();
	return 0;
}

static int
unmake(void **state)
{
	fleet_builder_free(*state);
	return 0;
}

static struct console_setup
setup_of(void **state)
{
	return (struct console_setup){ .fleet = fleet_builder_design(*state), .world = world_real(),
		.examine = { .at_set = true, .at = FLEET_NOW }, .still = true };
}

static void
test_it_opens(void **state)
{
	struct console_setup setup = setup_of(state);
	struct screen *s = screen_open(24, 80, SCREEN_UTF8, &setup);

	fputs(screen_text(s), stdout);
	assert_true(screen_has(s, "mtlscope › fleet"));
	assert_true(screen_has(s, "READ-ONLY"));
	assert_true(screen_has(s, "? help"));
	puts(screen_text(s));
	screen_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_opens),
	};
	return cmocka_run_group_tests(tests, make, unmake);
}
