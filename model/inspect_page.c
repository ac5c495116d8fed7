#include "model/inspect_page.h"

#include <string.h>

#include "model/memory.h"
#include "model/page.h"
#include "model/quote.h"
#include "model/times.h"

enum { SHOWN_OBJECTS = 200, SHOWN_RELATIONS = 8 };

const char *
object_words(const struct object *x, struct arena *a)
{
	char date[TIME_TEXT_MAX];

	switch (x->kind) {
	case OBJECT_CERT:
		return arena_printf(a, "%s “%s”%s%s%s, %s, until %s", x->cert->is_ca ? "CA certificate" : "certificate",
		    cert_label(x->cert), x->cert->self_signed ? ", self-signed" : ", issued by “",
		    x->cert->self_signed ? "" : x->cert->issuer.common_name, x->cert->self_signed ? "" : "”",
		    x->cert->key.label, x->cert->not_after == TIME_UNKNOWN ? "no readable date" :
		    time_date(x->cert->not_after, date));
	case OBJECT_KEY:
	case OBJECT_PUBLIC_KEY:
		return arena_printf(a, "%s, %s%s", object_kind_name(x->kind), x->key->pub.label,
		    x->key->was_encrypted ? ", encrypted" : "");
	case OBJECT_CSR:
		return arena_printf(a, "%s for “%s”, %s%s", object_kind_name(x->kind), x->csr->subject.safe,
		    x->csr->key.label, x->csr->signature_ok ? "" : ", its signature does not verify");
	case OBJECT_CRL: return object_kind_name(x->kind);
	case OBJECT_DAMAGED: break;
	}
	return x->problem != NULL ? x->problem : "cannot be read";
}

const char *
object_place(const struct object *x, struct arena *a)
{
	char file[QUOTE_MAX];

	quote_str(x->file, file);
	if (x->line > 0)
		return arena_printf(a, "%s:%zu", file, x->line);
	return x->byte > 0 ? arena_printf(a, "%s, byte %zu", file, x->byte) : arena_strdup(a, file);
}

static void
relations(const struct objects *objects, const struct inspection *i, size_t index, const struct page *p, struct arena *a)
{
	size_t shown = 0;

	for (size_t k = 0; i != NULL && k < i->relations_len; k++) {
		const struct relation *r = &i->relations[k];
		if (r->object != index)
			continue;
		if (++shown > SHOWN_RELATIONS) {
			page_text(p, "      and more\n");
			return;
		}
		const struct object *to = &objects->items[r->to];
		const char *name = to->cert != NULL ? cert_label(to->cert) : to->csr != NULL ? to->csr->subject.safe : "";
		page_text(p, "      ");
		page_wrap(p, 6, 8, arena_printf(a, "%s “%s” (%s)", belonging_name(r->kind), name, object_place(to, a)));
	}
}

static void
list_objects(const struct objects *objects, const struct inspection *i, const struct page *p, struct arena *a)
{
	page_heading(p, "FILES");
	for (size_t k = 0; k < objects->len && k < SHOWN_OBJECTS; k++) {
		const struct object *x = &objects->items[k];
		bool damaged = x->kind == OBJECT_DAMAGED;
		page_text(p, "  ");
		page_tinted(p, damaged ? TINT_FAIL : TINT_HEAD, object_place(x, a));
		buf_addc(p->out, '\n');
		page_text(p, "    ");
		page_wrap(p, 4, 6, object_words(x, a));
		relations(objects, i, k, p, a);
	}
	if (objects->len > SHOWN_OBJECTS)
		page_textf(p, "  and %zu more objects (--json lists them all)\n", objects->len - SHOWN_OBJECTS);
	for (size_t k = 0; k < objects->notes_len; k++) {
		page_text(p, "  ");
		page_wrap(p, 2, 4, objects->notes[k]);
	}
	if (i != NULL && i->relations_capped) {
		page_text(p, "  ");
		page_wrap(p, 2, 4, "There are too many to look at each pair: some that belong together are not said.");
	}
}

void
inspect_page(const struct objects *objects, const struct inspection *inspection, const struct diagnosis *d,
    const struct report_style *s, struct buf *out)
{
	struct page p = { .out = out, .style = s };
	struct arena *a = arena_new();

	if (inspection != NULL && inspection->taken != NULL)
		page_wrap(&p, 0, 2, arena_printf(a, "Judged: %s", inspection->taken));
	else
		page_text(&p, "Judged: nothing, there is no certificate among the files\n");
	if (d != NULL)
		report_one(d, s, out);
	list_objects(objects, inspection, &p, a);
	arena_free(a);
}
