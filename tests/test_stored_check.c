/* `check` as an identity that is kept in Secrets Manager or Parameter Store: it is read, sent, trusts the root beside it; and what is said where it cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lab/pki_files.h"
#include "model/json_scan.h"
#include "model/memory.h"
#include "tests/install_world.h"
#include "tests/made.h"
#include "tests/program.h"

#define SECRET_WORD "hunter2-do-not-show"

static struct install_world world;
static pid_t server;
static int port;
static char address[32];

static char *
pem_of(const struct cert *const *certs, size_t len)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < len; i++)
		cert_pem(certs[i], &b);
	return b.data;
}

/* In the contract's shape. */
static char *
kept(const char *certs, const char *key, const char *root)
{
	struct buf b = { 0 };

	buf_adds(&b, "{\"password\":\"" SECRET_WORD "\",\"certificate\":");
	json_scan_quote(certs, strlen(certs), &b);
	buf_adds(&b, ",\"private_key\":");
	json_scan_quote(key, strlen(key), &b);
	buf_adds(&b, ",\"root_ca\":");
	json_scan_quote(root, strlen(root), &b);
	buf_adds(&b, "}");
	return b.data;
}

static void
secret(const char *name, const char *text)
{
	cJSON *in = cJSON_CreateObject();

	cJSON_AddStringToObject(in, "Name", name);
	cJSON_AddStringToObject(in, "ClientRequestToken", "11111111-1111-1111-1111-111111111111");
	cJSON_AddStringToObject(in, "SecretString", text);
	cJSON_Delete(install_world_ask(&world, &aws_secretsmanager, "CreateSecret", in));
}

static void
parameter(const char *name, const char *text)
{
	cJSON *in = cJSON_CreateObject();

	cJSON_AddStringToObject(in, "Name", name);
	cJSON_AddStringToObject(in, "Value", text);
	cJSON_AddStringToObject(in, "Type", "SecureString");
	cJSON_Delete(install_world_ask(&world, &aws_ssm, "PutParameter", in));
}

static char *
file_text(const char *name)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = fopen(in_folder(world.folder, name), "r");

	assert_non_null(f);
	assert_true(getdelim(&text, &len, '\0', f) > 0);
	fclose(f);
	return text;
}

static void
start_tls_server(const struct made *server_cert, const struct made *root)
{
	const struct pki_cert *chain[] = { &server_cert->pki }, *anchors[] = { &root->pki };
	char number[16];

	assert_true(pki_write_certs(in_folder(world.folder, "server.crt"), chain, 1));
	assert_true(pki_write_key(in_folder(world.folder, "server.key"), server_cert->pki.key, NULL));
	assert_true(pki_write_certs(in_folder(world.folder, "root.pem"), anchors, 1));
	port = reserve_port();
	snprintf(number, sizeof number, "%d", port);
	snprintf(address, sizeof address, "127.0.0.1:%d", port);
	server = start_server((const char *const[]){ "openssl", "s_server", "-accept", number, "-cert", in_folder(world.folder, "server.crt"), "-key", in_folder(world.folder, "server.key"),
	    "-CAfile", in_folder(world.folder, "root.pem"), "-Verify", "5", "-verify_return_error", "-quiet", "-www", NULL }, in_folder(world.folder, "server.log"));
	assert_true(wait_for_port(port, server, 10000));
}

static int
start(void **state)
{
	static const char *const san[] = { "IP:127.0.0.1", NULL };
	int64_t now = (int64_t)time(NULL);
	struct pki_request ca = { .cn = "Acme Root CA", .ca = true, .key_usage = "critical,keyCertSign", .not_before = now - 86400, .not_after = now + 900 * MADE_DAY };
	struct pki_request s = { .cn = "server", .san = san, .eku = "serverAuth", .not_before = now - 86400, .not_after = now + 90 * MADE_DAY };
	struct pki_request u = { .cn = "order-service", .eku = "clientAuth", .not_before = now - 86400, .not_after = now + 90 * MADE_DAY };
	struct made root, server_cert, us;
	const struct cert *ours[1], *roots[1];
	char *certs, *key, *anchor, *text;

	(void)state;
	install_world_lab(&world);
	root = made_issue(&ca, NULL);
	server_cert = made_issue(&s, &root);
	us = made_issue(&u, &root);
	start_tls_server(&server_cert, &root);
	ours[0] = us.cert;
	roots[0] = root.cert;
	assert_true(pki_write_key(in_folder(world.folder, "us.key"), us.pki.key, NULL));
	certs = pem_of(ours, 1);
	anchor = pem_of(roots, 1);
	key = file_text("us.key");
	text = kept(certs, key, anchor);
	secret("good", text);
	parameter("/reports/tls", text);
	secret("words", SECRET_WORD);
	free(text);
	text = kept(certs, world.old.key, anchor);
	secret("strange-key", text);
	free(text);
	text = kept(certs, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n", anchor);
	secret("damaged-key", text);
	free(text);
	free(certs);
	free(key);
	free(anchor);
	made_free(&us);
	made_free(&server_cert);
	made_free(&root);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	stop_server(server);
	install_world_stop(&world);
	return 0;
}

static void
write_config(void)
{
	struct buf b = { 0 };
	int nobody = reserve_port();

	buf_addf(&b, "aws:\n  - {name: lab, region: us-east-1, endpoint_url: \"%s\"}\n  - {name: nobody, region: us-east-1, endpoint_url: \"http://127.0.0.1:%d\"}\n"
	    "identities:\n  - {name: payments, secret: good, aws: lab}\n  - {name: reports, parameter: /reports/tls, aws: lab}\n"
	    "  - {name: none, secret: none, aws: lab}\n  - {name: words, secret: words, aws: lab}\n  - {name: strange, secret: strange-key, aws: lab}\n"
	    "  - {name: damaged, secret: damaged-key, aws: lab}\n  - {name: away, secret: good, aws: nobody}\n  - {name: noparameter, parameter: /none, aws: lab}\n"
	    "fleet:\n  - {name: ledger, target: \"%s\", identity: payments, no_http: true}\n", world.url, nobody, address);
	assert_true(write_file(in_folder(world.folder, "config.yaml"), b.data, b.len));
	buf_done(&b);
}

static cJSON *
check(const char *identity, int *result)
{
	char home[4200];
	const char *const env[] = { home, "XDG_STATE_HOME", "XDG_CONFIG_HOME", "AWS_MAX_ATTEMPTS=1", NULL };
	const char *const named[] = { mtlscope(), "check", address, "--no-http", "--quick", "--json", "--config", in_folder(world.folder, "config.yaml"), "--identity", identity, NULL };
	const char *const fleet[] = { mtlscope(), "check", "--quick", "--json", "--config", in_folder(world.folder, "config.yaml"), NULL };
	struct run r;
	cJSON *o;

	snprintf(home, sizeof home, "HOME=%s", world.folder);
	run_program(identity != NULL ? named : fleet, &(struct run_options){ .env = env }, &r);
	o = cJSON_Parse(buf_str(&r.out));
	if (o == NULL)
		fail_msg("%s: %s%s", identity, buf_str(&r.out), buf_str(&r.err));
	/* Nothing of a secret that is none of our business, nor of the key. */
	assert_null(strstr(buf_str(&r.out), SECRET_WORD));
	assert_null(strstr(buf_str(&r.err), SECRET_WORD));
	assert_null(strstr(buf_str(&r.out), "PRIVATE KEY"));
	*result = r.status;
	run_done(&r);
	return o;
}

static const char *
text_in(const cJSON *o, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(o, name));

	return text != NULL ? text : "";
}

static const cJSON *
finding(const cJSON *o, const char *code)
{
	const cJSON *f;

	cJSON_ArrayForEach(f, cJSON_GetObjectItem(o, "findings")) {
		if (strcmp(text_in(f, "code"), code) == 0)
			return f;
	}
	return NULL;
}

static void
it_is_used(void **state)
{
	static const struct {
		const char *identity, *from;
	} cases[] = { { "payments", "secret:good" }, { "reports", "parameter:/reports/tls" }, { NULL, "secret:good" } };

	(void)state;
	write_config();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int result;
		cJSON *o = check(cases[i].identity, &result);
		const cJSON *h = cJSON_GetArrayItem(cJSON_GetObjectItem(o, "handshakes"), 0);

		if (result != 0)
			fail_msg("%s", text_in(o, "summary"));
		/* The server's certificate is trusted by the root that lies in the secret: nothing else knows that root. */
		assert_null(finding(o, "chain.untrusted-root"));
		assert_true(strcmp(text_in(o, "verdict"), "ok") == 0 || strcmp(text_in(o, "verdict"), "notice") == 0);
		assert_string_equal(text_in(o, "identity_from"), cases[i].from);
		assert_int_equal(cJSON_GetObjectItem(h, "sent_certificates")->valueint, 1);
		assert_true(cJSON_IsTrue(cJSON_GetObjectItem(cJSON_GetObjectItem(o, "identity"), "key_matches")));
		cJSON_Delete(o);
	}
}

static void
it_cannot_be_used(void **state)
{
	static const struct {
		const char *identity, *code, *says;
	} cases[] = {
		{ "none", "key.unreadable", "can't find the specified secret" },
		{ "noparameter", "key.unreadable", "parameter:/none" },
		{ "words", "key.unreadable", "secret:words holds no certificate that can be found" },
		{ "strange", "key.mismatch", "" },
		{ "damaged", "key.unreadable", "secret:damaged-key" },
		{ "away", "key.unreadable", "read secret:good" },
	};

	(void)state;
	write_config();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int result;
		cJSON *o = check(cases[i].identity, &result);
		const cJSON *f = finding(o, cases[i].code);
		char *all = f != NULL ? cJSON_PrintUnformatted(f) : NULL;

		if (f == NULL || strstr(all, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].identity, f != NULL ? all : cJSON_PrintUnformatted(cJSON_GetObjectItem(o, "findings")));
		assert_int_not_equal(result, 0);
		cJSON_free(all);
		cJSON_Delete(o);
	}
}

/* Nothing listens: what is offered then names no file that there is not. */
static void
no_file_is_made_up(void **state)
{
	char home[4200], nowhere[32];
	const char *const env[] = { home, "XDG_STATE_HOME", "XDG_CONFIG_HOME", NULL };
	struct run r;

	(void)state;
	write_config();
	snprintf(home, sizeof home, "HOME=%s", world.folder);
	snprintf(nowhere, sizeof nowhere, "127.0.0.1:%d", reserve_port());
	run_program((const char *const[]){ mtlscope(), "check", nowhere, "--config", in_folder(world.folder, "config.yaml"), "--identity", "payments", NULL },
	    &(struct run_options){ .env = env }, &r);
	assert_int_equal(r.status, 3);
	assert_non_null(strstr(buf_str(&r.out), "mtlscope inspect FILE"));
	assert_null(strstr(buf_str(&r.out), "inspect secret:"));
	run_done(&r);
}

/* ---- mended where it is kept ---- */

/* A server that wants clients of the private CA, and a secret that holds a leaf of its issuing CA alone. */
static pid_t
start_second(int *at)
{
	char *root = cloud_active_ca(&world.cloud, "Practice Root CA", "EC_prime256v1", NULL, 0), *sub = cloud_active_ca(&world.cloud, "Acme Issuing CA 1", "EC_prime256v1", root, 0);
	char *anchor = cloud_pca_text(&world.cloud, "Certificate", "GetCertificateAuthorityCertificate", "{'CertificateAuthorityArn':'%s'}", root);
	char line[1024], number[16], *request, *code, *arn, *leaf, *key, *text, *other;
	struct run r;
	pid_t pid;

	snprintf(line, sizeof line, "cd '%s' && openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout second.key -out second.csr -subj /CN=order-service 2>/dev/null",
	    world.folder);
	run_program((const char *const[]){ "/bin/sh", "-c", line, NULL }, NULL, &r);
	assert_int_equal(r.status, 0);
	run_done(&r);
	request = file_text("second.csr");
	key = file_text("second.key");
	code = cloud_base64(request);
	arn = cloud_pca_text(&world.cloud, "CertificateArn", "IssueCertificate", "{'CertificateAuthorityArn':'%s','Csr':'%s','SigningAlgorithm':'SHA256WITHECDSA',"
	    "'TemplateArn':'arn:aws:acm-pca:::template/EndEntityClientAuthCertificate/V1','Validity':{'Type':'DAYS','Value':30}}", sub, code);
	leaf = cloud_get_certificate(&world.cloud, sub, arn);
	assert_true(write_file(in_folder(world.folder, "second-root.pem"), anchor, strlen(anchor)));
	other = file_text("root.pem"); /* the server's own is of the other root: that is the one to trust */
	text = kept(leaf, key, other);
	secret("leaf-alone", text);
	*at = reserve_port();
	snprintf(number, sizeof number, "%d", *at);
	pid = start_server((const char *const[]){ "openssl", "s_server", "-accept", number, "-cert", in_folder(world.folder, "server.crt"), "-key", in_folder(world.folder, "server.key"),
	    "-CAfile", in_folder(world.folder, "second-root.pem"), "-Verify", "5", "-verify_return_error", "-quiet", "-www", NULL }, in_folder(world.folder, "second.log"));
	assert_true(wait_for_port(*at, pid, 10000));
	free(root);
	free(sub);
	free(anchor);
	free(request);
	free(code);
	free(arn);
	free(leaf);
	free(key);
	free(other);
	free(text);
	return pid;
}

static char *
secret_now(const char *name)
{
	cJSON *in = cJSON_CreateObject(), *out;
	char *text;

	cJSON_AddStringToObject(in, "SecretId", name);
	out = install_world_ask(&world, &aws_secretsmanager, "GetSecretValue", in);
	text = mem_strdup(cJSON_GetObjectItem(out, "SecretString")->valuestring);
	cJSON_Delete(out);
	return text;
}

/* What the program says, and its status. */
static char *
say(int expected, const char *command, const char *what, const char *more)
{
	char home[4200];
	const char *const env[] = { home, "XDG_STATE_HOME", "XDG_CONFIG_HOME", NULL };
	const char *argv[16] = { mtlscope(), command, what, "--config", in_folder(world.folder, "second.yaml") };
	size_t n = 5;
	struct run r;
	char *all;

	snprintf(home, sizeof home, "HOME=%s", world.folder);
	if (strcmp(command, "undo") != 0) {
		argv[n++] = "--identity";
		argv[n++] = "leaf";
	}
	if (more != NULL) {
		argv[n++] = more;
		argv[n++] = "--yes";
	}
	run_program(argv, &(struct run_options){ .env = env }, &r);
	if (r.status != expected)
		fail_msg("%s %s: %d\n%s%s", command, what, r.status, buf_str(&r.out), buf_str(&r.err));
	assert_null(strstr(buf_str(&r.out), SECRET_WORD));
	assert_null(strstr(buf_str(&r.out), "PRIVATE KEY"));
	all = mem_strdup(buf_str(&r.out));
	run_done(&r);
	return all;
}

static void
says(char *text, const char *what)
{
	if (strstr(text, what) == NULL)
		fail_msg("“%s” is missing in %s", what, text);
	free(text);
}

static void
mended_where_it_is_kept(void **state)
{
	struct buf config = { 0 };
	char target[32], *before, *after, *back;
	int at;
	pid_t second = start_second(&at);

	(void)state;
	buf_addf(&config, "aws:\n  - {name: other, region: us-east-1, endpoint_url: \"http://127.0.0.1:%d\"}\n  - {name: lab, region: us-east-1, endpoint_url: \"%s\"}\n"
	    "identities:\n  - {name: leaf, secret: leaf-alone, aws: lab}\n", reserve_port(), world.url);
	assert_true(write_file(in_folder(world.folder, "second.yaml"), config.data, config.len));
	buf_done(&config);
	snprintf(target, sizeof target, "127.0.0.1:%d", at);
	before = secret_now("leaf-alone");
	says(say(6, "check", target, NULL), "client.missing-intermediate");
	says(say(0, "fix", target, NULL), "UpdateSecretVersionStage");
	after = secret_now("leaf-alone");
	assert_string_equal(after, before); /* a plan changes nothing */
	free(after);
	/* It is a copy as far as anybody knows: what runs may have read the secret long ago. */
	says(say(0, "fix", target, "--apply"), "NOT DEPLOYED");
	after = secret_now("leaf-alone");
	assert_string_not_equal(after, before);
	says(say(0, "check", target, NULL), "OK");
	free(say(0, "undo", "1", "--apply"));
	back = secret_now("leaf-alone");
	assert_string_equal(back, before);
	says(say(6, "check", target, NULL), "client.missing-intermediate");
	stop_server(second);
	free(before);
	free(after);
	free(back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_used),
		cmocka_unit_test(it_cannot_be_used),
		cmocka_unit_test(no_file_is_made_up),
		cmocka_unit_test(mended_where_it_is_kept),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
