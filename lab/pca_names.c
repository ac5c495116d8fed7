/* AWS's JSON shapes as what a certificate holds: ASN1Subject, GeneralName, KeyUsage, object identifiers (knowledge "aws" 1.1). */
#include "lab/pca_parts.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "model/limits.h"

static const char bad_args[] = "InvalidArgsException";
static const char oid_pattern[] =
    "Member must satisfy regular expression pattern: ([0-2])\\.([0-9]|([0-3][0-9]))((\\.([0-9]+)){0,126})";

/* "CommonName" under "a.b" → "a.b.commonName": AWS names members in lower camel case there. */
static void
place_of(const char *place, const char *member, char *out, size_t size)
{
	size_t at;

	snprintf(out, size, "%s.%s", place, member);
	at = strlen(place) + 1;
	if (at < size && out[at] >= 'A' && out[at] <= 'Z')
		out[at] = (char)(out[at] - 'A' + 'a');
}

/* Characters of UTF-8. */
static size_t
characters(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

bool
pca_text(const cJSON *object, const char *member, const char *place, size_t min, size_t max, const char **out, struct pca_fault *fault)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, member);
	char at[160], constraint[96];
	size_t n;

	*out = NULL;
	if (item == NULL || cJSON_IsNull(item))
		return true;
	place_of(place, member, at, sizeof at);
	if (!cJSON_IsString(item))
		return pca_refuse(fault, "SerializationException", "%s can not be converted to a String", at);
	n = characters(item->valuestring);
	if (n < min || n > max) {
		snprintf(constraint, sizeof constraint, "Member must have length %s than or equal to %zu", n < min ? "greater" : "less", n < min ? min : max);
		return pca_constraint(fault, item->valuestring, at, constraint);
	}
	*out = item->valuestring;
	return true;
}

static bool
is_oid(const char *s)
{
	const char *at = s;
	size_t parts = 1;

	if (at[0] < '0' || at[0] > '2' || at[1] != '.')
		return false;
	at += 2;
	if (at[0] < '0' || at[0] > '9')
		return false;
	at += at[1] >= '0' && at[1] <= '9' && at[0] <= '3' ? 2 : 1;
	while (*at == '.' && parts++ <= 126) {
		size_t digits = strspn(at + 1, "0123456789");
		if (digits == 0)
			return false;
		at += 1 + digits;
	}
	return *at == '\0';
}

static ASN1_OBJECT *
oid_of(const char *dotted, const char *place, struct pca_fault *fault)
{
	ASN1_OBJECT *oid;

	if (strlen(dotted) > LIMIT_PCA_OID || !is_oid(dotted)) {
		pca_constraint(fault, dotted, place, oid_pattern);
		return NULL;
	}
	oid = OBJ_txt2obj(dotted, 1);
	if (oid == NULL)
		pca_refuse(fault, bad_args, "%s is no object identifier", dotted);
	return oid;
}

ASN1_OBJECT *
pca_oid(const cJSON *oid, const char *place, struct pca_fault *fault)
{
	if (!cJSON_IsString(oid)) {
		pca_refuse(fault, "SerializationException", "%s can not be converted to a String", place);
		return NULL;
	}
	return oid_of(oid->valuestring, place, fault);
}

/* In the order in which AWS writes them into a name. */
static const struct attribute {
	const char *member;
	int nid;
	size_t max;
} attributes[] = {
	{ "Country", NID_countryName, 2 },
	{ "Organization", NID_organizationName, 64 },
	{ "OrganizationalUnit", NID_organizationalUnitName, 64 },
	{ "DistinguishedNameQualifier", NID_dnQualifier, 64 },
	{ "State", NID_stateOrProvinceName, 128 },
	{ "CommonName", NID_commonName, 64 },
	{ "SerialNumber", NID_serialNumber, 64 },
	{ "Locality", NID_localityName, 128 },
	{ "Title", NID_title, 64 },
	{ "Surname", NID_surname, 40 },
	{ "GivenName", NID_givenName, 16 },
	{ "Initials", NID_initials, 5 },
	{ "Pseudonym", NID_pseudonym, 128 },
	{ "GenerationQualifier", NID_generationQualifier, 3 },
};

static bool
is_country(const char *s)
{
	return strlen(s) == 2 && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == 2;
}

static bool
add_standard(X509_NAME *name, const cJSON *subject, const char *place, struct pca_fault *fault)
{
	char at[160];

	for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
		const struct attribute *a = &attributes[i];
		const char *value;

		if (!pca_text(subject, a->member, place, 0, a->max, &value, fault))
			return false;
		if (value == NULL || value[0] == '\0')
			continue;
		place_of(place, a->member, at, sizeof at);
		if (a->nid == NID_countryName && !is_country(value))
			return pca_constraint(fault, value, at, "Member must satisfy regular expression pattern: [A-Za-z]{2}");
		/* Refused where the attribute's type has no such character: a serial number is a PrintableString. */
		if (X509_NAME_add_entry_by_NID(name, a->nid, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0) != 1)
			return pca_refuse(fault, bad_args, "The value of %s cannot be used in a distinguished name", at);
	}
	return true;
}

static bool
add_custom(X509_NAME *name, const cJSON *all, const char *place, struct pca_fault *fault)
{
	const cJSON *one;
	int count = cJSON_GetArraySize(all);
	char at[160];

	snprintf(at, sizeof at, "%s.customAttributes", place);
	if (!cJSON_IsArray(all))
		return pca_refuse(fault, "SerializationException", "%s can not be converted to a List", at);
	if (count < 1 || count > LIMIT_PCA_NAMES)
		return pca_constraint(fault, "[…]", at, count < 1 ? "Member must have length greater than or equal to 1" :
		    "Member must have length less than or equal to 150");
	cJSON_ArrayForEach(one, all) {
		const char *value = NULL;
		ASN1_OBJECT *oid;
		bool ok;

		if (!pca_text(one, "Value", at, 1, 256, &value, fault))
			return false;
		if (value == NULL)
			return pca_constraint(fault, "null", at, "Member must not be null");
		oid = pca_oid(cJSON_GetObjectItemCaseSensitive(one, "ObjectIdentifier"), at, fault);
		if (oid == NULL)
			return false;
		ok = X509_NAME_add_entry_by_OBJ(name, oid, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0) == 1;
		ASN1_OBJECT_free(oid);
		if (!ok)
			return pca_refuse(fault, bad_args, "The value of a custom attribute cannot be used in a distinguished name");
	}
	return true;
}

X509_NAME *
pca_subject_at(const cJSON *subject, const char *place, struct pca_fault *fault)
{
	X509_NAME *name = X509_NAME_new();
	const cJSON *custom = cJSON_GetObjectItemCaseSensitive(subject, "CustomAttributes");
	bool ok = name != NULL || pca_broken(fault);

	if (ok && !cJSON_IsObject(subject))
		ok = pca_refuse(fault, "SerializationException", "%s can not be converted to an ASN1Subject", place);
	ok = ok && add_standard(name, subject, place, fault);
	if (ok && custom != NULL && !cJSON_IsNull(custom)) {
		if (X509_NAME_entry_count(name) > 0)
			ok = pca_refuse(fault, bad_args, "CustomAttributes cannot be combined with standard attributes of a subject");
		else
			ok = add_custom(name, custom, place, fault);
	}
	if (ok && X509_NAME_entry_count(name) == 0)
		ok = pca_refuse(fault, bad_args, "The subject is empty");
	if (ok)
		return name;
	X509_NAME_free(name);
	return NULL;
}

X509_NAME *
pca_subject_name(const cJSON *subject, struct pca_fault *fault)
{
	return pca_subject_at(subject, "subject", fault);
}

bool
pca_key_usage(const cJSON *usage, const char *place, ASN1_BIT_STRING **out, struct pca_fault *fault)
{
	/* In the order of their bits: RFC 5280 4.2.1.3. */
	static const char *const bits[] = { "DigitalSignature", "NonRepudiation", "KeyEncipherment", "DataEncipherment", "KeyAgreement",
		"KeyCertSign", "CRLSign", "EncipherOnly", "DecipherOnly" };
	ASN1_BIT_STRING *made = NULL;
	bool any = false;

	*out = NULL;
	if (usage == NULL || cJSON_IsNull(usage))
		return true;
	if (!cJSON_IsObject(usage))
		return pca_refuse(fault, "SerializationException", "%s can not be converted to a KeyUsage", place);
	made = ASN1_BIT_STRING_new();
	for (size_t i = 0; made != NULL && i < sizeof bits / sizeof bits[0]; i++) {
		const cJSON *bit = cJSON_GetObjectItemCaseSensitive(usage, bits[i]);
		if (bit != NULL && !cJSON_IsNull(bit) && !cJSON_IsBool(bit)) {
			ASN1_BIT_STRING_free(made);
			return pca_refuse(fault, "SerializationException", "%s.%s can not be converted to a Boolean", place, bits[i]);
		}
		if (cJSON_IsTrue(bit) && ASN1_BIT_STRING_set_bit(made, (int)i, 1) == 1)
			any = true;
	}
	if (made == NULL)
		return pca_broken(fault);
	if (any) /* RFC 5280 4.2.1.3: at least one bit must be set */
		*out = made;
	else
		ASN1_BIT_STRING_free(made);
	return true;
}

static ASN1_STRING *
string_of(int type, const char *text)
{
	ASN1_STRING *s = ASN1_STRING_type_new(type);

	if (s != NULL && ASN1_STRING_set(s, text, -1) != 1) {
		ASN1_STRING_free(s);
		s = NULL;
	}
	return s;
}

/* dNSName, rfc822Name, uniformResourceIdentifier: IA5String (RFC 5280 4.2.1.6), what is in it is the caller's affair. */
static bool
set_ia5(GENERAL_NAME *g, int type, const char *text, struct pca_fault *fault)
{
	ASN1_STRING *s;

	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p > 127)
			return pca_refuse(fault, bad_args, "A name holds a character that is not ASCII");
	s = string_of(V_ASN1_IA5STRING, text);
	if (s == NULL)
		return pca_broken(fault);
	GENERAL_NAME_set0_value(g, type, s);
	return true;
}

static bool
set_address(GENERAL_NAME *g, const char *text, struct pca_fault *fault)
{
	ASN1_OCTET_STRING *ip = a2i_IPADDRESS(text);

	if (ip == NULL)
		return pca_refuse(fault, bad_args, "IpAddress %s is not an IP address", text);
	GENERAL_NAME_set0_value(g, GEN_IPADD, ip);
	return true;
}

static bool
set_directory(GENERAL_NAME *g, const cJSON *subject, const char *place, struct pca_fault *fault)
{
	char at[160];
	X509_NAME *name;

	place_of(place, "DirectoryName", at, sizeof at);
	name = pca_subject_at(subject, at, fault);
	if (name == NULL)
		return false;
	GENERAL_NAME_set0_value(g, GEN_DIRNAME, name);
	return true;
}

static bool
set_other(GENERAL_NAME *g, const cJSON *other, const char *place, struct pca_fault *fault)
{
	const char *value = NULL;
	ASN1_OBJECT *type;
	ASN1_TYPE *any = NULL;
	ASN1_STRING *text = NULL;
	char at[160];

	place_of(place, "OtherName", at, sizeof at);
	if (!pca_text(other, "Value", at, 0, 256, &value, fault))
		return false;
	if (value == NULL)
		return pca_constraint(fault, "null", at, "Member must not be null");
	type = pca_oid(cJSON_GetObjectItemCaseSensitive(other, "TypeId"), at, fault);
	if (type == NULL)
		return false;
	any = ASN1_TYPE_new();
	text = string_of(V_ASN1_UTF8STRING, value);
	if (any != NULL && text != NULL) {
		ASN1_TYPE_set(any, V_ASN1_UTF8STRING, text);
		text = NULL;
		if (GENERAL_NAME_set0_othername(g, type, any) == 1)
			return true;
	}
	ASN1_STRING_free(text);
	ASN1_TYPE_free(any);
	ASN1_OBJECT_free(type);
	return pca_broken(fault);
}

static bool
set_edi(GENERAL_NAME *g, const cJSON *edi, const char *place, struct pca_fault *fault)
{
	const char *party = NULL, *assigner = NULL;
	EDIPARTYNAME *name;
	char at[160];

	place_of(place, "EdiPartyName", at, sizeof at);
	if (!pca_text(edi, "PartyName", at, 0, 256, &party, fault) || !pca_text(edi, "NameAssigner", at, 0, 256, &assigner, fault))
		return false;
	if (party == NULL)
		return pca_constraint(fault, "null", at, "Member must not be null");
	name = EDIPARTYNAME_new();
	if (name != NULL) {
		ASN1_STRING_free(name->partyName);
		name->partyName = string_of(V_ASN1_UTF8STRING, party);
		name->nameAssigner = assigner != NULL ? string_of(V_ASN1_UTF8STRING, assigner) : NULL;
	}
	if (name == NULL || name->partyName == NULL || (assigner != NULL && name->nameAssigner == NULL)) {
		EDIPARTYNAME_free(name);
		return pca_broken(fault);
	}
	GENERAL_NAME_set0_value(g, GEN_EDIPARTY, name);
	return true;
}

static bool
set_registered(GENERAL_NAME *g, const char *dotted, const char *place, struct pca_fault *fault)
{
	char at[160];
	ASN1_OBJECT *oid;

	place_of(place, "RegisteredId", at, sizeof at);
	oid = oid_of(dotted, at, fault);
	if (oid == NULL)
		return false;
	GENERAL_NAME_set0_value(g, GEN_RID, oid);
	return true;
}

GENERAL_NAME *
pca_general_name(const cJSON *name, const char *place, struct pca_fault *fault)
{
	static const char *const texts[] = { "Rfc822Name", "DnsName", "UniformResourceIdentifier", "IpAddress", "RegisteredId" };
	static const size_t longest[] = { 256, 253, 253, 39, 64 };
	static const char *const objects[] = { "OtherName", "DirectoryName", "EdiPartyName" };
	const char *text[5] = { NULL };
	const cJSON *object[3] = { NULL };
	GENERAL_NAME *g = NULL;
	int given = 0;
	bool ok = true;

	if (!cJSON_IsObject(name)) {
		pca_refuse(fault, "SerializationException", "%s can not be converted to a GeneralName", place);
		return NULL;
	}
	for (size_t i = 0; i < 5; i++) {
		if (!pca_text(name, texts[i], place, 0, longest[i], &text[i], fault))
			return NULL;
		given += text[i] != NULL;
	}
	for (size_t i = 0; i < 3; i++) {
		object[i] = cJSON_GetObjectItemCaseSensitive(name, objects[i]);
		if (cJSON_IsNull(object[i]))
			object[i] = NULL;
		given += object[i] != NULL;
	}
	if (given != 1) {
		pca_refuse(fault, bad_args, "A GeneralName must have exactly one of its members");
		return NULL;
	}
	g = GENERAL_NAME_new();
	if (g == NULL) {
		pca_broken(fault);
		return NULL;
	}
	if (text[0] != NULL)
		ok = set_ia5(g, GEN_EMAIL, text[0], fault);
	else if (text[1] != NULL)
		ok = set_ia5(g, GEN_DNS, text[1], fault);
	else if (text[2] != NULL)
		ok = set_ia5(g, GEN_URI, text[2], fault);
	else if (text[3] != NULL)
		ok = set_address(g, text[3], fault);
	else if (text[4] != NULL)
		ok = set_registered(g, text[4], place, fault);
	else if (object[0] != NULL)
		ok = set_other(g, object[0], place, fault);
	else if (object[1] != NULL)
		ok = set_directory(g, object[1], place, fault);
	else
		ok = set_edi(g, object[2], place, fault);
	if (!ok) {
		GENERAL_NAME_free(g);
		g = NULL;
	}
	ERR_clear_error();
	return g;
}
