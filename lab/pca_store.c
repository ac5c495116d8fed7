/* The private CA's tables, and rows as structs. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lab/pca_internal.h"
#include "lab/sql.h"

static const struct {
	enum pca_state state;
	const char *word;
} states[] = {
	{ PCA_CREATING, "CREATING" }, { PCA_PENDING, "PENDING_CERTIFICATE" }, { PCA_ACTIVE, "ACTIVE" }, { PCA_DISABLED, "DISABLED" },
	{ PCA_EXPIRED, "EXPIRED" }, { PCA_DELETED, "DELETED" }, { PCA_FAILED, "FAILED" },
};

const char *
pca_state_word(enum pca_state s)
{
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (states[i].state == s)
			return states[i].word;
	return "";
}

static enum pca_state
state_of(const char *word)
{
	for (size_t i = 0; i < sizeof states / sizeof states[0] && word != NULL; i++)
		if (strcmp(states[i].word, word) == 0)
			return states[i].state;
	return PCA_FAILED;
}

const char pca_tables[] =
    "CREATE TABLE IF NOT EXISTS pca_ca(id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, arn TEXT NOT NULL UNIQUE, account TEXT NOT NULL,"
    " region TEXT NOT NULL, type TEXT NOT NULL, usage TEXT NOT NULL, storage TEXT NOT NULL, failure TEXT, status TEXT NOT NULL,"
    " before TEXT, created INTEGER NOT NULL, changed INTEGER NOT NULL, restorable_until INTEGER, not_before INTEGER, not_after INTEGER,"
    " report_at INTEGER, configuration TEXT NOT NULL, revocation TEXT NOT NULL, key BLOB, csr TEXT, certificate TEXT, chain TEXT,"
    " serial TEXT, policy TEXT, origin TEXT, crl_stale INTEGER NOT NULL DEFAULT 1, crl_number INTEGER NOT NULL DEFAULT 0,"
    " crl_until INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE IF NOT EXISTS pca_cert(id INTEGER PRIMARY KEY, ca INTEGER NOT NULL, serial BLOB NOT NULL, state INTEGER NOT NULL,"
    " not_before INTEGER, not_after INTEGER, issued INTEGER NOT NULL, revoked INTEGER, reason TEXT, subject TEXT, template TEXT,"
    " requested_by TEXT, pem TEXT, request TEXT, fault TEXT, asked INTEGER NOT NULL DEFAULT 0, asked_for_ms INTEGER);"
    "CREATE UNIQUE INDEX IF NOT EXISTS pca_cert_serial ON pca_cert(ca, serial);"
    "CREATE INDEX IF NOT EXISTS pca_cert_pending ON pca_cert(id) WHERE state = 0;"
    "CREATE INDEX IF NOT EXISTS pca_cert_revoked ON pca_cert(ca) WHERE revoked IS NOT NULL;"
    "CREATE TABLE IF NOT EXISTS pca_token(account TEXT, region TEXT, operation TEXT, token TEXT, request TEXT, arn TEXT, at_ms INTEGER,"
    " PRIMARY KEY(account, region, operation, token)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS pca_tag(id INTEGER PRIMARY KEY, ca INTEGER NOT NULL, key TEXT NOT NULL, value TEXT, UNIQUE(ca, key));"
    "CREATE TABLE IF NOT EXISTS pca_permission(id INTEGER PRIMARY KEY, ca INTEGER NOT NULL, principal TEXT NOT NULL, account TEXT NOT NULL,"
    " actions TEXT NOT NULL, created INTEGER NOT NULL, UNIQUE(ca, principal, account));"
    "CREATE TABLE IF NOT EXISTS pca_report(id TEXT PRIMARY KEY, ca INTEGER NOT NULL, bucket TEXT NOT NULL, key TEXT NOT NULL,"
    " format TEXT NOT NULL, status TEXT NOT NULL, created INTEGER NOT NULL, file TEXT) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS pca_report_open ON pca_report(status) WHERE status = 'CREATING';"
    "CREATE TABLE IF NOT EXISTS pca_outbox(id INTEGER PRIMARY KEY, detail_type TEXT, first TEXT, second TEXT, success INTEGER, reason TEXT)";

/* A report that no object has become yet is written again: its file may have been swept away. */
bool
pca_store_prepare(struct cloud *c)
{
	return cloud_exec(c, "UPDATE pca_report SET file = NULL WHERE status = 'CREATING'");
}

struct pca_ca *
pca_load_row(sqlite3_stmt *s, struct arena *a, int64_t now)
{
	struct pca_ca *ca = arena_alloc(a, sizeof *ca);
	int i = 0;

	ca->id = sqlite3_column_int64(s, i++);
	ca->uuid = sql_column(s, i++, a);
	ca->arn = sql_column(s, i++, a);
	ca->account = sql_column(s, i++, a);
	ca->region = sql_column(s, i++, a);
	ca->type = sql_column(s, i++, a);
	ca->usage = sql_column(s, i++, a);
	ca->storage = sql_column(s, i++, a);
	ca->failure = sql_column(s, i++, a);
	ca->stored = state_of(sql_column(s, i++, a));
	ca->created = sqlite3_column_int64(s, i++);
	ca->changed = sqlite3_column_int64(s, i++);
	ca->restorable_until = sqlite3_column_int64(s, i++);
	ca->not_before = sqlite3_column_int64(s, i++);
	ca->not_after = sqlite3_column_int64(s, i++);
	ca->report_at = sqlite3_column_int64(s, i++);
	ca->configuration = sql_column(s, i++, a);
	ca->revocation = sql_column(s, i++, a);
	ca->csr = sql_column(s, i++, a);
	ca->certificate = sql_column(s, i++, a);
	ca->chain = sql_column(s, i++, a);
	ca->serial = sql_column(s, i++, a);
	ca->policy = sql_column(s, i++, a);
	ca->state = ca->stored;
	if ((ca->stored == PCA_ACTIVE || ca->stored == PCA_DISABLED) && ca->certificate != NULL && ca->not_after < now)
		ca->state = PCA_EXPIRED;
	/* Past the last day on which it could be restored there is nothing of it any more. */
	return ca->stored == PCA_DELETED && ca->restorable_until < now ? NULL : ca;
}

static struct pca_ca *
load(sqlite3_stmt *s, struct arena *a, int64_t now)
{
	struct pca_ca *ca = sqlite3_step(s) == SQLITE_ROW ? pca_load_row(s, a, now) : NULL;

	sqlite3_finalize(s);
	return ca;
}

struct pca_ca *
pca_load(sqlite3 *db, struct arena *a, const char *arn, int64_t now)
{
	return load(sql(db, "SELECT " PCA_CA_COLUMNS " FROM pca_ca WHERE arn = ?", "t", arn), a, now);
}

struct pca_ca *
pca_load_id(sqlite3 *db, struct arena *a, int64_t id, int64_t now)
{
	return load(sql(db, "SELECT " PCA_CA_COLUMNS " FROM pca_ca WHERE id = ?", "i", id), a, now);
}

EVP_PKEY *
pca_key_of(sqlite3 *db, int64_t ca)
{
	sqlite3_stmt *s = sql(db, "SELECT key FROM pca_ca WHERE id = ? AND key IS NOT NULL", "i", ca);
	EVP_PKEY *key = NULL;

	if (sqlite3_step(s) == SQLITE_ROW) {
		const unsigned char *der = sqlite3_column_blob(s, 0);
		key = d2i_AutoPrivateKey(NULL, &der, sqlite3_column_bytes(s, 0));
	}
	sqlite3_finalize(s);
	return key;
}

bool
pca_key_bytes(EVP_PKEY *key, unsigned char **der, size_t *len)
{
	PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(key);
	int n;

	*der = NULL;
	n = p8 != NULL ? i2d_PKCS8_PRIV_KEY_INFO(p8, der) : -1;
	PKCS8_PRIV_KEY_INFO_free(p8);
	*len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static void
add_time(cJSON *o, const char *name, int64_t t)
{
	cJSON_AddNumberToObject(o, name, (double)t);
}

cJSON *
pca_json_of(const struct pca_ca *ca)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "Arn", ca->arn);
	cJSON_AddStringToObject(o, "OwnerAccount", ca->account);
	add_time(o, "CreatedAt", ca->created);
	add_time(o, "LastStateChangeAt", ca->changed);
	cJSON_AddStringToObject(o, "Type", ca->type);
	if (ca->certificate != NULL) {
		cJSON_AddStringToObject(o, "Serial", ca->serial);
		add_time(o, "NotBefore", ca->not_before);
		add_time(o, "NotAfter", ca->not_after);
	}
	cJSON_AddStringToObject(o, "Status", pca_state_word(ca->state));
	if (ca->failure != NULL)
		cJSON_AddStringToObject(o, "FailureReason", ca->failure);
	cJSON_AddItemToObject(o, "CertificateAuthorityConfiguration", cJSON_Parse(ca->configuration));
	cJSON_AddItemToObject(o, "RevocationConfiguration", cJSON_Parse(ca->revocation));
	if (ca->state == PCA_DELETED)
		add_time(o, "RestorableUntil", ca->restorable_until);
	cJSON_AddStringToObject(o, "KeyStorageSecurityStandard", ca->storage);
	cJSON_AddStringToObject(o, "UsageMode", ca->usage);
	return o;
}

/* ---- certificates ---- */

static int
no_passphrase(char *out, int size, int writing, void *user)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)user;
	return -1;
}

X509 *
pca_x509(const char *pem)
{
	BIO *in = pem != NULL ? BIO_new_mem_buf(pem, -1) : NULL;
	X509 *x = in != NULL ? PEM_read_bio_X509(in, NULL, no_passphrase, NULL) : NULL;

	BIO_free(in);
	ERR_clear_error();
	return x;
}

char *
pca_pem(X509 *x, struct arena *a)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *text = NULL, *pem = NULL;

	if (out != NULL && PEM_write_bio_X509(out, x) == 1) {
		long len = BIO_get_mem_data(out, &text);
		while (len > 0 && text[len - 1] == '\n')
			len--;
		pem = arena_strndup(a, text, (size_t)len);
	}
	BIO_free(out);
	return pem;
}

int64_t
pca_time(const ASN1_TIME *t)
{
	struct tm tm;

	return t != NULL && ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

bool
pca_cert_load(sqlite3 *db, struct arena *a, int64_t ca, const unsigned char serial[16], struct pca_cert *out)
{
	sqlite3_stmt *s = sql(db, "SELECT id, state, not_before, not_after, issued, revoked, asked_for_ms, asked, subject, template, pem, request"
	    " FROM pca_cert WHERE ca = ? AND serial = ?", "ib", ca, serial, (size_t)16);
	bool found = sqlite3_step(s) == SQLITE_ROW;

	if (found) {
		*out = (struct pca_cert){ .id = sqlite3_column_int64(s, 0), .ca = ca, .state = (enum pca_cert_state)sqlite3_column_int(s, 1),
			.not_before = sqlite3_column_int64(s, 2), .not_after = sqlite3_column_int64(s, 3), .issued = sqlite3_column_int64(s, 4),
			.revoked = sqlite3_column_int64(s, 5), .asked_for_ms = sqlite3_column_int64(s, 6), .asked = sqlite3_column_int(s, 7) != 0,
			.subject = sql_column(s, 8, a), .template_name = sql_column(s, 9, a), .pem = sql_column(s, 10, a),
			.request = sql_column(s, 11, a) };
		memcpy(out->serial, serial, sizeof out->serial);
	}
	sqlite3_finalize(s);
	return found;
}

bool
pca_serial_parse(const char *text, unsigned char out[16])
{
	unsigned char digits[32];
	size_t n = 0;

	memset(digits, 0, sizeof digits);
	for (; *text != '\0'; text++) {
		const char *all = "0123456789abcdef", *at = strchr(all, *text | 0x20);
		if (*text == ':')
			continue;
		if (at == NULL || n == sizeof digits)
			return false;
		digits[n++] = (unsigned char)(at - all);
	}
	if (n == 0)
		return false;
	/* What is short is the low end of a number. */
	memmove(digits + sizeof digits - n, digits, n);
	memset(digits, 0, sizeof digits - n);
	for (size_t i = 0; i < 16; i++)
		out[i] = (unsigned char)(digits[2 * i] << 4 | digits[2 * i + 1]);
	return true;
}

void
pca_hex(const unsigned char *bytes, size_t len, const char *between, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && between[0] != '\0')
			*out++ = between[0];
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

/* ---- names ---- */

static const struct {
	int nid;
	const char *word;
} known_types[] = {
	/* RFC 2253 2.3, and what AWS writes besides. */
	{ NID_commonName, "CN" }, { NID_localityName, "L" }, { NID_stateOrProvinceName, "ST" }, { NID_organizationName, "O" },
	{ NID_organizationalUnitName, "OU" }, { NID_countryName, "C" }, { NID_streetAddress, "STREET" }, { NID_domainComponent, "DC" },
	{ NID_userId, "UID" },
};

static void
add_value(struct buf *out, const ASN1_STRING *value)
{
	unsigned char *utf8 = NULL;
	int len = ASN1_STRING_to_UTF8(&utf8, value);

	for (int i = 0; i < len; i++) {
		bool edge = (i == 0 && (utf8[i] == '#' || utf8[i] == ' ')) || (i == len - 1 && utf8[i] == ' ');
		if (edge || (utf8[i] != '\0' && strchr(",+\"\\<>;", utf8[i]) != NULL))
			buf_addc(out, '\\');
		if (utf8[i] == '\0')
			buf_adds(out, "\\00");
		else
			buf_addc(out, (char)utf8[i]);
	}
	OPENSSL_free(utf8);
	ERR_clear_error();
}

static void
add_der(struct buf *out, const ASN1_STRING *value)
{
	unsigned char *der = NULL;
	ASN1_TYPE *any = ASN1_TYPE_new();
	int len = any != NULL && ASN1_TYPE_set1(any, ASN1_STRING_type(value), value) == 1 ? i2d_ASN1_TYPE(any, &der) : 0;

	ASN1_TYPE_free(any);
	buf_addc(out, '#');
	for (int i = 0; i < len; i++)
		buf_addf(out, "%02x", der[i]);
	OPENSSL_free(der);
}

static void
add_entry(struct buf *out, const X509_NAME_ENTRY *e)
{
	const ASN1_OBJECT *type = X509_NAME_ENTRY_get_object(e);
	int nid = OBJ_obj2nid(type);
	char oid[128];

	for (size_t i = 0; i < sizeof known_types / sizeof known_types[0]; i++)
		if (known_types[i].nid == nid) {
			buf_addf(out, "%s=", known_types[i].word);
			add_value(out, X509_NAME_ENTRY_get_data(e));
			return;
		}
	OBJ_obj2txt(oid, sizeof oid, type, 1);
	buf_addf(out, "%s=", oid);
	add_der(out, X509_NAME_ENTRY_get_data(e));
}

char *
pca_name_text(const X509_NAME *name, struct arena *a)
{
	struct buf b = { 0 };
	char *text;
	int n = X509_NAME_entry_count(name);

	/* The last one first. */
	for (int i = n - 1; i >= 0; i--) {
		const X509_NAME_ENTRY *e = X509_NAME_get_entry(name, i);
		if (i < n - 1)
			buf_addc(&b, X509_NAME_ENTRY_set(e) == X509_NAME_ENTRY_set(X509_NAME_get_entry(name, i + 1)) ? '+' : ',');
		add_entry(&b, e);
	}
	text = arena_strdup(a, buf_str(&b));
	buf_done(&b);
	return text;
}
