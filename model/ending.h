/*
 * What ended the handshake, as the code of the finding that must say it. Total: every handshake that
 * was not accepted has one, whatever alert, error number or way to end it shows.
 */
#ifndef MODEL_ENDING_H
#define MODEL_ENDING_H

#include "model/codes.h"
#include "model/evidence.h"

/*
 * CODE_NONE: accepted, or no server was asked. CODE_CLIENT_REJECTED stands for every refusal in
 * which our certificate could matter; which client.* it is, the rules find out.
 */
enum code ending_code(const struct evidence *e);

/* What one wide hello tells about a baseline that died before the certificates; CODE_NONE: nothing. */
enum code ending_wide(const struct handshake *base, const struct handshake *wide);

/* An operating system's error number as a code of net.*: any number has one. */
enum code ending_errno(int os_error);
/* The same in words: "no route to the host"; never NULL. Numbers without a name: "error 4711". */
const char *errno_words(int os_error, struct arena *a);
/* What to do about one that this machine is the reason of; NULL where nothing is known. Static. */
const char *errno_mend(int os_error);

#endif
