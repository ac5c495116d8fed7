/* Which addresses out of certificates are followed, and where they may lead: DESIGN section 6, to the letter. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"
#include "probes/fetch_rules.h"
#include "probes/resolve.h"

static void
which_addresses(void **state)
{
	static const struct {
		const char *url;
		const char *host; /* NULL: refused */
		uint16_t port;
	} cases[] = {
		{ "http://ca.internal/issuing.cer", "ca.internal", 80 },
		{ "HTTP://ca.internal:8080/x", "ca.internal", 8080 },
		{ "http://[fd12::1]/x", "fd12::1", 80 },
		{ "http://ca.internal/a%20b?x=1#part", "ca.internal", 80 },
		/* Another way to write an address is that address: the rules see what is connected. */
		{ "http://2130706433/x", "127.0.0.1", 80 },
		{ "http://0x7f.1/x", "127.0.0.1", 80 },
		{ "http://0251.0376.169.254/latest/meta-data", "169.254.169.254", 80 },
		{ "http:///x", "x", 80 }, /* libcurl, like browsers, takes one slash more for a slip */
		/* Not http. */
		{ "https://ca.internal/x", NULL, 0 },
		{ "ftp://ca.internal/x", NULL, 0 },
		{ "file:///etc/passwd", NULL, 0 },
		{ "ldap://dc1.corp/CN=CA?cACertificate", NULL, 0 },
		{ "gopher://ca.internal:6379/_x", NULL, 0 },
		{ "dict://ca.internal/x", NULL, 0 },
		{ "unix:/run/docker.sock", NULL, 0 },
		{ "httpx://ca.internal/", NULL, 0 },
		/* A user in it. */
		{ "http://user:secret@ca.internal/x", NULL, 0 },
		{ "http://user@ca.internal/x", NULL, 0 },
		/* No addresses. */
		{ "", NULL, 0 },
		{ "http://", NULL, 0 },
		{ "http://ca.internal:99999/x", NULL, 0 },
		{ "http://[fe80::1%25eth0]/x", NULL, 0 },
		{ "http://[::1/x", NULL, 0 },
		/* Bytes that would be another line of the request, or a name that is not ASCII. */
		{ "http://ca.internal/x\r\nHost: evil", NULL, 0 },
		{ "http://ca.internal/a b", NULL, 0 },
		{ "http://ca.internal/\x7f", NULL, 0 },
		{ "http://\xc3\xa4.internal/", NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fetch_place p;
		const char *why = fetch_place_of(text_of(cases[i].url), &p);

		if ((why == NULL) != (cases[i].host != NULL))
			fail_msg("“%s”: %s", cases[i].url, why != NULL ? why : "allowed");
		if (why == NULL) {
			assert_string_equal(p.host, cases[i].host);
			assert_int_equal(p.port, cases[i].port);
			assert_null(strchr(p.url, '#'));
		} else {
			assert_null(p.url);
			assert_null(p.host);
		}
		fetch_place_done(&p);
	}
}

static void
nul_and_length(void **state)
{
	static const char with_nul[] = "http://ca.internal/\0.cer";
	char *long_one = mem_zero(LIMIT_URL + 2, 1);
	struct fetch_place p;

	(void)state;
	assert_non_null(fetch_place_of((struct text){ (const unsigned char *)with_nul, sizeof with_nul - 1 }, &p));
	memset(long_one, 'a', LIMIT_URL + 1);
	memcpy(long_one, "http://a/", 9);
	assert_non_null(fetch_place_of(text_of(long_one), &p));
	long_one[LIMIT_URL] = '\0';
	assert_null(fetch_place_of(text_of(long_one), &p));
	fetch_place_done(&p);
	free(long_one);
}

enum verdict_of { NEVER, LOCAL /* only where the target is on loopback */, ALWAYS };

static void
where_they_may_lead(void **state)
{
	static const struct {
		const char *address;
		enum verdict_of verdict;
	} cases[] = {
		{ "10.0.0.1", ALWAYS }, { "192.168.1.1", ALWAYS }, { "172.16.0.9", ALWAYS }, { "8.8.8.8", ALWAYS },
		{ "169.253.255.255", ALWAYS }, { "169.255.0.0", ALWAYS }, { "126.255.255.255", ALWAYS }, { "128.0.0.1", ALWAYS },
		{ "223.255.255.255", ALWAYS }, { "fd12:3456::1", ALWAYS }, { "2001:db8::1", ALWAYS }, { "fec0::1", ALWAYS },
		{ "fd00:ec2::253", ALWAYS }, { "fd00:ec2::1:254", ALWAYS },
		/* Cloud metadata, and the link that it lies on. */
		{ "169.254.169.254", NEVER }, { "169.254.0.0", NEVER }, { "169.254.255.255", NEVER }, { "fd00:ec2::254", NEVER },
		{ "fe80::1", NEVER }, { "fe80::a9fe:a9fe", NEVER }, { "febf:ffff::1", NEVER },
		/* The same in an IPv6 address that carries it. */
		{ "::ffff:169.254.169.254", NEVER }, { "::169.254.169.254", NEVER }, { "64:ff9b::a9fe:a9fe", NEVER },
		{ "2002:a9fe:a9fe::1", NEVER },
		/* This host. */
		{ "127.0.0.1", LOCAL }, { "127.255.255.254", LOCAL }, { "0.0.0.0", LOCAL }, { "::1", LOCAL }, { "::", LOCAL },
		{ "::ffff:127.0.0.1", LOCAL }, { "64:ff9b::7f00:1", LOCAL }, { "2002:7f00:1::", LOCAL },
		/* Nobody's. */
		{ "224.0.0.1", NEVER }, { "255.255.255.255", NEVER }, { "240.0.0.1", NEVER }, { "ff02::1", NEVER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct address a;
		bool far, near;

		assert_true(address_from_literal(cases[i].address, 80, &a));
		far = fetch_address_refused(&a.sa, false) == NULL;
		near = fetch_address_refused(&a.sa, true) == NULL;
		if (far != (cases[i].verdict == ALWAYS) || near != (cases[i].verdict != NEVER))
			fail_msg("%s: from elsewhere %d, from loopback %d", cases[i].address, far, near);
	}
}

static void
no_internet_address(void **state)
{
	struct sockaddr_storage any = { .ss_family = AF_UNIX };

	(void)state;
	assert_non_null(fetch_address_refused((struct sockaddr *)&any, true));
	assert_false(fetch_is_loopback((struct sockaddr *)&any));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_addresses),
		cmocka_unit_test(nul_and_length),
		cmocka_unit_test(where_they_may_lead),
		cmocka_unit_test(no_internet_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
