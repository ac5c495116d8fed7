/*
 * Application Load Balancers' connection logs: space-separated, texts with blanks in quotation marks.
 * AWS's documents, load-balancer-connection-logs: timestamp client_ip client_port listener_port
 * tls_protocol tls_cipher tls_handshake_latency leaf_client_cert_subject leaf_client_cert_validity
 * leaf_client_cert_serial_number tls_verify_status conn_trace_id, and further ones since.
 */
#include <ctype.h>
#include <string.h>

#include "model/explain_parts.h"

enum { FIELDS = 12, STATUS = 10 };

static struct text
next_field(struct text *rest)
{
	struct text f = { rest->bytes, 0 };
	size_t used;

	while (rest->len > 0 && rest->bytes[0] == ' ') {
		rest->bytes++;
		rest->len--;
	}
	f.bytes = rest->bytes;
	if (rest->len > 0 && rest->bytes[0] == '"') {
		const unsigned char *end = memchr(rest->bytes + 1, '"', rest->len - 1);

		f.bytes++;
		f.len = end != NULL ? (size_t)(end - f.bytes) : rest->len - 1;
		used = end != NULL ? f.len + 2 : rest->len;
	} else {
		const unsigned char *end = rest->len > 0 ? memchr(rest->bytes, ' ', rest->len) : NULL;

		f.len = used = end != NULL ? (size_t)(end - rest->bytes) : rest->len;
	}
	rest->bytes += used;
	rest->len -= used;
	return f;
}

/* 2023-10-04T17:05:15.514108Z */
static bool
is_time(struct text t)
{
	static const char shape[] = "0000-00-00T00:00:00";

	if (t.len < sizeof shape)
		return false;
	for (size_t i = 0; i < sizeof shape - 1; i++)
		if (shape[i] == '0' ? !isdigit(t.bytes[i]) : t.bytes[i] != (unsigned char)shape[i])
			return false;
	return true;
}

bool
alb_read(struct text line, struct alb_line *out, char *code, size_t size)
{
	static const char *const names[FIELDS] = { NULL, "client", NULL, "port", "version", "cipher", "latency", "subject", "valid", "serial", NULL, "trace" };
	struct text fields[FIELDS], s;

	*out = (struct alb_line){ .len = 0 };
	for (size_t i = 0; i < FIELDS; i++) {
		fields[i] = next_field(&line);
		if (fields[i].len == 0 || (i == 0 && !is_time(fields[0])))
			return false;
	}
	s = fields[STATUS];
	if (text_starts(s, "Failed:")) {
		s.bytes += strlen("Failed:");
		s.len -= strlen("Failed:");
	} else if (!text_equal(s, text_of("Success"))) {
		return false;
	}
	if (s.len == 0 || s.len >= size)
		return false;
	memcpy(code, s.bytes, s.len);
	code[s.len] = '\0';
	out->status = code;
	out->no_certificate = text_equal(fields[7], text_of("-"));
	for (size_t i = 0; i < FIELDS; i++) {
		if (names[i] == NULL || text_equal(fields[i], text_of("-")))
			continue;
		out->fields[out->len].name = names[i];
		out->fields[out->len++].value = fields[i];
	}
	return true;
}
