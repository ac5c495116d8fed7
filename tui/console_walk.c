/* The walkthrough in the loop: who presses its keys, and when. What a step is and when it ends: walkthrough.c. */
#include <string.h>

#include "tui/console_parts.h"

/* The view that the step is to be done on: back to it where it is on the way, else a new one. */
static void
go_to_its_place(struct console *k)
{
	const char *place = walk_place(&k->walk);
	struct entry *about = k->walk.of->endpoint != NULL ? fleet_named(k->fleet, k->walk.of->endpoint) : NULL;
	struct view *v = k->top;

	/*
	 * What is asked would take the keys, and stands on a view that may go. A menu on the step's own view stays:
	 * the step before has opened it, and this one is about it.
	 */
	if (k->asking || strcmp(k->top->ops->name, place) != 0)
		asking_leave(k);
	while (v != NULL && strcmp(v->ops->name, place) != 0)
		v = v->below;
	if (v != NULL) {
		while (k->top != v)
			console_pop(k);
	} else if (strcmp(place, fleet_view.name) == 0) {
		console_push(k, &fleet_view, NULL);
	} else if (strcmp(place, causes_view.name) == 0) {
		console_push(k, &causes_view, NULL);
	} else if (strcmp(place, endpoint_view.name) == 0 && about != NULL) {
		console_push(k, &endpoint_view, about);
	}
}

void
walk_press_next(struct console *k)
{
	int keys[WALK_KEYS_MOST];
	size_t len;

	go_to_its_place(k);
	len = walk_press(&k->walk, keys, ticks_us());
	for (size_t i = 0; i < len && !k->over; i++)
		console_key(k, keys[i]);
	k->urgent = true;
	console_changed(k);
}

int
walk_wait_ms(const struct console *k)
{
	return k->walk.of != NULL && k->walk.by_itself ? walk_due_ms(&k->walk, ticks_us()) : -1;
}

void
walk_turn(struct console *k)
{
	uint64_t now = ticks_us();

	if (k->walk.of == NULL || !k->walk.by_itself || walk_due_ms(&k->walk, now) != 0)
		return;
	if (walk_failed(&k->walk, now)) {
		console_say(k, ROLE_FAIL, "the walkthrough does not go on: what its step %zu waits for did not come", k->walk.step + 1);
		k->exit_status = 1;
		k->over = true;
		return;
	}
	walk_press_next(k);
}

void
walk_begin(struct console *k, const char *name)
{
	const struct walkthrough *w = walkthrough_named(name != NULL ? name : walkthrough_names()[0]);

	if (!console_practice_lab(k)) {
		console_say(k, ROLE_WARN, "walkthroughs are at home in the practice lab: mtlscope demo");
		return;
	}
	if (w == NULL) {
		console_say(k, ROLE_WARN, "there is no walkthrough of that name; Tab behind :walkthrough shows them");
		return;
	}
	walk_start(&k->walk, w, false, 0, ticks_us());
	go_to_its_place(k);
}

void
walk_leave(struct console *k)
{
	k->walk.of = NULL;
	k->walk.by_itself = false;
	console_say(k, ROLE_TEXT, "the walkthrough is over; everything stays as it is");
}
