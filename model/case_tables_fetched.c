/* What a case keeps of what addresses out of certificates gave: model/fetched.h. Rows in the order of the header. */
#include "model/case_fields.h"

#include "model/fetched.h"
#include "model/leave_out.h"

#define COUNT_OF(list) (sizeof(list) / sizeof(list)[0])

static const char *
fetch_word(unsigned v)
{
	return v <= FETCH_OCSP ? fetch_kind_name((enum fetch_kind)v) : NULL;
}

static const char *
by_word(unsigned v)
{
	return v <= REVOCATION_BY_CRL ? revocation_by_name((enum revocation_by)v) : NULL;
}

static const char *
status_word(unsigned v)
{
	return v <= REVOCATION_UNKNOWN ? revocation_status_name((enum revocation_status)v) : NULL;
}

static const char *
doubt_word(unsigned v)
{
	static const char *const words[] = { [REVOCATION_NO_DOUBT] = "none", [REVOCATION_NOT_HAD] = "not-had", [REVOCATION_BROKEN] = "broken",
		[REVOCATION_UNSUPPORTED] = "unsupported", [REVOCATION_NOT_SAID] = "not-said" };

	return v < COUNT_OF(words) ? words[v] : NULL;
}

#define S struct fetch_note
static const struct field fetch_fields[] = {
	ROW(ENUM, kind, .word = fetch_word),
	ROW(STRING, url, .keep = keep_of_url),
	ROW(SIGNED, status, PLAIN),
	ROW(UNSIGNED, bytes, PLAIN),
	ROW(REAL, ms, PLAIN),
	ROW(BOOL, shared, PLAIN),
	ROW(BOOL, refused, PLAIN),
	ROW(STRING, problem, PLAIN),
};
#undef S
const struct record case_fetch_note = { .type = "fetch_note", .header = "model/fetched.h", .size = sizeof(struct fetch_note),
	.fields = fetch_fields, .len = COUNT_OF(fetch_fields) };

#define S struct revocation
static const struct field revocation_fields[] = {
	ROW(FINGERPRINT, of, .needed = true),
	ROW(ENUM, by, .word = by_word),
	ROW(ENUM, status, .word = status_word, .needed = true),
	ROW(ENUM, doubt, .word = doubt_word),
	ROW(STRING, why, PLAIN),
	ROW(STRING, reason, PLAIN),
	ROW(TIME, revoked_at, PLAIN),
	ROW(TIME, produced_at, PLAIN),
	ROW(TIME, this_update, PLAIN),
	ROW(TIME, next_update, PLAIN),
	ROW(STRING, where, .keep = keep_of_url),
};
#undef S
const struct record case_revocation = { .type = "revocation", .header = "model/fetched.h", .size = sizeof(struct revocation),
	.fields = revocation_fields, .len = COUNT_OF(revocation_fields) };
