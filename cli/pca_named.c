/* The certificate that is named: by its ARN, its serial, or a file that holds it. */
#include "cli/pca.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "aws/arn.h"
#include "cli/option_values.h"
#include "model/objects.h"

enum { LOOKED_AT = 100, SERIAL_DIGITS = 32 }; /* AWS's serials have 128 bits */

/* "0A:1b" → "0a1b"; NULL where it is no serial. */
static const char *
serial_of(struct pca_session *s, const char *word)
{
	struct buf b = { 0 };
	const char *out = NULL;

	for (const char *p = word; *p != '\0'; p++) {
		if (*p == ':' && p > word && p[1] != '\0')
			continue;
		if (!isxdigit((unsigned char)*p)) {
			buf_done(&b);
			return NULL;
		}
		buf_addc(&b, (char)tolower((unsigned char)*p));
	}
	if (b.len > 0 && b.len <= 2 * SERIAL_DIGITS)
		out = arena_strdup(s->arena, b.data);
	buf_done(&b);
	return out;
}

/* The certificate's ARN ends in the serial with all its digits (knowledge "aws" 1.2). */
static const char *
arn_of(struct pca_session *s, const char *ca, const char *serial)
{
	size_t len = strlen(serial);

	return arena_printf(s->arena, "%s/certificate/%.*s%s", ca, (int)(len < SERIAL_DIGITS ? SERIAL_DIGITS - len : 0),
	    "00000000000000000000000000000000", serial);
}

static status
by_arn(struct pca_session *s, const char *word, struct pca_named *out, struct error *err)
{
	char ca[PCA_ARN_MAX];

	if (!arn_ca_of_certificate(word, ca, sizeof ca))
		return error_set(err, ERROR_USAGE, "options", "%s: not the ARN of a private certificate (…certificate-authority/ID/certificate/SERIAL)",
		    printable(word));
	out->arn = word;
	out->serial = strrchr(word, '/') + 1;
	return session_find_ca(s, arena_strdup(s->arena, ca), &out->of, err);
}

/* The first digits of a serial, as a table shows them. More than one that begins so: ERROR_USAGE. */
static status
by_prefix(struct pca_session *s, const char *digits, struct inventory_cert **out, struct error *err)
{
	struct inventory_query q = { .filter = digits, .now = s->now, .soon = session_soon(s) };
	struct inventory_cert *certs = NULL;
	size_t len = 0;

	if (inventory_certs(s->inventory, &q, 0, LOOKED_AT, s->arena, &certs, &len, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t i = 0; i < len; i++) {
		if (certs[i].serial == NULL || strncmp(certs[i].serial, digits, strlen(digits)) != 0)
			continue;
		if (*out != NULL)
			return error_set(err, ERROR_USAGE, "options", "%s: several serials begin so; more digits are needed", digits);
		*out = &certs[i];
	}
	return STATUS_OK;
}

static status
by_serial(struct pca_session *s, const char *serial, struct pca_named *out, struct error *err)
{
	struct inventory_query q = { .now = s->now, .soon = session_soon(s) };
	struct inventory_cert *known = NULL;

	out->serial = serial;
	if (s->o->pca.ca != NULL) {
		if (session_find_ca(s, s->o->pca.ca, &out->of, err) != STATUS_OK)
			return STATUS_FAILED;
		out->arn = arn_of(s, out->of.ca.arn, serial);
		return STATUS_OK;
	}
	if (session_inventory(s, err) != STATUS_OK || inventory_cert(s->inventory, serial, &q, s->arena, &known, err) != STATUS_OK)
		return STATUS_FAILED;
	if (known == NULL && strlen(serial) < SERIAL_DIGITS && by_prefix(s, serial, &known, err) != STATUS_OK)
		return STATUS_FAILED;
	if (known == NULL || known->arn == NULL)
		return error_set(err, ERROR_USAGE, "options", "serial %s is not in the inventory: --ca CA says who issued it (pca sync fills the inventory)",
		    serial);
	return by_arn(s, known->arn, out, err);
}

static status
serial_in_file(struct pca_session *s, const char *file, const char **out, struct error *err)
{
	struct objects objects = { .len = 0 };
	struct read_options how = { .folders = false };
	status result = objects_read(file, &how, &objects, err);

	*out = NULL;
	for (size_t i = 0; result == STATUS_OK && i < objects.len && *out == NULL; i++) {
		if (objects.items[i].kind == OBJECT_CERT)
			*out = arena_strdup(s->arena, objects.items[i].cert->serial_hex);
	}
	if (result == STATUS_OK && *out == NULL)
		result = error_set(err, ERROR_INPUT, "reading", "%s: there is no certificate in it", printable(file));
	objects_done(&objects);
	return result;
}

status
session_find_certificate(struct pca_session *s, const char *word, bool files, struct pca_named *out, struct error *err)
{
	const char *serial = NULL;

	*out = (struct pca_named){ .arn = NULL };
	if (strncmp(word, "arn:", 4) == 0)
		return by_arn(s, word, out, err);
	if (files && access(word, F_OK) == 0) {
		if (serial_in_file(s, word, &serial, err) != STATUS_OK)
			return STATUS_FAILED;
	} else {
		serial = serial_of(s, word);
	}
	if (serial == NULL)
		return error_set(err, ERROR_USAGE, "options", "%s: neither the ARN of a certificate nor a serial%s", printable(word), files ? ", nor a file that is there" : "");
	return by_serial(s, serial, out, err);
}
