/* What a case keeps of a handshake. Rows in the order of model/handshake.h: a new member gets its row beside its neighbours. */
#include "model/case_fields.h"

#include "model/handshake.h"
#include "model/leave_out.h"
#include "model/limits.h"

#define COUNT_OF(list) (sizeof(list) / sizeof(list)[0])

/* ---- words of the enums; they are the case's own: renaming one breaks cases that are there ---- */

static const char *
word_in(const char *const *words, size_t len, unsigned value)
{
	return value < len ? words[value] : NULL;
}

static const char *
peer_word(unsigned v)
{
	static const char *const words[] = { [PEER_US] = "us", [PEER_SERVER] = "server" };

	return word_in(words, COUNT_OF(words), v);
}

static const char *
phase_word(unsigned v)
{
	/* In JSON these two are before TLS like the others, and no more. */
	if (v == PHASE_PROXY || v == PHASE_STARTTLS)
		return v == PHASE_PROXY ? "at-the-proxy" : "in-plain-text";
	return v <= PHASE_RESPONSE ? phase_name((enum phase)v) : NULL;
}

static const char *
outcome_word(unsigned v)
{
	return v <= OUTCOME_REJECTED_APP ? outcome_name((enum outcome)v) : NULL;
}

static const char *
end_word(unsigned v)
{
	return v <= END_US ? end_how_name((enum end_how)v) : NULL;
}

static const char *
connect_word(unsigned v)
{
	static const char *const words[] = { [CONNECT_OK] = "ok", [CONNECT_REFUSED] = "refused", [CONNECT_TIMEOUT] = "timeout",
		[CONNECT_UNREACHABLE] = "unreachable", [CONNECT_RESET] = "reset", [CONNECT_LOCAL] = "local",
		[CONNECT_OTHER] = "other", [CONNECT_NOT_TRIED] = "not-tried" };

	return word_in(words, COUNT_OF(words), v);
}

static const char *
local_word(unsigned v)
{
	static const char *const words[] = { [LOCAL_NONE] = "none", [LOCAL_BAD_SIGNATURE] = "bad-signature",
		[LOCAL_UNDECODABLE] = "undecodable", [LOCAL_TOO_LARGE] = "too-large", [LOCAL_VERSION] = "version",
		[LOCAL_CIPHER] = "cipher", [LOCAL_GROUP] = "group", [LOCAL_SIGALG] = "sigalg",
		[LOCAL_UNEXPECTED] = "unexpected", [LOCAL_OTHER] = "other" };

	return word_in(words, COUNT_OF(words), v);
}

/* ---- what lies in a handshake ---- */

#define S struct message
static const struct field message_fields[] = {
	ROW(ENUM, from, .word = peer_word),
	ROW(UNSIGNED, type, PLAIN),
	ROW(UNSIGNED, bytes, PLAIN),
	ROW(REAL, parsed_ms, PLAIN),
	ROW(REAL, at_ms, PLAIN),
	ROW(STRING, note, PLAIN),
};
#undef S
const struct record case_message = { .type = "message", .header = "model/handshake.h", .size = sizeof(struct message),
	.fields = message_fields, .len = COUNT_OF(message_fields) };

#define S struct alert
static const struct field alert_fields[] = {
	ROW(ENUM, from, .word = peer_word),
	ROW(UNSIGNED, level, PLAIN),
	ROW(UNSIGNED, number, PLAIN),
	ROW(ENUM, phase, .word = phase_word),
	ROW(REAL, at_ms, PLAIN),
	ROW(BOOL, plaintext_before_hello, PLAIN),
};
#undef S
const struct record case_alert = { .type = "alert", .header = "model/handshake.h", .size = sizeof(struct alert),
	.fields = alert_fields, .len = COUNT_OF(alert_fields) };

#define S struct ended
static const struct field ended_fields[] = {
	ROW(ENUM, by, .word = peer_word),
	ROW(ENUM, how, .word = end_word),
	ROW(ENUM, phase, .word = phase_word),
	ROW(REAL, at_ms, PLAIN),
	ROW(SIGNED, os_error, PLAIN),
};
#undef S
const struct record case_ended = { .type = "ended", .header = "model/handshake.h", .size = sizeof(struct ended),
	.fields = ended_fields, .len = COUNT_OF(ended_fields) };

#define S struct attempt
static const struct field attempt_fields[] = {
	ROW(STRING, address, .needed = true),
	ROW(ENUM, result, .word = connect_word),
	ROW(SIGNED, os_error, PLAIN),
	ROW(REAL, start_ms, PLAIN),
	ROW(REAL, end_ms, PLAIN),
};
#undef S
const struct record case_attempt = { .type = "attempt", .header = "model/handshake.h", .size = sizeof(struct attempt),
	.fields = attempt_fields, .len = COUNT_OF(attempt_fields) };

#define S struct wire_cert
static const struct field wire_cert_fields[] = {
	ROW(STORED, der, PLAIN),
	ROW(LEFT_OUT, cert, .why = "it is read from the DER"),
	ROW(STRING, problem, PLAIN),
};
#undef S
const struct record case_wire_cert = { .type = "wire_cert", .header = "model/handshake.h", .size = sizeof(struct wire_cert),
	.fields = wire_cert_fields, .len = COUNT_OF(wire_cert_fields), .complete = case_complete_wire_cert };

#define S struct certificate_request
static const struct field certificate_request_fields[] = {
	ROW(BOOL, seen, PLAIN),
	ROW(BOOL, after_finished, PLAIN),
	LIST(NAMES, cas, cas_len, LIMIT_CA_LIST),
	ROW(BOOL, cas_truncated, PLAIN),
	LIST(NUMBERS, sigalgs, sigalgs_len, LIMIT_CASE_NUMBERS),
	LIST(NUMBERS, sigalgs_cert, sigalgs_cert_len, LIMIT_CASE_NUMBERS),
	LIST(OCTETS, types, types_len, LIMIT_CASE_NUMBERS),
};
#undef S
const struct record case_certificate_request = { .type = "certificate_request", .header = "model/handshake.h",
	.size = sizeof(struct certificate_request), .fields = certificate_request_fields, .len = COUNT_OF(certificate_request_fields) };

#define S struct offer
static const struct field offer_fields[] = {
	ROW(UNSIGNED, min_version, PLAIN),
	ROW(UNSIGNED, max_version, PLAIN),
	ROW(STRING, ciphers, PLAIN),
	ROW(STRING, groups, PLAIN),
	ROW(STRING, sigalgs, PLAIN),
	ROW(STRING, alpn, PLAIN),
	ROW(STRING, sni, PLAIN),
};
#undef S
const struct record case_offer = { .type = "offer", .header = "model/handshake.h", .size = sizeof(struct offer),
	.fields = offer_fields, .len = COUNT_OF(offer_fields) };

/* model/spoken.h */
static const char *
where_word(unsigned v)
{
	return v <= SPOKEN_INSIDE_TLS ? spoken_where_name((enum spoken_where)v) : NULL;
}

static const char *
obstacle_word(unsigned v)
{
	static const char *const words[] = { [OBSTACLE_NONE] = "none", [OBSTACLE_PROXY] = "proxy", [OBSTACLE_STARTTLS] = "starttls",
		[OBSTACLE_INJECTED] = "injected" };

	return word_in(words, COUNT_OF(words), v);
}

static const char *
inside_word(unsigned v)
{
	static const char *const words[] = { [INSIDE_NOT_ASKED] = "not-asked", [INSIDE_UNANSWERED] = "unanswered", [INSIDE_ACCEPTED] = "accepted",
		[INSIDE_DOUBTFUL] = "doubtful", [INSIDE_REFUSED] = "refused" };

	return word_in(words, COUNT_OF(words), v);
}

#define S struct spoken
static const struct field spoken_fields[] = {
	ROW(BOOL, by_us, PLAIN),
	ROW(ENUM, where, .word = where_word),
	ROW(STRING, text, .needed = true),
	ROW(REAL, at_ms, PLAIN),
};
#undef S
const struct record case_spoken = { .type = "spoken", .header = "model/spoken.h", .size = sizeof(struct spoken),
	.fields = spoken_fields, .len = COUNT_OF(spoken_fields) };

#define S struct inside_answer
static const struct field inside_fields[] = {
	ROW(ENUM, is, .word = inside_word),
	ROW(STRING, question, PLAIN),
	ROW(STRING, text, PLAIN),
	ROW(REAL, at_ms, PLAIN),
};
#undef S
const struct record case_inside_answer = { .type = "inside_answer", .header = "model/spoken.h", .size = sizeof(struct inside_answer),
	.fields = inside_fields, .len = COUNT_OF(inside_fields) };

#define S struct http_answer
static const struct field http_answer_fields[] = {
	ROW(BOOL, requested, PLAIN),
	ROW(STRING, method, PLAIN),
	ROW(SIGNED, head_status, .most = 999),
	ROW(STRING, answer_from, PLAIN),
	ROW(SIGNED, status, .most = 999),
	ROW(BOOL, malformed, PLAIN),
	ROW(STRING, endless, PLAIN),
	ROW(STRING, ended, PLAIN),
	ROW(BYTES, reason, .keep = keep_of_line),
	ROW(BYTES, server, .keep = keep_of_line),
	ROW(BYTES, head, .keep = keep_of_head),
	ROW(BYTES, body, .keep = keep_of_body),
	ROW(TIME, date, PLAIN),
	ROW(SIGNED, age, PLAIN),
	ROW(REAL, sent_ms, PLAIN),
	ROW(REAL, status_ms, PLAIN),
};
#undef S
const struct record case_http_answer = { .type = "http_answer", .header = "model/handshake.h", .size = sizeof(struct http_answer),
	.fields = http_answer_fields, .len = COUNT_OF(http_answer_fields) };

/* ---- the handshake ---- */

#define S struct handshake
static const struct field handshake_fields[] = {
	ROW(STRING, id, .needed = true),
	ROW(STRING, experiment, .needed = true),
	ROW(STRING, address, PLAIN),
	ROW(ENUM, phase, .word = phase_word, .needed = true),
	ROW(ENUM, outcome, .word = outcome_word, .needed = true),
	RECORDS(attempts, attempts_len, LIMIT_CASE_ATTEMPTS, case_attempt),
	ROW(SIGNED, dns_error, PLAIN),
	ROW(STRING, dns_error_text, PLAIN),
	ROW(RECORD, offer, .record = &case_offer),
	ROW(UNSIGNED, version, PLAIN),
	ROW(STRING, cipher, PLAIN),
	ROW(STRING, group, PLAIN),
	ROW(STRING, alpn, PLAIN),
	ROW(UNSIGNED, server_sigalg, PLAIN),
	ROW(BOOL, resumed, PLAIN),
	RECORDS(messages, messages_len, LIMIT_MESSAGES, case_message),
	RECORDS(alerts, alerts_len, LIMIT_ALERTS, case_alert),
	RECORDS(server_certs, server_certs_len, LIMIT_CHAIN_CERTS, case_wire_cert),
	ROW(BOOL, server_certs_truncated, PLAIN),
	ROW(RECORD, request, .record = &case_certificate_request),
	ROW(BOOL, sent_certificate_message, PLAIN),
	LIST(FINGERPRINTS, sent_certs, sent_certs_len, LIMIT_CHAIN_CERTS),
	ROW(UNSIGNED, our_sigalg, PLAIN),
	ROW(UNSIGNED, tickets, PLAIN),
	ROW(REAL, ticket_ms, PLAIN),
	ROW(BOOL, resumable, PLAIN),
	ROW(LEFT_OUT, listened, .why = "no case is made of what listen saw"),
	ROW(UNSIGNED, ticket_s, PLAIN),
	ROW(BOOL, has_stapled_ocsp, PLAIN),
	ROW(LEFT_OUT, stapled_ocsp, .why = "what it says is in evidence.revocations"),
	ROW(RECORD, ended, .record = &case_ended),
	ROW(ENUM, local, .word = local_word),
	ROW(STRING, detail, PLAIN),
	ROW(BOOL, cancelled, PLAIN),
	ROW(BOOL, not_tls, PLAIN),
	ROW(BYTES, plain, .keep = keep_of_plain),
	ROW(BOOL, write_failed, PLAIN),
	ROW(SIGNED, write_error, PLAIN),
	ROW(BOOL, request_unread, PLAIN),
	ROW(RECORD, http, .record = &case_http_answer),
	RECORDS(spoken, spoken_len, LIMIT_SPOKEN, case_spoken),
	ROW(ENUM, obstacle, .word = obstacle_word),
	ROW(STRING, obstacle_why, PLAIN),
	ROW(STRING, obstacle_answer, PLAIN),
	ROW(STRING, awaited, PLAIN),
	ROW(RECORD, inside, .record = &case_inside_answer),
	ROW(STRING, proxy, .keep = keep_of_url),
	ROW(BOOL, proxy_login, PLAIN),
	ROW(REAL, proxy_ms, PLAIN),
	ROW(REAL, starttls_ms, PLAIN),
	ROW(REAL, resolve_ms, PLAIN),
	ROW(REAL, connect_ms, PLAIN),
	ROW(REAL, tls_ms, PLAIN),
	ROW(REAL, verdict_ms, PLAIN),
	ROW(REAL, read_first_ms, PLAIN),
	ROW(SIGNED, started_ms, PLAIN),
	ROW(LEFT_OUT, arena, .why = "where it lies"),
};
#undef S
const struct record case_handshake = { .type = "handshake", .header = "model/handshake.h", .size = sizeof(struct handshake),
	.fields = handshake_fields, .len = COUNT_OF(handshake_fields) };
