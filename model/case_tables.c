/* What a case keeps of evidence, save its handshakes (case_tables_handshake.c). Rows in the order of the headers. */
#include "model/case_fields.h"

#include "model/evidence.h"
#include "model/leave_out.h"
#include "model/limits.h"
#include "model/matched.h"

#define COUNT_OF(list) (sizeof(list) / sizeof(list)[0])
#define MOST_DAYS 36500  /* as --expires-within takes them */
#define MOST_SECONDS 86400

/* ---- words of the enums; they are the case's own ---- */

static const char *
starttls_word(unsigned v)
{
	static const char *const words[] = { [STARTTLS_NONE] = "none", [STARTTLS_POSTGRES] = "postgres",
		[STARTTLS_MYSQL] = "mysql", [STARTTLS_SMTP] = "smtp", [STARTTLS_IMAP] = "imap", [STARTTLS_POP3] = "pop3",
		[STARTTLS_LDAP] = "ldap" };

	return v < COUNT_OF(words) ? words[v] : NULL;
}

static const char *
kept_word(unsigned v)
{
	static const char *const words[] = { [CLOCK_KEPT_UNKNOWN] = "unknown", [CLOCK_KEPT] = "kept", [CLOCK_NOT_KEPT] = "not-kept" };

	return v < COUNT_OF(words) ? words[v] : NULL;
}

static const char *
purpose_word(unsigned v)
{
	static const char *const words[] = { [PURPOSE_ANY] = "any", [PURPOSE_SERVER] = "server", [PURPOSE_CLIENT] = "client" };

	return v < COUNT_OF(words) ? words[v] : NULL;
}

static const char *
key_type_word(unsigned v)
{
	static const char *const words[] = { [KEY_TYPE_UNKNOWN] = "unknown", [KEY_TYPE_RSA] = "RSA", [KEY_TYPE_RSA_PSS] = "RSA-PSS",
		[KEY_TYPE_EC] = "EC", [KEY_TYPE_ED25519] = "Ed25519", [KEY_TYPE_ED448] = "Ed448", [KEY_TYPE_DSA] = "DSA",
		[KEY_TYPE_DH] = "DH" };

	return v < COUNT_OF(words) ? words[v] : NULL;
}

/* ---- the target: model/target.h ---- */

#define S struct target
static const struct field target_fields[] = {
	ROW(OWNED, name, PLAIN),
	ROW(OWNED, spelled, .keep = keep_of_url),
	ROW(OWNED, host, PLAIN),
	ROW(UNSIGNED, port, PLAIN),
	ROW(BOOL, port_given, PLAIN),
	ROW(BOOL, is_url, PLAIN),
	ROW(BOOL, is_ip, PLAIN),
	ROW(OWNED, unix_path, PLAIN),
	ROW(OWNED, servername, PLAIN),
	ROW(OWNED, path, .keep = keep_of_url),
	ROW(ENUM, starttls, .word = starttls_word),
	ROW(BOOL, http, PLAIN),
	ROW(OWNED, group, PLAIN),
	ROW(OWNED, identity, PLAIN),
	ROW(OWNED, place, PLAIN),
	ROW(OWNED, bypass, .keep = keep_of_url),
};
#undef S
const struct record case_target = { .type = "target", .header = "model/target.h", .size = sizeof(struct target),
	.fields = target_fields, .len = COUNT_OF(target_fields) };

/* ---- us, and whom we trust: model/identity.h ---- */

#define S struct public_key
static const struct field public_key_fields[] = {
	ROW(ENUM, type, .word = key_type_word),
	ROW(SIGNED, bits, PLAIN),
	ROW(SIGNED, exponent_bits, PLAIN),
	ROW(STRING, curve, PLAIN),
	ROW(BOOL, explicit_curve, PLAIN),
	ROW(BOOL, readable, PLAIN),
	ROW(SIGNED, security_bits, PLAIN),
	ROW(STRING, label, .needed = true),
	ROW(FINGERPRINT, spki, .needed = true),
};
#undef S
const struct record case_public_key = { .type = "public_key", .header = "model/cert.h", .size = sizeof(struct public_key),
	.fields = public_key_fields, .len = COUNT_OF(public_key_fields) };

#define S struct key
static const struct field key_fields[] = {
	ROW(RECORD, pub, .record = &case_public_key, .needed = true),
	ROW(BOOL, is_private, PLAIN),
	ROW(BOOL, was_encrypted, PLAIN),
};
#undef S
const struct record case_key = { .type = "key", .header = "model/key.h", .size = sizeof(struct key), .fields = key_fields,
	.len = COUNT_OF(key_fields) };

#define S struct sibling
static const struct field sibling_fields[] = {
	ROW(STRING, file, .needed = true),
	ROW(BOOL, is_key, PLAIN),
	ROW(FINGERPRINT, spki, .needed = true),
	ROW(STRING, label, .needed = true),
};
#undef S
const struct record case_sibling = { .type = "sibling", .header = "model/identity.h", .size = sizeof(struct sibling),
	.fields = sibling_fields, .len = COUNT_OF(sibling_fields) };

#define S struct identity
static const struct field identity_fields[] = {
	ROW(STRING, name, PLAIN),
	ROW(STRING, cert_file, PLAIN),
	ROW(STRING, key_file, PLAIN),
	ROW(WORD, cert_path, PLAIN),
	ROW(WORD, key_path, PLAIN),
	ROW(STRING, cert_type, PLAIN),
	ROW(STRING, key_type, PLAIN),
	LIST(CERTS, certs, len, LIMIT_CASE_CERTS),
	ROW(KEY, key, .record = &case_key),
	ROW(BOOL, matches, PLAIN),
	ROW(STRING, key_problem, PLAIN),
	ROW(BOOL, key_exposed, PLAIN),
	ROW(UNSIGNED, key_mode, .most = 07777),
	RECORDS(siblings, siblings_len, LIMIT_CASE_SIBLINGS, case_sibling),
	ROW(LEFT_OUT, arena, .why = "where it lies"),
};
#undef S
const struct record case_identity = { .type = "identity", .header = "model/identity.h", .size = sizeof(struct identity),
	.fields = identity_fields, .len = COUNT_OF(identity_fields), .complete = case_complete_identity };

#define S struct trust
static const struct field trust_fields[] = {
	ROW(STRING, from, PLAIN),
	ROW(WORD, file, PLAIN),
	ROW(WORD, folder, PLAIN),
	ROW(BOOL, file_is_pem, PLAIN),
	ROW(BOOL, system, PLAIN),
	ROW(LEFT_OUT, len, .why = "it is counted again: how many were saved"),
	ROW(UNSIGNED, all, PLAIN),
	LIST(STRINGS, notes, notes_len, LIMIT_CASE_NOTES),
	ROW(LEFT_OUT, arena, .why = "where it lies"),
};
#undef S
const struct record case_trust = { .type = "trust", .header = "model/identity.h", .size = sizeof(struct trust),
	.fields = trust_fields, .len = COUNT_OF(trust_fields) };

/* ---- the rest of evidence: model/evidence.h ---- */

#define S struct thresholds
static const struct field threshold_fields[] = {
	ROW(SIGNED, expires_within, .most = MOST_DAYS),
	ROW(SIGNED, root_expires_within, .most = MOST_DAYS),
	ROW(SIGNED, clock_skew, .most = MOST_SECONDS),
	ROW(BOOL, require_mtls, PLAIN),
};
#undef S
const struct record case_thresholds = { .type = "thresholds", .header = "model/evidence.h", .size = sizeof(struct thresholds),
	.fields = threshold_fields, .len = COUNT_OF(threshold_fields) };

#define S struct clocks
static const struct field clock_fields[] = {
	ROW(SIGNED, local_ms, .needed = true),
	ROW(BOOL, local_set, PLAIN),
	ROW(ENUM, kept, .word = kept_word),
	ROW(BOOL, server_known, PLAIN),
	ROW(SIGNED, server_offset_ms, PLAIN),
	ROW(SIGNED, server_uncertainty_ms, PLAIN),
	ROW(STRING, server_source, PLAIN),
};
#undef S
const struct record case_clocks = { .type = "clocks", .header = "model/evidence.h", .size = sizeof(struct clocks),
	.fields = clock_fields, .len = COUNT_OF(clock_fields) };

#define S struct found_cert
static const struct field found_fields[] = {
	ROW(CERT, cert, .needed = true),
	ROW(STRING, source, PLAIN),
	ROW(STRING, where, .keep = keep_of_url),
};
#undef S
const struct record case_found_cert = { .type = "found_cert", .header = "model/evidence.h", .size = sizeof(struct found_cert),
	.fields = found_fields, .len = COUNT_OF(found_fields) };

#define S struct matched
static const struct field matched_fields[] = {
	ROW(STRING, with, .needed = true),
	ROW(HANDSHAKES, handshakes, .count_offset = offsetof(S, len), .items = LIMIT_HANDSHAKES, .record = &case_handshake, .needed = true),
	ROW(COUNT, len, PLAIN),
};
#undef S
const struct record case_matched = { .type = "matched", .header = "model/matched.h", .size = sizeof(struct matched),
	.fields = matched_fields, .len = COUNT_OF(matched_fields) };

#define S struct evidence
static const struct field evidence_fields[] = {
	ROW(RECORD, target, .record = &case_target, .needed = true),
	ROW(IDENTITY, identity, .record = &case_identity),
	ROW(IDENTITY, other, .record = &case_identity),
	ROW(TRUST, trust, .record = &case_trust),
	ROW(RECORD, thresholds, .record = &case_thresholds),
	ROW(STRING, seen_from, PLAIN),
	ROW(STRING, ciphers, PLAIN),
	ROW(HANDSHAKES, handshakes, .count_offset = offsetof(S, handshakes_len), .items = LIMIT_HANDSHAKES, .record = &case_handshake),
	ROW(COUNT, handshakes_len, PLAIN),
	ROW(RECORD, clocks, .record = &case_clocks, .needed = true),
	ROW(SIGNED, started_ms, .needed = true),
	ROW(REAL, took_ms, PLAIN),
	ROW(BOOL, cut_short, PLAIN),
	RECORDS(found, found_len, LIMIT_CASE_CERTS, case_found_cert),
	ROW(LEFT_OUT, found_cap, .why = "room for more"),
	ROW(BOOL, offline, PLAIN),
	ROW(ENUM, offline_purpose, .word = purpose_word),
	LIST(CERTS, offline_chain, offline_len, LIMIT_CASE_CERTS),
	ROW(STRING, offline_host, PLAIN),
	RECORDS(fetches, fetches_len, LIMIT_CASE_FETCHES, case_fetch_note),
	ROW(LEFT_OUT, fetches_cap, .why = "room for more"),
	RECORDS(revocations, revocations_len, LIMIT_CASE_FETCHES, case_revocation),
	ROW(LEFT_OUT, revocations_cap, .why = "room for more"),
	ROW(LEFT_OUT, client, .why = "no case is made of what listen saw: its record is the line of JSON"),
	ROW(LEFT_OUT, matched, .why = "beside the evidence: \"matched\""),
	ROW(LEFT_OUT, arena, .why = "where it lies"),
};
#undef S
const struct record case_evidence = { .type = "evidence", .header = "model/evidence.h", .size = sizeof(struct evidence),
	.fields = evidence_fields, .len = COUNT_OF(evidence_fields), .complete = case_complete_evidence };

const struct record *const case_records[] = { &case_handshake, &case_certificate_request, &case_offer, &case_ended,
	&case_http_answer, &case_message, &case_alert, &case_attempt, &case_wire_cert, &case_evidence, &case_target, &case_thresholds,
	&case_clocks, &case_found_cert, &case_identity, &case_sibling, &case_key, &case_public_key, &case_trust,
	&case_matched, &case_fetch_note, &case_revocation,
	&case_spoken, &case_inside_answer };
const size_t case_records_len = COUNT_OF(case_records);
