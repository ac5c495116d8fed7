/*
 * One path, judged: what is wrong with exactly these certificates in exactly this order, apart from
 * dates and from trust. OpenSSL judges; where it cannot be made to look at this very path, the same
 * rules of RFC 5280 section 6.1 are applied one by one.
 */
#ifndef MODEL_PATH_JUDGE_H
#define MODEL_PATH_JUDGE_H

#include "model/memory.h"
#include "model/path.h"

struct path_errors {
	struct arena *arena; /* where items and their texts live */
	struct path_error *items;
	size_t len, cap;
};

/* Notes an error once for each depth; X509_V_OK and those about trust and dates may be noted too. */
void path_errors_note(struct path_errors *to, const struct path_link *links, size_t len,
    enum purpose purpose, int depth, int x509_error);

/*
 * Everything but dates and trust: the last certificate is taken as the anchor. Costs 3 µs for a chain
 * of three once its signatures are in the shared cache (measured), so judgements are not remembered.
 */
void path_judge(const struct path_link *links, size_t len, enum purpose purpose,
    struct path_errors *to);

/*
 * The two ways, for tests: they must agree. path_judge_openssl returns false where OpenSSL built
 * another chain than the one asked for.
 */
bool path_judge_openssl(const struct path_link *links, size_t len, enum purpose purpose,
    struct path_errors *to);
void path_judge_by_rules(const struct path_link *links, size_t len, enum purpose purpose,
    struct path_errors *to);

#endif
