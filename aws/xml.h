/*
 * The XML that AWS's Query and S3 answers are written in: elements and their text. Attributes are passed over, prefixes cut
 * off, a document type is refused (no entities of its own). Bounded by LIMIT_XML_DEPTH and LIMIT_XML_NODES.
 */
#ifndef AWS_XML_H
#define AWS_XML_H

#include <stddef.h>

#include "aws/error.h"
#include "model/memory.h"

struct xml_node {
	const char *name;             /* without its prefix */
	const char *text;             /* its own characters, entities resolved, raw bytes; "" where there are none */
	const struct xml_node *child; /* the first */
	const struct xml_node *next;  /* the next beside it */
};

/* The root element, in the arena. AWS_ANSWER: it is no XML, is cut, or is over a limit. */
status xml_read(const void *bytes, size_t len, struct arena *a, const struct xml_node **root, struct aws_error *err) MUST_USE;

/* Below the node, by "ListObjectsResult/Contents/Key" without the node's own name; the first at each step. NULL: there is none. */
const struct xml_node *xml_find(const struct xml_node *n, const char *path);
const char *xml_text(const struct xml_node *n, const char *path); /* NULL: there is none */
/* The next beside it with the same name; NULL: the last. For lists. */
const struct xml_node *xml_again(const struct xml_node *n);
/* Clears every text of an answer that holds secrets; only arena_free() may follow. NULL is legal. */
void xml_forget(const struct xml_node *root);

#endif
