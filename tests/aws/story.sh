#!/bin/bash
# The seed story through the real AWS CLI: story.sh CLI ENDPOINT FOLDER KEY-ALGORITHM SIGNING-ALGORITHM
# Leaves the certificates and keys in FOLDER for tests/test_aws_clients.c, which judges them. The first thing that is not as
# expected ends it with a line on standard error.
set -euo pipefail
cli=$1 endpoint=$2 out=$3 key=$4 sign=$5
cd "$out"
template=arn:aws:acm-pca:::template

aws() { "$cli" --endpoint-url "$endpoint" "$@"; }
pca() { aws acm-pca "$@"; }
fail() { echo "story.sh: $*" >&2; exit 1; }
is() { [ "$1" = "$2" ] || fail "$3 is “$1”, not “$2”"; }

# issue CA CSR TEMPLATE DAYS → the certificate's ARN. Issuance is asynchronous: GetCertificate says RequestInProgress until it is there.
issue() {
	pca issue-certificate --certificate-authority-arn "$1" --csr "fileb://$2" --signing-algorithm "$sign" --template-arn "$template/$3/V1" \
		--validity "Value=$4,Type=DAYS" --query CertificateArn --output text
}
# get CA CERTIFICATE-ARN NAME: NAME.pem, and NAME-chain.pem where there is one. As text the two come with a tab between them.
get() {
	local both= try
	for try in 1 2 3 4 5; do
		both=$(pca get-certificate --certificate-authority-arn "$1" --certificate-arn "$2" --query '[Certificate,CertificateChain]' --output text \
			2>"$3.err") && break
		grep -q RequestInProgressException "$3.err" || fail "GetCertificate: $(cat "$3.err")"
		[ "$try" != 5 ] || fail "$3 is not issued after five looks"
	done
	echo "${both%%$'\t'*}" >"$3.pem"
	[ "${both#*$'\t'}" = None ] || echo "${both#*$'\t'}" >"$3-chain.pem"
}
create() { # TYPE COMMON-NAME [revocation configuration]
	pca create-certificate-authority --certificate-authority-type "$1" --certificate-authority-configuration \
		"{\"KeyAlgorithm\":\"$key\",\"SigningAlgorithm\":\"$sign\",\"Subject\":{\"Country\":\"US\",\"Organization\":\"Story\",\"CommonName\":\"$2\"}}" \
		${3:+--revocation-configuration "$3"} --query CertificateAuthorityArn --output text
}
csr() { # CA NAME: a CA's key is made asynchronously, too
	for try in 1 2 3 4 5 6 7 8; do
		pca get-certificate-authority-csr --certificate-authority-arn "$1" --output text >"$2.csr" 2>"$2.err" && return 0
		grep -q RequestInProgressException "$2.err" || fail "GetCertificateAuthorityCsr: $(cat "$2.err")"
	done
	fail "$2 has no CSR after eight looks"
}
status() { pca describe-certificate-authority --certificate-authority-arn "$1" --query CertificateAuthority.Status --output text; }

bucket=story-$(basename "$out" | tr 'A-Z_.' 'a-z--')
aws s3api create-bucket --bucket "$bucket" >/dev/null

root=$(create ROOT "Story Root")
csr "$root" root
get "$root" "$(issue "$root" root.csr RootCACertificate 3650)" root
pca import-certificate-authority-certificate --certificate-authority-arn "$root" --certificate fileb://root.pem

sub=$(create SUBORDINATE "Story Issuing" \
	"{\"CrlConfiguration\":{\"Enabled\":true,\"ExpirationInDays\":7,\"S3BucketName\":\"$bucket\",\"S3ObjectAcl\":\"BUCKET_OWNER_FULL_CONTROL\"}}")
csr "$sub" sub
get "$root" "$(issue "$root" sub.csr SubordinateCACertificate_PathLen0 1000)" sub
pca import-certificate-authority-certificate --certificate-authority-arn "$sub" --certificate fileb://sub.pem --certificate-chain fileb://sub-chain.pem

request() { # NAME SUBJECT SAN
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1.csr" -subj "$2" -addext "subjectAltName=$3" 2>/dev/null
}
end_entity() { # NAME TEMPLATE SAN
	request "$1" "/CN=$1.story" "$3"
	get "$sub" "$(issue "$sub" "$1.csr" "$2" 30)" "$1"
}
end_entity server EndEntityServerAuthCertificate DNS:localhost,IP:127.0.0.1 & server=$!
end_entity client EndEntityClientAuthCertificate DNS:client.story & client=$!
end_entity revoked EndEntityClientAuthCertificate DNS:revoked.story & revoked=$!
wait "$server" && wait "$client" && wait "$revoked" || fail "an end entity's certificate is not to be had"

serial=$(openssl x509 -in revoked.pem -noout -serial | cut -d= -f2)
pca revoke-certificate --certificate-authority-arn "$sub" --certificate-serial "$(echo "$serial" | sed 's/../&:/g; s/:$//')" --revocation-reason KEY_COMPROMISE

# The report, as an object in the bucket.
report=$(pca create-certificate-authority-audit-report --certificate-authority-arn "$sub" --s3-bucket-name "$bucket" --audit-report-response-format JSON \
	--query AuditReportId --output text)
for try in 1 2 3 4 5; do
	made=$(pca describe-certificate-authority-audit-report --certificate-authority-arn "$sub" --audit-report-id "$report" --query AuditReportStatus --output text)
	[ "$made" = CREATING ] || break
done
is "$made" SUCCESS "the report's status"
aws s3 cp --quiet "s3://$bucket/audit-report/${sub##*/}/$report.json" report.json
python3 -c 'import json
rows = json.load(open("report.json"))
assert len(rows) == 3, rows
assert [r["revocationReason"] for r in rows if "revokedAt" in r] == ["KEY_COMPROMISE"], rows
assert {r["templateArn"].split("/")[1] for r in rows} == {"EndEntityServerAuthCertificate", "EndEntityClientAuthCertificate"}, rows'
curl -sSf --max-time 20 -o crl.der "$endpoint/$bucket/crl/${sub##*/}.crl"

# Seen from outside, taken out of service, deleted, and brought back.
pca list-certificate-authorities --output json >list.json
grep -q "$root" list.json && grep -q "$sub" list.json || fail "the list lacks one of the two"
pca update-certificate-authority --certificate-authority-arn "$sub" --status DISABLED
pca delete-certificate-authority --certificate-authority-arn "$sub" --permanent-deletion-time-in-days 7
is "$(status "$sub")" DELETED "the subordinate's status"
pca restore-certificate-authority --certificate-authority-arn "$sub"
is "$(status "$sub")" DISABLED "the subordinate's status"
