#include "model/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/*
 * The table of what must not reach a terminal as it is. libc's iswprint() says yes to U+202E and
 * U+200B (measured), so it is no help. Sorted; ranges are inclusive.
 */
static const struct range {
	uint32_t first, last;
	unsigned flag;
} harmful[] = {
	{ 0x0000, 0x0000, TEXT_NUL },
	{ 0x0001, 0x001f, TEXT_CONTROL },
	{ 0x007f, 0x009f, TEXT_CONTROL },
	{ 0x00ad, 0x00ad, TEXT_INVISIBLE },   /* soft hyphen */
	{ 0x034f, 0x034f, TEXT_INVISIBLE },   /* combining grapheme joiner */
	{ 0x061c, 0x061c, TEXT_BIDI },        /* Arabic letter mark */
	{ 0x115f, 0x1160, TEXT_INVISIBLE },   /* Hangul fillers */
	{ 0x17b4, 0x17b5, TEXT_INVISIBLE },   /* Khmer inherent vowels */
	{ 0x180b, 0x180f, TEXT_INVISIBLE },   /* Mongolian selectors and vowel separator */
	{ 0x200b, 0x200d, TEXT_INVISIBLE },   /* zero width space, non-joiner, joiner */
	{ 0x200e, 0x200f, TEXT_BIDI },        /* marks */
	{ 0x2028, 0x2029, TEXT_CONTROL },     /* line and paragraph separator */
	{ 0x202a, 0x202e, TEXT_BIDI },        /* embeddings and overrides */
	{ 0x2060, 0x2065, TEXT_INVISIBLE },   /* word joiner, invisible operators */
	{ 0x2066, 0x2069, TEXT_BIDI },        /* isolates */
	{ 0x206a, 0x206f, TEXT_INVISIBLE },   /* deprecated format characters */
	{ 0x2800, 0x2800, TEXT_INVISIBLE },   /* blank braille pattern */
	{ 0x3164, 0x3164, TEXT_INVISIBLE },   /* Hangul filler */
	{ 0xe000, 0xf8ff, TEXT_PRIVATE },
	{ 0xfdd0, 0xfdef, TEXT_PRIVATE },     /* noncharacters */
	{ 0xfe00, 0xfe0f, TEXT_INVISIBLE },   /* variation selectors */
	{ 0xfeff, 0xfeff, TEXT_INVISIBLE },   /* byte order mark */
	{ 0xffa0, 0xffa0, TEXT_INVISIBLE },   /* halfwidth Hangul filler */
	{ 0xfff0, 0xfffb, TEXT_INVISIBLE },   /* unassigned fillers, interlinear annotation */
	{ 0xfffe, 0xffff, TEXT_PRIVATE },
	{ 0x1d173, 0x1d17a, TEXT_INVISIBLE }, /* musical format characters */
	{ 0xe0000, 0xe0fff, TEXT_INVISIBLE }, /* tags, variation selectors supplement, unassigned ignorables */
	{ 0xf0000, 0x10ffff, TEXT_PRIVATE },
};

/* Combining marks of the common scripts: enough to stop a stack of them on one cell. */
static const struct range combining[] = {
	{ 0x0300, 0x036f, 0 }, { 0x0483, 0x0489, 0 }, { 0x0591, 0x05bd, 0 }, { 0x05bf, 0x05bf, 0 },
	{ 0x05c1, 0x05c2, 0 }, { 0x05c4, 0x05c5, 0 }, { 0x05c7, 0x05c7, 0 }, { 0x0610, 0x061a, 0 },
	{ 0x064b, 0x065f, 0 }, { 0x0670, 0x0670, 0 }, { 0x06d6, 0x06dc, 0 }, { 0x06df, 0x06e4, 0 },
	{ 0x0e31, 0x0e31, 0 }, { 0x0e34, 0x0e3a, 0 }, { 0x0e47, 0x0e4e, 0 }, { 0x1ab0, 0x1aff, 0 },
	{ 0x1dc0, 0x1dff, 0 }, { 0x20d0, 0x20f0, 0 }, { 0x302a, 0x302f, 0 }, { 0x3099, 0x309a, 0 },
	{ 0xfe20, 0xfe2f, 0 },
};

static const struct range *
range_of(const struct range *table, size_t len, uint32_t c)
{
	size_t low = 0, high = len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c < table[mid].first)
			high = mid;
		else if (c > table[mid].last)
			low = mid + 1;
		else
			return &table[mid];
	}
	return NULL;
}

static bool
is_combining(uint32_t c)
{
	return range_of(combining, sizeof combining / sizeof combining[0], c) != NULL;
}

/* The flag of one character; 0 where it may be printed. Each plane ends in two noncharacters. */
static unsigned
flag_of(uint32_t c)
{
	const struct range *r = range_of(harmful, sizeof harmful / sizeof harmful[0], c);

	if (r != NULL)
		return r->flag;
	return (c & 0xfffe) == 0xfffe ? TEXT_PRIVATE : 0;
}

/*
 * Strict UTF-8 (RFC 3629): one character from s; its length, or 0 where the bytes are none.
 * Overlong forms, surrogates and what lies beyond U+10FFFF are none.
 */
static size_t
decode(const unsigned char *s, size_t len, uint32_t *c)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 } };

	for (size_t n = 1; n <= 4; n++) {
		uint32_t value;

		if ((s[0] & forms[n - 1].mask) != forms[n - 1].lead)
			continue;
		if (len < n)
			return 0;
		value = s[0] & (unsigned char)~forms[n - 1].mask;
		for (size_t i = 1; i < n; i++) {
			if ((s[i] & 0xc0) != 0x80)
				return 0;
			value = value << 6 | (s[i] & 0x3f);
		}
		if (value < forms[n - 1].least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
			return 0;
		*c = value;
		return n;
	}
	return 0;
}

enum { PIECE_MAX = 12 }; /* "\u{10ffff}" and NUL */

struct piece {
	char text[PIECE_MAX]; /* what is printed for it */
	size_t text_len;
	size_t taken; /* bytes of the input */
	unsigned flags;
};

static void
escape(struct piece *p, uint32_t c)
{
	int n = snprintf(p->text, sizeof p->text, c < 0x80 ? "\\x%02x" : "\\u{%x}", (unsigned)c);

	p->text_len = (size_t)n;
}

/* Reads one character; `marks` counts the combining ones since the last base. */
static struct piece
next_piece(const unsigned char *s, size_t len, unsigned *marks)
{
	struct piece p = { .taken = 1 };
	uint32_t c = 0;
	size_t n = decode(s, len, &c);

	if (n == 0) {
		p.flags = TEXT_INVALID;
		p.text_len = (size_t)snprintf(p.text, sizeof p.text, "\\x%02x", s[0]);
		return p;
	}
	p.taken = n;
	p.flags = flag_of(c);
	*marks = is_combining(c) ? *marks + 1 : 0;
	if (*marks > TEXT_COMBINING_MAX)
		p.flags |= TEXT_COMBINING;
	if (p.flags != 0) {
		escape(&p, c);
		return p;
	}
	memcpy(p.text, s, n);
	p.text_len = n;
	return p;
}

static const char ellipsis[] = "…";

/* Bytes that stand for themselves at the start of s: nearly all text is nothing else. At most `most`. */
static size_t
plain_run(const unsigned char *s, size_t len, size_t most)
{
	size_t n = 0;

	while (n < len && n < most && s[n] >= ' ' && s[n] <= '~')
		n++;
	return n;
}

unsigned
text_safe(struct buf *out, struct text in, size_t max)
{
	size_t start = out->len, keep = out->len, i = 0;
	unsigned flags = 0, marks = 0;

	while (i < in.len) {
		size_t used = out->len - start + sizeof ellipsis - 1;
		size_t run = plain_run(in.bytes + i, in.len - i, max == 0 ? in.len : used < max ? max - used : 0);
		struct piece p;

		if (run > 0) {
			buf_add(out, in.bytes + i, run);
			marks = 0;
			keep = out->len;
			i += run;
			continue;
		}
		p = next_piece(in.bytes + i, in.len - i, &marks);
		if (max != 0 && out->len - start + p.text_len > max) {
			out->len = keep;
			buf_adds(out, ellipsis);
			/* What was cut off still counts: a harmful tail must not hide behind the limit. */
			flags |= TEXT_TRUNCATED |
			    text_flags((struct text){ in.bytes + i, in.len - i });
			break;
		}
		flags |= p.flags;
		buf_add(out, p.text, p.text_len);
		i += p.taken;
		if (max == 0 || out->len - start + sizeof ellipsis - 1 <= max)
			keep = out->len;
	}
	buf_adds(out, "");
	return flags;
}

char *
text_safe_arena(struct arena *a, struct text in, size_t max, unsigned *flags)
{
	struct buf b = { 0 };
	unsigned seen = text_safe(&b, in, max);
	char *copy = arena_strdup(a, buf_str(&b));

	buf_done(&b);
	if (flags != NULL)
		*flags = seen;
	return copy;
}

unsigned
text_flags(struct text in)
{
	unsigned flags = 0, marks = 0;

	for (size_t i = 0; i < in.len;) {
		size_t run = plain_run(in.bytes + i, in.len - i, in.len);
		struct piece p;

		if (run > 0) {
			marks = 0;
			i += run;
			continue;
		}
		p = next_piece(in.bytes + i, in.len - i, &marks);
		flags |= p.flags;
		i += p.taken;
	}
	return flags;
}

const char *
text_kinds(struct arena *a, unsigned flags)
{
	static const struct {
		unsigned flag;
		const char *text;
	} kinds[] = {
		{ TEXT_NUL, "NUL" },
		{ TEXT_CONTROL, "control characters" },
		{ TEXT_BIDI, "characters that turn the direction of writing" },
		{ TEXT_INVISIBLE, "invisible characters" },
		{ TEXT_INVALID, "bytes that are no text" },
		{ TEXT_PRIVATE, "characters of private use" },
		{ TEXT_COMBINING, "piles of combining marks" },
	};
	const char *list = "";

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (flags & kinds[i].flag)
			list = arena_printf(a, "%s%s%s", list, list[0] != '\0' ? ", " : "", kinds[i].text);
	return list;
}

struct text
text_of(const char *s)
{
	return (struct text){ (const unsigned char *)s, s != NULL ? strlen(s) : 0 };
}

static unsigned char
lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

bool
text_starts(struct text t, const char *start)
{
	size_t len = strlen(start);

	if (t.len < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (lower(t.bytes[i]) != lower((unsigned char)start[i]))
			return false;
	return true;
}

bool
text_equal(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.bytes, b.bytes, a.len) == 0);
}

/* The signs that our own texts use, and what stands for them on an ASCII terminal. */
static const struct {
	const char *utf8, *ascii;
} plain_signs[] = {
	{ "“", "\"" }, { "”", "\"" }, { "‘", "'" }, { "’", "'" }, { "…", "..." }, { "–", "-" }, { "—", "-" },
	{ "✗", "X" }, { "✓", "+" }, { "·", "-" }, { "×", "x" }, { "→", "->" }, { "►", ">" }, { "◄", "<" },
	{ "─", "-" }, { "│", "|" }, { "└", "`" }, { "├", "|" }, { "›", ">" }, { "≤", "<=" }, { "≥", ">=" },
	{ "▲", "^" }, { "▼", "v" }, { "▸", "+" }, { "▾", "-" }, { "•", "*" },
	{ "━", "=" }, { "░", "." }, { "┆", ":" }, { "┬", "+" },
};

void
text_ascii(struct buf *out, const char *safe)
{
	const unsigned char *s = (const unsigned char *)safe;
	size_t len = strlen(safe);

	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t n = decode(s + i, len - i, &c), k = 0;

		if (n == 1) {
			buf_addc(out, (char)s[i]);
			i++;
			continue;
		}
		while (k < sizeof plain_signs / sizeof plain_signs[0] &&
		    (n == 0 || strlen(plain_signs[k].utf8) != n || memcmp(plain_signs[k].utf8, s + i, n) != 0))
			k++;
		if (k < sizeof plain_signs / sizeof plain_signs[0])
			buf_adds(out, plain_signs[k].ascii);
		else if (n == 0)
			buf_addf(out, "\\x%02x", s[i]);
		else
			buf_addf(out, "\\u{%x}", (unsigned)c);
		i += n > 0 ? n : 1;
	}
	buf_adds(out, "");
}

/* East Asian wide and emoji blocks (Unicode's EastAsianWidth W and F), coarse: a cell too many is harmless. */
static const struct range wide[] = {
	{ 0x1100, 0x115e, 0 }, { 0x231a, 0x231b, 0 }, { 0x2329, 0x232a, 0 }, { 0x23e9, 0x23ec, 0 },
	{ 0x2e80, 0x303e, 0 }, { 0x3041, 0x33ff, 0 }, { 0x3400, 0x4dbf, 0 }, { 0x4e00, 0x9fff, 0 },
	{ 0xa000, 0xa4cf, 0 }, { 0xa960, 0xa97f, 0 }, { 0xac00, 0xd7a3, 0 }, { 0xf900, 0xfaff, 0 },
	{ 0xfe30, 0xfe6f, 0 }, { 0xff00, 0xff60, 0 }, { 0xffe0, 0xffe6, 0 }, { 0x16fe0, 0x18aff, 0 },
	{ 0x1b000, 0x1b2ff, 0 }, { 0x1f004, 0x1f004, 0 }, { 0x1f0cf, 0x1f0cf, 0 }, { 0x1f18e, 0x1f18e, 0 },
	{ 0x1f191, 0x1f19a, 0 }, { 0x1f200, 0x1f320, 0 }, { 0x1f32d, 0x1f335, 0 }, { 0x1f337, 0x1f37c, 0 },
	{ 0x1f37e, 0x1f393, 0 }, { 0x1f3a0, 0x1f3ca, 0 }, { 0x1f3cf, 0x1f3d3, 0 }, { 0x1f3e0, 0x1f3f0, 0 },
	{ 0x1f3f4, 0x1f3f4, 0 }, { 0x1f3f8, 0x1f43e, 0 }, { 0x1f440, 0x1f440, 0 }, { 0x1f442, 0x1f4fc, 0 },
	{ 0x1f4ff, 0x1f53d, 0 }, { 0x1f54b, 0x1f54e, 0 }, { 0x1f550, 0x1f567, 0 }, { 0x1f57a, 0x1f57a, 0 },
	{ 0x1f595, 0x1f596, 0 }, { 0x1f5a4, 0x1f5a4, 0 }, { 0x1f5fb, 0x1f64f, 0 }, { 0x1f680, 0x1f6c5, 0 },
	{ 0x1f6cc, 0x1f6cc, 0 }, { 0x1f6d0, 0x1f6ff, 0 }, { 0x1f7e0, 0x1f7eb, 0 }, { 0x1f90c, 0x1f9ff, 0 },
	{ 0x1fa70, 0x1faff, 0 }, { 0x20000, 0x3fffd, 0 },
};

size_t
text_columns(const char *safe)
{
	const unsigned char *s = (const unsigned char *)safe;
	size_t len = strlen(safe), columns = 0;

	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t n;

		if (s[i] < 0x80) { /* nearly all of it: ten thousand names are measured at once */
			columns++;
			i++;
			continue;
		}
		n = decode(s + i, len - i, &c);
		i += n > 0 ? n : 1;
		if (n > 0 && is_combining(c))
			continue;
		columns += n > 0 && range_of(wide, sizeof wide / sizeof wide[0], c) != NULL ? 2 : 1;
	}
	return columns;
}
