/* Making certificates, right and wrong ones: each fault is really there, and only that one. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/pki.h"
#include "lab/pki_files.h"

static const struct pki_request root_request = {
	.cn = "Test Root", .ca = true, .key_usage = "critical,keyCertSign,cRLSign",
};

static void
dates_of_every_kind(void **state)
{
	static const struct {
		int64_t from, to;
		const char *text_from, *text_to;
	} cases[] = {
		{ INT64_C(-62167219200), INT64_C(253402300799), "00000101000000Z", "99991231235959Z" }, /* years 0000 and 9999 */
		{ INT64_C(-631152000), INT64_C(2524607999), "500101000000Z", "491231235959Z" },         /* the ends of UTCTime */
		{ INT64_C(-631152001), INT64_C(2524608000), "19491231235959Z", "20500101000000Z" },     /* just beyond them */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct pki_request r = root_request;
		struct pki_cert c;

		r.not_before = cases[i].from;
		r.not_after = cases[i].to;
		c = pki_issue(&r, NULL);
		assert_string_equal((const char *)X509_get0_notBefore(c.x509)->data, cases[i].text_from);
		assert_string_equal((const char *)X509_get0_notAfter(c.x509)->data, cases[i].text_to);
		pki_cert_free(&c);
	}
}

static void
raw_names_survive(void **state)
{
	static const char name[] = "a\033[31m\r\n\0b\xe2\x80\xae";
	const struct pki_request r = {
		.cn_bytes = (const unsigned char *)name, .cn_bytes_len = sizeof name - 1,
		.raw_san = (const struct pki_raw_san[]){ { GEN_DNS, name, sizeof name - 1 }, { .type = -1 } },
	};
	struct pki_cert c = pki_issue(&r, NULL);
	GENERAL_NAMES *names = X509_get_ext_d2i(c.x509, NID_subject_alt_name, NULL, NULL);
	X509_NAME_ENTRY *entry = X509_NAME_get_entry(X509_get_subject_name(c.x509), 0);
	const ASN1_STRING *cn = X509_NAME_ENTRY_get_data(entry);

	(void)state;
	assert_int_equal(ASN1_STRING_length(cn), sizeof name - 1);
	assert_memory_equal(ASN1_STRING_get0_data(cn), name, sizeof name - 1);
	assert_non_null(names);
	assert_memory_equal(sk_GENERAL_NAME_value(names, 0)->d.ia5->data, name, sizeof name - 1);
	GENERAL_NAMES_free(names);
	pki_cert_free(&c);
}

static void
every_extension_is_there(void **state)
{
	static const unsigned char null_der[] = { 0x05, 0x00 };
	const struct pki_request r = {
		.cn = "All of it", .org = "Test", .ca = true, .has_path_len = true, .path_len = 0,
		.key_usage = "critical,digitalSignature,keyCertSign", .eku = "serverAuth,clientAuth",
		.san = (const char *const[]){ "DNS:a.test", "IP:127.0.0.1", "IP:::1", "URI:spiffe://a/b,c", "email:a@b.test",
		    "dirName:x", "RID:1.2.3", NULL },
		.name_constraints = "critical,permitted;DNS:internal,excluded;IP:10.0.0.0/255.0.0.0",
		.aia = "http://a.test/ca", .ocsp = "http://a.test/ocsp", .crl = "http://a.test/crl", .policies = "1.2.3.4",
		.extra = (const struct pki_extension[]){ { "1.2.3.4.5", true, null_der, sizeof null_der }, { 0 } },
	};
	static const int nids[] = { NID_basic_constraints, NID_key_usage, NID_ext_key_usage, NID_subject_key_identifier,
	    NID_authority_key_identifier, NID_subject_alt_name, NID_name_constraints, NID_info_access,
	    NID_crl_distribution_points, NID_certificate_policies };
	struct pki_cert root = pki_issue(&root_request, NULL), c = pki_issue(&r, &root);
	STACK_OF(OPENSSL_STRING) *ocsp = X509_get1_ocsp(c.x509);

	(void)state;
	for (size_t i = 0; i < sizeof nids / sizeof nids[0]; i++)
		assert_true(X509_get_ext_by_NID(c.x509, nids[i], -1) >= 0);
	assert_int_equal(X509_get_ext_count(c.x509), 11);
	assert_int_equal(X509_get_pathlen(c.x509), 0);
	assert_int_equal(sk_OPENSSL_STRING_num(ocsp), 1);
	assert_int_equal(X509_verify(c.x509, root.key), 1);
	assert_int_equal(X509_check_issued(root.x509, c.x509), X509_V_OK);
	X509_email_free(ocsp);
	pki_cert_free(&c);
	pki_cert_free(&root);
}

static void
faults_of_the_signature(void **state)
{
	static const struct {
		enum pki_key type;
		const char *digest;
		bool pss, corrupt;
		int nid;
	} cases[] = {
		{ PKI_P256, NULL, false, false, NID_ecdsa_with_SHA256 },
		{ PKI_P256, NULL, false, true, NID_ecdsa_with_SHA256 },
		{ PKI_P384, "SHA1", false, false, NID_ecdsa_with_SHA1 },
		{ PKI_ED25519, NULL, false, true, NID_ED25519 },
		{ PKI_RSA1024, "MD5", false, false, NID_md5WithRSAEncryption },
		{ PKI_RSA1024, NULL, false, true, NID_sha256WithRSAEncryption },
		{ PKI_RSA1024, NULL, true, false, NID_rsassaPss },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct pki_request r = root_request;
		struct pki_cert c;

		r.key_type = cases[i].type;
		r.digest = cases[i].digest;
		r.pss = cases[i].pss;
		r.corrupt_signature = cases[i].corrupt;
		c = pki_issue(&r, NULL);
		assert_int_equal(X509_get_signature_nid(c.x509), cases[i].nid);
		assert_int_equal(X509_verify(c.x509, c.key) == 1, !cases[i].corrupt);
		ERR_clear_error();
		pki_cert_free(&c);
	}
}

/* What remains is as asked: version 1, a serial number by hand, another issuer's name, no key identifiers. */
static void
oddities(void **state)
{
	static const unsigned char serial[] = { 0xff, 0x01 }; /* negative */
	struct pki_cert root = pki_issue(&root_request, NULL);
	const struct pki_request odd = { .cn = "odd", .version = 1, .serial = serial, .serial_len = 2 };
	const struct pki_request bare = { .cn = "bare", .no_ski = true, .no_aki = true,
		.issuer = X509_get_subject_name(root.x509) };
	const struct pki_request empty = { .raw_not_before = "7001010000Z", .not_after = 1 };
	struct pki_cert c = pki_issue(&odd, &root);

	(void)state;
	assert_int_equal(X509_get_version(c.x509), 0);
	assert_int_equal(X509_get_ext_count(c.x509), 0);
	assert_int_equal(X509_get0_serialNumber(c.x509)->type, V_ASN1_NEG_INTEGER);
	pki_cert_free(&c);
	c = pki_issue(&bare, NULL);
	assert_int_equal(X509_get_ext_count(c.x509), 0);
	assert_int_equal(X509_NAME_cmp(X509_get_issuer_name(c.x509), X509_get_subject_name(root.x509)), 0);
	pki_cert_free(&c);
	c = pki_issue(&empty, &root);
	assert_int_equal(X509_NAME_entry_count(X509_get_subject_name(c.x509)), 0);
	assert_string_equal((const char *)X509_get0_notBefore(c.x509)->data, "7001010000Z");
	pki_cert_free(&c);
	pki_cert_free(&root);
}

/* One handshake in memory; each side asks the other. Returns the library's reason at the side that refused. */
static int
handshake(SSL_CTX *server, SSL_CTX *client, const SSL_CTX **by)
{
	SSL *s = SSL_new(server), *c = SSL_new(client);
	BIO *a = NULL, *b = NULL;
	int reason = 0;

	assert_int_equal(BIO_new_bio_pair(&a, 0, &b, 0), 1);
	SSL_set_bio(s, a, a);
	SSL_set_bio(c, b, b);
	SSL_set_accept_state(s);
	SSL_set_connect_state(c);
	*by = NULL;
	for (int turn = 0; turn < 20 && reason == 0; turn++) {
		SSL *side = turn % 2 == 0 ? c : s;
		char byte;
		int n;

		ERR_clear_error();
		n = SSL_is_init_finished(side) ? SSL_read(side, &byte, 1) : SSL_do_handshake(side);
		if (n <= 0 && SSL_get_error(side, n) == SSL_ERROR_SSL) {
			reason = ERR_GET_REASON(ERR_peek_error());
			*by = side == c ? client : server;
		}
	}
	SSL_free(s);
	SSL_free(c);
	ERR_clear_error();
	return reason;
}

static int
trusting(X509_STORE_CTX *store, void *arg)
{
	(void)store;
	(void)arg;
	return 1;
}

static SSL_CTX *
side_with(const SSL_METHOD *method, X509 *x, EVP_PKEY *key, int version)
{
	SSL_CTX *ctx = SSL_CTX_new(method);

	assert_non_null(ctx);
	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_min_proto_version(ctx, version);
	SSL_CTX_set_max_proto_version(ctx, version);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, trusting, NULL);
	assert_int_equal(SSL_CTX_use_cert_and_key(ctx, x, key, NULL, 1), 1);
	return ctx;
}

/* A wrong key loads beside its certificate, and its signature is refused by the other side, whoever holds it. */
static void
wrong_keys_fail_on_the_wire(void **state)
{
	static const enum pki_key types[] = { PKI_P256, PKI_P384, PKI_RSA2048, PKI_ED25519 };
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	const struct pki_request plain = { .cn = "other side" };
	struct pki_cert good = pki_issue(&plain, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		struct pki_request r = { .cn = "wrong", .key_type = types[i] };
		struct pki_cert c = pki_issue(&r, NULL);
		EVP_PKEY *stranger = pki_key(types[i]);
		/* A stranger of the same type, none, and one of another type. */
		EVP_PKEY *strangers[] = { stranger, NULL, types[i] == PKI_P256 ? NULL : good.key };

		for (size_t k = 0; k < 3; k++) {
			EVP_PKEY *wrong = pki_wrong_key(c.key, strangers[k]);
			for (size_t v = 0; v < 2; v++) {
				SSL_CTX *ok_server = side_with(TLS_server_method(), good.x509, good.key, versions[v]);
				SSL_CTX *ok_client = side_with(TLS_client_method(), good.x509, good.key, versions[v]);
				SSL_CTX *bad_server = side_with(TLS_server_method(), c.x509, wrong, versions[v]);
				SSL_CTX *bad_client = side_with(TLS_client_method(), c.x509, wrong, versions[v]);
				const SSL_CTX *by = NULL;

				assert_int_equal(handshake(ok_server, ok_client, &by), 0);
				assert_int_not_equal(handshake(bad_server, ok_client, &by), 0);
				assert_ptr_equal(by, ok_client);
				assert_int_not_equal(handshake(ok_server, bad_client, &by), 0);
				assert_ptr_equal(by, ok_server);
				SSL_CTX_free(ok_server);
				SSL_CTX_free(ok_client);
				SSL_CTX_free(bad_server);
				SSL_CTX_free(bad_client);
			}
			EVP_PKEY_free(wrong);
		}
		EVP_PKEY_free(stranger);
		pki_cert_free(&c);
	}
	pki_cert_free(&good);
}

static void
garbage_loads_here_and_parses_nowhere(void **state)
{
	struct pki_cert c = pki_issue(&root_request, NULL);
	X509 *x = pki_garbage(&c);
	unsigned char *der = NULL;
	int len = i2d_X509(x, &der);
	const unsigned char *p = der;
	SSL_CTX *ctx = side_with(TLS_server_method(), x, c.key, TLS1_3_VERSION);

	(void)state;
	assert_true(len > 0);
	assert_null(d2i_X509(NULL, &p, len));
	ERR_clear_error();
	SSL_CTX_free(ctx);
	OPENSSL_free(der);
	X509_free(x);
	pki_cert_free(&c);
}

static void
files_have_their_modes(void **state)
{
	char folder[] = "/tmp/mtlscope-test-pki-XXXXXX", cert[64], key[64];
	struct pki_cert c = pki_issue(&root_request, NULL);
	const struct pki_cert *chain[] = { &c, &c };
	struct stat st;
	FILE *f;
	EVP_PKEY *back;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(cert, sizeof cert, "%s/c.pem", folder);
	snprintf(key, sizeof key, "%s/k.pem", folder);
	assert_true(pki_write_certs(cert, chain, 2));
	assert_true(pki_write_key(key, c.key, NULL));
	assert_true(pki_write_key(key, c.key, "secret")); /* replaces */
	assert_int_equal(stat(cert, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(stat(key, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	f = fopen(key, "r");
	assert_non_null(f);
	back = PEM_read_PrivateKey(f, NULL, NULL, (void *)(uintptr_t)"secret");
	fclose(f);
	assert_int_equal(EVP_PKEY_eq(back, c.key), 1);
	EVP_PKEY_free(back);
	assert_true(pki_write_identity(key, chain, 1));
	assert_int_equal(stat(key, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_false(pki_write_certs("/nonexistent/x", chain, 1));
	unlink(cert);
	unlink(key);
	rmdir(folder);
	pki_cert_free(&c);
	pki_cert_free(&c); /* twice is legal */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_of_every_kind),
		cmocka_unit_test(raw_names_survive),
		cmocka_unit_test(every_extension_is_there),
		cmocka_unit_test(faults_of_the_signature),
		cmocka_unit_test(oddities),
		cmocka_unit_test(wrong_keys_fail_on_the_wire),
		cmocka_unit_test(garbage_loads_here_and_parses_nowhere),
		cmocka_unit_test(files_have_their_modes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
