/* What the inventory says to SQLite: the tables, and every statement that is prepared once. */
#include "model/inventory_sql.h"

/*
 * One schema a version. `ca` and `cert` hold what came from outside, the rest is made of them. cert_names finds who replaces
 * whom; cert_serial is how a report's record finds its row; cert_arn has the few that do not end in their serial.
 */
const char inventory_schema[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value INT NOT NULL) WITHOUT ROWID;"
    "INSERT INTO meta VALUES ('rows', 1), ('all', 1);"
    "CREATE TABLE word (id INTEGER PRIMARY KEY, kind INT NOT NULL, text TEXT NOT NULL, UNIQUE (kind, text));"
    "CREATE TABLE ca (id INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, account TEXT, region TEXT, parent TEXT, name TEXT, subject TEXT,"
    " type TEXT, status TEXT, usage_mode TEXT, key_algorithm TEXT, serial TEXT, pem TEXT, chain TEXT, public_key TEXT, subject_key TEXT,"
    " issuer_key TEXT, created INT, not_before INT, not_after INT, restorable_until INT, synced INT, report_at INT, report_bucket TEXT,"
    " report_asked INT);"
    "CREATE TABLE cert (id INTEGER PRIMARY KEY, ca INT NOT NULL, serial BLOB NOT NULL, subject TEXT, names INT NOT NULL, not_before INT,"
    " not_after INT, issued INT, template INT, requested_by INT, revoked INT, reason INT, arn TEXT, sans TEXT, san_key INT, seen INT,"
    " seen_at TEXT);"
    "CREATE UNIQUE INDEX cert_serial ON cert (serial, ca);"
    "CREATE INDEX cert_names ON cert (names);"
    "CREATE INDEX cert_arn ON cert (arn) WHERE arn NOT NULL;"
    "CREATE TABLE pem (id INTEGER PRIMARY KEY, pem TEXT NOT NULL, chain INT);"
    "CREATE TABLE bits (key INTEGER PRIMARY KEY, bits BLOB NOT NULL);"
    "CREATE TABLE packed (key INTEGER PRIMARY KEY, of INT NOT NULL, bytes BLOB NOT NULL);";

const char *const inventory_statements[SQL_LEN] = {
	[SQL_GENERATION] = "SELECT (SELECT value FROM meta WHERE key = 'rows'), (SELECT value FROM meta WHERE key = 'all'),"
	                   " (SELECT max(id) FROM cert)",
	[SQL_META_SET] = "UPDATE meta SET value = value + 1 WHERE key = ?1",
	[SQL_BITS_GET] = "SELECT bits FROM bits WHERE key = ?1",
	[SQL_BITS_RANGE] = "SELECT key, bits FROM bits WHERE key BETWEEN ?1 AND ?2",
	[SQL_BITS_PUT] = "INSERT OR REPLACE INTO bits VALUES (?1, ?2)",
	[SQL_BITS_DROP] = "DELETE FROM bits WHERE key BETWEEN ?1 AND ?2",
	[SQL_PACKED_GET] = "SELECT of, bytes FROM packed WHERE key = ?1",
	[SQL_PACKED_PUT] = "INSERT OR REPLACE INTO packed VALUES (?1, ?2, ?3)",
	[SQL_WORD_GET] = "SELECT id FROM word WHERE kind = ?1 AND text = ?2",
	[SQL_WORD_PUT] = "INSERT INTO word (kind, text) VALUES (?1, ?2)",
	[SQL_WORD_TEXT] = "SELECT text FROM word WHERE id = ?1",
	[SQL_WORDS] = "SELECT id, kind, text FROM word WHERE kind <> 3", /* not WORD_CHAIN */
	[SQL_CA_IDS] = "SELECT id, arn FROM ca",
	[SQL_CA_ID] = "SELECT id FROM ca WHERE arn = ?1",
	[SQL_CERT_FIND] = "SELECT id, revoked, template, requested_by FROM cert WHERE serial = ?1 AND ca = ?2",
	[SQL_CERT_PUT] = "INSERT INTO cert (id, ca, serial, subject, names, not_before, not_after, issued, template, requested_by, revoked,"
	                 " reason, arn) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
	[SQL_CERT_CHANGE] = "UPDATE cert SET revoked = coalesce(?2, revoked), reason = coalesce(?3, reason), template = coalesce(template, ?4),"
	                    " requested_by = coalesce(requested_by, ?5) WHERE id = ?1",
	[SQL_CERT_TEXT] = "SELECT subject, sans, serial, arn FROM cert WHERE id = ?1",
	[SQL_CERT_ROW] = "SELECT ca, serial, subject, not_before, not_after, issued, template, requested_by, revoked, reason, arn, sans, seen,"
	                 " seen_at FROM cert WHERE id = ?1",
	[SQL_CERT_BY_SERIAL] = "SELECT id FROM cert WHERE serial = ?1 AND ca = ?2",
	[SQL_CERT_BY_ARN] = "SELECT id FROM cert WHERE arn = ?1",
	[SQL_CERT_SERIAL_ANY] = "SELECT id FROM cert WHERE serial = ?1 ORDER BY id LIMIT 1",
	[SQL_CERT_END] = "SELECT not_after FROM cert WHERE id = ?1",
	[SQL_CERT_GROUP] = "SELECT id, ca, names, not_after, revoked, san_key FROM cert WHERE names = ?1",
	[SQL_CERT_OF_CA] = "SELECT id, ca, names, not_after, revoked, san_key FROM cert WHERE ca = ?1",
	[SQL_CERT_DETAILS] = "UPDATE cert SET sans = ?2, san_key = ?3, subject = coalesce(subject, ?4), not_before = coalesce(not_before, ?5),"
	                     " not_after = coalesce(not_after, ?6), names = ?7 WHERE id = ?1",
	[SQL_CERT_SEEN] = "UPDATE cert SET seen = ?2, seen_at = ?3 WHERE id = ?1 AND (seen IS NULL OR seen <= ?2)",
	[SQL_PEM_GET] = "SELECT pem, (SELECT text FROM word WHERE word.id = pem.chain) FROM pem WHERE id = ?1",
	[SQL_PEM_PUT] = "INSERT OR REPLACE INTO pem VALUES (?1, ?2, ?3)",
	[SQL_REPORT_AT] = "UPDATE ca SET report_at = max(coalesce(report_at, ?2), ?2) WHERE id = ?1",
	[SQL_ENDS] = "SELECT id, coalesce(not_after, 9223372036854775807) FROM cert",
	[SQL_ISSUED] = "SELECT id, coalesce(issued, 9223372036854775807) FROM cert",
	[SQL_TEMPLATES] = "SELECT id, coalesce(template, 0), coalesce(not_after, 9223372036854775807) FROM cert",
	[SQL_NAMES] = "SELECT id FROM cert ORDER BY row_name(subject, sans), id",
	[SQL_SERIALS] = "SELECT id FROM cert ORDER BY serial, ca",
	[SQL_CA_PUT] = "INSERT INTO ca (arn, account, region, name, subject, type, status, usage_mode, key_algorithm, serial, pem, chain,"
	               " public_key, subject_key, issuer_key, created, not_before, not_after, restorable_until, synced, report_bucket,"
	               " report_asked) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,"
	               " ?21, ?22) ON CONFLICT (arn) DO UPDATE SET account = ?2, region = ?3, name = CASE WHEN ?11 IS NULL AND pem NOT NULL"
	               " THEN name ELSE ?4 END, subject = coalesce(?5, subject), type = ?6, status = ?7, usage_mode = ?8, key_algorithm = ?9,"
	               " serial = coalesce(?10, serial), chain = CASE WHEN ?11 IS NULL THEN chain ELSE ?12 END, pem = coalesce(?11, pem),"
	               " public_key = coalesce(?13, public_key), subject_key = coalesce(?14, subject_key),"
	               " issuer_key = coalesce(?15, issuer_key), created = ?16, not_before = coalesce(?17, not_before),"
	               " not_after = coalesce(?18, not_after), restorable_until = ?19, synced = ?20,"
	               " report_bucket = coalesce(?21, report_bucket), report_asked = coalesce(?22, report_asked)",
	[SQL_CAS] = "SELECT id, arn, account, region, parent, name, subject, type, status, usage_mode, key_algorithm, serial, pem, chain,"
	            " public_key, created, not_before, not_after, restorable_until, synced, report_at, report_bucket, report_asked FROM ca"
	            " ORDER BY name, arn",
	[SQL_CA_ISSUERS] = "SELECT arn, pem FROM ca WHERE subject_key = ?1 AND pem NOT NULL ORDER BY not_after DESC, arn",
	[SQL_CA_ISSUED_BY] = "SELECT arn, pem FROM ca WHERE issuer_key = ?1 AND pem NOT NULL",
	[SQL_CA_PARENT] = "UPDATE ca SET parent = ?2 WHERE arn = ?1",
	[SQL_CA_BY_KEY] = "SELECT id FROM ca WHERE public_key = ?1",
};
