/*
 * Templates of configuration: lines, each with the case in which it is wanted, and @facts@ in them. A fact is quoted as the
 * format wants it; the template itself holds no quotation marks around one.
 */
#ifndef FIXES_PASTE_LINES_H
#define FIXES_PASTE_LINES_H

#include "fixes/paste.h"
#include "model/buf.h"

enum paste_format { FORMAT_SHELL, FORMAT_NGINX, FORMAT_APACHE, FORMAT_HAPROXY, FORMAT_YAML, FORMAT_SOURCE /* Go, Python, JavaScript, Java */, FORMAT_PROPERTIES, FORMAT_XML, FORMAT_PLAIN, FORMAT_COUNT };

/* A line is wanted where all that it names holds. */
enum {
	IF_ALWAYS = 0,
	IF_REQUIRED = 1 << 0,
	IF_OPTIONAL = 1 << 1,
	IF_CRL = 1 << 2,
	IF_NO_CRL = 1 << 3,
	IF_SEPARATE_KEY = 1 << 4,  /* the key is not CERT.key: HAProxy wants both in one file then */
	IF_TRUST_STORE = 1 << 5,
	IF_NO_TRUST_STORE = 1 << 6,
	IF_KEY_BESIDE = 1 << 7,    /* it is */
	IF_VERSION = 1 << 8,       /* of the bundle in S3 */
	IF_NO_VERSION = 1 << 9
};

struct paste_line {
	unsigned when;
	const char *text;
};

/* Appends the lines to `out`, each ended by a newline. ERROR_USAGE as paste_make(). */
status paste_lines(const struct paste_case *c, enum paste_format f, const struct paste_line *lines, size_t len, struct buf *out, struct error *err) MUST_USE;
#define PASTE_LINES(c, f, lines, out, err) paste_lines(c, f, lines, sizeof(lines) / sizeof((lines)[0]), out, err)

/* One part out of lines; file may hold @name@. */
status paste_part(const struct paste_case *c, enum paste_format f, const struct paste_line *lines, size_t len, const char *file, struct paste *out,
    struct arena *a, struct error *err) MUST_USE;
#define PASTE_PART(c, f, lines, file, out, a, err) paste_part(c, f, lines, sizeof(lines) / sizeof((lines)[0]), file, out, a, err)

/* ---- what each family makes; paste.c lists them ---- */
typedef status paste_maker(const struct paste_case *c, struct paste *out, struct arena *a, struct error *err);
paste_maker paste_nginx, paste_apache, paste_haproxy, paste_envoy, paste_go, paste_java, paste_python, paste_node, paste_curl, paste_alb, paste_apigateway,
    paste_ecs, paste_iam;

#endif
