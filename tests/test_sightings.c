/* What probes saw, into the inventory: found by serial and issuer, and no inventory is made for it. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/memory.h"
#include "model/sightings.h"
#include "model/times.h"
#include "probes/examine.h"
#include "tests/program.h"

#define NOW INT64_C(1795435200)
#define CA "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/22222222-2222-4222-8222-222222222222"

static void
write_one(const char *path, const char *serial, const char *endpoint)
{
	struct sighting one = { .serial = mem_strdup(serial), .endpoint = mem_strdup(endpoint), .at = NOW };
	struct sightings s = { .items = mem_dup(&one, sizeof one), .len = 1, .cap = 1 };
	struct error err = { .code = ERROR_NONE };

	if (sightings_write(&s, path, world_real(), &err) != STATUS_OK)
		fail_msg("%s", err.text);
	sightings_done(&s);
}

static void
test_no_inventory_is_made(void **state)
{
	char *folder = make_folder(), *path = mem_strdup(in_folder(folder, "none.db"));

	(void)state;
	write_one(path, "01a0", "payment");
	assert_int_not_equal(access(path, F_OK), 0);
	free(path);
	remove_folder(folder);
}

static void
test_it_stands_at_the_certificate(void **state)
{
	char *folder = make_folder(), *path = mem_strdup(in_folder(folder, "inventory.db"));
	struct error err = { .code = ERROR_NONE };
	struct inventory *i = NULL;
	struct inventory_ca ca = { .arn = CA, .account = "prod", .region = "us-east-1", .subject = "CN=Acme CA", .type = "ROOT", .status = "ACTIVE",
		.created = NOW, .not_before = NOW, .not_after = NOW + 86400, .restorable_until = TIME_UNKNOWN, .synced = NOW, .report_at = TIME_UNKNOWN,
		.report_asked = TIME_UNKNOWN };
	struct inventory_query q = { .now = NOW };
	struct arena *a = arena_new();
	struct inventory_cert *c = NULL;
	size_t added, changed;

	(void)state;
	assert_int_equal(inventory_open(path, world_real(), &i, &err), STATUS_OK);
	assert_int_equal(inventory_put_ca(i, &ca, &err), STATUS_OK);
	assert_int_equal(inventory_import_begin(i, CA, &err), STATUS_OK);
	assert_int_equal(inventory_import_add(i, &(struct inventory_record){ .arn = CA "/certificate/000000000000000000000000000001a0",
	    .subject = "CN=payment", .not_before = NOW, .not_after = NOW + 86400, .issued = NOW, .revoked = TIME_UNKNOWN }, &err), STATUS_OK);
	assert_int_equal(inventory_import_end(i, true, NOW, &added, &changed, &err), STATUS_OK);
	/* As a certificate says its serial: without the zeros at its beginning. */
	write_one(path, "1a0", "payment:8443");
	write_one(path, "ffff", "stranger:8443"); /* one that is not there is no failure */
	assert_int_equal(inventory_cert(i, CA "/certificate/000000000000000000000000000001a0", &q, a, &c, &err), STATUS_OK);
	assert_non_null(c);
	assert_string_equal(c->seen_at, "payment:8443");
	assert_int_equal(c->seen, NOW);
	inventory_close(i);
	arena_free(a);
	free(path);
	remove_folder(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_inventory_is_made),
		cmocka_unit_test(test_it_stands_at_the_certificate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
