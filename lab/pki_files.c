#include "lab/pki_files.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool
pki_write_bytes(const char *path, const void *bytes, size_t len, mode_t mode)
{
	const char *p = bytes;
	int fd, saved;

	/* A key is never readable by others, not even for a moment: the mode is there from the start. */
	if (unlink(path) != 0 && errno != ENOENT)
		return false;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & (S_IRUSR | S_IWUSR));
	if (fd < 0)
		return false;
	while (len > 0) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			goto failed;
		p += n;
		len -= (size_t)n;
	}
	if (fchmod(fd, mode) != 0)
		goto failed;
	return close(fd) == 0;
failed:
	saved = errno;
	close(fd);
	errno = saved;
	return false;
}

static bool
write_bio(const char *path, BIO *bio, mode_t mode)
{
	char *data = NULL;
	long len = BIO_get_mem_data(bio, &data);

	return pki_write_bytes(path, data, len > 0 ? (size_t)len : 0, mode);
}

static bool
put_certs(BIO *bio, const struct pki_cert *const *certs, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (PEM_write_bio_X509(bio, certs[i]->x509) != 1)
			return false;
	return true;
}

static bool
put_key(BIO *bio, EVP_PKEY *key, const char *passphrase)
{
	const EVP_CIPHER *cipher = passphrase != NULL ? EVP_aes_256_cbc() : NULL;

	return PEM_write_bio_PKCS8PrivateKey(bio, key, cipher, passphrase,
	    passphrase != NULL ? (int)strlen(passphrase) : 0, NULL, NULL) == 1;
}

bool
pki_write_certs(const char *path, const struct pki_cert *const *certs, size_t len)
{
	BIO *bio = BIO_new(BIO_s_mem());
	bool ok = false;

	errno = ENOMEM;
	if (bio != NULL && put_certs(bio, certs, len))
		ok = write_bio(path, bio, 0644);
	BIO_free(bio);
	return ok;
}

bool
pki_write_key(const char *path, EVP_PKEY *key, const char *passphrase)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	bool ok = false;

	errno = ENOMEM;
	if (bio != NULL && put_key(bio, key, passphrase))
		ok = write_bio(path, bio, 0600);
	BIO_free(bio);
	return ok;
}

bool
pki_write_identity(const char *path, const struct pki_cert *const *certs, size_t len)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	bool ok = false;

	errno = ENOMEM;
	if (bio != NULL && len > 0 && put_certs(bio, certs, len) && put_key(bio, certs[0]->key, NULL))
		ok = write_bio(path, bio, 0600);
	BIO_free(bio);
	return ok;
}
