/* The listener: two threads and two queues. See listen.h. */
#include "probes/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "model/memory.h"
#include "model/quote.h"
#include "model/save.h"
#include "probes/listen_loop.h"

enum { HOST_NAME = 256, ADDRESS_TEXT = 80, NAMES_OF_STORE = 256 /* more would be no list but the whole system's store */ };

struct waiting {
	struct evidence *evidence;
	struct seen_client *seen; /* once it is judged */
	struct waiting *next;
};
struct queue {
	struct waiting *first, *last;
	size_t len;
};

struct listener {
	struct listen_loop loop;
	char seen_from[HOST_NAME];
	char *folder, *ca_file; /* of the made CA; NULL: none */
	pthread_t loop_thread, judge_thread;
	bool loop_runs, judge_runs, loop_is_there;
	atomic_bool stop;

	pthread_mutex_t lock; /* for all below */
	pthread_cond_t more;
	struct queue raw, judged;
	size_t dropped, open;
	bool loop_over, judge_over;
	int tell[2];          /* a pipe that holds a byte while something is in `judged` */
};

void
seen_client_free(struct seen_client *s)
{
	if (s == NULL)
		return;
	diagnosis_free(s->diagnosis);
	evidence_free(s->evidence);
	free(s);
}

/* ---- the queues; the lock is held ---- */

static void
put(struct queue *q, struct waiting *w)
{
	w->next = NULL;
	*(q->last != NULL ? &q->last->next : &q->first) = w;
	q->last = w;
	q->len++;
}

static struct waiting *
take(struct queue *q)
{
	struct waiting *w = q->first;

	if (w == NULL)
		return NULL;
	q->first = w->next;
	if (q->first == NULL)
		q->last = NULL;
	q->len--;
	return w;
}

static void
drop(struct waiting *w)
{
	if (w == NULL)
		return;
	if (w->seen != NULL)
		seen_client_free(w->seen);
	else
		evidence_free(w->evidence);
	free(w);
}

/* Room for one more: the oldest goes, and is counted. */
static void
make_room(struct listener *x, struct queue *q)
{
	if (q->len < LIMIT_LISTEN_QUEUE)
		return;
	drop(take(q));
	x->dropped++;
}

/* ---- the two threads ---- */

static void
hand_over(void *self, struct evidence *e)
{
	struct listener *x = self;
	struct waiting *w = mem_zero(1, sizeof *w);

	w->evidence = e;
	pthread_mutex_lock(&x->lock);
	make_room(x, &x->raw);
	put(&x->raw, w);
	pthread_cond_broadcast(&x->more);
	pthread_mutex_unlock(&x->lock);
}

static void
count(void *self, size_t connections)
{
	struct listener *x = self;

	pthread_mutex_lock(&x->lock);
	x->open = connections;
	pthread_mutex_unlock(&x->lock);
}

static void
cut_all(struct listen_loop *l)
{
	for (struct connection *c = l->oldest; c != NULL; c = connection_newer(c))
		connection_cut(c, false);
}

static void
on_wake(uv_async_t *async)
{
	struct listener *x = async->data;

	if (!atomic_load(&x->stop) || x->loop.stopping)
		return;
	x->loop.stopping = true;
	cut_all(&x->loop);
	loop_close(&x->loop);
}

static void *
run_loop(void *user)
{
	struct listener *x = user;

	uv_run(&x->loop.loop, UV_RUN_DEFAULT);
	pthread_mutex_lock(&x->lock);
	x->loop_over = true;
	pthread_cond_broadcast(&x->more);
	pthread_mutex_unlock(&x->lock);
	return NULL;
}

/* With the lock held. A full pipe is as good as told. */
static void
tell(struct listener *x)
{
	ssize_t n = write(x->tell[1], "", 1);

	(void)n;
	pthread_cond_broadcast(&x->more);
}

static void *
run_judge(void *user)
{
	struct listener *x = user;

	pthread_mutex_lock(&x->lock);
	while (x->raw.len > 0 || !x->loop_over) {
		struct waiting *w = take(&x->raw);

		if (w == NULL) {
			pthread_cond_wait(&x->more, &x->lock);
			continue;
		}
		pthread_mutex_unlock(&x->lock);
		w->seen = mem_zero(1, sizeof *w->seen);
		w->seen->evidence = w->evidence;
		w->seen->diagnosis = diagnose(w->evidence);
		pthread_mutex_lock(&x->lock);
		make_room(x, &x->judged);
		put(&x->judged, w);
		if (x->judged.len == 1)
			tell(x);
	}
	x->judge_over = true;
	tell(x);
	pthread_mutex_unlock(&x->lock);
	return NULL;
}

/* ---- starting ---- */

/* 0700 and 0600 beside each other: the CA is no secret, but nobody else is to put another in its place. */
static status
save_ca(struct listener *x, const struct world *w, struct error *err)
{
	const char *dir = w->env(w->self, "TMPDIR");
	struct buf pem = { 0 }, path = { 0 };
	struct error why = { .code = ERROR_NONE };
	bool saved = false;

	server_identity_ca(x->loop.identity, &pem);
	if (pem.len == 0)
		return STATUS_OK;
	buf_addf(&path, "%s/mtlscope-XXXXXX", dir != NULL && dir[0] == '/' ? dir : "/tmp");
	if (mkdtemp(path.data) != NULL) {
		x->folder = mem_strdup(buf_str(&path));
		buf_adds(&path, "/ca.pem");
		x->ca_file = mem_strdup(buf_str(&path));
		saved = save_file(x->ca_file, pem.data, pem.len, false, NULL, &why) == SAVED && chmod(x->ca_file, 0600) == 0;
	}
	if (!saved)
		error_set(err, ERROR_LOCAL, "listen", "the CA of our certificate cannot be written to %s: %s", buf_str(&path),
		    error_is_set(&why) ? why.text : strerror(errno));
	buf_done(&pem);
	buf_done(&path);
	return saved ? STATUS_OK : STATUS_FAILED;
}

static void
copy_name(struct arena *a, const struct name *from, struct name *to)
{
	/* Parsed from its own copy: nothing of it lies in what it was captured with. */
	struct text der = { arena_dup(a, from->der.bytes, from->der.len), from->der.len };

	if (!name_parse(a, der, to))
		*to = (struct name){ .der = der, .safe = "a name that cannot be read", .common_name = "a name that cannot be read" };
}

/* What is asked with: the request that was captured, or the names of the store, as a server that trusts it would send them. */
static void
set_request(struct listening *about, const struct listen_options *opt)
{
	struct certificate_request *to = &about->request;
	const struct certificate_request *from = opt->request;
	const struct trust *t = opt->trust;
	struct arena *a = about->arena;

	to->seen = true;
	if (from != NULL) {
		to->cas = arena_array(a, from->cas_len + 1, sizeof *to->cas);
		for (size_t i = 0; i < from->cas_len; i++)
			copy_name(a, &from->cas[i], &to->cas[to->cas_len++]);
		to->sigalgs = arena_dup(a, from->sigalgs, from->sigalgs_len * sizeof *from->sigalgs);
		to->sigalgs_len = from->sigalgs_len;
		return;
	}
	if (t == NULL || t->len > NAMES_OF_STORE)
		return;
	to->cas = arena_array(a, t->len + 1, sizeof *to->cas);
	for (size_t i = 0; i < t->len; i++)
		if (trust_anchor(t, i) != NULL)
			copy_name(a, &trust_anchor(t, i)->subject, &to->cas[to->cas_len++]);
}

static struct listening *
about(const struct listener *x, const struct listen_options *opt, const char *address)
{
	struct listening *l = listening_new();
	char shown[QUOTE_MAX];

	l->address = arena_strdup(l->arena, address);
	l->like = opt->like != NULL ? arena_strdup(l->arena, quote_str(opt->like, shown)) : NULL;
	l->trust_named = opt->trust != NULL;
	l->requires = opt->requires;
	l->own_identity = opt->identity != NULL;
	l->ca_file = x->ca_file != NULL ? arena_strdup(l->arena, quote_str(x->ca_file, shown)) : NULL;
	set_request(l, opt);
	return l;
}

static status
start_threads(struct listener *x, struct error *err)
{
	sigset_t all, old;
	int failed;

	/* Signals are for the program's own thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	failed = pthread_create(&x->loop_thread, NULL, run_loop, x);
	x->loop_runs = failed == 0;
	if (failed == 0)
		failed = pthread_create(&x->judge_thread, NULL, run_judge, x);
	x->judge_runs = x->loop_runs && failed == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return failed == 0 ? STATUS_OK : error_set(err, ERROR_LOCAL, "listen", "no thread can be started: %s", strerror(failed));
}

static status
open_loop(struct listener *x, struct error *err)
{
	struct listen_loop *l = &x->loop;
	int result = uv_loop_init(&l->loop);

	if (result != 0)
		return error_set(err, ERROR_LOCAL, "listen", "no event loop can be started: %s", uv_strerror(result));
	x->loop_is_there = true;
	uv_timer_init(&l->loop, &l->room);
	l->room.data = l;
	result = uv_async_init(&l->loop, &l->wake, on_wake);
	if (result != 0) {
		uv_close((uv_handle_t *)&l->room, NULL);
		uv_run(&l->loop, UV_RUN_DEFAULT);
		uv_loop_close(&l->loop);
		x->loop_is_there = false;
		return error_set(err, ERROR_LOCAL, "listen", "no descriptor is left");
	}
	l->wake.data = x;
	return STATUS_OK;
}

status
listener_start(const struct listen_options *opt, const struct world *w, struct listener **out, struct error *err)
{
	struct listener *x = mem_zero(1, sizeof *x);
	struct listen_loop *l = &x->loop;
	int64_t now = opt->at_set ? opt->at : w->now_ms(w->self) / 1000;
	char address[ADDRESS_TEXT];

	signal(SIGPIPE, SIG_IGN); /* a write that fails is something to record, not to die of */
	x->tell[0] = x->tell[1] = -1;
	pthread_mutex_init(&x->lock, NULL);
	pthread_cond_init(&x->more, NULL);
	if (gethostname(x->seen_from, sizeof x->seen_from - 1) != 0)
		x->seen_from[0] = '\0';
	*l = (struct listen_loop){ .world = w, .thresholds = opt->thresholds, .seen_from = x->seen_from, .at_set = opt->at_set, .at = opt->at,
		.hand_over = hand_over, .count = count, .self = x };
	l->earlier = mem_zero(LIMIT_LISTEN_EARLIER, sizeof *l->earlier);
	l->trust = trust_ref(opt->trust);
	if (open_loop(x, err) != STATUS_OK || loop_bind(l, opt->address, opt->port, address, sizeof address, err) != STATUS_OK ||
	    server_identity_new(opt->identity, now, &l->identity, err) != STATUS_OK || save_ca(x, w, err) != STATUS_OK)
		goto fail;
	l->about = about(x, opt, address);
	if (listen_contexts(l, opt, &l->about->request, err) != STATUS_OK)
		goto fail;
	if (pipe2(x->tell, O_CLOEXEC | O_NONBLOCK) != 0) {
		x->tell[0] = x->tell[1] = -1;
		error_set(err, ERROR_LOCAL, "listen", "no descriptor is left");
		goto fail;
	}
	if (start_threads(x, err) != STATUS_OK)
		goto fail;
	*out = x;
	return STATUS_OK;
fail:
	listener_free(x);
	return STATUS_FAILED;
}

/* ---- the caller's side ---- */

const struct listening *
listener_about(const struct listener *l)
{
	return l->loop.about;
}

static struct seen_client *
next(struct listener *x, bool *over)
{
	struct waiting *w;
	struct seen_client *s;
	char bytes[64];

	pthread_mutex_lock(&x->lock);
	w = take(&x->judged);
	*over = x->judge_over;
	if (x->judged.len == 0 && !x->judge_over)
		while (read(x->tell[0], bytes, sizeof bytes) > 0)
			;
	pthread_mutex_unlock(&x->lock);
	s = w != NULL ? w->seen : NULL;
	free(w);
	return s;
}

struct seen_client *
listener_wait(struct listener *l, int fd, int timeout_ms)
{
	struct pollfd fds[] = { { .fd = l->tell[0], .events = POLLIN }, { .fd = fd, .events = POLLIN } };
	bool over;
	struct seen_client *s = next(l, &over);

	if (s != NULL || over)
		return s;
	if (poll(fds, 2, timeout_ms) > 0 && (fds[0].revents & POLLIN) != 0)
		return next(l, &over);
	return NULL;
}

int
listener_fd(const struct listener *l)
{
	return l->tell[0];
}

size_t
listener_open(const struct listener *l)
{
	struct listener *x = (struct listener *)l;

	pthread_mutex_lock(&x->lock);
	size_t open = x->open;
	pthread_mutex_unlock(&x->lock);
	return open;
}

size_t
listener_dropped(const struct listener *l)
{
	struct listener *x = (struct listener *)l;

	pthread_mutex_lock(&x->lock);
	size_t dropped = x->dropped;
	pthread_mutex_unlock(&x->lock);
	return dropped;
}

void
listener_stop(struct listener *l)
{
	if (!atomic_exchange(&l->stop, true))
		uv_async_send(&l->loop.wake);
}

static void
join(struct listener *x)
{
	if (!x->loop_is_there)
		return;
	atomic_store(&x->stop, true);
	if (x->loop_runs) {
		uv_async_send(&x->loop.wake);
		pthread_join(x->loop_thread, NULL);
	} else {
		loop_close(&x->loop);
		uv_run(&x->loop.loop, UV_RUN_DEFAULT);
	}
	if (x->judge_runs)
		pthread_join(x->judge_thread, NULL);
	uv_loop_close(&x->loop.loop);
}

void
listener_free(struct listener *l)
{
	struct listener *x = l;
	struct waiting *w;

	if (x == NULL)
		return;
	join(x);
	while ((w = take(&x->raw)) != NULL || (w = take(&x->judged)) != NULL)
		drop(w);
	SSL_CTX_free(x->loop.as_set);
	SSL_CTX_free(x->loop.for_any);
	server_identity_free(x->loop.identity);
	listening_free(x->loop.about);
	trust_free(x->loop.trust);
	free(x->loop.earlier);
	if (x->ca_file != NULL)
		unlink(x->ca_file);
	if (x->folder != NULL)
		rmdir(x->folder);
	free(x->ca_file);
	free(x->folder);
	for (int i = 0; i < 2; i++)
		if (x->tell[i] >= 0)
			close(x->tell[i]);
	pthread_cond_destroy(&x->more);
	pthread_mutex_destroy(&x->lock);
	free(x);
}
