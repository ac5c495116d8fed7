/*
 * Asking the real program about many servers at once, and reading what it answered. Each question is one
 * `check --json` with its default experiments; those of one server are asked one after the other, several
 * servers at a time: most of a check is waiting.
 */
#ifndef TESTS_PEER_ASK_H
#define TESTS_PEER_ASK_H

#include <cJSON.h>
#include <stdbool.h>
#include <stddef.h>

struct peer_question {
	int port;              /* of localhost */
	const char *cert, *key; /* files in the folder; NULL: none is given */
	const char *cacert;    /* a file in the folder */
	bool quick;            /* the baseline only */
};

/* The answers are files in the folder, by the question's place. Questions to one port stand together. */
void peer_ask(const char *folder, const struct peer_question *q, size_t len);

struct peer_answer {
	cJSON *json; /* NULL: there was none */
	int status;
	const char *root, *verdict, *confidence, *summary; /* "null" where there is none */
	unsigned handshakes;
	const char *stack, *stack_confidence;
};

bool peer_answer_read(const char *folder, size_t i, struct peer_answer *a);
void peer_answer_done(struct peer_answer *a);
bool peer_answer_candidate(const struct peer_answer *a, const char *code);
bool peer_answer_has(const struct peer_answer *a, const char *code, const char *severity);
bool peer_answer_sure(const struct peer_answer *a); /* certain, or high */

#endif
