/* model/users.h: what the machine's own tables say. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/users.h"

enum { NOBODY_HAS = 1999999999 };

static void
names(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(name_of_user(0, a), "root");
	assert_non_null(name_of_group(0, a)); /* "wheel" in places */
	assert_null(name_of_user(NOBODY_HAS, a));
	assert_null(name_of_group(NOBODY_HAS, a));
	arena_free(a);
}

static void
own_groups(void **state)
{
	(void)state;
	assert_true(user_has_own_group(0, 0));
	assert_false(user_has_own_group(0, NOBODY_HAS));
	assert_false(user_has_own_group(NOBODY_HAS, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(own_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
