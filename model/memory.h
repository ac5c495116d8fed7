/*
 * Memory. Sizes that the outside influences are capped before they come here (model/limits.h), so
 * an allocation that fails means that this machine has no memory left: the handler that main
 * installed ends the program with status 11. None of these functions returns NULL.
 */
#ifndef MODEL_MEMORY_H
#define MODEL_MEMORY_H

#include <stddef.h>

/* Called once when memory runs out; it must not return. Without one, abort(). */
void memory_on_exhaustion(void (*handler)(void));

void *mem_alloc(size_t size);                        /* not cleared; free() it */
void *mem_zero(size_t count, size_t size);           /* cleared; checked for overflow */
void *mem_grow(void *old, size_t count, size_t size); /* realloc, checked for overflow */
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t len);        /* the first len bytes of it, which it has, and NUL */
void *mem_dup(const void *bytes, size_t len);

/*
 * An arena: many small things that live and die together (a handshake record, a diagnosis).
 * Not thread-safe; one owner. arena_free(NULL) is legal.
 */
struct arena;
struct arena *arena_new(void);
void arena_free(struct arena *a);
void *arena_alloc(struct arena *a, size_t size); /* cleared, aligned for any type */
void *arena_array(struct arena *a, size_t count, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t len);
void *arena_dup(struct arena *a, const void *bytes, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Makes room for one more element in an array that grows within an arena (cap doubles); returns the array. */
void *arena_grow(struct arena *a, void *array, size_t len, size_t *cap, size_t size);

#endif
