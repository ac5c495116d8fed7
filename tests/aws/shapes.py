#!/usr/bin/env python3
"""Holds exchanges with AWS's services (recorder.py's lines, on standard input) against botocore's own service models.

Requests and answers are checked strictly: every required member, no unknown one, types, lengths, patterns, enums; of an
error its code, whether the operation's model knows it, and its members. Prints a line a fault, with the number of its exchange, at the end one line
"checked N exchanges, M answers, K faults: service.Operation=count …"; status 1 where there are faults, 3 without botocore.
"""
import base64
import json
import re
import sys
import urllib.parse
import xml.etree.ElementTree as ET
from collections import Counter

try:
    from botocore.loaders import Loader
except ImportError:
    print("no botocore", file=sys.stderr)
    sys.exit(3)

# What every JSON or Query front of AWS may answer, although no operation's model names it (knowledge "aws" 1.1).
COMMON = set("""ValidationException AccessDeniedException ThrottlingException UnrecognizedClientException
 InvalidSignatureException MissingAuthenticationTokenException IncompleteSignatureException ExpiredTokenException
 UnknownOperationException SerializationException InternalFailure InternalServerException ServiceUnavailable
 MissingAuthenticationToken InvalidClientTokenId SignatureDoesNotMatch IncompleteSignature ExpiredToken AccessDenied
 InvalidAction ValidationError Throttling RequestExpired InvalidParameterValue MissingParameter
 BadRequestException NotFoundException TooManyRequestsException ForbiddenException""".split())
# S3's model names hardly any of its own.
S3_ERRORS = set("""NoSuchKey NoSuchBucket NoSuchVersion AccessDenied SignatureDoesNotMatch InvalidAccessKeyId PermanentRedirect
 BucketAlreadyExists BucketAlreadyOwnedByYou BucketNotEmpty MethodNotAllowed InvalidArgument MalformedXML NotImplemented
 RequestTimeTooSkewed AuthorizationHeaderMalformed InvalidToken ExpiredToken XAmzContentSHA256Mismatch InvalidBucketName
 InternalError SlowDown PreconditionFailed InvalidRequest EntityTooLarge IllegalVersionIdArgumentException BadDigest
 NoSuchBucketPolicy NoSuchUpload InvalidRange NoSuchTagSet""".split())
SERVICES = ["acm-pca", "secretsmanager", "ssm", "s3", "elbv2", "apigateway", "apigatewayv2", "cloudwatch", "events", "sts", "acm"]
LOADER = Loader()
MODELS = {}
for _name in SERVICES:
    try:
        MODELS[_name] = LOADER.load_service_model(_name, "service-2")
    except Exception:  # an older botocore has no such service
        pass


class Faults:
    def __init__(self):
        self.list = []

    def add(self, path, text):
        self.list.append("%s %s" % (path or "it", text))


# ---- shapes ----

def pattern_of(shape):
    """Java's classes in Python's words."""
    p = shape["pattern"].replace(r"\p{L}", r"\w").replace(r"\p{N}", r"\d").replace(r"\p{Z}", r"\s")
    try:
        return re.compile(p)
    except re.error:
        return None


def check_range(shape, size, path, what, faults):
    if "min" in shape and size < shape["min"]:
        faults.add(path, "has %s %d, less than %d" % (what, size, shape["min"]))
    if "max" in shape and size > shape["max"]:
        faults.add(path, "has %s %d, more than %d" % (what, size, shape["max"]))


def check_string(model, shape, v, path, faults, how):
    if not isinstance(v, str):
        return faults.add(path, "is %r, no text" % (v,))
    check_range(shape, len(v), path, "length", faults)
    if "enum" in shape and v not in shape["enum"]:
        faults.add(path, "is %r, none of its enum" % v)
    if "pattern" in shape:
        p = pattern_of(shape)
        if p is not None and p.fullmatch(v) is None:
            faults.add(path, "is %r, which its pattern does not match" % v)


def check_number(model, shape, v, path, faults, how):
    whole = shape["type"] in ("integer", "long")
    if isinstance(v, bool) or not isinstance(v, int if whole else (int, float)):
        return faults.add(path, "is %r, no %s" % (v, shape["type"]))
    check_range(shape, v, path, "value", faults)


def check_boolean(model, shape, v, path, faults, how):
    if not isinstance(v, bool):
        faults.add(path, "is %r, no boolean" % (v,))


ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
RFC822 = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")


def check_timestamp(model, shape, v, path, faults, how):
    form = shape.get("timestampFormat", how)
    if form == "unixTimestamp":
        ok = isinstance(v, (int, float)) and not isinstance(v, bool)
    else:
        ok = isinstance(v, str) and (ISO if form == "iso8601" else RFC822).fullmatch(v) is not None
    if not ok:
        faults.add(path, "is %r, no time as %s" % (v, form))


def check_blob(model, shape, v, path, faults, how):
    if isinstance(v, str):
        try:
            v = base64.b64decode(v, validate=True)
        except ValueError:
            return faults.add(path, "is no base64")
    if not isinstance(v, bytes):
        return faults.add(path, "is %r, no blob" % (v,))
    check_range(shape, len(v), path, "bytes", faults)


def check_list(model, shape, v, path, faults, how):
    if not isinstance(v, list):
        return faults.add(path, "is %r, no list" % (v,))
    check_range(shape, len(v), path, "items", faults)
    for i, item in enumerate(v):
        check(model, shape["member"], item, "%s[%d]" % (path, i), faults, how)


def check_map(model, shape, v, path, faults, how):
    if not isinstance(v, dict):
        return faults.add(path, "is %r, no map" % (v,))
    check_range(shape, len(v), path, "entries", faults)
    for key, item in v.items():
        check(model, shape["key"], key, "%s key" % path, faults, how)
        check(model, shape["value"], item, "%s[%s]" % (path, key), faults, how)


def check_structure(model, shape, v, path, faults, how):
    if not isinstance(v, dict):
        return faults.add(path, "is %r, no structure" % (v,))
    named = {}
    for name, member in shape.get("members", {}).items():
        named[member.get("locationName", name) if how != "names" else name] = (name, member)
    for name in shape.get("required", []):
        wire = shape["members"][name].get("locationName", name)
        if wire not in v and name not in v:
            faults.add(path, "lacks %s" % name)
    if shape.get("union") and len(v) != 1:
        faults.add(path, "is a union with %d members" % len(v))
    for wire, item in v.items():
        if wire not in named:
            faults.add(path, "has %s, which the model does not know" % wire)
        elif item is None:
            faults.add("%s.%s" % (path, wire), "is null")
        else:
            check(model, named[wire][1], item, "%s.%s" % (path, wire), faults, how)


CHECKS = {"string": check_string, "integer": check_number, "long": check_number, "double": check_number,
          "float": check_number, "boolean": check_boolean, "timestamp": check_timestamp, "blob": check_blob,
          "list": check_list, "map": check_map, "structure": check_structure}


def check(model, ref, v, path, faults, how):
    """`how`: how its times are written where the shape does not say."""
    shape = dict(model["shapes"][ref["shape"]])
    if "timestampFormat" in ref:
        shape["timestampFormat"] = ref["timestampFormat"]
    CHECKS[shape["type"]](model, shape, v, path, faults, how)


# ---- texts become values: headers, queries, forms, XML ----

def scalar(shape, text):
    """A value out of its text; what does not parse stays a text, and fails its check."""
    kind = shape["type"]
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("double", "float"):
            return float(text)
        if kind == "timestamp" and shape.get("timestampFormat") == "unixTimestamp":
            return float(text)
    except ValueError:
        return text
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def header(shape, text):
    """Times in headers are RFC 822's where the shape says nothing else; one that is right becomes what bodies have."""
    if shape["type"] == "timestamp" and "timestampFormat" not in shape:
        return "1970-01-01T00:00:00Z" if RFC822.fullmatch(text) else text
    return scalar(shape, text)


def form_value(model, ref, prefix, form, used):
    """A Query parameter's value by its shape; None where no key begins so."""
    shape = model["shapes"][ref["shape"]]
    dotted = prefix + "." if prefix else ""
    if prefix and prefix not in form and not any(k.startswith(dotted) for k in form):
        return None
    if shape["type"] == "structure":
        out = {}
        for name, member in shape.get("members", {}).items():
            item = form_value(model, member, dotted + member.get("locationName", name), form, used)
            if item is not None:
                out[member.get("locationName", name)] = item
        return out
    if shape["type"] == "list":
        name = prefix if shape.get("flattened") or ref.get("flattened") else dotted + shape["member"].get("locationName", "member")
        out = []
        while True:
            item = form_value(model, shape["member"], "%s.%d" % (name, len(out) + 1), form, used)
            if item is None:
                return out
            out.append(item)
    if prefix not in form:
        return None
    used.add(prefix)
    return scalar(shape, form[prefix])


def local(tag):
    return tag.rsplit("}", 1)[-1]


def xml_value(model, ref, node, path, faults):
    shape = model["shapes"][ref["shape"]]
    if shape["type"] == "structure":
        return xml_structure(model, shape, list(node), path, faults)
    if shape["type"] == "list":
        name = shape["member"].get("locationName", "member")
        for child in node:
            if local(child.tag) != name:
                faults.add(path, "has <%s> among its <%s>" % (local(child.tag), name))
        return [xml_value(model, shape["member"], child, path, faults) for child in node]
    return scalar(shape, node.text or "")


def xml_structure(model, shape, nodes, path, faults):
    out = {}
    members = {}
    for name, member in shape.get("members", {}).items():
        if member.get("location") in (None,):
            inner = model["shapes"][member["shape"]]
            flat = inner.get("flattened") or member.get("flattened")
            wire = member.get("locationName", name)
            if flat and "locationName" not in member:
                wire = inner["member"].get("locationName", name)
            members[wire] = (name, member, flat)
    for node in nodes:
        tag = local(node.tag)
        if tag not in members:
            faults.add(path, "has <%s>, which the model does not know" % tag)
            continue
        name, member, flat = members[tag]
        key = member.get("locationName", name)
        if flat:
            inner = model["shapes"][member["shape"]]
            out.setdefault(key, []).append(xml_value(model, inner["member"], node, "%s.%s" % (path, name), faults))
        else:
            out[key] = xml_value(model, member, node, "%s.%s" % (path, name), faults)
    return out


# ---- which operation ----

def scope_of(row):
    """The service of the signature, in its header or, presigned, in the query."""
    signed = row["headers"].get("authorization", "") + " " + urllib.parse.unquote(row["path"])
    m = re.search(r"Credential=[^/]+/\d{8}/[^/]*/([^/]+)/aws4_request", signed)
    return m.group(1) if m else None


def rest_match(op, method, path, query):
    """The path's and the query's literal parts fit: the values of the labels, and how special the match is."""
    uri = op["http"]["requestUri"]
    where, _, literal = uri.partition("?")
    if op["http"]["method"] != method:
        return None
    regex = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.sub(r"\\\{(\w+)\\\+\\\}", r"(?P<\1>.+)", re.escape(where)))
    m = re.fullmatch(regex + "/?", path)
    if m is None:
        return None
    fixed = dict(urllib.parse.parse_qsl(literal, keep_blank_values=True))
    for key, value in fixed.items():
        if key not in query or (value and query[key] != value):
            return None
    return {k: urllib.parse.unquote(v) for k, v in m.groupdict().items()}, fixed


def special(model, op, row, query):
    """How many of its required headers and query members are there; None where one is not."""
    shape = model["shapes"][op["input"]["shape"]] if "input" in op else {}
    n = 0
    for name in shape.get("required", []):
        member = shape["members"][name]
        have = {"header": lambda w: w.lower() in row["headers"], "querystring": lambda w: w in query}.get(member.get("location"))
        if have is not None and not have(member.get("locationName", name)):
            return None
        n += have is not None
    return n


def find(row):
    """(service, operation, labels, literal query) or a text that says why not."""
    target = row["headers"].get("x-amz-target")
    parts = urllib.parse.urlsplit(row["path"])
    query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
    if target is not None:
        prefix, _, name = target.partition(".")
        for service, model in MODELS.items():
            if model["metadata"].get("targetPrefix") == prefix:
                return (service, name, {}, {}) if name in model["operations"] else "unknown operation %s" % target
        return "unknown target %s" % target
    if row["headers"].get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form = dict(urllib.parse.parse_qsl(base64.b64decode(row["body"]).decode(), keep_blank_values=True))
        for service, model in MODELS.items():
            if model["metadata"].get("protocol") == "query" and model["metadata"]["apiVersion"] == form.get("Version"):
                return (service, form["Action"], {}, {}) if form.get("Action") in model["operations"] else "unknown action %s" % form.get("Action")
        return "no service has the version %s" % form.get("Version")
    scope = scope_of(row)
    service = "apigatewayv2" if scope == "apigateway" and parts.path.startswith("/v2/") else scope
    if service not in MODELS:
        return "no service %s" % service
    best = None
    for name, op in MODELS[service]["operations"].items():
        m = rest_match(op, row["method"], parts.path, query)
        if m is None or op.get("deprecated"):
            continue
        # Of several the most special one: GET /b?versions is no ListObjects, a PUT without a source no CopyObject.
        marks = special(MODELS[service], op, row, query)
        if marks is not None and (best is None or len(m[1]) + marks > best[0]):
            best = (len(m[1]) + marks, (service, name, m[0], m[1]))
    return best[1] if best else "no operation of %s is %s %s" % (service, row["method"], row["path"])


# ---- exchanges ----

SIGNING = {"x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "x-amz-target", "x-amzn-query-mode"}


def payload_value(model, member, name, data, faults):
    kind = model["shapes"][member["shape"]]["type"]
    if kind == "blob":
        return data
    return data.decode() if kind == "string" else xml_value(model, member, ET.fromstring(data), name, faults)


def rest_request(model, op, row, labels, literal, faults, protocol):
    shape = model["shapes"][op["input"]["shape"]] if "input" in op else {"members": {}}
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(row["path"]).query, keep_blank_values=True))
    used, headers, v = set(literal), set(SIGNING), {}
    if "httpChecksum" in op:
        headers.update(h for h in row["headers"] if h.startswith("x-amz-checksum-") or h == "x-amz-sdk-checksum-algorithm")
    for name, member in shape["members"].items():
        wire, where, inner = member.get("locationName", name), member.get("location"), model["shapes"][member["shape"]]
        if where == "uri" and wire in labels:
            v[wire] = scalar(inner, labels[wire])
        elif where == "querystring" and inner["type"] == "map":
            v[wire] = {}
        elif where == "querystring" and wire in query:
            used.add(wire)
            v[wire] = [query[wire]] if inner["type"] == "list" else scalar(inner, query[wire])
        elif where == "header" and wire.lower() in row["headers"]:
            headers.add(wire.lower())
            v[wire] = header(inner, row["headers"][wire.lower()])
        elif where == "headers":
            headers.update(h for h in row["headers"] if h.startswith(wire.lower()))
    for key in query:
        if key not in used and not key.startswith("X-Amz-"):
            faults.add("query", "has %s, which the model does not know" % key)
    for key in row["headers"]:
        if key.startswith("x-amz-") and key not in headers:
            faults.add("headers", "have %s, which the model does not know" % key)
    body = base64.b64decode(row["body"])
    payload = shape.get("payload")
    if payload is not None:
        member = shape["members"][payload]
        if body:
            v[member.get("locationName", payload)] = payload_value(model, member, payload, body, faults)
    elif body and protocol == "rest-json":
        v.update(json.loads(body))
    elif body:
        faults.add("body", "is there where the operation has none")
    return v


def check_request(model, service, op, row, labels, literal, faults):
    protocol = model["metadata"]["protocol"]
    if protocol.startswith("smithy"):
        protocol = "json"
    if protocol == "json":
        how, v = "unixTimestamp", json.loads(base64.b64decode(row["body"]) or b"{}")
        expected = "application/x-amz-json-" + model["metadata"]["jsonVersion"]
        if row["headers"].get("content-type") != expected:
            faults.add("Content-Type", "is %s, not %s" % (row["headers"].get("content-type"), expected))
    elif protocol == "query":
        form = dict(urllib.parse.parse_qsl(base64.b64decode(row["body"]).decode(), keep_blank_values=True, strict_parsing=True))
        used = {"Action", "Version"}
        how, v = "iso8601", form_value(model, op["input"], "", form, used) if "input" in op else {}
        for key in sorted(set(form) - used):
            faults.add("form", "has %s, which the model does not know" % key)
    else:
        how = "unixTimestamp" if protocol == "rest-json" else "iso8601"
        v = rest_request(model, op, row, labels, literal, faults, protocol)
    if "input" in op:
        check(model, op["input"], v, "", faults, how)
    elif v:
        faults.add("", "has members where the operation takes none")


def error_names(model, op):
    names = {}
    for e in op.get("errors", []):
        shape = model["shapes"][e["shape"]]
        names[shape.get("error", {}).get("code", e["shape"])] = e["shape"]
        if model["metadata"]["protocol"] not in ("query", "rest-xml"):
            names[e["shape"]] = e["shape"]
    return names


def check_error(model, service, op, row, data, faults):
    names = error_names(model, op)
    if model["metadata"]["protocol"] in ("query", "rest-xml"):
        if row["method"] == "HEAD":
            return
        root = ET.fromstring(data)
        error = root if local(root.tag) == "Error" else next((n for n in root if local(n.tag) == "Error"), None)
        parts = {local(n.tag): n.text or "" for n in error} if error is not None else {}
        code, v = parts.get("Code", ""), {}
        if "Message" not in parts:
            faults.add("error", "has no <Message>")
    else:
        v = json.loads(data)
        code = v.pop("__type", None) or row["answer_headers"].get("x-amzn-errortype", "") or v.pop("code", "")
        code = code.split(":")[0].split("#")[-1]
        if "x-amzn-query-error" in row["answer_headers"]:  # botocore believes this one
            code = row["answer_headers"]["x-amzn-query-error"].split(";")[0]
        if "message" not in v and "Message" not in v:
            faults.add("error", "%s has no message" % code)
    if not code:
        faults.add("error", "has no code")
    elif code not in names and code not in COMMON and not (service == "s3" and code in S3_ERRORS):
        faults.add("error", "is %s, which the operation's model does not know" % code)
    elif code in names and isinstance(v, dict) and model["metadata"]["protocol"] not in ("query", "rest-xml"):
        shape = model["shapes"][names[code]]
        known = {m.get("locationName", n).lower() for n, m in shape.get("members", {}).items()} | {"message"}
        for key in v:
            if key.lower() not in known:
                faults.add("error", "%s has %s, which the model does not know" % (code, key))


def rest_answer(model, shape, row, data, faults, protocol):
    v = {}
    for name, member in shape.get("members", {}).items():
        wire, inner = member.get("locationName", name), model["shapes"][member["shape"]]
        if member.get("location") == "header" and wire.lower() in row["answer_headers"]:
            v[wire] = header(inner, row["answer_headers"][wire.lower()])
    payload = shape.get("payload")
    if payload is not None:
        inner = model["shapes"][shape["members"][payload]["shape"]]
        if data or inner["type"] == "blob":
            v[payload] = payload_value(model, shape["members"][payload], payload, data, faults)
    elif data and protocol == "rest-json":
        v.update(json.loads(data))
    elif data:
        v.update(xml_structure(model, shape, list(ET.fromstring(data)), "answer", faults))
    return v


def query_answer(model, op, data, faults):
    root = ET.fromstring(data)
    wrapper = op["output"].get("resultWrapper") if "output" in op else None
    result = next((n for n in root if local(n.tag) == wrapper), None)
    meta = next((n for n in root if local(n.tag) == "ResponseMetadata"), None)
    if local(root.tag) != op["name"] + "Response":
        faults.add("answer", "is <%s>, not <%sResponse>" % (local(root.tag), op["name"]))
    if meta is None or next((n for n in meta if local(n.tag) == "RequestId"), None) is None:
        faults.add("answer", "has no <RequestId>")
    if wrapper is not None and result is None:
        faults.add("answer", "has no <%s>" % wrapper)
        return {}
    return xml_value(model, op["output"], result, "answer", faults) if wrapper is not None else {}


def check_answer(model, service, op, row, faults):
    data, protocol = base64.b64decode(row["answer"]), model["metadata"]["protocol"]
    if not any(h in row["answer_headers"] for h in ("x-amzn-requestid", "x-amz-request-id")):
        faults.add("answer", "has no request id")
    if row["status"] >= 300:
        return check_error(model, service, op, row, data, faults)
    if protocol.startswith("smithy"):
        protocol = "json"
    how = "unixTimestamp" if protocol in ("json", "rest-json") else "iso8601"
    if protocol == "rest-json":
        how = "iso8601" if model["metadata"]["serviceId"] == "ApiGatewayV2" else "unixTimestamp"
    if protocol == "json":
        v = json.loads(data or b"{}")
    elif protocol == "query":
        v = query_answer(model, op, data, faults)
    else:
        v = rest_answer(model, model["shapes"][op["output"]["shape"]], row, data, faults, protocol) if "output" in op else {}
    if "output" in op:
        check(model, op["output"], v, "", faults, how)
    elif v:
        faults.add("answer", "has members where the operation gives none")


def main():
    exchanges = answers = faulty = 0
    seen = Counter()
    for line in sys.stdin:
        row = json.loads(line)
        exchanges += 1
        found = find(row)
        if isinstance(found, str):
            print("%d: %s %s: %s" % (exchanges, row["method"], row["path"], found))
            faulty += 1
            continue
        service, name, labels, literal = found
        model = MODELS[service]
        op = model["operations"][name]
        # What AWS's front refuses may be a request that nobody's client sends.
        sides = [("request", lambda f: check_request(model, service, op, row, labels, literal, f))] if not row.get("raw") else []
        if row["answered"]:
            answers += 1
            sides.append(("answer", lambda f: check_answer(model, service, op, row, f)))
        for side, run in sides:
            faults = Faults()
            try:
                run(faults)
            except (ValueError, KeyError, ET.ParseError, AttributeError, TypeError) as e:
                faults.add("", "does not parse: %r" % e)
            for text in faults.list:
                print("%d: %s %s %s: %s" % (exchanges, service, name, side, text))
            faulty += len(faults.list)
        seen["%s.%s" % (service, name)] += 1
    print("checked %d exchanges, %d answers, %d faults: %s" % (exchanges, answers, faulty, " ".join("%s=%d" % kv for kv in sorted(seen.items()))))
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
