#include "cli/option_table.h"

#include "cli/option_values.h"

const struct command_info command_table[] = {
	{
		.command = COMMAND_CHECK,
		.name = "check",
		.arguments = "[TARGET…] [--targets FILE] [--group NAME]",
		.help = "connect, show both chains, and name the cause of a failed handshake",
		.about = "One target gives a report. Many give a line each as they finish, then the causes and what "
		    "shares them. TARGET is HOST[:PORT], [IPV6]:PORT, https://host:8443/path, "
		    "smtp://host and its kin (STARTTLS), unix:/path or the name of "
		    "an entry of the configured fleet; without one, all of the fleet is checked.",
	},
	{
		.command = COMMAND_INSPECT,
		.name = "inspect",
		.arguments = "FILE…",
		.help = "say what files hold, what belongs together, and what is wrong; no network",
		.about = "Certificates, keys, CSRs, PKCS#12, PKCS#7, folders, and “-” for standard input. With --cacert, "
		    "--servername, --purpose and --at it judges the chain as check judges a live one.",
	},
	{
		.command = COMMAND_DIFF,
		.name = "diff",
		.arguments = "A B",
		.help = "compare two certificates, chains, folders or cases: only what differs",
	},
	{
		.command = COMMAND_LAB,
		.name = "lab",
		.arguments = "",
		.help = "run the practice lab: live endpoints on loopback, each with a known fault",
		.about = "It runs until it is stopped (Ctrl-C) and leaves nothing behind, unless --dir names a folder. With --at "
		    "and the same --seed, --first-port and --dir it is the same in every run, private keys too.",
	},
	{
		.command = COMMAND_DEMO,
		.name = "demo",
		.arguments = "",
		.help = "the console on the practice lab: servers that are broken on purpose",
		.about = "No network, no account; your configuration, state and AWS settings have no part in it. Without a "
		    "terminal, or with --plain, every endpoint is checked and its story told. With --at and the same --seed and "
		    "--first-port it is the same in every run. --auto ends with 1 where the walkthrough does not go on.",
	},
	{
		.command = COMMAND_FLEET,
		.name = "fleet",
		.arguments = "add TARGET… --identity NAME",
		.help = "put endpoints into the configuration, for the console and for check",
		.about = "Entries are appended to the configuration file; all else in it stays as it is. Each is named after "
		    "its host. NAME is an identity of that file.",
	},
	{
		.command = COMMAND_EXPLAIN,
		.name = "explain",
		.arguments = "[TEXT…]",
		.help = "say what an alert, an error text or a log line means, and who said it",
		.about = "TEXT is an alert by number or name (48, bad_certificate), an error text of OpenSSL, curl, Go, Java, Node, "
		    "Python, GnuTLS and others, a line of a server's log, a line of a load balancer's connection log, a command line "
		    "of aws (with options of ours before it) or what AWS answers. Its words need no quotation marks, unless the shell takes them apart. Without TEXT standard input is read, any number of lines: "
		    "what is known of them is explained, the most telling first, the rest is counted. The status is 2 where nothing is known.",
	},
	{
		.command = COMMAND_OPEN,
		.name = "open",
		.arguments = "CASE",
		.help = "open a saved case in the console, as it was seen; no network",
		.about = "A case is what check --save FILE or c in the console wrote: all that was seen of one target, without "
		    "private keys. Nothing is contacted, and no other file is needed. Without a terminal, or with --json or "
		    "--plain, it is printed as check prints it.",
	},
	{
		.command = COMMAND_LISTEN,
		.name = "listen",
		.arguments = "[ADDR:]PORT [--like TARGET]",
		.help = "be the server: ask clients for a certificate, say what each does",
		.about = "Point the client that fails at it. A port alone is opened on loopback; 0.0.0.0:8443 or *:8443 takes clients "
		    "of other machines. Every client is let through as far as it comes, and told once it has ended: what it offered, what it sent, what it has against our "
		    "certificate. With --like the request repeats the CA list and the algorithms of TARGET, with --cacert it names those CAs, and says "
		    "whether a server that trusts them accepts the client. A program that sends nothing is asked without a list when it connects again: the difference is "
		    "the proof. Without --cert our certificate is made for the name that a client asks for, and the first lines say where its CA lies. "
		    "It runs until Ctrl-C, or for --max-time; then the exit status is the class of what the clients had, as in check, and 3 where none came.",
	},
	{
		.command = COMMAND_PCA,
		.name = "pca",
		.arguments = "WORD …",
		.help = "the private CA: its hierarchy, its certificates, what it issues and revokes",
		.about = "WORD is one of those below; mtlscope pca WORD --help lists its options. What changes something prints its plan, with "
		    "what it costs and the same as aws command lines, and changes nothing without --apply. Account, region and credentials "
		    "are found as the aws program finds them; --aws NAME takes a section of the configuration, and where that lists several and "
		    "none is named, all of them are looked at.",
	},
	{
		.command = COMMAND_PCA_TREE,
		.name = "pca tree",
		.arguments = "",
		.help = "the CAs as trees: state, days left, what hangs on each",
		.about = "CAs and their certificates are read from AWS, numbers come from the inventory, which pca sync fills. LIVE: neither expired "
		    "nor revoked. SOON: of these, how many end within --expires-within.",
	},
	{
		.command = COMMAND_PCA_SHOW,
		.name = "pca show",
		.arguments = "CA|CERTIFICATE",
		.help = "one CA or one certificate with all that is known",
		.about = "A CA by its ARN, its id or its name; a certificate by its ARN or its serial.",
	},
	{
		.command = COMMAND_PCA_CERTS,
		.name = "pca certs",
		.arguments = "",
		.help = "the certificates in the inventory: filtered, sorted, and which nobody renews",
		.about = "AWS has no call that lists them: the inventory knows what audit reports say (pca sync). It is on this machine, and nothing "
		    "is contacted. --filter takes words that must all match: of subject, names, serial, ARN, template.",
	},
	{
		.command = COMMAND_PCA_SYNC,
		.name = "pca sync",
		.arguments = "",
		.help = "bring the inventory up to date from the newest audit reports",
		.about = "Reads what reports there are, which changes nothing. With --apply AWS is asked for new ones: a file each in an S3 bucket. A CA "
		    "gives one in 30 minutes.",
	},
	{
		.command = COMMAND_PCA_CREATE,
		.name = "pca create",
		.arguments = "[NAME]",
		.help = "create a CA, or root and subordinate in one go, and activate it",
		.about = "NAME is the common name; with --hierarchy the two are called “NAME Root CA” and “NAME Issuing CA 1”, unless --root-subject and "
		    "--subject say otherwise. CAs are billed from their creation on.",
	},
	{
		.command = COMMAND_PCA_ACTIVATE,
		.name = "pca activate",
		.arguments = "CA",
		.help = "finish a CA that waits for its certificate: request, signature, import",
	},
	{
		.command = COMMAND_PCA_ISSUE,
		.name = "pca issue",
		.arguments = "[NAME…]",
		.help = "issue a certificate for a CSR, or make key and CSR for the names",
		.about = "NAME is a DNS name, an IP address, an e-mail address or a URI; the first is the common name too. The template follows from --server, "
		    "--client, both (or neither: both), --ca-path-length. The CSR is looked through first, and what comes back is compared with it. "
		    "--out gets cert.pem, chain.pem (without the root), fullchain.pem, root.pem and, where it was made here, key.pem (0600).",
	},
	{
		.command = COMMAND_PCA_GET,
		.name = "pca get",
		.arguments = "ARN|SERIAL",
		.help = "fetch a certificate: cert.pem, chain.pem, fullchain.pem, root.pem into --out",
		.about = "Without --out the certificate and its chain without the root are printed, as PEM.",
	},
	{
		.command = COMMAND_PCA_REVOKE,
		.name = "pca revoke",
		.arguments = "ARN|SERIAL|FILE",
		.help = "revoke a certificate, after saying whom that reaches and whom it does not",
	},
	{
		.command = COMMAND_PCA_AUDIT,
		.name = "pca audit",
		.arguments = "CA",
		.help = "ask for an audit report of all that the CA issued, into an S3 bucket",
	},
	{
		.command = COMMAND_PCA_BUNDLE,
		.name = "pca bundle",
		.arguments = "CA",
		.help = "the CA's root as a trust bundle; --intermediates: the CAs below it too",
		.about = "PEM without comments and empty lines, as load balancers take it. On standard output, or into --out FILE, which is replaced.",
	},
	{
		.command = COMMAND_FIX,
		.name = "fix",
		.arguments = "TARGET [CODE]",
		.help = "the plan that mends a finding; --apply does it and looks again",
		.about = "TARGET is examined as check does it; CODE is one of its findings, else the root cause is mended. Our side's files are those of --cert and "
		    "--key or of the identity; the server's are those of `serves` in its fleet entry. New certificates come from the private CA that issued the "
		    "old one, from the one that the other side trusts, or from --ca. Nothing is changed without --apply. Every step is recorded: mtlscope log.",
	},
	{
		.command = COMMAND_RENEW,
		.name = "renew",
		.arguments = "[NAME…]",
		.help = "renew what is due, soonest first; what nobody renews is named",
		.about = "NAME is an entry of the fleet; without one all of it is meant, or --group. What `renew` and `serves` of an entry say is done: its certificate "
		    "is issued anew by that CA, written where the service reads it, reloaded, and looked for on the wire. Due is what ends within its before_days, or "
		    "--expires-within. One plan each: one that fails keeps no other from being renewed.",
	},
	{
		.command = COMMAND_LOG,
		.name = "log",
		.arguments = "[ID]",
		.help = "what was changed: who, when, the plan, its steps and results",
	},
	{
		.command = COMMAND_UNDO,
		.name = "undo",
		.arguments = "ID",
		.help = "the plan that brings back what was before, or why that cannot be",
	},
	{
		.command = COMMAND_RESUME,
		.name = "resume",
		.arguments = "[ID]",
		.help = "go on with a plan that was interrupted; the newest, where no ID is given",
	},
	{
		.command = COMMAND_ROLLOVER,
		.name = "rollover",
		.arguments = "CA [--way WAY | --status | --next | --abandon]",
		.help = "replace a root, step by step, while watching who already trusts the new one",
		.about = "Without a word more it shows the three ways, with what each costs. --way starts one; --status measures the fleet; --next is the plan of the step "
		    "that comes next, and does it with --apply. It may take weeks: what is known of it is a file, which --state names, and somebody else can go on "
		    "with it. The old root is not taken out of a bundle before every service is known to trust the new one, as a server and as a client, or a "
		    "person has typed the names of those that are not known.",
	},
	{ .command = COMMAND_HELP, .name = "help", .arguments = "[COMMAND]", .help = "what --help says" },
	{ .command = COMMAND_LATER, .name = "cost" },
	{ .command = COMMAND_LATER, .name = "watch" },
	{ .command = COMMAND_LATER, .name = "import" },
};
const size_t command_table_len = sizeof command_table / sizeof command_table[0];

#define FIX FOR(COMMAND_FIX)
#define RENEW FOR(COMMAND_RENEW)
#define LOG FOR(COMMAND_LOG)
#define UNDO FOR(COMMAND_UNDO)
#define RESUME FOR(COMMAND_RESUME)
#define ROLLOVER FOR(COMMAND_ROLLOVER)
#define CHECK_ONLY FOR(COMMAND_CHECK)
#define CHECK (CHECK_ONLY | FIX) /* whatever says what is examined, and how */
#define INSPECT FOR(COMMAND_INSPECT)
#define DIFF FOR(COMMAND_DIFF)
#define LAB FOR(COMMAND_LAB)
#define DEMO FOR(COMMAND_DEMO)
#define FLEET FOR(COMMAND_FLEET)
#define EXPLAIN FOR(COMMAND_EXPLAIN)
#define OPEN FOR(COMMAND_OPEN)
#define LISTEN FOR(COMMAND_LISTEN)
#define TREE FOR(COMMAND_PCA_TREE)
#define SHOW FOR(COMMAND_PCA_SHOW)
#define CERTS FOR(COMMAND_PCA_CERTS)
#define SYNC FOR(COMMAND_PCA_SYNC)
#define CREATE FOR(COMMAND_PCA_CREATE)
#define ACTIVATE FOR(COMMAND_PCA_ACTIVATE)
#define ISSUE FOR(COMMAND_PCA_ISSUE)
#define GET FOR(COMMAND_PCA_GET)
#define REVOKE FOR(COMMAND_PCA_REVOKE)
#define AUDIT FOR(COMMAND_PCA_AUDIT)
#define BUNDLE FOR(COMMAND_PCA_BUNDLE)
#define PCA_CHANGES (SYNC | CREATE | ACTIVATE | ISSUE | REVOKE | AUDIT)
#define CHANGES (PCA_CHANGES | FIX | RENEW | UNDO | RESUME | ROLLOVER) /* what prints a plan first */
#define PCA (PCA_CHANGES | TREE | SHOW | CERTS | GET | BUNDLE | ROLLOVER)
#define PAGES (CHECK | INSPECT | DIFF | DEMO | EXPLAIN | OPEN | LISTEN | RENEW | LOG | UNDO | RESUME | PCA) /* what prints for people */
#define EVERY (PAGES | FOR(COMMAND_PCA) | LAB | FLEET | FOR(COMMAND_NONE) | FOR(COMMAND_HELP))
#define AT(field) .offset = offsetof(struct options, field)

const struct option_row option_table[] = {
	/* who we are, whom we trust */
	{ "cert", 'E', "FILE", CHECK | INSPECT | LISTEN, OPTION_SPECIAL, .apply = apply_cert,
	    .help = "our certificate and its chain; a PKCS#12 file holds the key too" },
	{ "key", 0, "FILE", CHECK | INSPECT | LISTEN | ISSUE | REVOKE, OPTION_SPECIAL, .apply = apply_key,
	    .help = "our private key; pkcs11:token=…;object=… names one on a token, as with --cert" },
	{ "pass", 0, "WHERE", CHECK | INSPECT | DIFF | LISTEN | ISSUE, OPTION_SPECIAL, .apply = apply_pass, .secret = true,
	    .help = "the passphrase: file:NAME, env:NAME, fd:N (a literal is seen by others)" },
	{ "pass-file", 0, "FILE", CHECK | INSPECT | DIFF | LISTEN | ISSUE, OPTION_SPECIAL, .apply = apply_pass_file,
	    .help = "the passphrase is the first line of FILE" },
	{ "cert-type", 0, "TYPE", CHECK | INSPECT | LISTEN, OPTION_STRING, AT(cert_type),
	    .help = "PEM, DER or P12; found out where not given" },
	{ "key-type", 0, "TYPE", CHECK | INSPECT | LISTEN, OPTION_STRING, AT(key_type), .help = "PEM, DER or P12" },
	{ "cacert", 0, "FILE", CHECK | RENEW | INSPECT | LISTEN, OPTION_STRING, AT(cacert),
	    .help = "the CAs that we trust; else the system's trust store" },
	{ "capath", 0, "DIR", CHECK | RENEW | INSPECT | LISTEN, OPTION_STRING, AT(capath), .help = "the same from a folder" },

	{ "identity", 0, "NAME", CHECK | FLEET, OPTION_STRING, AT(identity),
	    .help = "the identity of that name in the configuration" },

	/* where to, and as whom */
	{ "group", 0, "NAME", CHECK_ONLY | FLEET | RENEW, OPTION_STRING, AT(group), .not_retyped = true,
	    .help = "check, renew: only this group of the fleet (check: or of --targets); fleet add: the new entries' group" },
	{ "targets", 0, "FILE", CHECK_ONLY, OPTION_SPECIAL, .apply = apply_targets, .not_retyped = true,
	    .help = "a target a line, then identity=NAME servername=NAME path=/x group=G bypass=HOST; “-”: standard input" },
	{ "servername", 0, "NAME", CHECK | INSPECT | REVOKE, OPTION_STRING, AT(servername),
	    .help = "the name to ask for and to look for in the certificate" },
	{ "resolve", 0, "HOST:PORT:ADDR", CHECK, OPTION_SPECIAL, .apply = apply_resolve,
	    .help = "use these addresses (comma-separated) for HOST:PORT" },
	{ "connect-to", 0, "H1:P1:H2:P2", CHECK, OPTION_SPECIAL, .apply = apply_connect_to,
	    .help = "connect to H2:P2 where the target says H1:P1" },
	{ "interface", 0, "NAME", CHECK, OPTION_STRING, AT(examine.interface),
	    .help = "connect from this address or device" },
	{ "proxy", 'x', "URL", CHECK, OPTION_SPECIAL, .apply = apply_proxy,
	    .help = "go through this proxy: http://, socks5://, socks5h://; else HTTPS_PROXY, ALL_PROXY" },
	{ "via", 0, "ssh:HOST", CHECK, OPTION_SPECIAL, .apply = apply_via,
	    .help = "go through that host with your own ssh client; [USER@]HOST[:PORT], it asks for no password" },
	{ "noproxy", 0, "LIST", CHECK, OPTION_STRING, AT(examine.no_proxy),
	    .help = "but not to these names and addresses; else NO_PROXY" },
	{ "ipv4", '4', NULL, CHECK, OPTION_SPECIAL, .apply = apply_family, .min = 4, .help = "IPv4 only" },
	{ "ipv6", '6', NULL, CHECK, OPTION_SPECIAL, .apply = apply_family, .min = 6, .help = "IPv6 only" },
	{ "like", 0, "TARGET", LISTEN, OPTION_STRING, AT(like),
	    .help = "ask as TARGET does: its CA list and signature algorithms, captured by one handshake" },
	{ "unix-socket", 0, "PATH", CHECK, OPTION_STRING, AT(unix_socket),
	    .help = "connect through this socket of the local machine" },
	{ "path", 0, "PATH", CHECK, OPTION_STRING, AT(path),
	    .help = "what the one HTTP request asks for (/)" },
	{ "other-identity", 0, "NAME", CHECK_ONLY, OPTION_STRING, AT(other_identity),
	    .help = "where ours is accepted: is this one of the configuration, of the same CA, as well?" },
	{ "bypass", 0, "HOST[:PORT]", CHECK_ONLY, OPTION_STRING, AT(bypass),
	    .help = "another way to the same service: is it let in there without a certificate?" },
	{ "starttls", 0, "PROTO", CHECK, OPTION_SPECIAL, .apply = apply_starttls,
	    .help = "begin in postgres, mysql, smtp, imap, pop3 or ldap, and ask it to go over to TLS" },
	{ "no-http", 0, NULL, CHECK, OPTION_FLAG, AT(no_http), .help = "send no HTTP request" },

	/* how */
	{ "tlsv1.2", 0, NULL, CHECK | LISTEN, OPTION_SPECIAL, .apply = apply_tls_min, .min = 0x0303,
	    .help = "TLS 1.2 or newer" },
	{ "tlsv1.3", 0, NULL, CHECK | LISTEN, OPTION_SPECIAL, .apply = apply_tls_min, .min = 0x0304, .help = "TLS 1.3" },
	{ "tls-max", 0, "VERSION", CHECK | LISTEN, OPTION_SPECIAL, .apply = apply_tls_max,
	    .help = "the newest version to offer: 1.0, 1.1, 1.2, 1.3" },
	{ "ciphers", 0, "LIST", CHECK | LISTEN, OPTION_STRING, AT(examine.ciphers), .help = "TLS 1.2 ciphers to offer" },
	{ "alpn", 0, "LIST", CHECK, OPTION_SPECIAL, .apply = apply_alpn,
	    .help = "protocols to offer, comma-separated" },
	{ "http1.1", 0, NULL, CHECK, OPTION_SPECIAL, .apply = apply_http11, .help = "the same as --alpn http/1.1" },
	{ "http2", 0, NULL, CHECK, OPTION_FLAG, AT(http2), .help = "the same as --alpn h2,http/1.1" },
	{ "connect-timeout", 0, "SECONDS", CHECK | ROLLOVER, OPTION_SECONDS, AT(examine.connect_timeout_ms),
	    .help = "for each address (5)" },
	{ "max-time", 'm', "SECONDS", CHECK | LISTEN | ROLLOVER, OPTION_SECONDS, AT(examine.max_time_ms),
	    .given = offsetof(struct options, max_time_given),
	    .help = "for one target in all (30); listen: how long it runs (until Ctrl-C)" },
	{ "jobs", 0, "N", CHECK_ONLY | DEMO, OPTION_NUMBER, AT(examine.jobs), .min = 1, .max = 4096,
	    .not_retyped = true, .help = "targets under way at once" },
	{ "quick", 0, NULL, CHECK_ONLY, OPTION_FLAG, AT(examine.quick), .help = "one handshake, no experiments" },
	{ "deep", 0, NULL, CHECK_ONLY, OPTION_FLAG, AT(examine.deep),
	    .help = "every experiment, for one target: about 20 connections, refusals in its log" },
	{ "keylog", 0, "FILE", CHECK, OPTION_STRING, AT(examine.keylog_file), .not_retyped = true,
	    .help = "append the sessions' keys to FILE, for Wireshark (also SSLKEYLOGFILE)" },
	{ "save", 0, "CASE", CHECK_ONLY, OPTION_STRING, AT(save), .not_retyped = true,
	    .help = "keep all that was seen of one target in a new file, without private keys; mtlscope open CASE shows it" },

	/* how it is judged */
	{ "at", 0, "TIME", CHECK | INSPECT | LAB | DEMO | LISTEN | TREE | SHOW | CERTS, OPTION_SPECIAL, .apply = apply_at,
	    .help = "judge as of then: 2026-01-31T12:00:00Z, a date, or epoch seconds; the lab's clock stands there" },
	{ "purpose", 0, "SIDE", INSPECT | FIX, OPTION_SPECIAL, .apply = apply_purpose,
	    .help = "judge it as the chain of a server or of a client; fix --paste: configuration for that side" },
	{ "require-mtls", 0, NULL, CHECK | LISTEN, OPTION_FLAG, AT(examine.thresholds.require_mtls),
	    .help = "a server that asks for no client certificate is an error; listen: refuse as a real server would" },
	{ "fail-on", 0, "SEVERITY", CHECK | INSPECT | OPEN | LISTEN, OPTION_SPECIAL, .apply = apply_fail_on, .not_retyped = true,
	    .help = "error (default), warning, notice or never: what sets the exit status" },
	{ "expires-within", 0, "DAYS", CHECK | INSPECT | LISTEN | TREE | SHOW | CERTS | RENEW, OPTION_DAYS, AT(examine.thresholds.expires_within),
	    .given = offsetof(struct options, expires_within_given), .max = 36500, .help = "warn about certificates that end so soon (30)" },
	{ "root-expires-within", 0, "DAYS", CHECK | INSPECT | LISTEN | TREE | SHOW, OPTION_DAYS,
	    AT(examine.thresholds.root_expires_within),
	    .given = offsetof(struct options, root_expires_within_given), .max = 36500, .help = "the same for roots (90)" },

	/* the configuration */
	{ "config", 0, "FILE", CHECK | INSPECT | FLEET | RENEW | UNDO | RESUME | PCA, OPTION_STRING, AT(config_file),
	    .help = "the configuration; else ~/.config/mtlscope/config.yaml where it is there" },
	{ "allow-changes", 0, NULL, CHECK, OPTION_FLAG, AT(allow_changes), .not_retyped = true,
	    .help = "in the console: changes may be asked for; --apply implies it" },

	/* the private CA: where */
	{ "aws", 0, "NAME", PCA | CHECK | RENEW | UNDO | RESUME, OPTION_STRING, AT(pca.aws), .help = "the account of that name in the configuration" },
	{ "profile", 0, "NAME", PCA | CHECK | RENEW | UNDO | RESUME, OPTION_STRING, AT(pca.profile), .help = "of ~/.aws/config and ~/.aws/credentials; else AWS_PROFILE" },
	{ "region", 0, "NAME", PCA | CHECK | RENEW | UNDO | RESUME, OPTION_STRING, AT(pca.region), .help = "else AWS_REGION, AWS_DEFAULT_REGION, the profile's" },
	{ "endpoint-url", 0, "URL", PCA | CHECK | RENEW | UNDO | RESUME, OPTION_STRING, AT(pca.endpoint_url), .help = "ask there instead of AWS; else AWS_ENDPOINT_URL" },
	{ "ca", 0, "CA", CERTS | SYNC | ISSUE | GET | REVOKE | FIX | RENEW, OPTION_STRING, AT(pca.ca), .help = "the CA, by ARN, id or name" },

	/* the private CA: which certificates */
	{ "orphans", 0, NULL, CERTS, OPTION_FLAG, AT(pca.orphans), .help = "only what ends soon and nobody renews" },
	{ "due", 0, NULL, CERTS, OPTION_FLAG, AT(pca.due), .help = "only what ends within --expires-within" },
	{ "filter", 0, "WORDS", CERTS, OPTION_STRING, AT(pca.filter), .help = "only what has these words in subject, names, serial, ARN or template" },
	{ "sort", 0, "BY", CERTS, OPTION_STRING, AT(pca.sort), .help = "expiry (default), name, issued, serial, template, fate" },
	{ "reverse", 0, NULL, CERTS, OPTION_FLAG, AT(pca.reverse), .help = "the other way round" },
	{ "limit", 0, "N", CERTS, OPTION_NUMBER, AT(pca.limit), .min = 1, .max = 1000000000, .help = "so many at most (100; with --json all)" },

	/* the private CA: what is made */
	{ "hierarchy", 0, NULL, CREATE, OPTION_FLAG, AT(pca.hierarchy), .help = "root and subordinate, both activated" },
	{ "root", 0, NULL, CREATE, OPTION_FLAG, AT(pca.root), .help = "a root alone" },
	{ "parent", 0, "CA", CREATE | ACTIVATE, OPTION_STRING, AT(pca.parent), .help = "the CA that signs the subordinate" },
	{ "subject", 0, "NAME", CREATE | ISSUE, OPTION_STRING, AT(pca.subject), .help = "the whole name: “CN=Acme CA, O=Acme, C=US”" },
	{ "root-subject", 0, "NAME", CREATE, OPTION_STRING, AT(pca.root_subject), .help = "with --hierarchy: the root's" },
	{ "key-algorithm", 0, "NAME", CREATE | ISSUE | FIX, OPTION_STRING, AT(pca.key_algorithm), .help = "RSA_2048, RSA_3072, RSA_4096, EC_prime256v1 (default), EC_secp384r1, EC_secp521r1" },
	{ "days", 0, "N", CREATE | ACTIVATE | ISSUE | FIX | RENEW | ROLLOVER, OPTION_NUMBER, AT(pca.days), .min = 1, .max = 36500, .help = "how long it is valid (a certificate 30, a subordinate 1095, a root 3650)" },
	{ "root-days", 0, "N", CREATE | ROLLOVER, OPTION_NUMBER, AT(pca.root_days), .min = 1, .max = 36500, .help = "of the root (3650); pca create: with --hierarchy" },
	{ "short-lived", 0, NULL, CREATE, OPTION_FLAG, AT(pca.short_lived), .help = "for certificates of seven days at most; costs less" },
	{ "crl-bucket", 0, "NAME", CREATE, OPTION_STRING, AT(pca.crl_bucket), .help = "publish revocation lists in this S3 bucket" },
	{ "ocsp", 0, NULL, CREATE, OPTION_FLAG, AT(pca.ocsp), .help = "answer OCSP" },
	{ "disable-root", 0, NULL, CREATE, OPTION_FLAG, AT(pca.disable_root), .help = "with --hierarchy: disable the root once the subordinate is active" },
	{ "certificate", 0, "ARN", ACTIVATE | RESUME, OPTION_STRING, AT(pca.certificate), .help = "go on with this one, which was issued for it already" },
	{ "csr", 0, "FILE", ISSUE, OPTION_STRING, AT(pca.csr), .help = "a request that is there; the key stays where it is" },
	{ "server", 0, NULL, ISSUE, OPTION_FLAG, AT(pca.server), .help = "to authenticate a server" },
	{ "client", 0, NULL, ISSUE, OPTION_FLAG, AT(pca.client), .help = "to authenticate a client" },
	{ "ca-path-length", 0, "N", ISSUE, OPTION_SPECIAL, .apply = apply_path_length, .help = "a subordinate CA, with so many CAs below it (0 to 3)" },
	{ "keep-extensions", 0, NULL, ISSUE, OPTION_FLAG, AT(pca.keep_extensions), .help = "what else the CSR asks for goes into the certificate too; else AWS drops it" },
	{ "reason", 0, "WORD", REVOKE, OPTION_STRING, AT(pca.reason), .help = "unspecified (default), key_compromise, superseded, cessation_of_operation, …" },
	{ "try", 0, "TARGET", REVOKE, OPTION_STRING, AT(pca.try_at), .help = "show it there afterwards, with --key: is it refused now?" },
	{ "bucket", 0, "NAME", SYNC | AUDIT | FIX | ROLLOVER, OPTION_STRING, AT(pca.bucket), .help = "the S3 bucket of audit reports (else the one of last time, or of the CRL), or of bundles" },
	{ "format", 0, "WORD", AUDIT, OPTION_STRING, AT(pca.format), .help = "json (default) or csv" },
	{ "intermediates", 0, NULL, BUNDLE, OPTION_FLAG, AT(pca.intermediates), .help = "the CAs below the root too: for API Gateway, and for peers that forget theirs" },
	{ "out", 0, "PLACE", ISSUE | GET | BUNDLE, OPTION_STRING, AT(pca.out), .help = "the folder that files go into (issue: this one); bundle: the file" },

	/* mending */
	{ "same-key", 0, NULL, FIX | RENEW, OPTION_FLAG, AT(same_key), .help = "a new certificate for the key that is there" },

	{ "list", 0, NULL, RENEW, OPTION_FLAG, AT(list), .help = "what is due, and no plan; AWS is not asked" },
	{ "add-trust", 0, NULL, FIX, OPTION_FLAG, AT(add_trust), .help = "no new certificate: our root into the server's `serves: trust`; its root into --cacert" },
	{ "trust-store", 0, "NAME", FIX | ROLLOVER, OPTION_STRING, AT(trust_store), .help = "the same in this trust store of a load balancer" },
	{ "domain", 0, "NAME", FIX | ROLLOVER, OPTION_STRING, AT(domain), .help = "the same in the truststore of this domain of API Gateway" },

	{ "listener", 0, "ARN", FIX, OPTION_STRING, AT(listener), .help = "mtls.not-requested: this listener of a load balancer asks, and verifies by --trust-store" },
	{ "paste", 0, "STACK", FIX, OPTION_STRING, AT(paste), .not_retyped = true, .help = "no plan: configuration for nginx, curl, ecs, iam … (a wrong word lists all)" },

	/* the gate for changes */
	{ "way", 0, "WAY", ROLLOVER, OPTION_STRING, AT(rollover.way), .help = "start it: same-key (a later date), cross (a new root signs what issues), new (a new issuing CA too)" },
	{ "status", 0, NULL, ROLLOVER, OPTION_FLAG, AT(rollover.status), .not_retyped = true, .help = "measure, and show who trusts the new root, as a server and as a client" },
	{ "next", 0, NULL, ROLLOVER, OPTION_FLAG, AT(rollover.next), .help = "the plan of the next step" },
	{ "confirm", 0, "NAMES", ROLLOVER, OPTION_STRING, AT(rollover.confirm), .help = "with --next or --undo-trust: exactly the services that are not known, separated by commas; you vouch for them" },
	{ "only", 0, "NAMES", ROLLOVER, OPTION_STRING, AT(rollover.only), .help = "with --next: only these services, separated by commas" },
	{ "abandon", 0, NULL, ROLLOVER, OPTION_FLAG, AT(rollover.abandon), .help = "say what stands, and end it" },
	{ "undo-trust", 0, NULL, ROLLOVER, OPTION_FLAG, AT(rollover.undo_trust), .help = "with --abandon: take the new root out of the bundles again" },
	{ "take-over", 0, NULL, ROLLOVER, OPTION_FLAG, AT(rollover.take_over), .help = "with --next: go on although a step was begun on another machine" },
	{ "state", 0, "FILE", ROLLOVER, OPTION_STRING, AT(rollover.state), .help = "its document, perhaps in a place that is shared; else in the state folder" },
	{ "name", 0, "NAME", ROLLOVER, OPTION_STRING, AT(rollover.name), .help = "of the new root; else the old one's with G2 behind it" },
	{ "apply", 0, NULL, CHANGES, OPTION_FLAG, AT(pca.apply), .not_retyped = true, .help = "do it, after asking once; without it the plan is shown and nothing changes" },
	{ "yes", 0, NULL, CHANGES, OPTION_FLAG, AT(pca.yes), .not_retyped = true, .help = "with --apply: do not ask" },

	/* the lab */
	{ "seed", 0, "N", LAB | DEMO, OPTION_SPECIAL, .apply = apply_seed,
	    .help = "vary key types, names, chains, versions and texts" },
	{ "first-port", 0, "PORT", LAB | DEMO, OPTION_NUMBER, AT(first_port), .min = 1, .max = 65535,
	    .help = "listen at this port and the ones after it" },
	{ "throttle", 0, NULL, LAB | DEMO, OPTION_FLAG, AT(throttle), .help = "the private CA takes no more requests a second than AWS does" },
	{ "no-throttle", 0, NULL, LAB | DEMO, OPTION_FLAG, AT(no_throttle),
	    .help = "audit reports as often as they are asked for, not one in half an hour" },
	{ "certificates", 0, "N", LAB | DEMO, OPTION_NUMBER, AT(certificates), .min = 1, .max = 10000000,
	    .help = "so many more of the issuing CA, each signed only when it is asked for" },
	{ "services", 0, "N", LAB | DEMO, OPTION_NUMBER, AT(services), .min = 1, .max = 200,
	    .help = "so many healthy services more, each with files of its own" },
	{ "dir", 0, "DIR", LAB | DEMO, OPTION_STRING, AT(dir), .help = "keep the lab's files here" },
	{ "auto", 0, NULL, DEMO, OPTION_FLAG, AT(by_itself), .help = "the first walkthrough plays by itself, then the demo ends" },
	{ "pace", 0, "MS", DEMO, OPTION_NUMBER, AT(pace_ms), .max = 600000,
	    .help = "with --auto: milliseconds that a step is shown (4000)" },
	{ "still", 0, NULL, DEMO, OPTION_FLAG, AT(still),
	    .help = "for pictures: with --at the clock stands there, and handshakes have paced times" },

	/* how it is printed */
	{ "json", 0, NULL, CHECK | INSPECT | LAB | EXPLAIN | OPEN | LISTEN | RENEW | LOG | UNDO | RESUME | PCA, OPTION_FLAG, AT(json), .not_retyped = true,
	    .help = "JSON for programs: one object a line" },
	{ "color", 0, "WHEN", PAGES | LAB, OPTION_SPECIAL, .apply = apply_colour, .not_retyped = true,
	    .help = "auto, never, 16 or 256 (also NO_COLOR)" },
	{ "ascii", 0, NULL, PAGES | LAB, OPTION_FLAG, AT(ascii), .not_retyped = true,
	    .help = "plain ASCII; the default where the locale is not UTF-8" },
	{ "plain", 0, NULL, PAGES | LAB, OPTION_FLAG, AT(plain), .not_retyped = true,
	    .help = "line by line without drawings, for screen readers" },
	{ "help", 'h', NULL, EVERY, OPTION_FLAG, AT(help), .help = "this text, also for each command" },
	{ "version", 'V', NULL, EVERY, OPTION_FLAG, AT(version), .help = "the version" },

	/* curl's, so that a pasted line works: accepted, not acted on */
	{ "insecure", 'k', NULL, .commands = CHECK, .kind = OPTION_IGNORED },
	{ "silent", 's', NULL, .commands = CHECK, .kind = OPTION_IGNORED },
	{ "show-error", 'S', NULL, .commands = CHECK, .kind = OPTION_IGNORED },
	{ "location", 'L', NULL, .commands = CHECK, .kind = OPTION_IGNORED },
	{ "include", 'i', NULL, .commands = CHECK, .kind = OPTION_IGNORED },
	{ "show-headers", 0, NULL, .commands = CHECK, .kind = OPTION_IGNORED },
	{ "head", 'I', NULL, .commands = CHECK, .kind = OPTION_IGNORED },
	{ "fail", 'f', NULL, .commands = CHECK, .kind = OPTION_IGNORED },
	{ "verbose", 'v', NULL, .commands = CHECK, .kind = OPTION_IGNORED },
	{ "output", 'o', "FILE", .commands = CHECK, .kind = OPTION_IGNORED },
	{ "header", 'H', "X", .commands = CHECK, .kind = OPTION_IGNORED },
	{ "request", 'X', "X", .commands = CHECK, .kind = OPTION_IGNORED },
	{ "data", 'd', "X", .commands = CHECK, .kind = OPTION_IGNORED },
	{ "data-raw", 0, "X", .commands = CHECK, .kind = OPTION_IGNORED },
	{ "data-binary", 0, "X", .commands = CHECK, .kind = OPTION_IGNORED },
	{ "data-ascii", 0, "X", .commands = CHECK, .kind = OPTION_IGNORED },
	{ "data-urlencode", 0, "X", .commands = CHECK, .kind = OPTION_IGNORED },
	/* what browsers and scripts put into such a line besides */
	{ "compressed", 0, NULL, .commands = CHECK, .kind = OPTION_IGNORED },
	{ "no-progress-meter", 0, NULL, .commands = CHECK, .kind = OPTION_IGNORED },
	{ "progress-bar", '#', NULL, .commands = CHECK, .kind = OPTION_IGNORED },
	{ "no-buffer", 'N', NULL, .commands = CHECK, .kind = OPTION_IGNORED },
	{ "get", 'G', NULL, .commands = CHECK, .kind = OPTION_IGNORED },
	{ "fail-with-body", 0, NULL, .commands = CHECK, .kind = OPTION_IGNORED },
	{ "write-out", 'w', "FORMAT", .commands = CHECK, .kind = OPTION_IGNORED },
	{ "user-agent", 'A', "NAME", .commands = CHECK, .kind = OPTION_IGNORED },
	{ "referer", 'e', "URL", .commands = CHECK, .kind = OPTION_IGNORED },
	{ "cookie", 'b', "DATA", .commands = CHECK, .kind = OPTION_IGNORED },
	{ "user", 'u', "USER:PASSWORD", .commands = CHECK, .kind = OPTION_IGNORED },
	{ "form", 'F', "X", .commands = CHECK, .kind = OPTION_IGNORED },
	{ "retry", 0, "N", .commands = CHECK, .kind = OPTION_IGNORED },

	/* of the contract, not in this version: never accepted silently */
	{ "shard", 0, "I/N", .kind = OPTION_LATER },
};
const size_t option_table_len = sizeof option_table / sizeof option_table[0];

/* s_client's words. Where it is a sentence, it says why nothing needs to be typed. */
const struct foreign_word foreign_words[] = {
	{ "-connect", "the target itself,", "HOST:PORT" },
	{ "-host", "the target itself, HOST:PORT", NULL },
	{ "-port", "the target itself, HOST:PORT", NULL },
	{ "-CAfile", "--cacert", "FILE" },
	{ "-CApath", "--capath", "DIR" },
	{ "-verifyCAfile", "--cacert", "FILE" },
	{ "-verifyCApath", "--capath", "DIR" },
	{ "-cert", "--cert", "FILE" },
	{ "-certform", "--cert-type", "TYPE" },
	{ "-cert_chain", "--cert, with the chain in the same file:", "FILE" },
	{ "-key", "--key", "FILE" },
	{ "-keyform", "--key-type", "TYPE" },
	{ "-pass", "--pass", "file:NAME" },
	{ "-servername", "--servername", "NAME" },
	{ "-verify_hostname", "--servername", "NAME" },
	{ "-starttls", "--starttls", "PROTO" },
	{ "-proxy", "--proxy", "URL" },
	{ "-alpn", "--alpn", "LIST" },
	{ "-unix", "--unix-socket", "PATH" },
	{ "-cipher", "--ciphers", "LIST" },
	{ "-keylogfile", "--keylog", "FILE" },
	{ "-tls1_2", "--tlsv1.2 --tls-max 1.2", NULL },
	{ "-tls1_3", "--tlsv1.3", NULL },
	{ "-tls1_1", "--tls-max 1.1", NULL },
	{ "-tls1", "--tls-max 1.0", NULL },
	{ "-no_tls1_3", "--tls-max 1.2", NULL },
	{ "-no_tls1_2", "--tlsv1.3", NULL },
	{ "-attime", "--at", "TIME" },
	{ "-purpose", "inspect --purpose server|client", NULL },
	{ "-showcerts", "nothing: both chains are always shown", NULL },
	{ "-msg", "nothing: every message is always shown", NULL },
	{ "-state", "nothing: every message is always shown", NULL },
	{ "-trace", "nothing: every message is always shown", NULL },
	{ "-debug", "nothing: every message is always shown", NULL },
	{ "-tlsextdebug", "nothing: every message is always shown", NULL },
	{ "-brief", "nothing: the verdict always comes first", NULL },
	{ "-quiet", "nothing: the verdict always comes first", NULL },
	{ "-verify", "nothing: both chains are always judged", NULL },
	{ "-verify_return_error", "nothing: both chains are always judged", NULL },
	{ "-status", "nothing: the response that the server staples is always asked for and judged", NULL },
	{ "-text", "inspect", "FILE" },
	{ "-in", "inspect", "FILE" },
};
const size_t foreign_words_len = sizeof foreign_words / sizeof foreign_words[0];
