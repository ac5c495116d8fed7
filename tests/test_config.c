/* The configuration file: what it may say, and one line with the place for each way of getting it wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "model/config.h"
#include "model/memory.h"
#include "model/text.h"
#include "tests/program.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])

static char *folder;

static int
setup(void **state)
{
	(void)state;
	folder = make_folder();
	return folder == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

struct environment {
	const char *xdg, *home;
};

static const char *
env(void *self, const char *name)
{
	const struct environment *e = self;

	return strcmp(name, "HOME") == 0 ? e->home : strcmp(name, "XDG_CONFIG_HOME") == 0 ? e->xdg : NULL;
}

static struct world
world_of(struct environment *e)
{
	return (struct world){ .env = env, .self = e };
}

static status
read_it(const char *path, struct config **out, struct error *err)
{
	struct environment e = { .home = "/home/me" };
	struct world w = world_of(&e);

	*err = (struct error){ .code = ERROR_NONE };
	return config_read(path, &w, out, err);
}

static status
read_bytes(const void *bytes, size_t len, struct config **out, struct error *err)
{
	const char *path = in_folder(folder, "config.yaml");

	assert_true(write_file(path, bytes, len));
	return read_it(path, out, err);
}

/* The contract's own example, and what else an entry may say. */
static const char whole[] =
    "thresholds: {expires_within: 14, root_expires_within: 180, clock_skew_seconds: 2}\n"
    "aws:\n"
    "  - {name: prod, profile: prod, region: us-east-1}\n"
    "identities:\n"
    "  - {name: order-service, cert: order.crt, key: ~/keys/order.key, trust: /etc/root.pem}\n"
    "  - {name: payments, secret: payment-service-cert, aws: prod}\n"
    "  - {name: reports, parameter: /reports/tls, aws: prod}\n"
    "fleet:\n"
    "  - {name: payment, target: \"payment.internal:8443\", identity: order-service, group: prod}\n"
    "  # one that says everything\n"
    "  - name: ledger\n"
    "    target: https://ledger.internal:8443/start\n"
    "    identity: order-service\n"
    "    group: prod\n"
    "    servername: Ledger.Internal\n"
    "    path: /health\n"
    "    trust: ledger-root.pem\n"
    "    no_http: true\n"
    "    serves: {cert: /etc/ledger/tls.crt, key: /etc/ledger/tls.key, trust: /etc/ledger/clients.pem, upstreams: upstreams.pem}\n"
    "    renew: {aws: prod, ca: \"Acme Issuing CA 1\", before_days: 10, validity_days: 30, new_key: true}\n"
    "    install: {files: serves, reload: \"systemctl reload ledger\"}\n"
    "  - {name: plain, target: plain.internal, bypass: \"inner.internal:9443\"}\n";

static void
the_whole_of_it(void **state)
{
	struct config *c;
	struct error err;
	const struct config_entry *e;

	(void)state;
	if (read_bytes(whole, sizeof whole - 1, &c, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_true(c->has_expires_within && c->has_root_expires_within && c->has_clock_skew);
	assert_int_equal(c->thresholds.expires_within, 14);
	assert_int_equal(c->thresholds.root_expires_within, 180);
	assert_int_equal(c->thresholds.clock_skew, 2);
	assert_int_equal(c->aws_len, 1);
	assert_string_equal(c->aws[0].region, "us-east-1");
	assert_int_equal(c->identities_len, 3);
	assert_string_equal(c->identities[0].cert, in_folder(folder, "order.crt"));
	assert_string_equal(c->identities[0].key, "/home/me/keys/order.key");
	assert_string_equal(c->identities[0].trust, "/etc/root.pem");
	assert_string_equal(config_identity(c, "reports")->parameter, "/reports/tls");
	assert_null(config_identity(c, "order"));
	assert_int_equal(c->fleet_len, 3);
	e = config_entry(c, "ledger");
	assert_ptr_equal(e, &c->fleet[1]);
	assert_string_equal(e->parsed.host, "ledger.internal");
	assert_int_equal(e->parsed.port, 8443);
	assert_string_equal(e->parsed.servername, "ledger.internal");
	assert_string_equal(e->parsed.path, "/health");
	assert_string_equal(e->parsed.name, "ledger");
	assert_null(e->parsed.bypass);
	assert_string_equal(config_entry(c, "plain")->parsed.bypass, "inner.internal:9443");
	assert_string_equal(e->parsed.identity, "order-service");
	assert_string_equal(e->parsed.group, "prod");
	assert_false(e->parsed.http);
	assert_string_equal(e->trust, in_folder(folder, "ledger-root.pem"));
	assert_string_equal(e->serves.trust, "/etc/ledger/clients.pem");
	assert_string_equal(e->serves.upstreams, in_folder(folder, "upstreams.pem"));
	assert_true(e->renew.given && e->renew.new_key);
	assert_int_equal(e->renew.before_days, 10);
	assert_int_equal(e->renew.validity_days, 30);
	assert_string_equal(e->renew.ca, "Acme Issuing CA 1");
	assert_true(e->install.files);
	assert_string_equal(e->install.reload, "systemctl reload ledger");
	assert_true(c->fleet[2].parsed.http);
	assert_null(c->fleet[2].identity);
	assert_false(c->fleet[2].renew.given);
	assert_null(config_entry(c, "nobody"));
	config_free(c);
}

/* What an entry renews is the service's certificate: who shows ours is not taken care of by that, and an entry without a place renews none. */
static void
whose_certificate_it_renews(void **state)
{
	static const char text[] = "fleet:\n"
	                           "  - {name: files, target: \"a.internal:8443\", servername: b.internal, identity: order-service, serves: {cert: /a, key: /b}, renew: {ca: X}}\n"
	                           "  - {name: secret, target: c.internal, renew: {ca: X}, install: {secret: s}}\n"
	                           "  - {name: nowhere, target: d.internal, renew: {ca: X}}\n"
	                           "  - {name: never, target: e.internal, serves: {cert: /a, key: /b}}\n"
	                           "identities:\n  - {name: order-service, cert: /o.crt, key: /o.key}\n";
	static const char *const want[][CONFIG_NAMES_MAX] = { { "files", "b.internal", "a.internal" }, { "secret", "c.internal" }, { NULL }, { NULL } };
	struct config *c;
	struct error err;

	(void)state;
	if (read_bytes(text, sizeof text - 1, &c, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		const char *names[CONFIG_NAMES_MAX];
		size_t n = config_entry_renews(&c->fleet[i], names);

		for (size_t k = 0; k < n; k++)
			assert_string_equal(names[k], want[i][k]);
		assert_true(n == CONFIG_NAMES_MAX || want[i][n] == NULL);
		assert_int_equal(config_installs_elsewhere(&c->fleet[i]), i == 1);
	}
	config_free(c);
}

static void
lines_of_it(void **state)
{
	static const struct {
		const char *section;
		size_t index;
		const char *key;
		size_t line;
	} cases[] = {
		{ "thresholds", 0, NULL, 1 }, { "thresholds", 0, "clock_skew_seconds", 1 }, { "aws", 0, NULL, 3 },
		{ "identities", 0, NULL, 5 }, { "identities", 2, "aws", 7 }, { "fleet", 0, NULL, 9 },
		{ "fleet", 0, "group", 9 }, { "fleet", 1, NULL, 11 }, { "fleet", 1, "name", 11 },
		{ "fleet", 1, "trust", 17 }, { "fleet", 1, "serves.trust", 19 }, { "fleet", 1, "renew", 20 },
		{ "fleet", 1, "renew.new_key", 20 }, { "fleet", 2, NULL, 22 }, { "fleet", 2, "group", 0 },
		{ "fleet", 3, NULL, 0 }, { "nothing", 0, NULL, 0 },
	};
	struct config *c;
	struct error err;

	(void)state;
	assert_int_equal(read_bytes(whole, sizeof whole - 1, &c, &err), STATUS_OK);
	for (size_t i = 0; i < LEN(cases); i++) {
		size_t line = config_line(c, cases[i].section, cases[i].index, cases[i].key);
		if (line != cases[i].line)
			fail_msg("%s[%zu].%s: line %zu, expected %zu", cases[i].section, cases[i].index,
			    cases[i].key != NULL ? cases[i].key : "-", line, cases[i].line);
	}
	config_free(c);
}

/* Files that say little, in every spelling of nothing. */
static void
little_is_enough(void **state)
{
	static const char *const files[] = {
		"", "\n", "# a comment\n", "---\n", "fleet:\n", "fleet: []\n", "fleet: ~\nidentities: null\n",
		"thresholds:\nfleet:\n", "\357\273\277fleet: []\r\n", "{}", "---\nfleet: []\n...\n",
	};

	(void)state;
	for (size_t i = 0; i < LEN(files); i++) {
		struct config *c;
		struct error err;
		if (read_bytes(files[i], strlen(files[i]), &c, &err) != STATUS_OK)
			fail_msg("file %zu: %s", i, err.text);
		assert_int_equal(c->fleet_len + c->identities_len + c->aws_len, 0);
		assert_false(c->has_expires_within || c->has_root_expires_within || c->has_clock_skew);
		assert_int_equal(c->thresholds.expires_within, thresholds_default.expires_within);
		config_free(c);
	}
}

/* Windows' line ends and byte order mark; lines count the same. */
static void
from_other_systems(void **state)
{
	static const char good[] = "\xef\xbb\xbf# mine\r\nfleet:\r\n  - name: a\r\n    target: a:1\r\n";
	static const char bad[] = "\xef\xbb\xbf# mine\r\nfleet:\r\n  - name: a\r\n    target: a:99999\r\n";
	struct config *c;
	struct error err;

	(void)state;
	assert_int_equal(read_bytes(good, sizeof good - 1, &c, &err), STATUS_OK);
	assert_string_equal(c->fleet[0].name, "a");
	assert_int_equal(c->fleet[0].parsed.port, 1);
	config_free(c);
	assert_int_equal(read_bytes(bad, sizeof bad - 1, &c, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "config.yaml:4: fleet: target: "));
}

struct wrong {
	const char *yaml, *says;
};

static void
refused(const struct wrong *cases, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		struct config *c;
		struct error err;
		struct buf safe = { 0 };
		if (read_bytes(cases[i].yaml, strlen(cases[i].yaml), &c, &err) == STATUS_OK)
			fail_msg("%s\nwas accepted; expected %s", cases[i].yaml, cases[i].says);
		assert_int_equal(err.code, ERROR_INPUT);
		if (strstr(err.text, cases[i].says) == NULL)
			fail_msg("%s\nsays %s\nexpected %s", cases[i].yaml, err.text, cases[i].says);
		/* One printable line. */
		assert_int_equal(text_safe(&safe, text_of(err.text), 0) & TEXT_HOSTILE, 0);
		buf_done(&safe);
		assert_null(c);
	}
}

#define IDS "identities: [{name: i, cert: c}]\n"

static void
unknown_keys(void **state)
{
	static const struct wrong cases[] = {
		{ "flet: []\n", "config.yaml:1: no such key: “flet”; did you mean fleet?" },
		{ "\n\nbogus: 1\n", "config.yaml:3: no such key: “bogus”; there are thresholds, aws, identities, fleet" },
		{ "fleet:\n  - name: a\n\n    targt: b\n", "config.yaml:4: fleet: no such key: “targt”; did you mean target?" },
		{ "identities:\n  - name: a\n    colour: b\n", "config.yaml:3: identities: no such key: “colour”; there are name, cert" },
		{ "thresholds: {days: 1}\n", "config.yaml:1: thresholds: no such key: “days”" },
		{ "aws: [{name: a, secret: x}]\n", "config.yaml:1: aws: no such key: “secret”" },
		{ "fleet:\n - name: a\n   target: a\n   renew:\n     after: 1\n", "config.yaml:5: fleet: renew: no such key: “after”" },
		{ "fleet:\n - {name: a, target: a, serves: {crt: x}}\n", "config.yaml:2: fleet: serves: no such key: “crt”; did you mean cert?" },
		{ "fleet:\n - {name: a, target: a, install: {to: x}}\n", "config.yaml:2: fleet: install: no such key: “to”" },
		{ "\"a\\eb\": 1\n", "config.yaml:1: no such key: “a\\x1bb”" },
		{ "<<: {fleet: []}\n", "config.yaml:1: no such key: “<<”" },
		{ "fleet: []\nidentities: []\nfleet: []\n", "config.yaml:3: the key fleet stands here twice" },
		{ "fleet:\n - name: a\n   name: b\n", "config.yaml:3: fleet: the key name stands here twice" },
	};

	(void)state;
	refused(cases, LEN(cases));
}

static void
wrong_types(void **state)
{
	static const struct wrong cases[] = {
		{ "fleet: 3\n", "config.yaml:1: fleet: one value; expected a list" },
		{ "fleet: {name: a}\n", "config.yaml:1: fleet: keys with values; expected a list" },
		{ "fleet:\n  - a\n", "config.yaml:2: fleet: one value; expected keys with values" },
		{ "fleet:\n  - [a]\n", "config.yaml:2: fleet: a list; expected keys with values" },
		{ "fleet:\n  -\n", "config.yaml:2: fleet: one value; expected keys with values" },
		{ "fleet:\n - name: [a]\n", "config.yaml:2: fleet: name: a list; expected one value" },
		{ "fleet:\n - name: a\n   target: {host: a}\n", "config.yaml:3: fleet: target: keys with values; expected one value" },
		{ "fleet:\n - {name: a, target: a, serves: /etc/x}\n", "config.yaml:2: fleet: serves: one value; expected keys" },
		{ "thresholds: 30\n", "config.yaml:1: thresholds: one value; expected keys" },
		{ "- a\n", "config.yaml:1: a list; expected keys with values" },
		{ "hello\n", "config.yaml:1: one value; expected keys with values" },
		{ "? [a]\n: b\n", "config.yaml:1: a list in place of a key" },
		{ "fleet: []\n---\nfleet: []\n", "config.yaml:2: a second document" },
		{ "fleet: []\n...\n---\nfleet: []\n", "config.yaml:3: a second document" },
		{ "fleet:\n - {name: &n a, target: *n}\n", "config.yaml:2: fleet: target: an alias" },
		{ "fleet:\n - &e {name: a, target: b}\n - *e\n", "config.yaml:3: fleet: an alias" },
		{ "fleet:\n - {name: !!binary YQ==, target: b}\n", "config.yaml:2: fleet: name: a tag" },
		{ "fleet:\n - {name: \"a\\0b\", target: b}\n", "config.yaml:2: fleet: name: a NUL" },
	};

	(void)state;
	refused(cases, LEN(cases));
}

static void
wrong_values(void **state)
{
	static const struct wrong cases[] = {
		{ "thresholds:\n  expires_within: soon\n", "config.yaml:2: thresholds: expires_within: “soon”; expected a whole number from 0 to 36500" },
		{ "thresholds:\n  expires_within: 36501\n", "config.yaml:2: thresholds: expires_within: “36501”" },
		{ "thresholds:\n  root_expires_within: -1\n", "config.yaml:2: thresholds: root_expires_within: “-1”" },
		{ "thresholds: {clock_skew_seconds: 99999999999999999999}\n", "config.yaml:1: thresholds: clock_skew_seconds: “9999" },
		{ "thresholds: {clock_skew_seconds: 30x}\n", "config.yaml:1: thresholds: clock_skew_seconds: “30x”" },
		{ "thresholds: {clock_skew_seconds: 0x10}\n", "config.yaml:1: thresholds: clock_skew_seconds: “0x10”" },
		{ "fleet:\n - name: a\n   target: a\n   no_http: maybe\n", "config.yaml:4: fleet: no_http: “maybe”; expected true or false" },
		{ "fleet:\n - {name: a, target: b, renew: {ca: x, before_days: 0}}\n", "config.yaml:2: fleet: renew.before_days: “0”; expected a whole number from 1" },
		{ "fleet:\n - {name: a, target: b, renew: {ca: x, new_key: 1}}\n", "config.yaml:2: fleet: renew.new_key: “1”" },
		{ "fleet:\n - {name: a, target: b, renew: {before_days: 3}}\n", "config.yaml:2: fleet: renew: which ca" },
		{ "fleet:\n - {name: a, target: b, install: {files: x}}\n", "config.yaml:2: fleet: install.files: “x”; expected serves" },
		{ "fleet:\n - {name: a, target: b, install: {files: serves}}\n", "config.yaml:2: fleet: install.files: serves, and" },
		{ "fleet:\n - name: a\n   target: b\n   install:\n     reload: x\n", "config.yaml:4: fleet: install: where to?" },
		{ "aws: [{name: a, endpoint_url: ftp://x}]\n", "config.yaml:1: aws: endpoint_url: “ftp://x”; expected https://" },
		{ "aws: [{name: a, endpoint_url: \"\\e[2J\"}]\n", "config.yaml:1: aws: endpoint_url: “\\x1b[2J”" },
		{ "identities:\n  - name: a\n", "config.yaml:2: identities: “a”: expected one of cert, secret and parameter" },
		{ "identities: [{name: a, cert: x, secret: y}]\n", "config.yaml:1: identities: “a”: expected one of" },
		{ "identities: [{name: a, secret: x, key: y}]\n", "config.yaml:1: identities: key: it goes with cert" },
		{ "identities: [{name: a, cert: x, aws: y}]\n", "config.yaml:1: identities: aws: it goes with secret" },
	};

	(void)state;
	refused(cases, LEN(cases));
}

static void
names_and_references(void **state)
{
	static const struct wrong cases[] = {
		{ "fleet:\n - target: a\n", "config.yaml:2: fleet: an entry without a name" },
		{ "fleet:\n - {name: , target: a}\n", "config.yaml:2: fleet: an entry without a name" },
		{ "identities:\n - cert: a\n", "config.yaml:2: identities: an entry without a name" },
		{ "aws:\n - region: a\n", "config.yaml:2: aws: an entry without a name" },
		{ "fleet:\n - {name: a, target: b}\n - {name: c, target: b}\n - name: a\n   target: d\n", "config.yaml:4: fleet: the name “a” is taken already, in line 2" },
		{ "identities:\n - {name: a, cert: b}\n - {name: a, cert: b}\n", "config.yaml:3: identities: the name “a” is taken already, in line 2" },
		{ "aws:\n - name: a\n - name: a\n", "config.yaml:3: aws: the name “a” is taken already, in line 2" },
		{ "fleet:\n - {name: \"a\\u202eb\", target: b}\n", "config.yaml:2: fleet: name: “a\\u{202e}b” holds what cannot be typed" },
		{ "fleet:\n - {name: a, target: b, group: \"x\\ny\"}\n", "config.yaml:2: fleet: group: “x" },
		{ IDS "fleet:\n - name: a\n   target: b\n   identity: j\n", "config.yaml:5: fleet: identity: no entry of identities is called “j”" },
		{ "identities: [{name: a, secret: b, aws: prod}]\n", "config.yaml:1: identities: aws: no entry of aws is called “prod”" },
		{ "fleet:\n - {name: a, target: b, renew: {ca: x, aws: y}}\n", "config.yaml:2: fleet: renew.aws: no entry of aws is called “y”" },
	};

	(void)state;
	refused(cases, LEN(cases));
}

static void
wrong_targets(void **state)
{
	static const struct wrong cases[] = {
		{ "fleet:\n - name: a\n", "config.yaml:2: fleet: “a”: expected target: HOST:PORT" },
		{ "fleet:\n - name: a\n   target: b:0\n", "config.yaml:3: fleet: target: " },
		{ "fleet:\n - name: a\n   target: \"[::1\"\n", "config.yaml:3: fleet: target: " },
		{ "fleet:\n - name: a\n   target: -x\n", "config.yaml:3: fleet: target: " },
		{ "fleet:\n - name: a\n   target: b\n   servername: a b\n", "config.yaml:4: fleet: servername: " },
		{ "fleet:\n - name: a\n   target: b\n   path: x\n", "config.yaml:4: fleet: path: " },
		{ "fleet:\n - name: a\n   target: b\n   bypass: b\n", "config.yaml:4: fleet: bypass: “b” is the target itself" },
	};

	(void)state;
	refused(cases, LEN(cases));
}

static void
no_yaml(void **state)
{
	static const struct wrong cases[] = {
		{ "fleet:\n\t- a\n", "config.yaml:2: a tab; YAML is indented with blanks" },
		{ "fleet: [\n{name: a\n", "config.yaml:3: no YAML: did not find expected ',' or '}' (while parsing a flow mapping that begins in line 2)" },
		{ "\"fleet: []\n", "config.yaml:2: no YAML: found unexpected end of stream" },
		{ "@x\n", "config.yaml:1: no YAML: found character that cannot start any token" },
		{ "fleet: []\nname: \xff\n", "config.yaml:2: no text in UTF-8: byte 0xff" },
		{ "fleet: []\n# \x01\n", "config.yaml:2: no text in UTF-8: byte 0x01 (control characters are not allowed)" },
		{ "%YAML 3.0\n---\nfleet: []\n", "config.yaml:1: no YAML: found incompatible YAML document" },
		{ "fleet:\n  - {name: a}\n - {name: b}\n", "config.yaml:3: " },
		{ "\xff\xfe" "f", "config.yaml: is UTF-16" },
	};
	static const char binary[] = "\x7f" "ELF\x02\x01\x01\0\0\0\0";
	static const char nul[] = "fleet: []\n\0\n";
	struct config *c;
	struct error err;

	(void)state;
	refused(cases, LEN(cases));
	assert_int_equal(read_bytes(binary, sizeof binary - 1, &c, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "config.yaml:1: no text in UTF-8: byte 0x7f"));
	assert_int_equal(read_bytes(nul, sizeof nul - 1, &c, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "config.yaml:2: no text in UTF-8: byte 0x00"));
}

/* Files that are made to hurt: each ends at once, with a line. */
static void
made_to_hurt(void **state)
{
	static const struct {
		const char *start, *again, *says;
		size_t times;
	} cases[] = {
		{ "", "[", ":1: a list; expected keys", 10 * 1000 * 1000 },
		{ "", "{a: ", ":1: no such key: “a”", 1000 * 1000 },
		{ "fleet: ", "[", ":1: fleet: a list; expected keys", 1000 * 1000 },
		{ "fleet:\n - name: ", "[", ":2: fleet: name: a list", 1000 * 1000 },
		{ "", "- ", ":1: a list; expected keys", 1000 * 1000 },
		{ "", "? ", ":1: keys with values in place of a key", 1000 * 1000 },
		{ "fleet:\n", " - {}\n", ":2: fleet: an entry without a name", 50 * 1000 },
		{ "fleet:\n", " - {}\n", ":100002: fleet: more than 100000 entries", 120 * 1000 },
		{ "a: &a [x,x,x,x,x,x,x,x,x]\n", "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n", ":1: no such key: “a”", 9 },
		{ "fleet: &a [", "*a,", ":1: fleet: an alias", 100 * 1000 },
		{ "", "x", ": is larger than 16 MiB", 17 * 1024 * 1024 },
		{ "fleet: []\n", "# a comment\n\n\n", NULL, 700 * 1000 },
		{ "fleet: [{name: a, target: a, group: \"", "x", ":1: no YAML", 10 * 1000 * 1000 },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct buf b = { 0 };
		struct config *c;
		struct error err;
		buf_adds(&b, cases[i].start);
		for (size_t k = 0; k < cases[i].times; k++)
			buf_adds(&b, cases[i].again);
		status result = read_bytes(buf_str(&b), b.len, &c, &err);
		if (result != (cases[i].says == NULL ? STATUS_OK : STATUS_FAILED) ||
		    (cases[i].says != NULL && strstr(err.text, cases[i].says) == NULL))
			fail_msg("case %zu: %s", i, err.text);
		config_free(c);
		buf_done(&b);
	}
}

static void
not_a_file(void **state)
{
	struct config *c;
	struct error err;
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_int_equal(mkfifo(in_folder(folder, "fifo"), 0600), 0);
	snprintf(a.sun_path, sizeof a.sun_path, "%s", in_folder(folder, "socket"));
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	close(fd);
	const struct wrong cases[] = {
		{ "fifo", "fifo: is a pipe (FIFO); expected a regular file" },
		{ "socket", "socket: is a socket" },
		{ ".", "is a folder" },
		{ "nothing", "nothing: no such file" },
		{ "nothing/config.yaml", "no such file" },
	};
	for (size_t i = 0; i < LEN(cases); i++) {
		assert_int_equal(read_it(in_folder(folder, cases[i].yaml), &c, &err), STATUS_FAILED);
		assert_int_equal(err.code, ERROR_INPUT);
		assert_non_null(strstr(err.text, cases[i].says));
	}
	assert_int_equal(read_it("/dev/zero", &c, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "is a device"));
	assert_int_equal(read_it("-", &c, &err), STATUS_FAILED);
	assert_false(config_exists(in_folder(folder, "nothing")));
	assert_false(config_exists(NULL));
	assert_true(config_exists(in_folder(folder, "fifo")));
}

static void
files_that_are_missing(void **state)
{
	static const char yaml[] = "identities:\n"
				   "  - {name: whole, cert: here.crt, key: here.crt}\n"
				   "  - name: keyless\n"
				   "    cert: here.crt\n"
				   "    key: gone.key\n"
				   "  - {name: gone, cert: gone.crt}\n"
				   "  - {name: distrusting, cert: here.crt, trust: no-folder/root.pem}\n"
				   "  - {name: token, cert: here.crt, key: 'pkcs11:token=x'}\n"
				   "fleet:\n"
				   "  - {name: a, target: a, trust: here.crt}\n"
				   "  - {name: b, target: b, trust: gone.pem}\n";
	static const struct {
		const char *name, *says;
	} cases[] = {
		{ "whole", NULL }, { "keyless", "config.yaml:5: identities: key: " }, { "gone", "config.yaml:6: identities: cert: " },
		{ "distrusting", "config.yaml:7: identities: trust: " }, { "token", NULL },
	};
	struct config *c;
	struct error err;

	(void)state;
	assert_true(write_file(in_folder(folder, "here.crt"), "x", 1));
	assert_int_equal(read_bytes(yaml, sizeof yaml - 1, &c, &err), STATUS_OK);
	for (size_t i = 0; i < LEN(cases); i++) {
		status result = config_identity_files(c, config_identity(c, cases[i].name), &err);
		assert_int_equal(result, cases[i].says == NULL ? STATUS_OK : STATUS_FAILED);
		if (cases[i].says != NULL) {
			assert_non_null(strstr(err.text, cases[i].says));
			assert_non_null(strstr(err.text, ": no such file"));
		}
		err = (struct error){ .code = ERROR_NONE };
	}
	assert_int_equal(config_entry_files(c, config_entry(c, "a"), &err), STATUS_OK);
	assert_int_equal(config_entry_files(c, config_entry(c, "b"), &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "config.yaml:11: fleet: trust: "));
	config_free(c);
}

static void
where_it_lives(void **state)
{
	static const struct {
		struct environment e;
		const char *path;
	} cases[] = {
		{ { .xdg = "/x", .home = "/home/me" }, "/x/mtlscope/config.yaml" },
		{ { .home = "/home/me" }, "/home/me/.config/mtlscope/config.yaml" },
		{ { .xdg = "", .home = "/home/me" }, "/home/me/.config/mtlscope/config.yaml" },
		{ { .xdg = "relative", .home = "/home/me" }, "/home/me/.config/mtlscope/config.yaml" },
		{ { .home = "" }, NULL },
		{ { .home = NULL }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct environment e = cases[i].e;
		struct world w = world_of(&e);
		char *path = config_default_path(&w);
		if (cases[i].path == NULL)
			assert_null(path);
		else
			assert_string_equal(path, cases[i].path);
		free(path);
	}
}

/* Ten thousand endpoints: names and references are looked up, not searched for. */
static void
many_entries(void **state)
{
	struct buf b = { 0 };
	struct config *c;
	struct error err;

	(void)state;
	buf_adds(&b, "identities:\n");
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "  - {name: id-%d, cert: order.crt}\n", i);
	buf_adds(&b, "fleet:\n");
	for (int i = 0; i < 10000; i++)
		buf_addf(&b, "  - {name: svc-%d, target: \"svc-%d.internal:8443\", identity: id-%d}\n", i, i, i % 1000);
	if (read_bytes(buf_str(&b), b.len, &c, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(c->fleet_len, 10000);
	assert_string_equal(config_entry(c, "svc-9999")->parsed.host, "svc-9999.internal");
	config_free(c);
	buf_done(&b);
}

/* A large fleet is read in parts: what stands in it is the same, wherever the cuts fall. */
static void
many_shapes(void **state)
{
	static const struct {
		const char *what, *before, *entry, *after;
		const char *group; /* of every entry */
	} cases[] = {
		{ "in lines", "fleet:\n", "  - name: n%d\n    target: t%d\n    group: prod\n", "", "prod" },
		{ "at the margin", "fleet: # ours\n\n# of us\n", "- name: n%d\n  target: t%d\n  group: prod\n", "# end\n", "prod" },
		{ "Windows", "fleet:\r\n", "  - {name: n%d, target: t%d, group: prod}\r\n", "", "prod" },
		{ "in quotes over lines", "fleet:\n", "  - name: n%d\n    target: t%d\n    group: \"a\n  - b\n  - {x: y}\"\n", "", "a - b - {x: y}" },
		{ "in brackets over lines", "fleet: [\n", "  {name: n%d, target: t%d,\n  group: a-b},\n", "]\n", "a-b" },
		{ "a text of dashes", "fleet:\n", "  - name: n%d\n    target: t%d\n    group: >-\n      - a\n      - b\n", "", "- a - b" },
		{ "comments like entries", "fleet:\n", "  - name: n%d\n#  - name: x\n  # - {\n    target: t%d\n    group: prod\n", "", "prod" },
		{ "another section behind", "fleet:\n", "  - {name: n%d, target: t%d, group: prod}\n", "identities:\n  - {name: i, cert: c}\n", "prod" },
		{ "a section before", "identities:\n  - {name: i, cert: c}\nfleet:\n", "  - {name: n%d, target: t%d, group: prod}\n", "", "prod" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct buf b = { 0 };
		struct config *c;
		struct error err;
		buf_adds(&b, cases[i].before);
		for (int k = 0; k < 20000; k++) {
			char entry[160];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			snprintf(entry, sizeof entry, cases[i].entry, k, k);
#pragma GCC diagnostic pop
			buf_adds(&b, entry);
		}
		buf_adds(&b, cases[i].after);
		if (read_bytes(buf_str(&b), b.len, &c, &err) != STATUS_OK)
			fail_msg("%s: %s", cases[i].what, err.text);
		assert_int_equal(c->fleet_len, 20000);
		for (int k = 0; k < 20000; k++) {
			char name[16];
			snprintf(name, sizeof name, "n%d", k);
			if (strcmp(c->fleet[k].name, name) != 0 || strcmp(c->fleet[k].group, cases[i].group) != 0)
				fail_msg("%s: entry %d is %s of %s", cases[i].what, k, c->fleet[k].name, c->fleet[k].group);
		}
		config_free(c);
		buf_done(&b);
	}
}

/* A mistake far down is found there. */
static void
many_entries_and_a_mistake(void **state)
{
	static const struct {
		const char *entry, *says;
	} cases[] = {
		{ "  - {name: x, target: a:0}\n", ":20002: fleet: target: " },
		{ "  - {name: n7, target: a}\n", ":20002: fleet: the name “n7” is taken already, in line 9" },
		{ "  - {name: x, tarjet: a}\n", ":20002: fleet: no such key: “tarjet”" },
		{ "  - {name: x, target: a\n", ":20003: no YAML: " },
		{ "  - {name: x, target: a}\nfleet: []\n", ":20003: the key fleet stands here twice" },
		{ "  - {name: x, target: a}\n---\nfleet: []\n", ":20003: a second document" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct buf b = { 0 };
		struct config *c;
		struct error err;
		buf_adds(&b, "fleet:\n");
		for (int k = 0; k < 20000; k++)
			buf_addf(&b, "  - {name: n%d, target: t%d, group: production}\n", k, k);
		buf_adds(&b, cases[i].entry);
		assert_int_equal(read_bytes(buf_str(&b), b.len, &c, &err), STATUS_FAILED);
		if (strstr(err.text, cases[i].says) == NULL)
			fail_msg("case %zu: %s", i, err.text);
		buf_done(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_of_it),
		cmocka_unit_test(whose_certificate_it_renews),
		cmocka_unit_test(lines_of_it),
		cmocka_unit_test(little_is_enough),
		cmocka_unit_test(from_other_systems),
		cmocka_unit_test(unknown_keys),
		cmocka_unit_test(wrong_types),
		cmocka_unit_test(wrong_values),
		cmocka_unit_test(names_and_references),
		cmocka_unit_test(wrong_targets),
		cmocka_unit_test(no_yaml),
		cmocka_unit_test(made_to_hurt),
		cmocka_unit_test(not_a_file),
		cmocka_unit_test(files_that_are_missing),
		cmocka_unit_test(where_it_lives),
		cmocka_unit_test(many_entries),
		cmocka_unit_test(many_shapes),
		cmocka_unit_test(many_entries_and_a_mistake),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
