/* The configuration that the start page writes: every key with its comment, to be filled in. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/config.h"
#include "model/memory.h"
#include "model/quote.h"

#define STAGE "configuration"

static const char example[] =
    "# The configuration of mtlscope. It holds no secrets: keys stay in their own files.\n"
    "# To use a line, take its leading # away and put your own values in. Relative names of files\n"
    "# begin in this file's folder, ~/ in your home. `mtlscope` then opens the console on the fleet.\n"
    "\n"
    "# When to warn. Options of the same names (--expires-within 7) win over these.\n"
    "thresholds:\n"
    "  expires_within: 30        # days before a certificate ends\n"
    "  root_expires_within: 90   # days before a root ends\n"
    "  clock_skew_seconds: 5     # what two clocks may differ\n"
    "\n"
    "# Who we say we are. An identity is used by its name, here or with --identity NAME.\n"
    "#identities:\n"
    "#  - name: order-service\n"
    "#    cert: order.crt         # our certificate, then its intermediates; or a PKCS#12\n"
    "#    key: order.key          # may be left out where cert holds it\n"
    "#    trust: root.pem         # the CAs that we trust; without it the system's\n"
    "# The same from AWS, read when it is used:\n"
    "#  - name: payments\n"
    "#    secret: payment-service-cert     # Secrets Manager: certificate, private_key, root_ca\n"
    "#    aws: prod                        # a name of the section aws\n"
    "#  - name: reports\n"
    "#    parameter: /reports/tls          # SSM Parameter Store\n"
    "#    aws: prod\n"
    "\n"
    "# What is checked. `mtlscope fleet add HOST:PORT --identity NAME` adds entries here.\n"
    "#fleet:\n"
    "#  - name: payment\n"
    "#    target: payment.internal:8443    # as on the command line: HOST:PORT, https://…, unix:/path\n"
    "#    identity: order-service          # without one, none of ours is sent\n"
    "#    group: prod                      # for mtlscope check --group prod\n"
    "#    servername: payment.internal     # the name to ask for and to look for; else the target's\n"
    "#    path: /health                    # what the one HTTP request asks for; else /\n"
    "#    bypass: internal.example:8443    # another way to the service, tried without a certificate\n"
    "#    no_http: false                   # true: no HTTP request is sent\n"
    "#    trust: root.pem                  # for this entry, in place of its identity's\n"
    "# What the service itself reads, how it is renewed and where that goes:\n"
    "#    serves:\n"
    "#      cert: /etc/payment/tls.crt\n"
    "#      key: /etc/payment/tls.key\n"
    "#      trust: /etc/payment/clients.pem\n"
    "#      upstreams: /etc/payment/upstreams.pem   # the CAs it trusts when it calls others; only where it does\n"
    "#    renew:\n"
    "#      aws: prod\n"
    "#      ca: Acme Issuing CA 1\n"
    "#      before_days: 10                # how long before the end\n"
    "#      validity_days: 30              # of the new certificate\n"
    "#      new_key: true\n"
    "#    install:\n"
    "#      files: serves                  # those above\n"
    "#      secret: payment-tls            # or: Secrets Manager\n"
    "#      acm: arn:aws:acm:us-east-1:123456789012:certificate/example   # or: import into ACM\n"
    "#      hook: /usr/local/bin/install-certificate                      # or: a program of yours\n"
    "#      reload: systemctl reload payment\n"
    "\n"
    "# Accounts of AWS, for identities and renewals.\n"
    "#aws:\n"
    "#  - name: prod\n"
    "#    profile: prod\n"
    "#    region: us-east-1\n"
    "#    endpoint_url: https://vpce-example.acm-pca.us-east-1.vpce.amazonaws.com   # a private endpoint\n";

/* Every folder on the way to the file, 0700 where it is new. */
static status
make_folders(const char *path, struct error *err)
{
	char *folder = mem_strdup(path);
	char shown[QUOTE_MAX];
	status result = STATUS_OK;

	for (char *p = folder + 1; (p = strchr(p, '/')) != NULL && result == STATUS_OK; p++) {
		*p = '\0';
		if (mkdir(folder, 0700) != 0 && errno != EEXIST)
			result = error_set(err, ERROR_LOCAL, STAGE, "%s: cannot be made: %s", quote_str(folder, shown),
			    strerror(errno));
		*p = '/';
	}
	free(folder);
	return result;
}

status
config_write_example(const char *path, struct error *err)
{
	char shown[QUOTE_MAX];
	ssize_t n;
	int fd;

	if (path[0] == '\0')
		return error_set(err, ERROR_INPUT, STAGE, "no place for the configuration: HOME is not set");
	if (make_folders(path, err) != STATUS_OK)
		return STATUS_FAILED;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 && errno == EEXIST)
		return error_set(err, ERROR_INPUT, STAGE, "%s: is there already, and is not written over",
		    quote_str(path, shown));
	if (fd < 0)
		return error_set(err, ERROR_LOCAL, STAGE, "%s: cannot be made: %s", quote_str(path, shown),
		    strerror(errno));
	n = write(fd, example, sizeof example - 1);
	if (n != (ssize_t)(sizeof example - 1) || fsync(fd) != 0) {
		error_set(err, ERROR_LOCAL, STAGE, "%s: cannot be written: %s", quote_str(path, shown),
		    n >= 0 && n < (ssize_t)(sizeof example - 1) ? "the disk is full" : strerror(errno));
		close(fd);
		unlink(path);
		return STATUS_FAILED;
	}
	close(fd);
	return STATUS_OK;
}
