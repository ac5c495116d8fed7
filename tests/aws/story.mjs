// The seed story through the JavaScript SDK: story.mjs ENDPOINT FOLDER KEY-ALGORITHM SIGNING-ALGORITHM SDK-FOLDER BUCKET
// Leaves the certificates and keys in FOLDER for tests/test_aws_clients.c, which judges them.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";

const [endpoint, out, key, sign, modules, bucket] = process.argv.slice(2);
const sdk = createRequire(path.resolve(modules, "x.js"))("@aws-sdk/client-acm-pca");
process.chdir(out);
const pca = new sdk.ACMPCAClient({ endpoint, region: "us-east-1" });
const send = (name, input) => pca.send(new sdk[name + "Command"](input));
const waiting = { client: pca, maxWaitTime: 100, minDelay: 1, maxDelay: 1 };

async function refused(code, promise) {
	await assert.rejects(promise, (e) => e.name === code);
}
async function create(type, name, more) {
	const made = await send("CreateCertificateAuthority", { CertificateAuthorityType: type, CertificateAuthorityConfiguration: {
		KeyAlgorithm: key, SigningAlgorithm: sign, Subject: { Country: "US", Organization: "Story", CommonName: name } }, ...more });
	return made.CertificateAuthorityArn;
}
async function csr(ca) {
	await sdk.waitUntilCertificateAuthorityCSRCreated(waiting, { CertificateAuthorityArn: ca });
	return Buffer.from((await send("GetCertificateAuthorityCsr", { CertificateAuthorityArn: ca })).Csr);
}
async function issue(ca, request, template, days) {
	const made = await send("IssueCertificate", { CertificateAuthorityArn: ca, Csr: request, SigningAlgorithm: sign,
		TemplateArn: `arn:aws:acm-pca:::template/${template}/V1`, Validity: { Value: days, Type: "DAYS" } });
	return made.CertificateArn;
}
async function get(ca, arn, name) {
	await sdk.waitUntilCertificateIssued(waiting, { CertificateAuthorityArn: ca, CertificateArn: arn });
	const got = await send("GetCertificate", { CertificateAuthorityArn: ca, CertificateArn: arn });
	fs.writeFileSync(name + ".pem", got.Certificate + "\n");
	if (got.CertificateChain)
		fs.writeFileSync(name + "-chain.pem", got.CertificateChain + "\n");
	return got;
}
function request(name, subject, san) {
	execFileSync("openssl", ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", name + ".key", "-out",
		name + ".csr", "-subj", subject, "-addext", "subjectAltName=" + san], { stdio: "ignore" });
	return fs.readFileSync(name + ".csr");
}
const status = async (ca) => (await send("DescribeCertificateAuthority", { CertificateAuthorityArn: ca })).CertificateAuthority.Status;

const root = await create("ROOT", "Story Root");
let got = await get(root, await issue(root, await csr(root), "RootCACertificate", 3650), "root");
await send("ImportCertificateAuthorityCertificate", { CertificateAuthorityArn: root, Certificate: Buffer.from(got.Certificate) });

const sub = await create("SUBORDINATE", "Story Issuing", { RevocationConfiguration: { CrlConfiguration: {
	Enabled: true, ExpirationInDays: 7, S3BucketName: bucket, S3ObjectAcl: "BUCKET_OWNER_FULL_CONTROL" } } });
got = await get(root, await issue(root, await csr(sub), "SubordinateCACertificate_PathLen0", 1000), "sub");
await send("ImportCertificateAuthorityCertificate", { CertificateAuthorityArn: sub, Certificate: Buffer.from(got.Certificate),
	CertificateChain: Buffer.from(got.CertificateChain) });
assert.equal(await status(sub), "ACTIVE");

await get(sub, await issue(sub, request("server", "/CN=server.story", "DNS:localhost,IP:127.0.0.1"), "EndEntityServerAuthCertificate", 30), "server");
await get(sub, await issue(sub, request("client", "/CN=client.story", "DNS:client.story"), "EndEntityClientAuthCertificate", 30), "client");
const revoked = await issue(sub, request("revoked", "/CN=revoked.story", "DNS:revoked.story"), "EndEntityClientAuthCertificate", 30);
await get(sub, revoked, "revoked");
const revoke = { CertificateAuthorityArn: sub, CertificateSerial: revoked.split("/").pop(), RevocationReason: "CESSATION_OF_OPERATION" };
await send("RevokeCertificate", revoke);
await refused("RequestAlreadyProcessedException", send("RevokeCertificate", revoke));

const report = await send("CreateCertificateAuthorityAuditReport", { CertificateAuthorityArn: sub, S3BucketName: bucket, AuditReportResponseFormat: "CSV" });
await sdk.waitUntilAuditReportCreated(waiting, { CertificateAuthorityArn: sub, AuditReportId: report.AuditReportId });
const described = await send("DescribeCertificateAuthorityAuditReport", { CertificateAuthorityArn: sub, AuditReportId: report.AuditReportId });
assert.equal(described.AuditReportStatus, "SUCCESS");
assert.ok(described.CreatedAt instanceof Date && Math.abs(Date.now() - described.CreatedAt) < 600e3);
const list = await fetch(`${endpoint}/${bucket}/crl/${sub.split("/").pop()}.crl`);
assert.equal(list.status, 200);
fs.writeFileSync("crl.der", Buffer.from(await list.arrayBuffer()));

const arns = [];
for await (const page of sdk.paginateListCertificateAuthorities({ client: pca, pageSize: 1 }, {}))
	arns.push(...page.CertificateAuthorities.map((c) => c.Arn));
assert.ok(arns.includes(root) && arns.includes(sub) && new Set(arns).size === arns.length);
await refused("InvalidStateException", send("DeleteCertificateAuthority", { CertificateAuthorityArn: sub }));
await send("UpdateCertificateAuthority", { CertificateAuthorityArn: sub, Status: "DISABLED" });
await send("DeleteCertificateAuthority", { CertificateAuthorityArn: sub, PermanentDeletionTimeInDays: 7 });
assert.equal(await status(sub), "DELETED");
await send("RestoreCertificateAuthority", { CertificateAuthorityArn: sub });
assert.equal(await status(sub), "DISABLED");
await send("UpdateCertificateAuthority", { CertificateAuthorityArn: sub, Status: "ACTIVE" });
