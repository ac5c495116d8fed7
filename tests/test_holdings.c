/*
 * What lies in files, sorted out: real folders, one for each case, of certificates made here. A case says
 * which rows must come of it; what the findings say is inspect's affair and tested there.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/pki_files.h"
#include "model/cert_openssl.h"
#include "model/holdings.h"
#include "model/text.h"
#include "model/times.h"
#include "tests/program.h"

#define NOW INT64_C(1795435200) /* 2026-11-23T12:00:00Z */
#define DAY INT64_C(86400)
#define SECRET "sesame-7"

static struct pki_cert root, issuing, order, payment, expired, hostile;
static EVP_PKEY *stray;
static char *folder;

static const char *
in(const char *name)
{
	return in_folder(folder, name);
}

static struct pki_cert
issue(const char *cn, const struct pki_cert *issuer, bool ca, int from, int to)
{
	return pki_issue(&(struct pki_request){ .cn = cn, .ca = ca, .key_usage = ca ? "critical,keyCertSign" : "critical,digitalSignature",
	    .eku = ca ? NULL : "clientAuth", .not_before = NOW + from * DAY, .not_after = NOW + to * DAY }, issuer);
}

static int
make(void **state)
{
	static const char cn[] = "order\033[31m\r\nOK\xe2\x80\xae";

	(void)state;
	root = issue("Acme Root CA", NULL, true, -900, 2000);
	issuing = issue("Acme Issuing CA 1", &root, true, -800, 1000);
	order = issue("order-service", &issuing, false, -2, 88);
	payment = issue("payment", &issuing, false, -2, 40);
	expired = issue("order-service", &issuing, false, -90, -4);
	hostile = pki_issue(&(struct pki_request){ .cn_bytes = (const unsigned char *)cn, .cn_bytes_len = sizeof cn - 1, .eku = "clientAuth",
	    .key_usage = "critical,digitalSignature", .not_before = NOW - DAY, .not_after = NOW + 60 * DAY }, &issuing);
	stray = pki_key(PKI_P256);
	return 0;
}

static int
unmake(void **state)
{
	struct pki_cert *all[] = { &root, &issuing, &order, &payment, &expired, &hostile };

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		pki_cert_free(all[i]);
	EVP_PKEY_free(stray);
	return 0;
}

static int
fresh(void **state)
{
	(void)state;
	folder = make_folder();
	return 0;
}

static int
stale(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

static void
put_certs(const char *name, const struct pki_cert *a, const struct pki_cert *b)
{
	const struct pki_cert *certs[] = { a, b };

	assert_true(pki_write_certs(in(name), certs, b != NULL ? 2 : 1));
}

static void
put_key(const char *name, EVP_PKEY *key, const char *passphrase)
{
	assert_true(pki_write_key(in(name), key, passphrase));
}

static struct holdings *
read_sources(const struct holdings_source *sources, size_t len)
{
	struct holdings_options opt = { .at = NOW, .thresholds = thresholds_default };

	return holdings_read(sources, len, &opt);
}

static struct holdings *
read_folder(void)
{
	return read_sources(&(struct holdings_source){ .path = folder }, 1);
}

static void
print(const struct holdings *h)
{
	for (size_t i = 0; i < h->len; i++)
		print_message("%*s%-4s %s | %s | %s\n", h->rows[i].depth * 4, "", h->rows[i].judged ? state_word(h->rows[i].state) : "",
		    h->rows[i].text, h->rows[i].note, h->rows[i].detail);
}

/* The nth row of that kind. */
static const struct holding *
row_of(const struct holdings *h, enum holding_kind kind, size_t n)
{
	for (size_t i = 0; i < h->len; i++)
		if (h->rows[i].kind == kind && n-- == 0)
			return &h->rows[i];
	print(h);
	fail_msg("there is no such row");
	return NULL;
}

static size_t
rows_of(const struct holdings *h, enum holding_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < h->len; i++)
		n += h->rows[i].kind == kind;
	return n;
}

static void
assert_says(const char *text, const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("“%s” does not say “%s”", text, words);
}

static void
a_whole_identity(void **state)
{
	const struct holding *row;
	struct holdings *h;

	(void)state;
	put_certs("order.crt", &order, &issuing);
	put_key("order.key", order.key, NULL);
	put_certs("root.pem", &root, NULL);
	h = read_folder();
	assert_int_equal(h->identities, 1);
	assert_int_equal(h->of[STATE_OK], 1);
	row = row_of(h, HOLDING_IDENTITY, 0);
	assert_string_equal(row->text, "order-service, order.crt");
	assert_string_equal(row->note, "88 d left");
	assert_int_equal(row->ends, NOW + 88 * DAY);
	assert_non_null(row->cert);
	assert_int_equal(rows_of(h, HOLDING_CERT), 3); /* leaf, issuer, root */
	assert_int_equal(rows_of(h, HOLDING_MISSING), 0);
	assert_int_equal(rows_of(h, HOLDING_REST), 0);
	row = row_of(h, HOLDING_KEY, 0);
	assert_says(row->text, ", of the leaf");
	assert_string_equal(row->note, "mode 0600");
	holdings_free(h);
}

static void
what_is_missing(void **state)
{
	struct holdings *h;

	(void)state;
	put_certs("order.crt", &order, NULL);
	h = read_folder();
	assert_int_equal(h->of[STATE_FAIL], 1);
	assert_says(row_of(h, HOLDING_FINDING, 0)->note, "client.missing-intermediate");
	assert_says(row_of(h, HOLDING_MISSING, 0)->text, "Acme Issuing CA 1");
	assert_string_equal(row_of(h, HOLDING_MISSING, 0)->note, "NOT HERE");
	assert_int_equal(row_of(h, HOLDING_MISSING, 0)->state, STATE_FAIL);
	assert_says(row_of(h, HOLDING_MISSING, 1)->text, "private key");
	holdings_free(h);
}

static void
several_in_one_folder(void **state)
{
	struct holdings *h;

	(void)state;
	put_certs("a.crt", &payment, &issuing);
	put_key("a.key", payment.key, NULL);
	put_certs("b.crt", &expired, NULL); /* its issuer stands in a.crt */
	put_key("b-key.pem", expired.key, NULL);
	put_certs("c.crt", &order, &issuing);
	put_key("z.key", stray, NULL);
	h = read_folder();
	assert_int_equal(h->identities, 3);
	assert_int_equal(h->of[STATE_OK], 2);
	assert_int_equal(h->of[STATE_FAIL], 1);
	assert_int_equal(rows_of(h, HOLDING_REST), 1);
	assert_string_equal(row_of(h, HOLDING_OTHER, 0)->note, "matches nothing here");

	holdings_sort(h, HOLDINGS_BY_NAME, false);
	assert_string_equal(h->rows[0].text, "order-service, b.crt");
	holdings_sort(h, HOLDINGS_BY_NAME, true);
	assert_string_equal(h->rows[0].text, "payment, a.crt");
	assert_int_equal(h->rows[h->len - 2].kind, HOLDING_REST);
	holdings_sort(h, HOLDINGS_BY_STATE, false);
	assert_string_equal(h->rows[0].text, "order-service, b.crt");
	assert_int_equal(h->rows[0].state, STATE_FAIL);
	holdings_sort(h, HOLDINGS_BY_END, false);
	assert_string_equal(h->rows[0].note, "ended 4 d ago");
	holdings_sort(h, HOLDINGS_BY_END, true);
	assert_string_equal(h->rows[0].text, "order-service, c.crt");
	/* What is below an identity went with it. */
	assert_int_equal(h->rows[1].depth, 1);
	assert_ptr_equal(h->rows[1].cert, h->rows[0].cert);
	holdings_free(h);
}

/* A key that does not fit is a fault of the identity whose files stand together; of a folder where the right one is too, it is none. */
static void
the_wrong_key(void **state)
{
	struct holdings *h;

	(void)state;
	put_certs("order.crt", &order, &issuing);
	put_key("order.key", stray, NULL);
	h = read_folder();
	assert_int_equal(h->of[STATE_FAIL], 1);
	assert_says(row_of(h, HOLDING_FINDING, 0)->note, "key.mismatch");
	assert_int_equal(row_of(h, HOLDING_KEY, 0)->state, STATE_FAIL);
	holdings_free(h);

	put_key("right.key", order.key, NULL);
	h = read_folder();
	assert_int_equal(h->of[STATE_OK], 1);
	assert_int_equal(rows_of(h, HOLDING_KEY), 2);
	holdings_free(h);
}

static void
an_exposed_key(void **state)
{
	static const struct {
		mode_t mode;
		bool exposed;
	} cases[] = { { 0600, false }, { 0640, true }, { 0644, true }, { 0604, true }, { 0400, false } };
	struct holdings *h;
	char pem[4096];
	size_t len;
	FILE *f;

	(void)state;
	put_certs("order.crt", &order, &issuing);
	put_key("made.key", order.key, NULL);
	f = fopen(in("made.key"), "r");
	len = fread(pem, 1, sizeof pem, f);
	fclose(f);
	remove(in("made.key"));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_true(pki_write_bytes(in("order.key"), pem, len, cases[i].mode));
		h = read_folder();
		assert_int_equal(h->of[STATE_WARN], cases[i].exposed);
		assert_int_equal(row_of(h, HOLDING_KEY, 0)->state, cases[i].exposed ? STATE_WARN : STATE_OK);
		if (cases[i].exposed)
			assert_string_equal(row_of(h, HOLDING_FINDING, 0)->note, "key.exposed");
		holdings_free(h);
	}
}

static void
a_locked_key_is_no_fault(void **state)
{
	struct holdings *h;

	(void)state;
	put_certs("order.crt", &order, &issuing);
	put_key("order.key", order.key, SECRET);
	h = read_folder();
	assert_int_equal(h->of[STATE_OK], 1);
	assert_int_equal(row_of(h, HOLDING_LOCKED, 0)->state, STATE_NOTE);
	assert_says(row_of(h, HOLDING_LOCKED, 0)->detail, "mtlscope inspect");
	holdings_free(h);
}

/* What was opened with its passphrase when the program started is known here too. */
static void
what_is_known_of_a_locked_key(void **state)
{
	struct cert *certs[1];
	struct identity *known;
	struct holdings *h;
	struct key *key;
	struct error err;
	unsigned char *der;
	char cert_file[512], key_file[512];
	size_t len;

	(void)state;
	put_certs("order.crt", &order, &issuing);
	put_key("order.key", order.key, SECRET);
	snprintf(cert_file, sizeof cert_file, "%s", in("order.crt"));
	snprintf(key_file, sizeof key_file, "%s", in("order.key"));
	der = pki_der(&order, &len);
	certs[0] = cert_parse(der, len, &err);
	free(der);
	EVP_PKEY_up_ref(order.key);
	key = key_from_evp(order.key, true, true);
	known = identity_from("order", certs, 1, key);
	h = read_sources(&(struct holdings_source){ .name = "orders", .cert = cert_file, .key = key_file, .known = known }, 1);
	assert_int_equal(rows_of(h, HOLDING_LOCKED), 0);
	assert_says(row_of(h, HOLDING_KEY, 0)->text, ", of the leaf");
	assert_string_equal(row_of(h, HOLDING_IDENTITY, 0)->text, "orders: “order-service”");
	holdings_free(h);
	identity_free(known);
	key_free(key);
	cert_free(certs[0]);
}

static void
damaged_and_unreadable(void **state)
{
	static const char junk[] = "-----BEGIN CERTIFICATE-----\nMIIBAAAA\n-----END CERTIFICATE-----\n";
	char cert_file[512], key_file[512];
	struct holdings *h;

	(void)state;
	put_certs("order.crt", &order, &issuing);
	assert_true(pki_write_bytes(in("bad.pem"), junk, sizeof junk - 1, 0644));
	assert_true(pki_write_bytes(in("README"), "hello\n", 6, 0644));
	h = read_folder();
	assert_says(row_of(h, HOLDING_DAMAGED, 0)->text, "bad.pem:1");
	assert_int_equal(row_of(h, HOLDING_REST, 0)->state, STATE_FAIL);
	assert_says(row_of(h, HOLDING_REMARK, 0)->text, "holds no certificate and no key");
	assert_int_equal(h->identities, 1);
	holdings_free(h);

	snprintf(cert_file, sizeof cert_file, "%s", in("order.crt"));
	snprintf(key_file, sizeof key_file, "%s", in("nosuch.key"));
	h = read_sources(&(struct holdings_source){ .cert = cert_file, .key = key_file }, 1);
	assert_int_equal(h->of[STATE_FAIL], 1);
	assert_says(row_of(h, HOLDING_DAMAGED, 0)->text, "no such file");
	holdings_free(h);

	h = read_sources(&(struct holdings_source){ .name = "gone", .cert = key_file }, 1);
	assert_int_equal(h->of[STATE_FAIL], 1);
	assert_string_equal(h->rows[0].text, "gone");
	assert_says(h->rows[0].detail, "no such file");
	holdings_free(h);

	snprintf(cert_file, sizeof cert_file, "%s", in("bad.pem"));
	h = read_sources(&(struct holdings_source){ .cert = cert_file }, 1);
	assert_int_equal(h->of[STATE_FAIL], 1);
	assert_int_equal(rows_of(h, HOLDING_DAMAGED), 1);
	holdings_free(h);

	h = read_sources(&(struct holdings_source){ .path = "/nonexistent/folder" }, 1);
	assert_int_equal(h->of[STATE_FAIL], 1);
	assert_says(h->rows[0].detail, "no such file");
	holdings_free(h);
}

/* The next reading gives the same things the same ids: selection and branches stay. */
static void
ids_outlive_a_reading(void **state)
{
	struct holdings *a, *b;
	size_t same = 0;

	(void)state;
	put_certs("order.crt", &order, &issuing);
	put_key("order.key", order.key, NULL);
	put_certs("pay.crt", &payment, NULL);
	put_key("z.key", stray, NULL);
	a = read_folder();
	put_certs("a-new-one.crt", &expired, &issuing);
	b = read_folder();
	for (size_t i = 0; i < a->len; i++) {
		assert_true(a->rows[i].id != 0);
		for (size_t k = 0; k < i; k++)
			assert_true(a->rows[i].id != a->rows[k].id);
		for (size_t k = 0; k < b->len; k++)
			same += a->rows[i].id == b->rows[k].id && strcmp(a->rows[i].text, b->rows[k].text) == 0;
	}
	assert_true(b->identities == a->identities + 1);
	/* The intermediate that pay.crt lacked stands in the new file too; all else is as it was. */
	assert_true(same + 3 >= a->len);
	holdings_free(a);
	holdings_free(b);
}

static void
only_cas(void **state)
{
	struct holdings *h;

	(void)state;
	put_certs("cas.pem", &root, &issuing);
	h = read_folder();
	assert_int_equal(h->identities, 0);
	assert_int_equal(rows_of(h, HOLDING_OTHER), 2);
	holdings_free(h);

	put_key("issuing.key", issuing.key, NULL);
	h = read_folder();
	assert_int_equal(h->identities, 1);
	assert_says(h->rows[0].text, "Acme Issuing CA 1");
	holdings_free(h);
}

/* Whatever a certificate says, rows are printable. */
static void
hostile_names_are_printable(void **state)
{
	struct holdings *h;

	(void)state;
	put_certs("order.crt", &hostile, &issuing);
	put_key("order.key", hostile.key, NULL);
	h = read_folder();
	assert_int_equal(h->identities, 1);
	for (size_t i = 0; i < h->len; i++) {
		assert_int_equal(text_flags(text_of(h->rows[i].text)) & TEXT_HOSTILE, 0);
		assert_int_equal(text_flags(text_of(h->rows[i].note)) & TEXT_HOSTILE, 0);
		assert_int_equal(text_flags(text_of(h->rows[i].detail)) & TEXT_HOSTILE, 0);
	}
	holdings_free(h);
}

static void
json_is_inspects(void **state)
{
	struct buf out = { 0 };
	struct holdings *h;

	(void)state;
	put_certs("order.crt", &order, &issuing);
	put_certs("pay.crt", &payment, &issuing);
	h = read_folder();
	holdings_json(h, &out);
	assert_true(strncmp(out.data, "{\"schema\":\"mtlscope.inspect/1\"", 30) == 0);
	assert_non_null(strstr(out.data, "}\n{\"schema\":\"mtlscope.inspect/1\""));
	holdings_free(h);
	buf_done(&out);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, fresh, stale)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(a_whole_identity),
		CASE(what_is_missing),
		CASE(several_in_one_folder),
		CASE(the_wrong_key),
		CASE(an_exposed_key),
		CASE(a_locked_key_is_no_fault),
		CASE(what_is_known_of_a_locked_key),
		CASE(damaged_and_unreadable),
		CASE(ids_outlive_a_reading),
		CASE(only_cas),
		CASE(hostile_names_are_printable),
		CASE(json_is_inspects),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
