#include "tui/theme.h"

#include <stddef.h>
#include <string.h>

#include "tui/terminal.h"

/*
 * A role with 256 colours, and with 16 (on 8, the bright ones become bold). Grey is never one of the
 * sixteen: palettes that put the background there make it invisible (k9s #450, #849).
 */
struct paint_of {
	short fg256, bg256, fg16, bg16;
	unsigned both, only16; /* attributes: with any colours; in addition with 16 */
};
struct theme {
	const char *name;
	bool colours;
	struct paint_of roles[ROLE_COUNT];
};

#define OWN (-1)

static const struct theme themes[] = {
	{
		.name = "dark",
		.colours = true,
		.roles = {
			[ROLE_TEXT] = { OWN, OWN, OWN, OWN, 0, 0 },
			[ROLE_DIM] = { 247, OWN, OWN, OWN, 0, STYLE_DIM },
			[ROLE_HEAD] = { OWN, OWN, OWN, OWN, STYLE_BOLD, 0 },
			[ROLE_OK] = { 78, OWN, 10, OWN, 0, 0 },
			[ROLE_NOTE] = { 81, OWN, 14, OWN, 0, 0 },
			[ROLE_WARN] = { 221, OWN, 11, OWN, 0, 0 },
			[ROLE_FAIL] = { 203, OWN, 9, OWN, STYLE_BOLD, 0 },
			[ROLE_WAIT] = { 146, OWN, 6, OWN, 0, 0 },
			[ROLE_KEY] = { 117, OWN, 14, OWN, STYLE_BOLD, 0 },
			[ROLE_BAR] = { 253, 237, OWN, OWN, 0, STYLE_REVERSE },
			[ROLE_LAB] = { 16, 78, 0, 2, 0, 0 },
			[ROLE_CHANGES] = { 231, 160, 15, 1, STYLE_BOLD, 0 },
			[ROLE_PANEL] = { 253, 236, OWN, OWN, 0, 0 },
			[ROLE_MATCH] = { 221, OWN, 11, OWN, STYLE_UNDERLINE, 0 },
		},
	},
	{
		.name = "light",
		.colours = true,
		.roles = {
			[ROLE_TEXT] = { OWN, OWN, OWN, OWN, 0, 0 },
			[ROLE_DIM] = { 241, OWN, OWN, OWN, 0, STYLE_DIM },
			[ROLE_HEAD] = { OWN, OWN, OWN, OWN, STYLE_BOLD, 0 },
			[ROLE_OK] = { 28, OWN, 2, OWN, 0, 0 },
			[ROLE_NOTE] = { 25, OWN, 4, OWN, 0, 0 },
			[ROLE_WARN] = { 130, OWN, 5, OWN, 0, 0 },
			[ROLE_FAIL] = { 160, OWN, 1, OWN, STYLE_BOLD, 0 },
			[ROLE_WAIT] = { 60, OWN, 4, OWN, 0, 0 },
			[ROLE_KEY] = { 25, OWN, 4, OWN, STYLE_BOLD, 0 },
			[ROLE_BAR] = { 235, 252, OWN, OWN, 0, STYLE_REVERSE },
			[ROLE_LAB] = { 231, 28, 15, 2, STYLE_BOLD, 0 },
			[ROLE_CHANGES] = { 231, 160, 15, 1, STYLE_BOLD, 0 },
			[ROLE_PANEL] = { 235, 254, OWN, OWN, 0, 0 },
			[ROLE_MATCH] = { 130, OWN, 5, OWN, STYLE_UNDERLINE, 0 },
		},
	},
	{
		/* After Okabe and Ito: blue, yellow and vermilion differ for every kind of eye, on dark and on light. */
		.name = "colour-blind",
		.colours = true,
		.roles = {
			[ROLE_TEXT] = { OWN, OWN, OWN, OWN, 0, 0 },
			[ROLE_DIM] = { 246, OWN, OWN, OWN, 0, STYLE_DIM },
			[ROLE_HEAD] = { OWN, OWN, OWN, OWN, STYLE_BOLD, 0 },
			[ROLE_OK] = { 33, OWN, 12, OWN, 0, 0 },
			[ROLE_NOTE] = { OWN, OWN, OWN, OWN, 0, 0 },
			[ROLE_WARN] = { 178, OWN, 11, OWN, 0, 0 },
			[ROLE_FAIL] = { 202, OWN, OWN, OWN, STYLE_BOLD, STYLE_REVERSE },
			[ROLE_WAIT] = { 139, OWN, 5, OWN, 0, 0 },
			[ROLE_KEY] = { OWN, OWN, OWN, OWN, STYLE_BOLD, 0 },
			[ROLE_BAR] = { OWN, OWN, OWN, OWN, STYLE_REVERSE, 0 },
			[ROLE_LAB] = { 231, 25, 15, 4, STYLE_BOLD, 0 },
			[ROLE_CHANGES] = { 16, 208, 0, 3, 0, 0 },
			[ROLE_PANEL] = { OWN, OWN, OWN, OWN, 0, 0 },
			[ROLE_MATCH] = { 178, OWN, 11, OWN, STYLE_UNDERLINE, 0 },
		},
	},
	{
		.name = "mono",
		.roles = {
			[ROLE_TEXT] = { OWN, OWN, OWN, OWN, 0, 0 },
			[ROLE_DIM] = { OWN, OWN, OWN, OWN, 0, 0 },
			[ROLE_HEAD] = { OWN, OWN, OWN, OWN, STYLE_BOLD, 0 },
			[ROLE_OK] = { OWN, OWN, OWN, OWN, 0, 0 },
			[ROLE_NOTE] = { OWN, OWN, OWN, OWN, 0, 0 },
			[ROLE_WARN] = { OWN, OWN, OWN, OWN, STYLE_BOLD, 0 },
			[ROLE_FAIL] = { OWN, OWN, OWN, OWN, STYLE_BOLD, 0 },
			[ROLE_WAIT] = { OWN, OWN, OWN, OWN, 0, 0 },
			[ROLE_KEY] = { OWN, OWN, OWN, OWN, STYLE_BOLD, 0 },
			[ROLE_BAR] = { OWN, OWN, OWN, OWN, STYLE_REVERSE, 0 },
			[ROLE_LAB] = { OWN, OWN, OWN, OWN, STYLE_REVERSE | STYLE_BOLD, 0 },
			[ROLE_CHANGES] = { OWN, OWN, OWN, OWN, STYLE_REVERSE | STYLE_BOLD, 0 },
			[ROLE_PANEL] = { OWN, OWN, OWN, OWN, 0, 0 },
			[ROLE_MATCH] = { OWN, OWN, OWN, OWN, STYLE_UNDERLINE, 0 },
		},
	},
};
enum { THEMES = sizeof themes / sizeof themes[0] };

static const struct theme *used = &themes[0];
static int depth = 256;

static const struct theme *
named(const char *name)
{
	for (size_t i = 0; i < THEMES; i++)
		if (strcmp(themes[i].name, name) == 0)
			return &themes[i];
	return NULL;
}

bool
theme_known(const char *name)
{
	return named(name) != NULL;
}

const char *const *
theme_names(void)
{
	static const char *names[THEMES + 1];

	for (size_t i = 0; i < THEMES; i++)
		names[i] = themes[i].name;
	return names;
}

void
theme_use(const char *name, int colours)
{
	const struct theme *wanted = named(colours > 0 ? name : "mono");

	if (wanted != NULL)
		used = wanted;
	depth = colours;
}

const char *
theme_used(void)
{
	return used->name;
}

struct style
theme_style(enum role role)
{
	const struct paint_of *p = &used->roles[role < ROLE_COUNT ? role : ROLE_TEXT];
	struct style s = { .foreground = p->fg256, .background = p->bg256, .attributes = p->both };

	if (depth >= 256)
		return s;
	s.attributes |= p->only16;
	s.foreground = depth > 0 ? p->fg16 : OWN;
	s.background = depth > 0 ? p->bg16 : OWN;
	if (depth < 16 && s.foreground >= 8) {
		s.foreground = (short)(s.foreground - 8);
		s.attributes |= STYLE_BOLD;
	}
	return s;
}
