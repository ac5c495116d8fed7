/*
 * Whose words a text is, and about whom: direction matters. What a server's log says of a certificate is
 * about the client's; an alert in that log came from the client and is about the server's. Where the text
 * does not tell which side wrote it, both readings are given, and how to tell.
 */
#include <string.h>

#include "model/alert.h"
#include "model/explain_parts.h"

const char *
writer_name(enum writer w)
{
	return w == WRITER_SERVER ? "server" : w == WRITER_CLIENT ? "client" : "either";
}

const char *
reading_whose(const struct reading *r)
{
	if (r->about == SIDE_POLICY)
		return r->said_by == WRITER_SERVER ? "said by AWS or its program, about a command" : "about a command line";
	if (r->about == SIDE_NETWORK)
		return r->said_by == WRITER_SERVER ? "said by the server, about the connection" :
		    r->said_by == WRITER_CLIENT ? "said by the client, about the connection" : "about the connection, no certificate was judged";
	if (r->about == SIDE_CLIENT)
		return r->said_by == WRITER_CLIENT ? "said by the client, about its own files" : "said by the server, about the client's certificate";
	return r->said_by == WRITER_SERVER ? "said by the server, about its own files" : "said by the client, about the server's certificate";
}

static enum writer
other(enum writer w)
{
	return w == WRITER_SERVER ? WRITER_CLIENT : WRITER_SERVER;
}

/* Alerts that only a server sends (RFC 8446 6.2, RFC 6066, RFC 7301), and those that only a client does. */
static enum writer
only_sender(int alert)
{
	static const int servers[] = { 112, 115, 116, 120, 121 };

	for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++)
		if (servers[i] == alert)
			return WRITER_SERVER;
	return alert == 113 ? WRITER_CLIENT : WRITER_EITHER;
}

static void
alert_readings(struct explanation *e, const struct found *f, enum writer writer, struct arena *a)
{
	/* "alert 48" by itself does not even say who sent it. */
	bool directed = f->meaning->act == ACT_HEARD || f->meaning->act == ACT_SENT;
	bool heard = f->meaning->act == ACT_HEARD;
	enum writer sender = only_sender(f->alert);

	if (sender == WRITER_EITHER && directed && writer != WRITER_EITHER)
		sender = heard ? other(writer) : writer;
	if (sender != WRITER_EITHER) {
		alert_reading(&e->readings[e->readings_len++], f->alert, sender, a);
		return;
	}
	for (int i = 0; i < 2; i++) {
		struct reading *r = &e->readings[e->readings_len++];

		sender = i == 0 ? WRITER_SERVER : WRITER_CLIENT;
		alert_reading(r, f->alert, sender, a);
		if (!directed)
			r->when = i == 0 ? "if the server sent it" : "if the client sent it";
		else if (heard)
			r->when = i == 0 ? "if this is from the client's log" : "if this is from the server's log";
		else
			r->when = i == 0 ? "if this is from the server's log" : "if this is from the client's log";
	}
}

/* A row may name causes of both sides; those of the other one are left out. */
static bool
on_side(enum code code, enum side about)
{
	const struct code_info *i = code_info(code);
	bool clients = i->group == GROUP_CLIENT || (i->group == GROUP_KEY && i->side == SIDE_CLIENT);
	bool servers = i->group == GROUP_SERVER || code == CODE_KEY_SERVER_MISMATCH;

	if (code == CODE_KEY_UNREADABLE || code == CODE_KEY_EXPOSED || about == SIDE_NETWORK)
		return true;
	return about == SIDE_CLIENT ? !servers : !clients;
}

static void
row_causes(struct reading *r, const struct explain_row *row, struct arena *a)
{
	const struct fault_info *f = &faults[row->fault];
	const struct cause *mine = r->about == SIDE_CLIENT ? f->client_causes : f->server_causes;

	for (const struct cause *c = row->causes; c != NULL && c->code != CODE_NONE; c++)
		if (on_side(c->code, r->about))
			reading_cause(r, c->code, c->likelihood, a);
	if (r->causes_len == 0)
		reading_causes(r, mine != NULL ? mine : f->server_causes, a);
}

static void
cause_is(struct reading *r, enum code code, enum confidence likelihood)
{
	for (size_t i = 0; i < r->causes_len; i++)
		if (r->causes[i].code == code)
			r->causes[i].likelihood = likelihood;
}

/* Depth 0 is the leaf; above it stand CAs. */
static void
by_depth(struct reading *r, const struct explanation *e)
{
	for (size_t i = 0; i < e->details_len; i++) {
		bool leaf = strcmp(e->details[i].value, "0") == 0;

		if (strcmp(e->details[i].name, "depth") != 0)
			continue;
		cause_is(r, CODE_CLIENT_EXPIRED, leaf ? CONFIDENCE_HIGH : CONFIDENCE_LOW);
		cause_is(r, CODE_CERT_EXPIRED, leaf ? CONFIDENCE_HIGH : CONFIDENCE_LOW);
		cause_is(r, CODE_CLIENT_INTERMEDIATE_EXPIRED, leaf ? CONFIDENCE_LOW : CONFIDENCE_HIGH);
		cause_is(r, CODE_CHAIN_INTERMEDIATE_EXPIRED, leaf ? CONFIDENCE_LOW : CONFIDENCE_HIGH);
	}
}

/*
 * The server's own log line makes a cause certain (CONTRACT section 4), where it names one and no other
 * one comes near.
 */
static void
make_certain(struct reading *r)
{
	size_t near = 0;

	for (size_t i = 0; i < r->causes_len; i++)
		near += r->causes[i].likelihood >= CONFIDENCE_MEDIUM;
	if (near == 1 && r->causes_len > 0 && r->causes[0].likelihood >= CONFIDENCE_HIGH)
		r->causes[0].likelihood = CONFIDENCE_CERTAIN;
}

static void
command_reading(struct explanation *e, const struct found *f, enum writer writer, struct arena *a)
{
	struct reading *r = &e->readings[e->readings_len++];
	const char *right = f->right != NULL ? f->right : f->meaning->command;

	r->said_by = writer;
	r->about = SIDE_POLICY;
	r->says = f->meaning->says;
	r->next = f->meaning->next;
	r->command = right != NULL ? arena_strdup(a, right) : NULL;
}

static void
row_reading(struct explanation *e, const struct found *f, enum writer writer, struct arena *a)
{
	struct reading *r = &e->readings[e->readings_len++];
	const struct explain_row *row = f->meaning;
	const struct fault_info *fault = &faults[row->fault];
	enum writer judged = row->act == ACT_OWN || row->act == ACT_HEARD ? writer : other(writer);

	r->said_by = row->act == ACT_HEARD && writer != WRITER_EITHER ? other(writer) : writer;
	r->about = row->act == ACT_MET ? SIDE_NETWORK : judged == WRITER_CLIENT ? SIDE_CLIENT : SIDE_SERVER;
	if (row->act == ACT_MET && fault->either == NULL && fault->client != NULL)
		r->about = SIDE_CLIENT; /* a late request, none sent: about the client, whoever met it */
	r->says = row->says != NULL ? row->says : r->about == SIDE_CLIENT ? fault->client : fault->server;
	if (r->says == NULL)
		r->says = fault->either != NULL ? fault->either : fault->client;
	r->next = row->next != NULL ? row->next : r->about == SIDE_CLIENT ? fault->client_next : fault->server_next;
	row_causes(r, row, a);
	/* nginx goes one certificate above the leaf, unless ssl_verify_depth says more, and calls that 20 (measured). */
	if (row->number == 20 && row->fault == FAULT_NO_ISSUER && f->context != NULL && f->context->stack == STACK_NGINX)
		cause_is(r, CODE_CLIENT_DEPTH_EXCEEDED, CONFIDENCE_MEDIUM);
	by_depth(r, e);
	reading_sort(r);
	if (row->act == ACT_JUDGED && writer == WRITER_SERVER)
		make_certain(r);
}

void
readings_make(struct explanation *e, const struct found *f, enum writer writer, struct arena *a)
{
	const struct explain_row *row = f->meaning;

	memset(e->readings, 0, sizeof e->readings);
	e->readings_len = 0;
	if (row->act == ACT_TYPED) {
		command_reading(e, f, writer, a);
	} else if (f->alert >= 0) {
		alert_readings(e, f, writer, a);
	} else if (row->act == ACT_MET || writer != WRITER_EITHER) {
		row_reading(e, f, writer, a);
	} else {
		row_reading(e, f, WRITER_SERVER, a);
		row_reading(e, f, WRITER_CLIENT, a);
		/* Not known whose words they are, nothing is certain. */
		for (size_t i = 0; i < e->readings[0].causes_len; i++)
			if (e->readings[0].causes[i].likelihood == CONFIDENCE_CERTAIN)
				e->readings[0].causes[i].likelihood = CONFIDENCE_HIGH;
		e->readings[0].when = "if this is from the server's log";
		e->readings[1].when = "if this is from the client's log";
	}
}
