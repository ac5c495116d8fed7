#include "model/ending.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "model/alert.h"
#include "model/memory.h"
#include "model/refusal.h"

/* ---- the operating system ---- */

static const struct errno_row {
	int number;
	enum code code;
	const char *words;
	const char *mend; /* of what this machine could not do; NULL: nothing better is known than the code's */
} errnos[] = {
	{ ECONNREFUSED, CODE_NET_REFUSED, "connection refused", NULL },
	{ ETIMEDOUT, CODE_NET_TIMEOUT, "timed out", NULL },
	{ EAGAIN, CODE_NET_TIMEOUT, "no answer yet", NULL },
	{ EHOSTUNREACH, CODE_NET_UNREACHABLE, "no route to the host", NULL },
	{ ENETUNREACH, CODE_NET_UNREACHABLE, "no route to the network", NULL },
	{ EHOSTDOWN, CODE_NET_UNREACHABLE, "the host is down", NULL },
	{ ENETDOWN, CODE_NET_UNREACHABLE, "the network is down", NULL },
	{ ENOENT, CODE_NET_UNREACHABLE, "no such file", NULL }, /* unix:/path */
	{ ENOTSOCK, CODE_NET_UNREACHABLE, "not a socket", NULL },
	{ ENOTDIR, CODE_NET_UNREACHABLE, "no such folder", NULL },
	{ ECONNRESET, CODE_NET_RESET, "connection reset by the peer", NULL },
	{ ENETRESET, CODE_NET_RESET, "connection reset by the network", NULL },
	{ ECONNABORTED, CODE_NET_RESET, "connection aborted", NULL },
	{ EPIPE, CODE_NET_CLOSED, "the peer had closed", NULL },
	{ ENOTCONN, CODE_NET_CLOSED, "not connected any more", NULL },
	{ ESHUTDOWN, CODE_NET_CLOSED, "the peer had shut down", NULL },
	{ EMFILE, CODE_NET_LOCAL, "this process has no file descriptor left",
	    "raise this process's limit of open files (ulimit -n), or check fewer targets at once (--jobs)" },
	{ ENFILE, CODE_NET_LOCAL, "this machine has no file descriptor left",
	    "raise this machine's limit of open files (sysctl fs.file-max), or close some" },
	{ EACCES, CODE_NET_LOCAL, "permission denied on this machine",
	    "run it as a user who may, or change what forbids it: the socket's permissions, or a firewall rule of this machine" },
	{ EPERM, CODE_NET_LOCAL, "not permitted on this machine (a firewall rule of its own?)",
	    "look at this machine's own firewall rules and security modules" },
	{ ENOBUFS, CODE_NET_LOCAL, "this machine has no buffer left",
	    "free memory on this machine" },
	{ ENOMEM, CODE_NET_LOCAL, "this machine has no memory left",
	    "free memory on this machine" },
	{ EADDRINUSE, CODE_NET_LOCAL, "the local address is in use",
	    "wait until local ports are free again (ss -s counts those in use)" },
	{ EADDRNOTAVAIL, CODE_NET_LOCAL, "no local port is free, or that local address is not of this machine",
	    "correct the address of --interface, where it was given; else wait until local ports are free again (ss -s counts those in use)" },
	{ EAFNOSUPPORT, CODE_NET_LOCAL, "this machine does not speak that address family",
	    "take an address of the other family (-4, -6)" },
	{ EINVAL, CODE_NET_LOCAL, "this machine's kernel takes it for invalid",
	    "correct the address" },
	{ ENODEV, CODE_NET_LOCAL, "no such network interface",
	    "correct --interface: ip link lists the interfaces of this machine" },
};

static const struct errno_row *
errno_row(int os_error)
{
	for (size_t i = 0; i < sizeof errnos / sizeof errnos[0]; i++)
		if (errnos[i].number == os_error)
			return &errnos[i];
	return NULL;
}

enum code
ending_errno(int os_error)
{
	const struct errno_row *row = errno_row(os_error);

	return row != NULL ? row->code : CODE_NET_UNREACHABLE;
}

const char *
errno_mend(int os_error)
{
	const struct errno_row *row = errno_row(os_error);

	return row != NULL ? row->mend : NULL;
}

const char *
errno_words(int os_error, struct arena *a)
{
	const struct errno_row *row = errno_row(os_error);

	return row != NULL ? row->words : arena_printf(a, "error %d of the operating system", os_error);
}

/* ---- no connection ---- */

/* Who came farther says more: an answer, be it a refusal, before silence; our own limits last. */
static const struct {
	int rank;
	enum code code;
} connects[] = {
	[CONNECT_OK] = { 0, CODE_NONE },
	[CONNECT_REFUSED] = { 6, CODE_NET_REFUSED },
	[CONNECT_TIMEOUT] = { 4, CODE_NET_TIMEOUT },
	[CONNECT_UNREACHABLE] = { 3, CODE_NET_UNREACHABLE },
	[CONNECT_RESET] = { 5, CODE_NET_RESET },
	[CONNECT_LOCAL] = { 2, CODE_NET_LOCAL },
	[CONNECT_OTHER] = { 2, CODE_NONE },
	[CONNECT_NOT_TRIED] = { 1, CODE_NET_TIMEOUT },
};

/* The code of the address that came farthest, where none could be connected to. */
static enum code
connect_code(const struct handshake *h)
{
	const struct attempt *best = NULL;

	for (size_t i = 0; i < h->attempts_len; i++) {
		const struct attempt *at = &h->attempts[i];

		if (best == NULL || connects[at->result].rank > connects[best->result].rank)
			best = at;
	}
	if (best != NULL && connects[best->result].code != CODE_NONE)
		return connects[best->result].code;
	if (best != NULL && best->result == CONNECT_OTHER)
		return ending_errno(best->os_error);
	if (h->ended.os_error != 0)
		return ending_errno(h->ended.os_error);
	switch (h->ended.how) {
	case END_TIMEOUT: return CODE_NET_TIMEOUT;
	case END_RST: return CODE_NET_RESET;
	case END_US: return CODE_NET_LOCAL;
	case END_FIN: return CODE_NET_CLOSED;
	default: return CODE_NET_UNREACHABLE;
	}
}

/* ---- TLS ---- */

static bool
same_group(const char *a, size_t len, const char *b)
{
	static const char *const spellings[][3] = {
		{ "secp256r1", "P-256", "prime256v1" },
		{ "secp384r1", "P-384", "P-384" },
		{ "secp521r1", "P-521", "P-521" },
	};

	if (strlen(b) == len && strncasecmp(a, b, len) == 0)
		return true;
	for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
		bool has_a = false, has_b = false;

		for (size_t k = 0; k < 3; k++) {
			has_a |= strlen(spellings[i][k]) == len && strncasecmp(spellings[i][k], a, len) == 0;
			has_b |= strcasecmp(spellings[i][k], b) == 0;
		}
		if (has_a && has_b)
			return true;
	}
	return false;
}

/* Is `name` among the names of a separated list, under any of its usual spellings? */
static bool
offer_has(const char *list, char separator, const char *name)
{
	while (list != NULL && *list != '\0') {
		const char *end = strchr(list, separator);
		size_t len = end != NULL ? (size_t)(end - list) : strlen(list);

		if (same_group(list, len, name))
			return true;
		list = end != NULL ? end + 1 : NULL;
	}
	return false;
}

enum code
ending_wide(const struct handshake *base, const struct handshake *wide)
{
	const struct alert *alert = handshake_fatal_alert(base, PEER_SERVER);
	const struct offer *o = &base->offer;
	const char *sigalg;

	if (wide == NULL || wide->version == 0)
		return CODE_NONE;
	if (o->min_version != 0 && wide->version < o->min_version)
		return CODE_TLS_NO_COMMON_VERSION;
	if (o->max_version != 0 && wide->version > o->max_version) {
		/* 40 is not about the version: something else was missing in the version that both speak. */
		return alert != NULL && alert->number != 70 ? CODE_NONE : CODE_TLS_NO_COMMON_VERSION;
	}
	if (wide->cipher != NULL && o->ciphers != NULL && !offer_has(o->ciphers, ':', wide->cipher))
		return CODE_TLS_NO_COMMON_CIPHER;
	if (wide->group != NULL && o->groups != NULL && !offer_has(o->groups, ':', wide->group))
		return CODE_TLS_NO_COMMON_GROUP;
	sigalg = sigalg_name(wide->server_sigalg);
	if (wide->server_sigalg != 0 && sigalg != NULL && o->sigalgs != NULL && !offer_has(o->sigalgs, ':', sigalg))
		return CODE_TLS_NO_COMMON_SIGALG;
	return CODE_NONE;
}

/* Alerts before the certificates that say themselves what was missing. */
static enum code
early_alert(uint8_t number)
{
	switch (number) {
	case 70:
	case 86: return CODE_TLS_NO_COMMON_VERSION;
	case 71: return CODE_TLS_NO_COMMON_CIPHER;
	case 120: return CODE_TLS_NO_COMMON_ALPN;
	default: return CODE_NONE;
	}
}

static bool
a_certificate_is_unreadable(const struct handshake *h)
{
	for (size_t i = 0; i < h->server_certs_len; i++)
		if (h->server_certs[i].cert == NULL)
			return true;
	return false;
}

static enum code
local_code(const struct handshake *h)
{
	static const enum code of[] = {
		[LOCAL_NONE] = CODE_TLS_BROKEN_PEER,
		[LOCAL_BAD_SIGNATURE] = CODE_KEY_SERVER_MISMATCH,
		[LOCAL_UNDECODABLE] = CODE_TLS_BROKEN_PEER,
		[LOCAL_TOO_LARGE] = CODE_TLS_BROKEN_PEER,
		[LOCAL_VERSION] = CODE_TLS_NO_COMMON_VERSION,
		[LOCAL_CIPHER] = CODE_TLS_NO_COMMON_CIPHER,
		[LOCAL_GROUP] = CODE_TLS_NO_COMMON_GROUP,
		[LOCAL_SIGALG] = CODE_TLS_NO_COMMON_SIGALG,
		[LOCAL_UNEXPECTED] = CODE_TLS_BROKEN_PEER,
		[LOCAL_OTHER] = CODE_TLS_BROKEN_PEER,
	};

	if (h->local == LOCAL_UNDECODABLE && a_certificate_is_unreadable(h))
		return CODE_CERT_MALFORMED;
	return of[h->local];
}

/* A warning is a word of TLS too: 112 unrecognized_name, and then it closes. */
static bool
server_sent_an_alert(const struct handshake *h)
{
	for (size_t i = 0; i < h->alerts_len; i++)
		if (h->alerts[i].from == PEER_SERVER)
			return true;
	return false;
}

/* The server said or did something before our certificate could matter. */
static enum code
server_ended(const struct evidence *e, const struct handshake *h)
{
	const struct alert *alert = handshake_fatal_alert(h, PEER_SERVER);
	enum code told = CODE_NONE;

	if (alert != NULL && alert->phase < PHASE_SERVER_CERTIFICATE)
		told = early_alert(alert->number);
	/* ALPN is answered with the server's hello, in TLS 1.3 with what follows it. */
	if (alert != NULL && alert->number == 120 && alert->phase < PHASE_OUR_FLIGHT)
		told = CODE_TLS_NO_COMMON_ALPN;
	if (told == CODE_NONE && h->phase < PHASE_SERVER_CERTIFICATE)
		told = ending_wide(h, evidence_experiment(e, "wide-hello"));
	if (told != CODE_NONE)
		return told;
	if (h->phase > PHASE_HELLO || server_sent_an_alert(h))
		return CODE_TLS_REJECTED;
	/* Not a word of TLS came. */
	switch (h->ended.how) {
	case END_FIN: return CODE_NET_CLOSED;
	case END_RST: return CODE_NET_RESET;
	case END_NOT_YET: return h->ended.os_error != 0 ? ending_errno(h->ended.os_error) : CODE_TLS_REJECTED;
	default: return CODE_TLS_REJECTED;
	}
}

static enum code
network_ended(const struct evidence *e, const struct handshake *h)
{
	enum code told;

	switch (h->ended.how) {
	case END_TIMEOUT: return CODE_NET_TIMEOUT;
	case END_US: return CODE_NET_LOCAL;
	default: break;
	}
	told = server_ended(e, h);
	if (told != CODE_TLS_REJECTED || h->phase > PHASE_HELLO)
		return told;
	if (h->ended.os_error != 0)
		return ending_errno(h->ended.os_error);
	return CODE_NET_CLOSED;
}

static enum code
obstacle_code(enum obstacle o)
{
	static const enum code of[] = {
		[OBSTACLE_PROXY] = CODE_NET_PROXY_FAILED,
		[OBSTACLE_STARTTLS] = CODE_NET_STARTTLS_REFUSED,
		[OBSTACLE_INJECTED] = CODE_NET_NOT_TLS,
	};

	return of[o];
}

enum code
ending_code(const struct evidence *e)
{
	const struct handshake *h = evidence_baseline(e);

	if (h == NULL || handshake_accepted(h))
		return CODE_NONE;
	if (h->obstacle != OBSTACLE_NONE && !h->cancelled)
		return obstacle_code(h->obstacle);
	if (h->not_tls)
		return CODE_NET_NOT_TLS;
	if (h->cancelled && !evidence_refused(e) && handshake_fatal_alert(h, PEER_SERVER) == NULL)
		return CODE_NET_LOCAL;
	if (h->dns_error != 0 || (h->phase == PHASE_RESOLVE && h->ended.os_error == 0))
		return CODE_NET_DNS_FAILURE;
	if (h->phase <= PHASE_CONNECT)
		return connect_code(h);
	if (evidence_refused(e))
		return CODE_CLIENT_REJECTED;
	if (handshake_fatal_alert(h, PEER_SERVER) != NULL && h->local == LOCAL_NONE)
		return server_ended(e, h);
	if (h->local != LOCAL_NONE || h->outcome == OUTCOME_FAILED_LOCAL || handshake_fatal_alert(h, PEER_US) != NULL)
		return local_code(h);
	if (h->outcome == OUTCOME_NETWORK || h->ended.how == END_TIMEOUT)
		return network_ended(e, h);
	return server_ended(e, h);
}
