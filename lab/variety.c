#include "lab/variety.h"

#include <stddef.h>
#include <string.h>

#include "model/error.h"
#include "model/memory.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])

/* Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014), the finaliser. */
uint64_t
variety_mix(uint64_t z)
{
	z += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t
mix_text(uint64_t h, const char *s)
{
	for (; *s != '\0'; s++)
		h = variety_mix(h ^ (unsigned char)*s);
	return variety_mix(h);
}

unsigned
variety_draw(const struct variety *v, const char *word, const char *about, unsigned below)
{
	if (v->seed == 0)
		return 0;
	return (unsigned)(mix_text(mix_text(variety_mix(v->seed), word), about) % below);
}

void
variety_init(struct variety *v, uint64_t seed)
{
	/* Names as they are met: a comma, a quote, an ampersand, more than ASCII; none is hostile. */
	static const char *const orgs[] = { "Acme", "Initech", "Müller & Söhne GmbH", "O'Brien, Burke \"and\" Co.",
		"Société Générale d'Énergie", "東京システム", "Umbrella = Logistics; Inc. #1" };
	static const char *const others[] = { "Globex", "Hooli", "Wayne Enterprises" };
	static const char *const hosts[] = { "payment.internal", "ledger.corp.example", "api.eu-west-1.pay.test",
		"xn--bcher-kva.example" };
	static const char *const clients[] = { "order-service", "batch-7", "svc_reporting", "checkout.prod" };

	*v = (struct variety){ .seed = seed };
	v->org = orgs[variety_draw(v, "org", "", LEN(orgs))];
	v->other_org = others[variety_draw(v, "other", "", LEN(others))];
	v->host = hosts[variety_draw(v, "host", "", LEN(hosts))];
	v->client = clients[variety_draw(v, "client", "", LEN(clients))];
	v->two_intermediates = variety_draw(v, "intermediates", "", 2) == 1;
}

char *
variety_words(const struct variety *v, const char *text, char *out, int size)
{
	const struct {
		const char *word, *value;
	} words[] = { { "{org}", v->org }, { "{other}", v->other_org }, { "{host}", v->host }, { "{client}", v->client } };
	size_t room = (size_t)size - 1, n = 0;

	while (*text != '\0' && n < room) {
		size_t i = 0;
		while (i < LEN(words) && strncmp(text, words[i].word, strlen(words[i].word)) != 0)
			i++;
		if (i == LEN(words)) {
			out[n++] = *text++;
			continue;
		}
		size_t len = strlen(words[i].value);
		if (len > room - n)
			break;
		memcpy(out + n, words[i].value, len);
		n += len;
		text += strlen(words[i].word);
	}
	out[n] = '\0';
	return out;
}

const char *
variety_server_header(const struct variety *v, const char *about)
{
	static const char *const headers[] = { NULL, "nginx/1.22.1", "Apache/2.4.62 (Debian)", "envoy", "Jetty(11.0.18)",
		"practice/1 (no such product) \"quoted\"", "" };

	return headers[variety_draw(v, "server-header", about, LEN(headers))];
}

struct variety_answer
variety_answer(const struct variety *v, const char *about)
{
	static const struct variety_answer answers[] = { { 200, "OK" }, { 200, "Fine" }, { 200, "" }, { 200, "Tr\xc3\xa8s bien" },
		{ 204, "No Content" }, { 302, "Found" }, { 404, "Not Found" }, { 405, "Method Not Allowed" } };

	return answers[variety_draw(v, "answer", about, LEN(answers))];
}

const char *
variety_body(const struct variety *v, const char *about)
{
	static const char *const bodies[] = { "You are in.\n", "", "{\"status\":\"up\"}\n",
		"<!doctype html><title>The service</title><p>400 ways to say hello</p>\n" };

	return bodies[variety_draw(v, "body", about, LEN(bodies))];
}
