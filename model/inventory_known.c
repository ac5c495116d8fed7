/* Words and CAs: the few texts that rows name by number. */
#include <stdlib.h>
#include <string.h>

#include "model/inventory_internal.h"
#include "model/memory.h"

void inventory_result_forget(struct inventory *i); /* inventory_query.c */

static void
forget_known(struct inventory *i)
{
	for (size_t k = 0; k < i->words_len; k++)
		free(i->words[k].text);
	for (size_t k = 0; k < i->cas_len; k++)
		free(i->cas[k].arn);
	free(i->words);
	free(i->cas);
	i->words = NULL;
	i->cas = NULL;
	i->words_len = i->cas_len = 0;
	i->acm_word = i->known_of = 0;
}

void
inventory_forget(struct inventory *i)
{
	inventory_result_forget(i);
	for (size_t k = 0; k < BY_FATE; k++) {
		free(i->orders[k].ids);
		i->orders[k] = (struct inventory_order){ .ids = NULL };
	}
	free(i->serials);
	i->serials = NULL;
	i->serials_of = 0;
	for (size_t k = 0; k < FLAGS; k++)
		bitmap_done(&i->flags[k]);
	bitmap_done(&i->renewable);
	i->flags_of = i->renewable_of = 0;
	forget_known(i);
}

status
inventory_word_id(struct inventory *i, enum word_kind kind, const char *text, int64_t *id, struct error *err)
{
	sqlite3_stmt *s = inventory_sql(i, SQL_WORD_GET);

	if (s == NULL)
		return inventory_failed(i, err);
	sqlite3_bind_int(s, 1, (int)kind);
	sql_text(s, 2, text);
	*id = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
	sqlite3_reset(s);
	if (*id != 0)
		return STATUS_OK;
	s = inventory_sql(i, SQL_WORD_PUT);
	if (s == NULL)
		return inventory_failed(i, err);
	sqlite3_bind_int(s, 1, (int)kind);
	sql_text(s, 2, text);
	if (!sql_done(s))
		return inventory_failed(i, err);
	*id = sqlite3_last_insert_rowid(i->db);
	return STATUS_OK;
}

status
inventory_known(struct inventory *i, struct error *err)
{
	sqlite3_stmt *s;
	size_t cap = 0;
	int result;

	if (i->known_of == i->all)
		return STATUS_OK;
	forget_known(i);
	if ((s = inventory_sql(i, SQL_WORDS)) == NULL)
		return inventory_failed(i, err);
	while ((result = sqlite3_step(s)) == SQLITE_ROW) {
		if (i->words_len == cap)
			i->words = mem_grow(i->words, cap = cap > 0 ? cap * 2 : 64, sizeof *i->words);
		i->words[i->words_len++] = (struct inventory_word){ .id = sqlite3_column_int64(s, 0),
			.kind = (enum word_kind)sqlite3_column_int(s, 1), .text = mem_strdup(sql_text_of(s, 2)) };
		if (i->words[i->words_len - 1].kind == WORD_SERVICE && strcmp(i->words[i->words_len - 1].text, "acm.amazonaws.com") == 0)
			i->acm_word = i->words[i->words_len - 1].id;
	}
	sqlite3_reset(s);
	cap = 0;
	if (result != SQLITE_DONE || (s = inventory_sql(i, SQL_CA_IDS)) == NULL)
		return inventory_failed(i, err);
	while ((result = sqlite3_step(s)) == SQLITE_ROW) {
		if (i->cas_len == cap)
			i->cas = mem_grow(i->cas, cap = cap > 0 ? cap * 2 : 16, sizeof *i->cas);
		i->cas[i->cas_len++] = (struct inventory_known_ca){ .id = sqlite3_column_int64(s, 0), .arn = mem_strdup(sql_text_of(s, 1)) };
	}
	sqlite3_reset(s);
	if (result != SQLITE_DONE)
		return inventory_failed(i, err);
	i->known_of = i->all;
	return STATUS_OK;
}

const char *
inventory_word_text(const struct inventory *i, int64_t id)
{
	for (size_t k = 0; k < i->words_len; k++)
		if (i->words[k].id == id)
			return i->words[k].text;
	return NULL;
}

const char *
inventory_ca_arn(const struct inventory *i, int64_t id)
{
	for (size_t k = 0; k < i->cas_len; k++)
		if (i->cas[k].id == id)
			return i->cas[k].arn;
	return NULL;
}
