#include "tests/endpoint_screen.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/chains.h"
#include "tui/view.h"

void
endpoint_screen(struct console_setup *setup, struct evidence *e)
{
	struct fleet *f = fleet_new();
	struct target t = { .name = NULL };
	struct error err = { 0 };
	struct entry *entry;

	assert_int_equal(target_parse("payment.internal:8443", &t, &err), STATUS_OK);
	entry = fleet_add(f, "payment", &t, e->identity, e->trust, NULL);
	target_done(&t);
	fleet_result(f, entry, e, diagnose(e), CHAINS_NOW * 1000);
	setup->fleet = f;
	setup->first = &endpoint_view;
	setup->first_argument = entry;
	setup->still = true;
	setup->examine.at_set = true;
	setup->examine.at = CHAINS_NOW;
}
