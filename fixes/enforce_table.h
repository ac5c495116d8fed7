/* The table behind fixes/enforce.h: for enforce.c and its test alone. */
#ifndef FIXES_ENFORCE_TABLE_H
#define FIXES_ENFORCE_TABLE_H

#include "fixes/enforce.h"
#include "fixes/paste_lines.h"

extern const struct enforce_place {
	const char *title, *file, *reload;
	enum paste_format format;
} enforce_places[ENFORCE_STACKS];

extern const struct enforce_row {
	enum code code;
	struct enforce_cell {
		const char *setting, *remark; /* one of them at least; a setting may have several lines, and @facts@ of paste_lines.h */
	} cells[ENFORCE_STACKS];
} enforce_rows[];
extern const size_t enforce_rows_len;

#endif
