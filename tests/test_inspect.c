/* inspect: which certificate is the leaf, what belongs to what, and the evidence made of files. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "model/cert_openssl.h"
#include "model/diagnosis.h"
#include "model/inspect.h"
#include "model/limits.h"
#include "model/memory.h"
#include "tests/made.h"

#define SANS(...) (const char *const[]){ __VA_ARGS__, NULL }
#define CA_USAGE "critical,keyCertSign"

/* What the cases are made of; a letter each, so that a case reads as a line. */
static struct {
	struct made root, mid, other_root, order, payment;
	struct key *order_key, *payment_key, *root_key, *stray_key;
	struct csr order_csr, stray_csr;
} all;

static struct key *
key_new(EVP_PKEY *k)
{
	EVP_PKEY_up_ref(k);
	return key_from_evp(k, true, false);
}

static int
make_all(void **state)
{
	EVP_PKEY *stray = pki_key(PKI_P256);

	(void)state;
	all.root = made_issue(&(struct pki_request){ .cn = "Acme Root", .ca = true, .key_usage = CA_USAGE }, NULL);
	all.other_root = made_issue(&(struct pki_request){ .cn = "Other Root", .ca = true, .key_usage = CA_USAGE }, NULL);
	all.mid = made_issue(&(struct pki_request){ .cn = "Acme Issuing CA 1", .ca = true, .key_usage = CA_USAGE }, &all.root);
	all.order = made_issue(&(struct pki_request){ .cn = "order-service", .eku = "clientAuth",
	    .key_usage = "critical,digitalSignature", .san = SANS("DNS:order.internal") }, &all.mid);
	all.payment = made_issue(&(struct pki_request){ .cn = "payment", .eku = "serverAuth", .key_usage = "critical,digitalSignature",
	    .san = SANS("DNS:payment.internal") }, &all.mid);
	all.order_key = key_new(all.order.pki.key);
	all.payment_key = key_new(all.payment.pki.key);
	all.root_key = key_new(all.root.pki.key);
	all.stray_key = key_from_evp(stray, true, false);
	all.order_csr.key = all.order.cert->key;
	all.stray_csr.key = all.stray_key->pub;
	return 0;
}

static int
free_all(void **state)
{
	(void)state;
	key_free(all.order_key);
	key_free(all.payment_key);
	key_free(all.root_key);
	key_free(all.stray_key);
	made_free(&all.order);
	made_free(&all.payment);
	made_free(&all.mid);
	made_free(&all.other_root);
	made_free(&all.root);
	return 0;
}

/* "o" order-service, "p" payment, "m" the issuing CA, "r" the root, "x" another root; "O", "P", "R", "S" keys
 * (S belongs to nothing), "q" and "s" requests with the keys O and S, "d" a damaged key, "|" the next file. */
static struct object
object_of(char letter)
{
	switch (letter) {
	case 'o': return (struct object){ .kind = OBJECT_CERT, .cert = all.order.cert };
	case 'p': return (struct object){ .kind = OBJECT_CERT, .cert = all.payment.cert };
	case 'm': return (struct object){ .kind = OBJECT_CERT, .cert = all.mid.cert };
	case 'r': return (struct object){ .kind = OBJECT_CERT, .cert = all.root.cert };
	case 'x': return (struct object){ .kind = OBJECT_CERT, .cert = all.other_root.cert };
	case 'O': return (struct object){ .kind = OBJECT_KEY, .key = all.order_key };
	case 'P': return (struct object){ .kind = OBJECT_KEY, .key = all.payment_key };
	case 'R': return (struct object){ .kind = OBJECT_KEY, .key = all.root_key };
	case 'S': return (struct object){ .kind = OBJECT_KEY, .key = all.stray_key };
	case 'q': return (struct object){ .kind = OBJECT_CSR, .csr = &all.order_csr };
	case 's': return (struct object){ .kind = OBJECT_CSR, .csr = &all.stray_csr };
	default: return (struct object){ .kind = OBJECT_DAMAGED, .meant = OBJECT_KEY, .problem = "damaged" };
	}
}

static const char *const files[] = { "a.pem", "b.pem", "c.pem", "d.pem", "e.pem" };

static void
read_files(struct objects *o, const char *letters)
{
	size_t file = 0, line = 1;

	memset(o, 0, sizeof *o);
	o->items = mem_zero(strlen(letters) + 1, sizeof *o->items);
	for (; *letters != '\0'; letters++) {
		if (*letters == '|') {
			file++;
			line = 1;
			continue;
		}
		o->items[o->len] = object_of(*letters);
		o->items[o->len].file = files[file];
		o->items[o->len++].line = line;
		line += 20;
	}
}

struct leaf_case {
	const char *what;
	const char *letters;
	const char *cert_option; /* --cert */
	bool folder;             /* the files lie in a folder: none of them is the first */
	const char *taken;       /* the first line; NULL: no certificate */
	const char *error;       /* or the question that is asked instead */
};

static const struct leaf_case leaf_cases[] = {
	{ "--cert names it", "r|omr|p", "c.pem", false, "“payment” (c.pem, line 1): named by --cert", NULL },
	{ "--cert names a CA: it is what the user says", "om|r", "b.pem", false, "“Acme Root” (b.pem, line 1): named by --cert", NULL },
	{ "--cert names a file without one", "om|O", "b.pem", false, NULL, "b.pem holds no certificate that can be read" },
	{ "the first of the first file", "omr|p", NULL, false, "“order-service” (a.pem, line 1): the first certificate of the first file", NULL },
	{ "the key stands before it", "Oom", NULL, false, "“order-service” (a.pem, line 21): the first certificate of the first file", NULL },
	{ "the first is a CA: the key tells", "mr|o|p|P", NULL, false, "“payment” (c.pem, line 1): the one whose private key is among the files", NULL },
	{ "keys of a CA and of a leaf", "rR|o|p|P", NULL, false,
	    "“payment” (c.pem, line 1): the one that is no CA and whose private key is among the files", NULL },
	{ "no key: the only one that is no CA", "mr|o", NULL, false, "“order-service” (b.pem, line 1): the only one that is no CA", NULL },
	{ "the same one twice is one", "mr|o|o", NULL, false, "“order-service” (b.pem, line 1): the only one that is no CA", NULL },
	{ "in a folder nothing is first", "o|mr", NULL, true, "“order-service” (a.pem, line 1): the only one that is no CA", NULL },
	{ "a single CA", "r", NULL, false, "“Acme Root” (a.pem, line 1): the only certificate", NULL },
	{ "two leaves in a folder", "o|p", NULL, true, NULL,
	    "which certificate is meant? name it with --cert: “order-service” (a.pem, line 1), “payment” (b.pem, line 1)" },
	{ "two leaves behind a CA", "m|o|p", NULL, false, NULL,
	    "which certificate is meant? name it with --cert: “order-service” (b.pem, line 1), “payment” (c.pem, line 1)" },
	{ "CAs only", "m|r", NULL, false, NULL,
	    "which certificate is meant? name it with --cert: “Acme Issuing CA 1” (a.pem, line 1), “Acme Root” (b.pem, line 1)" },
	{ "a key and a request", "O|q", NULL, false, NULL, NULL },
	{ "nothing that can be read", "d", NULL, false, NULL, NULL },
	{ "nothing", "", NULL, false, NULL, NULL },
};

static void
choosing_the_leaf(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof leaf_cases / sizeof leaf_cases[0]; i++) {
		const struct leaf_case *c = &leaf_cases[i];
		struct objects o;
		struct inspection *in = NULL;
		struct error err = { 0 };
		struct inspect_options opt = { .leaf_file = c->cert_option,
			.first_file = c->folder ? "folder" : files[0], .at = MADE_NOW, .thresholds = thresholds_default };
		status s;

		read_files(&o, c->letters);
		s = inspect(&o, &opt, &in, &err);
		if (c->error != NULL) {
			assert_int_equal(s, STATUS_FAILED);
			assert_int_equal(err.code, ERROR_INPUT);
			assert_string_equal(err.text, c->error);
			assert_null(in);
		} else {
			assert_int_equal(s, STATUS_OK);
			if (c->taken == NULL) {
				assert_null(in->leaf);
				assert_null(in->evidence);
			} else {
				assert_string_equal(in->taken, c->taken);
				assert_non_null(in->evidence);
			}
		}
		inspection_free(in);
		free(o.items);
	}
}

struct relation_case {
	const char *letters;
	const char *relations; /* "kind object to" each, by index */
};

static const struct relation_case relation_cases[] = {
	{ "omr|O|q", "key of 3 0, request for 4 0, key of 3 4, issuer of 1 0, issuer of 2 1" },
	{ "o|S", "" },
	{ "s|S|o", "key of 1 0" },
	{ "oo|mO", "key of 3 0, key of 3 1, issuer of 2 0, issuer of 2 1" },
	{ "x|m", "" }, /* another root has not issued it */
};

static void
what_belongs_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof relation_cases / sizeof relation_cases[0]; i++) {
		struct objects o;
		struct inspection *in = NULL;
		struct error err = { 0 };
		struct inspect_options opt = { .leaf_file = NULL, .first_file = "a.pem", .at = MADE_NOW };
		struct buf text = { 0 };

		read_files(&o, relation_cases[i].letters);
		if (inspect(&o, &opt, &in, &err) != STATUS_OK) { /* CAs only: name one */
			opt.leaf_file = "b.pem";
			err.code = ERROR_NONE;
			assert_int_equal(inspect(&o, &opt, &in, &err), STATUS_OK);
		}
		for (size_t k = 0; k < in->relations_len; k++)
			buf_addf(&text, "%s%s %zu %zu", k == 0 ? "" : ", ", belonging_name(in->relations[k].kind),
			    in->relations[k].object, in->relations[k].to);
		assert_string_equal(buf_str(&text), relation_cases[i].relations);
		assert_false(in->relations_capped);
		buf_done(&text);
		inspection_free(in);
		free(o.items);
	}
}

static struct inspection *
inspected(struct objects *o, const char *letters, struct inspect_options opt)
{
	struct inspection *in = NULL;
	struct error err = { 0 };

	read_files(o, letters);
	opt.first_file = files[0];
	opt.at = MADE_NOW;
	opt.thresholds = thresholds_default;
	if (inspect(o, &opt, &in, &err) != STATUS_OK)
		fail_msg("%s: %s", letters, err.text);
	return in;
}

/* The leaf's file is what would be sent; another file gives what is missing below a root. */
static void
chain_from_files(void **state)
{
	struct objects o;
	struct inspection *in = inspected(&o, "o|r|m|p", (struct inspect_options){ 0 });
	const struct evidence *e = in->evidence;

	(void)state;
	assert_true(e->offline);
	assert_int_equal(e->handshakes_len, 0);
	assert_int_equal(e->offline_len, 2);
	assert_ptr_equal(e->offline_chain[0], all.order.cert);
	assert_ptr_equal(e->offline_chain[1], all.mid.cert);
	assert_int_equal(e->found_len, 2);
	assert_ptr_equal(e->found[0].cert, all.root.cert);
	assert_string_equal(e->found[0].source, "file");
	assert_string_equal(e->found[0].where, "“Acme Root” (b.pem, line 1)");
	assert_int_equal(evidence_now(e), MADE_NOW);
	inspection_free(in);
	free(o.items);

	/* In its own file everything stays as it stands: order and root are for the rules to judge. */
	in = inspected(&o, "orm", (struct inspect_options){ 0 });
	assert_int_equal(in->evidence->offline_len, 3);
	assert_ptr_equal(in->evidence->offline_chain[1], all.root.cert);
	assert_int_equal(in->evidence->found_len, 0);
	inspection_free(in);
	free(o.items);
}

static void
trust_from_files(void **state)
{
	struct trust *other = trust_from("other.pem", &all.other_root.cert, 1);
	struct objects o;
	struct inspection *in = inspected(&o, "om|r", (struct inspect_options){ .trust = other });

	(void)state;
	/* Nobody said --cacert: the roots among the files are trusted as well as the default store. */
	assert_true(trust_has(in->evidence->trust, all.other_root.cert));
	assert_true(trust_has(in->evidence->trust, all.root.cert));
	assert_string_equal(in->evidence->trust->from, "other.pem and the roots among the files");
	inspection_free(in);
	free(o.items);

	in = inspected(&o, "om|r", (struct inspect_options){ .trust = other, .trust_named = true });
	assert_true(trust_has(in->evidence->trust, all.other_root.cert));
	assert_false(trust_has(in->evidence->trust, all.root.cert));
	inspection_free(in);
	free(o.items);

	in = inspected(&o, "om", (struct inspect_options){ 0 });
	assert_non_null(in->evidence->trust);
	assert_int_equal(in->evidence->trust->len, 0);
	inspection_free(in);
	free(o.items);
	trust_free(other);
}

/* What diagnose() makes of it: the evidence is fit for use. */
static const struct {
	const char *letters;
	enum code root; /* CODE_NONE: nothing is wrong */
} diagnosed_cases[] = {
	{ "pm|P|r", CODE_NONE },
	{ "p|m|r", CODE_NONE },
	{ "r", CODE_NONE },
	{ "p", CODE_CHAIN_MISSING_INTERMEDIATE },
	{ "p|r", CODE_CHAIN_MISSING_INTERMEDIATE },
	{ "o|r", CODE_CLIENT_MISSING_INTERMEDIATE },
	{ "pm|S|r", CODE_KEY_MISMATCH },
	{ "pm|d|r", CODE_KEY_UNREADABLE },
	{ "pmx", CODE_CHAIN_UNTRUSTED_ROOT },
};

static void
diagnosed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof diagnosed_cases / sizeof diagnosed_cases[0]; i++) {
		struct objects o;
		struct inspection *in = inspected(&o, diagnosed_cases[i].letters, (struct inspect_options){ 0 });
		struct diagnosis *d = diagnose(in->evidence);
		enum code root = d->root == NULL ? CODE_NONE : d->root->code;

		if (root != diagnosed_cases[i].root)
			fail_msg("%s: %s", diagnosed_cases[i].letters, root == CODE_NONE ? "nothing" : code_info(root)->name);
		diagnosis_free(d);
		inspection_free(in);
		free(o.items);
	}
}

struct purpose_case {
	const char *letters;
	enum purpose asked, judged;
	bool identity, matches;
};

static const struct purpose_case purpose_cases[] = {
	{ "om|O", PURPOSE_ANY, PURPOSE_CLIENT, true, true }, /* clientAuth only */
	{ "om", PURPOSE_ANY, PURPOSE_CLIENT, true, false },
	{ "pm", PURPOSE_ANY, PURPOSE_SERVER, false, false },
	{ "pm|P", PURPOSE_ANY, PURPOSE_SERVER, true, true }, /* for its key only */
	{ "pm|S", PURPOSE_ANY, PURPOSE_SERVER, true, false }, /* the one key there is does not match */
	{ "pm|S|s", PURPOSE_ANY, PURPOSE_SERVER, false, false }, /* it belongs to a request: nothing is wrong */
	{ "pm|R|r", PURPOSE_ANY, PURPOSE_SERVER, false, false }, /* it belongs to the root */
	{ "pm", PURPOSE_CLIENT, PURPOSE_CLIENT, true, false },
	{ "om", PURPOSE_SERVER, PURPOSE_SERVER, false, false },
	{ "pm|d", PURPOSE_ANY, PURPOSE_SERVER, true, false }, /* a key that cannot be read */
	{ "r", PURPOSE_ANY, PURPOSE_ANY, false, false },
};

static void
purpose_and_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof purpose_cases / sizeof purpose_cases[0]; i++) {
		const struct purpose_case *c = &purpose_cases[i];
		struct objects o;
		struct inspection *in = inspected(&o, c->letters, (struct inspect_options){ .purpose = c->asked });

		if (in->purpose != c->judged || in->evidence->offline_purpose != c->judged ||
		    (in->evidence->identity != NULL) != c->identity ||
		    (c->identity && in->evidence->identity->matches != c->matches))
			fail_msg("%s: not as expected", c->letters);
		inspection_free(in);
		free(o.items);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(choosing_the_leaf),
		cmocka_unit_test(what_belongs_together),
		cmocka_unit_test(chain_from_files),
		cmocka_unit_test(trust_from_files),
		cmocka_unit_test(purpose_and_key),
		cmocka_unit_test(diagnosed),
	};

	openssl_start();
	return cmocka_run_group_tests(tests, make_all, free_all);
}
