"""The seed story through boto3: story.py ENDPOINT FOLDER KEY-ALGORITHM SIGNING-ALGORITHM
Leaves the certificates and keys in FOLDER for tests/test_aws_clients.c, which judges them."""
import csv, io, json, os, subprocess, sys
import boto3, botocore.exceptions
from botocore.config import Config

endpoint, out, key, sign = sys.argv[1:5]
os.chdir(out)
TEMPLATE = "arn:aws:acm-pca:::template/%s/V1"


def client(name, **more):
    return boto3.client(name, endpoint_url=endpoint, region_name="us-east-1", config=Config(retries={"max_attempts": 3, "mode": "standard"}), **more)


pca, s3 = client("acm-pca"), client("s3")


def refused(code, call, **given):
    try:
        call(**given)
    except botocore.exceptions.ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return e.response["Error"]["Message"]
    raise AssertionError("not refused with " + code)


def create(kind, name, **more):
    return pca.create_certificate_authority(CertificateAuthorityType=kind, CertificateAuthorityConfiguration={
        "KeyAlgorithm": key, "SigningAlgorithm": sign, "Subject": {"Country": "US", "Organization": "Story", "CommonName": name}},
        **more)["CertificateAuthorityArn"]


def csr(ca):
    # The waiter of botocore: it polls while RequestInProgress.
    pca.get_waiter("certificate_authority_csr_created").wait(CertificateAuthorityArn=ca, WaiterConfig={"Delay": 0.4, "MaxAttempts": 250})
    return pca.get_certificate_authority_csr(CertificateAuthorityArn=ca)["Csr"].encode()


def issue(ca, request, template, days, **more):
    return pca.issue_certificate(CertificateAuthorityArn=ca, Csr=request, SigningAlgorithm=sign, TemplateArn=TEMPLATE % template,
                                 Validity={"Value": days, "Type": "DAYS"}, **more)["CertificateArn"]


def get(ca, arn, name):
    pca.get_waiter("certificate_issued").wait(CertificateAuthorityArn=ca, CertificateArn=arn, WaiterConfig={"Delay": 0.4, "MaxAttempts": 250})
    got = pca.get_certificate(CertificateAuthorityArn=ca, CertificateArn=arn)
    open(name + ".pem", "w").write(got["Certificate"] + "\n")
    if got.get("CertificateChain"):
        open(name + "-chain.pem", "w").write(got["CertificateChain"] + "\n")
    return got


def request(name, subject, san):
    subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", name + ".key", "-out",
                    name + ".csr", "-subj", subject, "-addext", "subjectAltName=" + san], check=True, stderr=subprocess.DEVNULL)
    return open(name + ".csr", "rb").read()


def status(ca):
    return pca.describe_certificate_authority(CertificateAuthorityArn=ca)["CertificateAuthority"]["Status"]


def report(ca, kind):
    made = pca.create_certificate_authority_audit_report(CertificateAuthorityArn=ca, S3BucketName=bucket, AuditReportResponseFormat=kind)
    pca.get_waiter("audit_report_created").wait(CertificateAuthorityArn=ca, AuditReportId=made["AuditReportId"],
                                                WaiterConfig={"Delay": 0.4, "MaxAttempts": 250})
    assert made["S3Key"] == "audit-report/%s/%s.%s" % (ca.split("/")[1], made["AuditReportId"], kind.lower()), made
    return s3.get_object(Bucket=bucket, Key=made["S3Key"])["Body"].read().decode()


bucket = "story-" + os.path.basename(out).lower().replace("_", "-").replace(".", "-")
s3.create_bucket(Bucket=bucket)
once = bucket[-36:]

root = create("ROOT", "Story Root", Tags=[{"Key": "made-by", "Value": "story"}])
refused("InvalidStateException", pca.get_certificate_authority_certificate, CertificateAuthorityArn=root)
arn = issue(root, csr(root), "RootCACertificate", 3650)
got = get(root, arn, "root")
assert "CertificateChain" not in got or not got["CertificateChain"], got
pca.import_certificate_authority_certificate(CertificateAuthorityArn=root, Certificate=got["Certificate"].encode())

sub = create("SUBORDINATE", "Story Issuing", RevocationConfiguration={"CrlConfiguration": {
    "Enabled": True, "ExpirationInDays": 7, "S3BucketName": bucket, "S3ObjectAcl": "BUCKET_OWNER_FULL_CONTROL"}}, IdempotencyToken=once)
assert create("SUBORDINATE", "Story Issuing", RevocationConfiguration={"CrlConfiguration": {
    "Enabled": True, "ExpirationInDays": 7, "S3BucketName": bucket, "S3ObjectAcl": "BUCKET_OWNER_FULL_CONTROL"}}, IdempotencyToken=once) == sub
got = get(root, issue(root, csr(sub), "SubordinateCACertificate_PathLen0", 1000), "sub")
pca.import_certificate_authority_certificate(CertificateAuthorityArn=sub, Certificate=got["Certificate"].encode(),
                                             CertificateChain=got["CertificateChain"].encode())
assert status(sub) == "ACTIVE"

server = issue(sub, request("server", "/CN=server.story", "DNS:localhost,IP:127.0.0.1"), "EndEntityServerAuthCertificate", 30, IdempotencyToken=once)
assert issue(sub, open("server.csr", "rb").read(), "EndEntityServerAuthCertificate", 30, IdempotencyToken=once) == server
get(sub, server, "server")
get(sub, issue(sub, request("client", "/CN=client.story", "DNS:client.story"), "EndEntityClientAuthCertificate", 30), "client")
arn = issue(sub, request("revoked", "/CN=revoked.story", "DNS:revoked.story"), "EndEntityClientAuthCertificate", 30)
get(sub, arn, "revoked")
serial = arn.split("/")[-1]
pca.revoke_certificate(CertificateAuthorityArn=sub, CertificateSerial=serial, RevocationReason="SUPERSEDED")
refused("RequestAlreadyProcessedException", pca.revoke_certificate, CertificateAuthorityArn=sub, CertificateSerial=serial, RevocationReason="SUPERSEDED")
refused("MalformedCSRException", issue, ca=sub, request=b"no request", template="EndEntityCertificate", days=1)
refused("ValidationException", issue, ca=sub, request=open("server.csr", "rb").read(), template="EndEntityCertificate", days=99999)

rows = json.loads(report(sub, "JSON"))
assert len(rows) == 3 and [r["revocationReason"] for r in rows if "revokedAt" in r] == ["SUPERSEDED"], rows
lines = list(csv.DictReader(io.StringIO(report(sub, "CSV"))))
assert {r["serial"] for r in lines} == {r["serial"] for r in rows} and len(lines) == 3, lines
assert list(lines[0]) == ("awsAccountId,requestedByServicePrincipal,certificateArn,serial,subject,notBefore,notAfter,issuedAt,revokedAt,"
                          "revocationReason,templateArn").split(","), lines
open("crl.der", "wb").write(s3.get_object(Bucket=bucket, Key="crl/%s.crl" % sub.split("/")[1])["Body"].read())

pages = pca.get_paginator("list_certificate_authorities").paginate(PaginationConfig={"PageSize": 1})
arns = [c["Arn"] for p in pages for c in p["CertificateAuthorities"]]
assert root in arns and sub in arns and len(arns) == len(set(arns)), arns
assert pca.list_tags(CertificateAuthorityArn=root)["Tags"] == [{"Key": "made-by", "Value": "story"}]
pca.create_permission(CertificateAuthorityArn=sub, Principal="acm.amazonaws.com", Actions=["IssueCertificate", "GetCertificate", "ListPermissions"])
assert len(pca.list_permissions(CertificateAuthorityArn=sub)["Permissions"]) == 1
pca.delete_permission(CertificateAuthorityArn=sub, Principal="acm.amazonaws.com")

refused("InvalidStateException", pca.delete_certificate_authority, CertificateAuthorityArn=sub)
pca.update_certificate_authority(CertificateAuthorityArn=sub, Status="DISABLED")
refused("InvalidStateException", issue, ca=sub, request=open("server.csr", "rb").read(), template="EndEntityCertificate", days=1)
pca.delete_certificate_authority(CertificateAuthorityArn=sub, PermanentDeletionTimeInDays=7)
described = pca.describe_certificate_authority(CertificateAuthorityArn=sub)["CertificateAuthority"]
assert described["Status"] == "DELETED" and "RestorableUntil" in described, described
pca.restore_certificate_authority(CertificateAuthorityArn=sub)
assert status(sub) == "DISABLED"
pca.update_certificate_authority(CertificateAuthorityArn=sub, Status="ACTIVE")
assert status(sub) == "ACTIVE"
