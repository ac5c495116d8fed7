#include "aws/words.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"

struct splitting {
	const char *at;
	char **words;
	size_t len, cap;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* After an opening quotation mark, to the character behind the closing one. False: there is none. */
static bool
take_quoted(struct splitting *s, char mark, char *word, size_t *n)
{
	while (*s->at != mark) {
		if (*s->at == '\\' && mark == '"' && s->at[1] != '\0') {
			s->at++;
			if (*s->at != '\\' && *s->at != '"')
				word[(*n)++] = '\\';
		}
		if (*s->at == '\0')
			return false;
		word[(*n)++] = *s->at++;
	}
	s->at++;
	return true;
}

/* One word, which has begun; word has room for all that is left. */
static bool
take_word(struct splitting *s, char *word)
{
	size_t n = 0;

	while (*s->at != '\0' && !is_blank(*s->at)) {
		char c = *s->at++;
		if (c == '\'' || c == '"') {
			if (!take_quoted(s, c, word, &n))
				return false;
			continue;
		}
		if (c == '\\') {
			if (*s->at == '\0')
				return false;
			c = *s->at++;
		}
		word[n++] = c;
	}
	word[n] = '\0';
	return true;
}

static void
keep(struct splitting *s, const char *word)
{
	if (s->len + 1 >= s->cap) {
		s->cap = s->cap == 0 ? 8 : s->cap * 2;
		s->words = mem_grow(s->words, s->cap, sizeof *s->words);
	}
	s->words[s->len++] = mem_strdup(word);
	s->words[s->len] = NULL;
}

bool
words_split(const char *text, char ***out, size_t *len)
{
	size_t room = strlen(text) + 1;
	struct splitting s = { .at = text, .cap = 8, .words = mem_zero(8, sizeof *s.words) };
	char *word = mem_alloc(room);
	bool good = true;

	for (;;) {
		while (is_blank(*s.at))
			s.at++;
		if (*s.at == '\0')
			break;
		good = take_word(&s, word);
		if (!good)
			break;
		keep(&s, word);
	}
	OPENSSL_cleanse(word, room);
	free(word);
	if (!good) {
		words_free(s.words);
		s.words = NULL;
		s.len = 0;
	}
	*out = s.words;
	*len = s.len;
	return good;
}

void
words_free(char **words)
{
	for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
		OPENSSL_cleanse(words[i], strlen(words[i]));
		free(words[i]);
	}
	free(words);
}
