#include "aws/xml.h"

#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/buf.h"
#include "model/characters.h"
#include "model/limits.h"

struct reading {
	const char *at, *end;
	struct arena *arena;
	size_t nodes;
	struct aws_error *err;
};

static status
refuse(struct reading *r, const char *why)
{
	return aws_error_set(r->err, AWS_ANSWER, NULL, "the answer is no XML that can be read: %s", why);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
starts(const struct reading *r, const char *what)
{
	size_t len = strlen(what);

	return (size_t)(r->end - r->at) >= len && memcmp(r->at, what, len) == 0;
}

/* Behind the next `what`; false where there is none. */
static bool
skip_past(struct reading *r, const char *what)
{
	const char *found = memmem(r->at, (size_t)(r->end - r->at), what, strlen(what));

	if (found == NULL)
		return false;
	r->at = found + strlen(what);
	return true;
}

static void
skip_blanks(struct reading *r)
{
	while (r->at < r->end && is_blank(*r->at))
		r->at++;
}

/* Comments and processing instructions, and blanks between them; *passed: there was one. */
static status
skip_remarks(struct reading *r, bool *passed)
{
	*passed = true;
	if (starts(r, "<?"))
		return skip_past(r, "?>") ? STATUS_OK : refuse(r, "it ends within “<?”");
	if (starts(r, "<!--"))
		return skip_past(r, "-->") ? STATUS_OK : refuse(r, "it ends within a comment");
	*passed = false;
	return STATUS_OK;
}

/* "&amp;", "&#10;", "&#xA;": at stands on the ampersand. XML has five names of its own; others come from a document type. */
static status
take_reference(struct reading *r, struct buf *out)
{
	static const struct {
		const char *name;
		char is;
	} names[] = { { "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' }, { "apos", '\'' } };
	const char *stop = memchr(r->at, ';', (size_t)(r->end - r->at));
	size_t len = stop == NULL ? 0 : (size_t)(stop - r->at) - 1;
	char text[12], *rest;
	unsigned long c;

	if (len == 0 || len >= sizeof text)
		return refuse(r, "“&” without a name and “;”");
	memcpy(text, r->at + 1, len);
	text[len] = '\0';
	r->at = stop + 1;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(text, names[i].name) == 0) {
			buf_addc(out, names[i].is);
			return STATUS_OK;
		}
	}
	if (text[0] != '#' || len < 2 || strchr("+- ", text[text[1] == 'x' ? 2 : 1]) != NULL)
		return refuse(r, "a reference to what is not defined");
	c = text[1] == 'x' ? strtoul(text + 2, &rest, 16) : strtoul(text + 1, &rest, 10);
	if (*rest != '\0' || c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return refuse(r, "a reference to a character that there is not");
	add_utf8(out, (uint32_t)c);
	return STATUS_OK;
}

static const char *
take_name(struct reading *r)
{
	const char *start = r->at, *name;

	while (r->at < r->end && !is_blank(*r->at) && *r->at != '>' && *r->at != '/' && *r->at != '<')
		r->at++;
	name = memrchr(start, ':', (size_t)(r->at - start));
	name = name == NULL ? start : name + 1;
	return name == r->at ? NULL : arena_strndup(r->arena, name, (size_t)(r->at - name));
}

/* To the end of the tag: attributes' values may hold anything but their own quotation mark. */
static status
pass_attributes(struct reading *r, bool *empty)
{
	*empty = false;
	while (r->at < r->end && *r->at != '>') {
		char c = *r->at++;
		if (c == '<')
			return refuse(r, "“<” within a tag");
		if (c == '"' || c == '\'') {
			const char *stop = memchr(r->at, c, (size_t)(r->end - r->at));
			if (stop == NULL)
				return refuse(r, "it ends within an attribute");
			r->at = stop + 1;
		}
		*empty = c == '/';
	}
	if (r->at == r->end)
		return refuse(r, "it ends within a tag");
	r->at++;
	return STATUS_OK;
}

static status take_element(struct reading *r, unsigned depth, struct xml_node **out);

/* "</Name>" of this element. */
static status
take_end(struct reading *r, const struct xml_node *n)
{
	const char *name;

	r->at += 2;
	name = take_name(r);
	skip_blanks(r);
	if (name == NULL || strcmp(name, n->name) != 0 || r->at == r->end || *r->at != '>')
		return refuse(r, "an element ends that has not begun");
	r->at++;
	return STATUS_OK;
}

static status
take_cdata(struct reading *r, struct buf *text)
{
	const char *start = r->at + strlen("<![CDATA[");

	if (!skip_past(r, "]]>"))
		return refuse(r, "it ends within CDATA");
	buf_add(text, start, (size_t)(r->at - 3 - start));
	return STATUS_OK;
}

/* All up to the element's end. */
static status
take_content(struct reading *r, unsigned depth, struct xml_node *n, struct buf *text)
{
	const struct xml_node **last = &n->child;
	struct xml_node *child;
	bool passed;

	for (;;) {
		if (r->at == r->end)
			return refuse(r, "it ends too soon");
		if (*r->at == '&') {
			if (take_reference(r, text) != STATUS_OK)
				return STATUS_FAILED;
		} else if (*r->at != '<') {
			const char *start = r->at;
			while (r->at < r->end && *r->at != '<' && *r->at != '&')
				r->at++;
			buf_add(text, start, (size_t)(r->at - start));
		} else if (starts(r, "</")) {
			return take_end(r, n);
		} else if (starts(r, "<![CDATA[")) {
			if (take_cdata(r, text) != STATUS_OK)
				return STATUS_FAILED;
		} else {
			if (skip_remarks(r, &passed) != STATUS_OK)
				return STATUS_FAILED;
			if (passed)
				continue;
			if (take_element(r, depth + 1, &child) != STATUS_OK)
				return STATUS_FAILED;
			*last = child;
			last = &child->next;
		}
	}
}

static status
take_element(struct reading *r, unsigned depth, struct xml_node **out)
{
	struct xml_node *n = arena_alloc(r->arena, sizeof *n);
	struct buf text = { .data = NULL };
	status result;
	bool empty;

	if (depth > LIMIT_XML_DEPTH || ++r->nodes > LIMIT_XML_NODES)
		return refuse(r, "it has more elements than any answer of AWS");
	r->at++;
	n->text = "";
	n->name = take_name(r);
	if (n->name == NULL || n->name[0] == '!')
		return refuse(r, n->name == NULL ? "an element without a name" : "it has a document type");
	if (pass_attributes(r, &empty) != STATUS_OK)
		return STATUS_FAILED;
	result = empty ? STATUS_OK : take_content(r, depth, n, &text);
	if (text.len > 0)
		n->text = arena_strndup(r->arena, text.data, text.len);
	if (text.data != NULL)
		OPENSSL_cleanse(text.data, text.cap);
	buf_done(&text);
	*out = n;
	return result;
}

status
xml_read(const void *bytes, size_t len, struct arena *a, const struct xml_node **root, struct aws_error *err)
{
	struct reading r = { .at = bytes, .arena = a, .err = err };
	struct xml_node *n = NULL;
	bool passed = true;

	*root = NULL;
	if (len == 0 || memchr(bytes, '\0', len) != NULL)
		return refuse(&r, len == 0 ? "it is empty" : "it holds a NUL byte");
	r.end = r.at + len;
	if (starts(&r, "\xef\xbb\xbf"))
		r.at += 3;
	while (passed) {
		skip_blanks(&r);
		if (skip_remarks(&r, &passed) != STATUS_OK)
			return STATUS_FAILED;
	}
	if (r.at == r.end || *r.at != '<')
		return refuse(&r, "it does not begin with an element");
	if (take_element(&r, 1, &n) != STATUS_OK)
		return STATUS_FAILED;
	*root = n;
	return STATUS_OK;
}

const struct xml_node *
xml_find(const struct xml_node *n, const char *path)
{
	while (n != NULL && *path != '\0') {
		size_t len = strcspn(path, "/");
		for (n = n->child; n != NULL; n = n->next) {
			if (strlen(n->name) == len && strncmp(n->name, path, len) == 0)
				break;
		}
		path += len;
		if (*path == '/')
			path++;
	}
	return n;
}

const char *
xml_text(const struct xml_node *n, const char *path)
{
	n = xml_find(n, path);
	return n == NULL ? NULL : n->text;
}

const struct xml_node *
xml_again(const struct xml_node *n)
{
	for (const struct xml_node *next = n->next; next != NULL; next = next->next) {
		if (strcmp(next->name, n->name) == 0)
			return next;
	}
	return NULL;
}

void
xml_forget(const struct xml_node *root)
{
	for (; root != NULL; root = root->next) {
		if (root->text[0] != '\0') /* it is the arena's own, and nobody reads it again */
			OPENSSL_cleanse((void *)(uintptr_t)root->text, strlen(root->text));
		xml_forget(root->child);
	}
}
