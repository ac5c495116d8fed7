/*
 * Configuration to paste, as text: every side of every stack, what is unknown, what is hostile; JSON and YAML parse and say
 * what they should; every line of aws is taken by aws's own reader.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cJSON.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include "fixes/enforce_table.h"
#include "fixes/paste_lines.h"
#include "tests/boto.h"
#include "tests/program.h"

#define CA "arn:aws:acm-pca:eu-west-1:111122223333:certificate-authority/1f0cbb8c-3a4d-4a6e-9d0b-2f8d5c0a7e11"
#define SECRET "arn:aws:secretsmanager:eu-west-1:111122223333:secret:payments-AbCdEf"
#define PARAMETER "arn:aws:ssm:eu-west-1:111122223333:parameter/reports/tls"
#define STORE "arn:aws:elasticloadbalancing:eu-west-1:111122223333:truststore/clients/0123456789abcdef"
#define LISTENER "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/front/0123456789abcdef/fedcba9876543210"
#define ACM "arn:aws:acm:eu-west-1:111122223333:certificate/0f0cbb8c-3a4d-4a6e-9d0b-2f8d5c0a7e11"

static struct paste_case
whole_case(enum paste_side side)
{
	return (struct paste_case){ .side = side, .cert = "/etc/tls/order.pem", .key = "/etc/tls/order.key", .trust = "/etc/tls/clients.pem", .crl = "/etc/tls/revoked.crl",
	    .name = "payment.internal", .port = 8443, .depth = 2, .backend = "127.0.0.1:9000", .ca_arn = CA, .secret_arn = SECRET, .parameter_arn = PARAMETER,
	    .certificate_arn = ACM, .trust_store_arn = STORE, .listener_arn = LISTENER, .s3_uri = "s3://acme-trust/mtls/clients.pem", .s3_version = "3HL4kqtJlcpXroDTDmjVBH40Nrjfkd",
	    .domain = "api.acme.example", .api_id = "a1b2c3d4e5", .report_bucket = "acme-reports" };
}

static const char *
text_of_stack(const struct paste_case *c, const char *stack, struct arena *a)
{
	struct error err = { .code = ERROR_NONE };
	const char *text = paste_text(c, paste_named(stack), a, &err);

	if (text == NULL)
		fail_msg("%s: %s", stack, err.text);
	return text;
}

/* ---- every side of every stack ---- */

/* "@name@" that nobody filled in. */
static bool
has_hole(const char *text)
{
	for (const char *at = text; (at = strchr(at, '@')) != NULL; at++) {
		size_t n = 1;

		while (islower((unsigned char)at[n]) || at[n] == '-')
			n++;
		if (n > 1 && at[n] == '@')
			return true;
	}
	return false;
}

static void
every_side_is_whole(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < paste_stacks_len; i++) {
		const struct paste_stack *s = &paste_stacks[i];

		for (int side = 0; side < 2; side++) {
			struct paste_case known = whole_case((enum paste_side)side), unknown = { .side = (enum paste_side)side };
			struct error err = { .code = ERROR_NONE };
			struct paste p;

			if ((s->sides & 1u << side) == 0) {
				assert_int_equal(paste_make(&known, s, a, &p, &err), STATUS_FAILED);
				assert_int_equal(err.code, ERROR_USAGE);
				assert_non_null(strstr(err.text, s->other_side));
				continue;
			}
			assert_int_equal(paste_make(&known, s, a, &p, &err), STATUS_OK);
			assert_true(p.len > 0);
			for (size_t k = 0; k < p.len; k++) {
				assert_true(p.parts[k].text[0] != '\0' && p.parts[k].text[strlen(p.parts[k].text) - 1] == '\n');
				if (has_hole(p.parts[k].text) || has_hole(p.parts[k].file))
					fail_msg("%s: %s has a hole:\n%s", s->name, p.parts[k].file, p.parts[k].text);
				/* Nothing is asked for that is known; of a task more is unknown than there are facts. */
				if (strstr(p.parts[k].text, "CHANGE-ME") != NULL && strcmp(s->name, "ecs") != 0)
					fail_msg("%s: something is left open:\n%s", s->name, p.parts[k].text);
			}
			assert_non_null(strstr(text_of_stack(&unknown, s->name, a), "CHANGE-ME"));
		}
	}
	arena_free(a);
}

static void
stacks_are_found(void **state)
{
	static const struct {
		enum stack stack;
		const char *because, *first;
		size_t len;
	} cases[] = {
		{ STACK_NGINX, "Server: nginx/1.22.1", "nginx", 1 },
		{ STACK_OPENSSL, "nothing", "apache", 4 },
		{ STACK_OPENSSL, "Server: Apache/2.4.62 (Debian)", "apache", 4 },
		{ STACK_OPENSSL, "Server: envoy", "envoy", 4 },
		{ STACK_OPENSSL, "Server: gunicorn", "python", 4 },
		{ STACK_GO_OLD, "", "go", 1 }, { STACK_GO_NEW, "", "go", 1 }, { STACK_JAVA, "", "java", 1 }, { STACK_NODE, NULL, "node", 1 },
		{ STACK_S2N, "", "alb", 1 }, { STACK_API_GATEWAY, "", "apigateway", 1 },
		{ STACK_UNKNOWN, "", NULL, 0 }, { STACK_SCHANNEL, "", NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct stack_guess g = { .stack = cases[i].stack, .because = cases[i].because };
		const struct paste_stack *found[8];
		size_t len = paste_for(&g, found, 8);

		assert_int_equal(len, cases[i].len);
		if (len > 0)
			assert_string_equal(found[0]->name, cases[i].first);
	}
	assert_null(paste_named("iis"));
	assert_int_equal(paste_for(&(struct stack_guess){ .stack = STACK_OPENSSL }, (const struct paste_stack *[2]){ NULL }, 2), 2);
}

/* ---- hostile facts ---- */

static const struct {
	const char *stack; /* NULL: all that name the file */
	const char *cert;
	const char *written; /* NULL: refused */
} files[] = {
	{ "nginx", "/etc/a b/\"c\\d.pem", "ssl_certificate \"/etc/a b/\\\"c\\\\d.pem\";" },
	{ "nginx", "/etc/$host/c.pem", NULL },
	{ "nginx", "/etc/a;b{c}#d.pem", "ssl_certificate \"/etc/a;b{c}#d.pem\";" },
	{ "apache", "/etc/${HOME}/c.pem", NULL },
	{ "apache", "/etc/$a/\"c\".pem", "SSLCertificateFile \"/etc/$a/\\\"c\\\".pem\"" },
	{ "haproxy", "/etc/$HOME/c \"d\".pem", "crt \"/etc/\\$HOME/c \\\"d\\\".pem.with-key.pem\"" },
	{ "envoy", "/etc/\"a\": {b}.pem", "{ filename: \"/etc/\\\"a\\\": {b}.pem\" }" },
	{ "go", "/etc/\"+x+\".pem", "ListenAndServeTLS(\"/etc/\\\"+x+\\\".pem\"" },
	{ "python", "/etc/\\x41\".pem", "certfile=\"/etc/\\\\x41\\\".pem\"" },
	{ "node", "/etc/`${x}`'.pem", "readFileSync(\"/etc/`${x}`'.pem\")" },
	{ "curl", "/etc/a:b 'c'\\d.pem", "--cert '/etc/a\\:b '\\''c'\\''\\\\d.pem'" },
	{ "curl", "/etc/$(reboot).pem", "--cert '/etc/$(reboot).pem'" },
	{ "curl", "-k", NULL },
	{ "java", "/etc/${spring}.pem", NULL },
	{ "java", "/etc/a\"<b>&.pem", "certificateFile=\"/etc/a&#34;&#60;b&#62;&#38;.pem\"" },
	{ NULL, "/etc/a\nb.pem", NULL },
	{ NULL, "/etc/a\x1b[31m.pem", NULL },
	{ NULL, "/etc/\xe2\x80\xae" "fdp.pem", NULL },
	{ NULL, "/etc/a\xff.pem", NULL },
	{ NULL, "/etc/a\x7f.pem", NULL },
};

static void
files_are_quoted_or_refused(void **state)
{
	static const char *const all[] = { "nginx", "apache", "haproxy", "envoy", "go", "java", "python", "node", "curl" };
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
			struct paste_case c = whole_case(strcmp(all[k], "curl") == 0 ? PASTE_CLIENT : PASTE_SERVER);
			struct error err = { .code = ERROR_NONE };
			const char *text;

			if (files[i].stack != NULL && strcmp(files[i].stack, all[k]) != 0)
				continue;
			c.cert = files[i].cert;
			text = paste_text(&c, paste_named(all[k]), a, &err);
			if ((text == NULL) != (files[i].written == NULL))
				fail_msg("%s: “%s” is %s", all[k], files[i].cert, text == NULL ? err.text : "taken");
			if (text == NULL)
				assert_true(err.code == ERROR_USAGE && strstr(err.text, "(cert)") != NULL && strchr(err.text, '\n') == NULL && strchr(err.text, '\x1b') == NULL);
			else if (strstr(text, files[i].written) == NULL)
				fail_msg("%s: “%s” is not in\n%s", all[k], files[i].written, text);
		}
	}
	arena_free(a);
}

/* Names and ARNs stand unquoted in places: what is none is refused, wherever it would stand. */
static void
names_and_arns_are_checked(void **state)
{
	static const char *const wrong[] = { "a b", "a;b", "a\"b", "a'b", "a$b", "a`b", "a\nb", "-a", "a{b", "a#b", "a\\b", "\xc3\xa4.example", "a,b", "a<b" };
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		for (size_t s = 0; s < paste_stacks_len; s++) {
			for (int k = 0; k < 6; k++) {
				struct paste_case c = whole_case((paste_stacks[s].sides & 1u << PASTE_SERVER) != 0 ? PASTE_SERVER : PASTE_CLIENT);
				const char **const fields[] = { &c.name, &c.backend, &c.ca_arn, &c.domain, &c.secret_arn, &c.address };
				struct error err = { .code = ERROR_NONE };

				*fields[k] = wrong[i];
				if (paste_text(&c, &paste_stacks[s], a, &err) != NULL)
					fail_msg("%s takes “%s” for fact %d", paste_stacks[s].name, wrong[i], k);
			}
		}
	}
	for (int k = 0; k < 4; k++) {
		struct paste_case c = whole_case(PASTE_SERVER);
		struct error err = { .code = ERROR_NONE };

		c.port = k == 0 ? 70000 : c.port;
		c.s3_uri = k == 1 ? "https://x/y" : k == 2 ? "s3://bucket" : k == 3 ? "s3://bucket/" : c.s3_uri;
		assert_null(paste_text(&c, paste_named("alb"), a, &err));
		assert_int_equal(err.code, ERROR_USAGE);
	}
	arena_free(a);
}

/* ---- YAML ---- */

/* Depth first: the scalar behind that key. */
static const char *
yaml_value(yaml_document_t *d, const char *key)
{
	for (int i = 1;; i++) {
		yaml_node_t *n = yaml_document_get_node(d, i);

		if (n == NULL)
			return NULL;
		for (yaml_node_pair_t *p = n->type == YAML_MAPPING_NODE ? n->data.mapping.pairs.start : NULL; p != NULL && p < n->data.mapping.pairs.top; p++) {
			yaml_node_t *k = yaml_document_get_node(d, p->key), *v = yaml_document_get_node(d, p->value);

			if (strcmp((const char *)k->data.scalar.value, key) == 0)
				return v->type == YAML_SCALAR_NODE ? (const char *)v->data.scalar.value : "";
		}
	}
}

static void
envoy_is_yaml(void **state)
{
	static const char hard[] = "/etc/a \"b\": {c}, #d 'e' \\f.pem";
	struct arena *a = arena_new();

	(void)state;
	for (int side = 0; side < 2; side++) {
		struct paste_case c = whole_case((enum paste_side)side);
		struct error err = { .code = ERROR_NONE };
		yaml_document_t d;
		yaml_parser_t y;
		struct paste p;

		c.cert = hard;
		assert_int_equal(paste_make(&c, paste_named("envoy"), a, &p, &err), STATUS_OK);
		assert_true(yaml_parser_initialize(&y));
		yaml_parser_set_input_string(&y, (const unsigned char *)p.parts[0].text, strlen(p.parts[0].text));
		assert_true(yaml_parser_load(&y, &d));
		assert_string_equal(yaml_value(&d, "filename"), hard);
		assert_non_null(strstr(yaml_value(&d, "@type"), side == PASTE_SERVER ? "DownstreamTlsContext" : "UpstreamTlsContext"));
		if (side == PASTE_SERVER)
			assert_string_equal(yaml_value(&d, "require_client_certificate"), "true");
		else
			assert_string_equal(yaml_value(&d, "exact"), "payment.internal");
		yaml_document_delete(&d);
		yaml_parser_delete(&y);
	}
	arena_free(a);
}

/* ---- the policy ---- */

static cJSON *
policy_of(const struct paste_case *c, struct arena *a)
{
	struct error err = { .code = ERROR_NONE };
	struct paste p;
	cJSON *o;

	assert_int_equal(paste_make(c, paste_named("iam"), a, &p, &err), STATUS_OK);
	o = cJSON_Parse(p.parts[0].text);
	assert_non_null(o);
	return o;
}

/* Does any statement allow the action there? */
static bool
allows(const cJSON *policy, const char *action, const char *resource)
{
	const cJSON *s, *x, *r;

	cJSON_ArrayForEach(s, cJSON_GetObjectItemCaseSensitive(policy, "Statement")) {
		cJSON_ArrayForEach(x, cJSON_GetObjectItemCaseSensitive(s, "Action")) {
			if (strcmp(x->valuestring, action) != 0)
				continue;
			cJSON_ArrayForEach(r, cJSON_GetObjectItemCaseSensitive(s, "Resource"))
				if (strcmp(r->valuestring, resource) == 0)
					return true;
		}
	}
	return false;
}

static const struct {
	unsigned part;
	const char *action, *resource;
} allowed[] = {
	{ PASTE_NEEDS_READ, "acm-pca:ListCertificateAuthorities", "*" },
	{ PASTE_NEEDS_READ, "acm-pca:GetCertificate", CA },
	{ PASTE_NEEDS_ISSUE, "acm-pca:IssueCertificate", CA },
	{ PASTE_NEEDS_ISSUE, "acm-pca:GetCertificate", CA },
	{ PASTE_NEEDS_REVOKE, "acm-pca:RevokeCertificate", CA },
	{ PASTE_NEEDS_REPORT, "acm-pca:CreateCertificateAuthorityAuditReport", CA },
	{ PASTE_NEEDS_REPORT, "s3:GetObject", "arn:aws:s3:::acme-reports/audit-report/1f0cbb8c-3a4d-4a6e-9d0b-2f8d5c0a7e11/*" },
	{ PASTE_NEEDS_SECRET, "secretsmanager:PutSecretValue", SECRET },
	{ PASTE_NEEDS_SECRET, "secretsmanager:UpdateSecretVersionStage", SECRET },
	{ PASTE_NEEDS_PARAMETER, "ssm:PutParameter", PARAMETER },
	{ PASTE_NEEDS_REPORT, "s3:ListBucket", "arn:aws:s3:::acme-reports" },
	{ PASTE_NEEDS_PARAMETER, "ssm:DescribeParameters", "*" },
	{ PASTE_NEEDS_GATEWAY, "apigateway:GET", "arn:aws:apigateway:eu-west-1::/domainnames/api.acme.example/basepathmappings" },
	{ PASTE_NEEDS_GATEWAY, "apigateway:GET", "arn:aws:apigateway:eu-west-1::/domainnames/api.acme.example/apimappings" },
	{ PASTE_NEEDS_BUNDLE, "s3:PutObject", "arn:aws:s3:::acme-trust/mtls/clients.pem" },
	{ PASTE_NEEDS_BALANCER, "elasticloadbalancing:ModifyTrustStore", STORE },
	{ PASTE_NEEDS_BALANCER, "elasticloadbalancing:ModifyListener", LISTENER },
	{ PASTE_NEEDS_GATEWAY, "apigateway:PATCH", "arn:aws:apigateway:eu-west-1::/domainnames/api.acme.example" },
	{ PASTE_NEEDS_GATEWAY, "apigateway:AddCertificateToDomain", "arn:aws:apigateway:eu-west-1::/domainnames/api.acme.example" },
	{ PASTE_NEEDS_ACM, "acm:ImportCertificate", ACM },
};

/* Each part is allowed where it is asked for, and only there; nothing that changes is allowed everywhere. */
static void
policies_are_least(void **state)
{
	struct arena *a = arena_new();
	struct paste_case c = whole_case(PASTE_CLIENT);

	(void)state;
	for (unsigned part = 1; part < PASTE_NEEDS_ALL; part <<= 1) {
		cJSON *policy;

		c.needs = part;
		policy = policy_of(&c, a);
		for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
			bool shared = strcmp(allowed[i].action, "acm-pca:GetCertificate") == 0;

			if (allowed[i].part == part || !shared)
				assert_int_equal(allows(policy, allowed[i].action, allowed[i].resource), allowed[i].part == part);
		}
		cJSON_Delete(policy);
	}
	arena_free(a);
}

static void
policies_open_nothing(void **state)
{
	struct arena *a = arena_new();
	struct paste_case c = whole_case(PASTE_SERVER);
	cJSON *policy;
	const cJSON *s, *x, *r;

	(void)state;
	c.ca_arn = "arn:aws-cn:acm-pca:cn-north-1:111122223333:certificate-authority/1f0c";
	c.listener_arn = c.trust_store_arn = c.secret_arn = NULL;
	policy = policy_of(&c, a);
	assert_string_equal(cJSON_GetObjectItemCaseSensitive(policy, "Version")->valuestring, "2012-10-17");
	cJSON_ArrayForEach(s, cJSON_GetObjectItemCaseSensitive(policy, "Statement")) {
		bool everywhere = false;

		assert_string_equal(cJSON_GetObjectItemCaseSensitive(s, "Effect")->valuestring, "Allow");
		cJSON_ArrayForEach(r, cJSON_GetObjectItemCaseSensitive(s, "Resource"))
			everywhere = everywhere || strcmp(r->valuestring, "*") == 0;
		cJSON_ArrayForEach(x, cJSON_GetObjectItemCaseSensitive(s, "Action")) {
			assert_null(strchr(x->valuestring, '*'));
			if (everywhere && strstr(x->valuestring, ":List") == NULL && strstr(x->valuestring, ":Describe") == NULL)
				fail_msg("%s is allowed everywhere", x->valuestring);
		}
		/* Issuing is bound to templates that make no CA. */
		if (strcmp(cJSON_GetObjectItemCaseSensitive(s, "Sid")->valuestring, "IssueForServicesOnly") == 0) {
			char *text = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(s, "Condition"));

			assert_non_null(strstr(text, "\"acm-pca:TemplateArn\":[\"arn:aws-cn:acm-pca:::template/EndEntity*/V1\""));
			assert_null(strstr(text, "Subordinate"));
			cJSON_free(text);
		}
	}
	/* What is unknown is no wildcard. */
	assert_true(allows(policy, "secretsmanager:GetSecretValue", "CHANGE-ME-SECRET-ARN"));
	assert_true(allows(policy, "apigateway:GET", "arn:aws-cn:apigateway:cn-north-1::/domainnames/api.acme.example"));
	cJSON_Delete(policy);
	arena_free(a);
}

/* ---- the task ---- */

static void
tasks_hold_no_secret(void **state)
{
	struct arena *a = arena_new();
	struct paste_case c = whole_case(PASTE_SERVER);
	struct error err = { .code = ERROR_NONE };
	const cJSON *containers, *x, *app;
	struct paste p;
	cJSON *o;
	size_t secrets = 0;

	(void)state;
	assert_int_equal(paste_make(&c, paste_named("ecs"), a, &p, &err), STATUS_OK);
	o = cJSON_Parse(p.parts[0].text);
	assert_non_null(o);
	containers = cJSON_GetObjectItemCaseSensitive(o, "containerDefinitions");
	app = cJSON_GetArrayItem(containers, 1);
	cJSON_ArrayForEach(x, cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(containers, 0), "secrets")) {
		assert_int_equal(strncmp(cJSON_GetObjectItemCaseSensitive(x, "valueFrom")->valuestring, SECRET ":", strlen(SECRET) + 1), 0);
		secrets++;
	}
	assert_int_equal(secrets, 3);
	/* The application has files, and neither the secret nor an environment. */
	assert_null(cJSON_GetObjectItemCaseSensitive(app, "secrets"));
	assert_null(cJSON_GetObjectItemCaseSensitive(app, "environment"));
	assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(app, "mountPoints"), 0), "readOnly")));
	assert_non_null(strstr(p.remark, "environment"));
	cJSON_Delete(o);
	arena_free(a);
}

/* The container's own command, run by a shell: three files, whole, for their group to read. */
static void
the_task_writes_its_files(void **state)
{
	struct arena *a = arena_new();
	struct paste_case c = whole_case(PASTE_SERVER);
	struct error err = { .code = ERROR_NONE };
	char *folder = make_folder();
	struct buf command = { 0 };
	struct paste p;
	struct run run;
	struct stat st;
	cJSON *o;

	(void)state;
	assert_int_equal(paste_make(&c, paste_named("ecs"), a, &p, &err), STATUS_OK);
	o = cJSON_Parse(p.parts[0].text);
	for (const char *at = cJSON_GetArrayItem(cJSON_GetObjectItem(cJSON_GetArrayItem(cJSON_GetObjectItem(o, "containerDefinitions"), 0), "command"), 2)->valuestring; *at != '\0';) {
		if (strncmp(at, "/tls/", 5) == 0) {
			buf_addf(&command, "%s/", folder);
			at += 5;
		} else {
			buf_addc(&command, *at++);
		}
	}
	run_program((const char *const[]){ "sh", "-c", buf_str(&command), NULL },
	    &(struct run_options){ .env = (const char *const[]){ "TLS_CERTIFICATE=a\nb", "TLS_KEY=k \"$x\"", "TLS_TRUST=t", NULL } }, &run);
	assert_int_equal(run.status, 0);
	run_done(&run);
	assert_int_equal(stat(in_folder(folder, "tls.key"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0440);
	assert_int_equal(st.st_size, strlen("k \"$x\"\n"));
	assert_int_equal(stat(in_folder(folder, "tls.crt"), &st), 0);
	assert_int_equal(st.st_size, strlen("a\nb\n"));
	buf_done(&command);
	cJSON_Delete(o);
	remove_folder(folder);
	arena_free(a);
}

/* ---- command lines of aws ---- */

/* Stands for aws: keeps what it was called with, one word a line, and says a word. */
static const char recorder[] = "#!/bin/sh\nfor w; do printf '%s\\n' \"$w\"; done >>\"$CALLS\"\nprintf -- '--end--\\n' >>\"$CALLS\"\necho made\n";

/* aws's own reader on each: all it may stumble over is that nobody answers. */
static const char reader[] =
    "import sys, os, io, json, contextlib\n"
    "try:\n"
    "    import awscli.clidriver\n"
    "except ImportError:\n"
    "    print(json.dumps(None)); sys.exit(0)\n"
    "import botocore.httpsession, botocore.exceptions\n"
    "def nobody(self, request):\n"
    "    raise botocore.exceptions.EndpointConnectionError(endpoint_url=request.url)\n"
    "botocore.httpsession.URLLib3Session.send = nobody\n"
    "calls, call = [], []\n"
    "for word in open(os.environ['CALLS']).read().split('\\n')[:-1]:\n"
    "    if word == '--end--':\n"
    "        calls.append(call); call = []\n"
    "    else:\n"
    "        call.append(word)\n"
    "driver, out = awscli.clidriver.create_clidriver(), []\n"
    "for call in calls:\n"
    "    err = io.StringIO()\n"
    "    with contextlib.redirect_stderr(err), contextlib.redirect_stdout(io.StringIO()):\n"
    "        try:\n"
    "            driver.main(call)\n"
    "        except SystemExit:\n"
    "            pass\n"
    "    if 'Could not connect' not in err.getvalue():\n"
    "        out.append(' '.join(call) + ': ' + err.getvalue())\n"
    "print(json.dumps({'calls': len(calls), 'refused': out}))\n";

/* Runs each shell part with the recorder for aws. */
static void
record(const struct paste *p, const char *folder)
{
	char path[8192], calls[4200];
	struct run run;

	snprintf(path, sizeof path, "PATH=%s:%s", folder, getenv("PATH"));
	snprintf(calls, sizeof calls, "CALLS=%s/calls", folder);
	for (size_t i = 0; i < p->len; i++) {
		struct buf text = { 0 };

		if (strncmp(p->parts[i].file, "shell", 5) != 0) {
			assert_true(write_file(in_folder(folder, p->parts[i].file), p->parts[i].text, strlen(p->parts[i].text)));
			continue;
		}
		buf_addf(&text, "cd '%s' && CLUSTER=c SERVICE=s STAGE=prod && set -e\n%s", folder, p->parts[i].text);
		run_program((const char *const[]){ "sh", "-c", buf_str(&text), NULL }, &(struct run_options){ .env = (const char *const[]){ path, calls, NULL } }, &run);
		if (run.status != 0)
			fail_msg("%s\nends with %d: %s", p->parts[i].text, run.status, buf_str(&run.err));
		run_done(&run);
		buf_done(&text);
	}
}

/* And the settings of fixes/enforce.h that are lines of aws. */
static void
record_enforcement(const char *folder, struct arena *a)
{
	for (size_t i = 0; i < enforce_rows_len; i++) {
		for (int s = ENFORCE_ALB; s <= ENFORCE_GATEWAY; s++) {
			struct paste_case c = whole_case(PASTE_SERVER);
			struct enforcement e;
			struct paste p = { .len = 1 };

			assert_int_equal(enforce_make(enforce_rows[i].code, (enum enforce_stack)s, &c, a, &e, NULL), STATUS_OK);
			if (e.setting == NULL)
				continue;
			p.parts[0] = (struct paste_part){ "shell", arena_printf(a, "PLAIN_LISTENER=x\n%s\n", e.setting) };
			record(&p, folder);
		}
	}
}

static void
aws_takes_every_line(void **state)
{
	static const char *const stacks[] = { "alb", "apigateway", "ecs" };
	struct arena *a = arena_new();
	char *folder = make_folder(), calls[4200], here[2048];
	const cJSON *refused;
	cJSON *o;

	(void)state;
	if (boto_python() == NULL)
		skip();
	assert_true(write_file(in_folder(folder, "aws"), recorder, sizeof recorder - 1));
	assert_int_equal(chmod(in_folder(folder, "aws"), 0755), 0);
	assert_true(write_file(in_folder(folder, "bundle.pem"), "x", 1));
	for (size_t i = 0; i < sizeof stacks / sizeof stacks[0]; i++) {
		for (int k = 0; k < 6; k++) {
			struct paste_case c = whole_case(k % 2 == 0 ? PASTE_SERVER : PASTE_CLIENT);
			struct error err = { .code = ERROR_NONE };
			struct paste p;

			c.trust = c.crl = in_folder(folder, "bundle.pem");
			c.trust_store_arn = k == 2 ? NULL : STORE;
			c.s3_version = k == 0 ? c.s3_version : NULL;
			c.optional = k == 4;
			if ((paste_named(stacks[i])->sides & 1u << c.side) == 0)
				continue;
			assert_int_equal(paste_make(&c, paste_named(stacks[i]), a, &p, &err), STATUS_OK);
			record(&p, folder);
		}
	}
	record_enforcement(folder, a);
	snprintf(calls, sizeof calls, "CALLS=%s/calls", folder);
	assert_non_null(getcwd(here, sizeof here));
	assert_int_equal(chdir(folder), 0); /* where task.json lies */
	o = boto_ask(reader, (const char *const[]){ calls, "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=y", "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1", NULL });
	if (cJSON_IsNull(o)) {
		print_message("no awscli beside botocore: its reader is left out\n");
	} else {
		assert_true(cJSON_GetObjectItem(o, "calls")->valueint >= 45);
		refused = cJSON_GetObjectItem(o, "refused");
		if (cJSON_GetArraySize(refused) > 0)
			fail_msg("aws does not take: %s", cJSON_GetArrayItem(refused, 0)->valuestring);
	}
	cJSON_Delete(o);
	assert_int_equal(chdir(here), 0);
	remove_folder(folder);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_side_is_whole),
		cmocka_unit_test(stacks_are_found),
		cmocka_unit_test(files_are_quoted_or_refused),
		cmocka_unit_test(names_and_arns_are_checked),
		cmocka_unit_test(envoy_is_yaml),
		cmocka_unit_test(policies_are_least),
		cmocka_unit_test(policies_open_nothing),
		cmocka_unit_test(tasks_hold_no_secret),
		cmocka_unit_test(the_task_writes_its_files),
		cmocka_unit_test(aws_takes_every_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
