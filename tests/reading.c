#include "tests/reading.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/memory.h"
#include "tests/program.h"

char *reading_folder;
struct pki_cert reading_ca, reading_leaf, reading_rsa;

int
reading_setup(void **state)
{
	(void)state;
	reading_folder = make_folder();
	reading_ca = pki_issue(&(struct pki_request){ .cn = "Acme Root CA", .ca = true, .path_len = -1 }, NULL);
	reading_leaf = pki_issue(&(struct pki_request){ .cn = "order-service" }, &reading_ca);
	reading_rsa = pki_issue(&(struct pki_request){ .cn = "rsa", .key_type = PKI_RSA2048 }, &reading_ca);
	return reading_folder == NULL;
}

int
reading_teardown(void **state)
{
	(void)state;
	pki_cert_free(&reading_ca);
	pki_cert_free(&reading_leaf);
	pki_cert_free(&reading_rsa);
	remove_folder(reading_folder);
	return 0;
}

bool
reading_ask(void *user, const char *what, char *out, size_t size)
{
	struct asked *a = user;

	assert_non_null(what);
	a->times++;
	if (a->answer == NULL)
		return false;
	assert_true(strlen(a->answer) < size);
	memcpy(out, a->answer, strlen(a->answer) + 1);
	return true;
}

void
read_bytes(struct reading *r, const void *bytes, size_t len, const char *passphrase, const char *type)
{
	struct read_options opt = { .ask = reading_ask, .ask_user = &r->asked, .type = type };

	*r = (struct reading){ .asked = { .answer = passphrase } };
	r->st = objects_parse(bytes, len, "test", &opt, &r->o, &r->err);
	assert_int_equal(error_is_set(&r->err), r->st != STATUS_OK);
	assert_null(strstr(r->err.text, SECRET));
}

void
read_bio(struct reading *r, BIO *bio, const char *passphrase)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	assert_true(len > 0);
	read_bytes(r, data, (size_t)len, passphrase, NULL);
	BIO_free(bio);
}

void
reading_done(struct reading *r)
{
	objects_done(&r->o);
}

BIO *
memory_bio(void)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_non_null(bio);
	return bio;
}

double
seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void
put(struct buf *out, unsigned char tag, const struct buf *content)
{
	size_t n = content->len;

	buf_addc(out, (char)tag);
	if (n >= 0x10000) {
		buf_add(out, (unsigned char[]){ 0x83, (unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n }, 4);
	} else if (n >= 0x80) {
		buf_add(out, (unsigned char[]){ 0x82, (unsigned char)(n >> 8), (unsigned char)n }, 3);
	} else {
		buf_addc(out, (char)n);
	}
	buf_add(out, content->data == NULL ? "" : content->data, n);
}

void
put_bytes(struct buf *out, unsigned char tag, const void *bytes, size_t len)
{
	struct buf content = { 0 };

	buf_add(&content, bytes, len);
	put(out, tag, &content);
	buf_done(&content);
}

void
put_number(struct buf *out, size_t bits)
{
	size_t len = (bits + 7) / 8;
	unsigned char *bytes = mem_zero(len + 1, 1);

	memset(bytes + 1, 0xa5, len);
	bytes[1] = (unsigned char)(1u << ((bits - 1) % 8));
	bytes[len] |= 1;
	if ((bytes[1] & 0x80) != 0)
		put_bytes(out, 0x02, bytes, len + 1);
	else
		put_bytes(out, 0x02, bytes + 1, len);
	free(bytes);
}

