"""The services beside the private CA through boto3, a short story each: services.py ENDPOINT FOLDER
FOLDER holds a root.pem and a crl.der of a story that is over. Debian's boto3 knows no mutual TLS of load balancers: left out there, and said."""
import datetime, io, json, os, sys, urllib.error, urllib.request, uuid
import boto3, botocore.exceptions
from botocore.config import Config

endpoint, out = sys.argv[1:3]
root = open(os.path.join(out, "root.pem")).read()
crl = open(os.path.join(out, "crl.der"), "rb").read()
mine = "services-" + uuid.uuid4().hex[:8]


def client(name, **more):
    # Virtual-host addresses need a name server: path-style, as everywhere with an endpoint of one's own.
    return boto3.client(name, endpoint_url=endpoint, region_name=more.pop("region_name", "us-east-1"), config=Config(
        s3={"addressing_style": "path"}, retries={"max_attempts": 2, "mode": "standard"}), **more)


def refused(code, call, **given):
    try:
        call(**given)
    except botocore.exceptions.ClientError as e:
        assert e.response["Error"]["Code"] == code, (code, e)
        return e.response
    raise AssertionError("not refused with " + code)


def s3_story():
    s3 = client("s3")
    refused("NoSuchBucket", s3.list_objects_v2, Bucket=mine)
    s3.create_bucket(Bucket=mine)
    s3.head_bucket(Bucket=mine)
    assert mine in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    assert s3.get_bucket_location(Bucket=mine)["LocationConstraint"] is None
    keys = ["a/1", "a/2", "b/ü+ &<.txt", "c"]
    for k in keys:
        s3.put_object(Bucket=mine, Key=k, Body=k.encode(), Metadata={"from": "story"}, ContentType="text/plain")
    got = s3.get_object(Bucket=mine, Key=keys[2])
    assert got["Body"].read() == keys[2].encode() and got["Metadata"] == {"from": "story"} and got["ContentType"] == "text/plain", got
    assert s3.head_object(Bucket=mine, Key="c")["ContentLength"] == 1
    assert s3.get_object(Bucket=mine, Key="a/1", Range="bytes=1-2")["Body"].read() == b"/1"
    listed = [o["Key"] for p in s3.get_paginator("list_objects_v2").paginate(Bucket=mine, PaginationConfig={"PageSize": 1}) for o in p["Contents"]]
    assert listed == keys, listed
    listed = [o["Key"] for p in s3.get_paginator("list_objects").paginate(Bucket=mine, PaginationConfig={"PageSize": 3}) for o in p["Contents"]]
    assert listed == keys, listed
    top = s3.list_objects_v2(Bucket=mine, Delimiter="/")
    assert [p["Prefix"] for p in top["CommonPrefixes"]] == ["a/", "b/"] and [o["Key"] for o in top["Contents"]] == ["c"], top
    groups = [p["Prefix"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket=mine, Delimiter="/", PaginationConfig={"PageSize": 1})
              for p in page.get("CommonPrefixes", [])]
    assert groups == ["a/", "b/"], groups
    refused("NoSuchKey", s3.get_object, Bucket=mine, Key="none")
    refused("404", s3.head_object, Bucket=mine, Key="none")
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=mine)

    assert "Status" not in s3.get_bucket_versioning(Bucket=mine)
    s3.put_bucket_versioning(Bucket=mine, VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket=mine)["Status"] == "Enabled"
    first = s3.put_object(Bucket=mine, Key="v", Body=b"one")["VersionId"]
    second = s3.put_object(Bucket=mine, Key="v", Body=b"two")["VersionId"]
    assert s3.get_object(Bucket=mine, Key="v")["VersionId"] == second
    assert s3.get_object(Bucket=mine, Key="v", VersionId=first)["Body"].read() == b"one"
    marker = s3.delete_object(Bucket=mine, Key="v")
    assert marker["DeleteMarker"] is True
    refused("NoSuchKey", s3.get_object, Bucket=mine, Key="v")
    refused("MethodNotAllowed", s3.get_object, Bucket=mine, Key="v", VersionId=marker["VersionId"])
    versions = s3.list_object_versions(Bucket=mine, Prefix="v")
    assert [v["VersionId"] for v in versions["Versions"]] == [second, first] and len(versions["DeleteMarkers"]) == 1, versions
    s3.delete_object(Bucket=mine, Key="v", VersionId=marker["VersionId"])
    assert s3.get_object(Bucket=mine, Key="v")["Body"].read() == b"two"

    refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=mine)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "acm-pca.amazonaws.com"},
                                                      "Action": "s3:PutObject", "Resource": "arn:aws:s3:::%s/*" % mine}]}
    s3.put_bucket_policy(Bucket=mine, Policy=json.dumps(policy))
    assert json.loads(s3.get_bucket_policy(Bucket=mine)["Policy"]) == policy
    address = s3.generate_presigned_url("get_object", Params={"Bucket": mine, "Key": "v"})
    if "Signature=" in address and "AWS4" not in address:  # an old boto3 presigns by version 2
        address = client("s3").generate_presigned_url
        address = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", config=Config(
            signature_version="s3v4", s3={"addressing_style": "path"})).generate_presigned_url("get_object", Params={"Bucket": mine, "Key": "v"})
    assert urllib.request.urlopen(address).read() == b"two"
    try:
        urllib.request.urlopen(address.replace("/v?", "/c?"))
        raise AssertionError("a presigned address fetches another object")
    except urllib.error.HTTPError as e:
        assert e.code == 403, e


def trailer_story():
    """Over TLS SDKs sum a body up as they send it, in chunks, and put the sum behind it; here botocore's own encoder is made to."""
    s3, sent = client("s3"), {}

    def behind(params, context, **_):
        chosen = context.get("checksum", {}).get("request_algorithm")
        if isinstance(chosen, dict):
            chosen.update({"in": "trailer", "name": "x-amz-checksum-" + chosen["algorithm"]})

    s3.meta.events.register("before-call.s3.PutObject", behind)
    s3.meta.events.register("before-send.s3.PutObject", lambda request, **_: sent.update(request.headers))
    body = os.urandom(3 << 20)
    s3.put_object(Bucket=mine, Key="chunked", Body=io.BytesIO(body))
    word = sent.get("X-Amz-Content-SHA256", "")
    word = word.decode() if isinstance(word, bytes) else word
    if word != "STREAMING-UNSIGNED-PAYLOAD-TRAILER":
        print("left out: this boto3 has no trailers by itself")
    assert s3.get_object(Bucket=mine, Key="chunked")["Body"].read() == body


def secrets_story():
    sm = client("secretsmanager")
    made = sm.create_secret(Name=mine, SecretString="one", Description="a story")
    refused("ResourceExistsException", sm.create_secret, Name=mine, SecretString="one")
    old = made["VersionId"]
    got = sm.get_secret_value(SecretId=made["ARN"])
    assert got["SecretString"] == "one" and got["VersionStages"] == ["AWSCURRENT"] and got["VersionId"] == old, got
    new = str(uuid.uuid4())
    sm.put_secret_value(SecretId=mine, SecretString="two", ClientRequestToken=new, VersionStages=["AWSPENDING"])
    sm.put_secret_value(SecretId=mine, SecretString="two", ClientRequestToken=new, VersionStages=["AWSPENDING"])
    refused("ResourceExistsException", sm.put_secret_value, SecretId=mine, SecretString="other", ClientRequestToken=new)
    assert sm.get_secret_value(SecretId=mine)["SecretString"] == "one"
    assert sm.get_secret_value(SecretId=mine, VersionStage="AWSPENDING")["SecretString"] == "two"
    refused("InvalidParameterException", sm.update_secret_version_stage, SecretId=mine, VersionStage="AWSCURRENT", MoveToVersionId=new)
    sm.update_secret_version_stage(SecretId=mine, VersionStage="AWSCURRENT", MoveToVersionId=new, RemoveFromVersionId=old)
    sm.update_secret_version_stage(SecretId=mine, VersionStage="AWSPENDING", RemoveFromVersionId=new)
    stages = sm.describe_secret(SecretId=mine)["VersionIdsToStages"]
    assert stages == {new: ["AWSCURRENT"], old: ["AWSPREVIOUS"]}, stages
    sm.put_secret_value(SecretId=mine, SecretBinary=b"\x00\x01")
    assert sm.get_secret_value(SecretId=mine)["SecretBinary"] == b"\x00\x01"
    assert sm.get_secret_value(SecretId=mine, VersionStage="AWSPREVIOUS")["SecretString"] == "two"
    assert len(sm.list_secret_version_ids(SecretId=mine, IncludeDeprecated=True)["Versions"]) == 3
    assert mine in [s["Name"] for p in sm.get_paginator("list_secrets").paginate(PaginationConfig={"PageSize": 1}) for s in p["SecretList"]]
    refused("ResourceNotFoundException", sm.get_secret_value, SecretId=mine, VersionStage="NONE")
    sm.delete_secret(SecretId=mine)
    refused("InvalidRequestException", sm.get_secret_value, SecretId=mine)
    sm.restore_secret(SecretId=mine)
    sm.get_secret_value(SecretId=mine)


def ssm_story():
    ssm = client("ssm")
    name = "/%s/ca" % mine
    assert ssm.put_parameter(Name=name, Value="one", Type="String")["Version"] == 1
    refused("ParameterAlreadyExists", ssm.put_parameter, Name=name, Value="two", Type="String")
    assert ssm.put_parameter(Name=name, Value="two", Overwrite=True)["Version"] == 2
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "two"
    assert ssm.get_parameter(Name=name + ":1")["Parameter"]["Value"] == "one"
    ssm.put_parameter(Name=mine, Value="hidden", Type="SecureString")
    assert ssm.get_parameter(Name=mine)["Parameter"]["Value"] != "hidden"
    assert ssm.get_parameter(Name=mine, WithDecryption=True)["Parameter"]["Value"] == "hidden"
    got = ssm.get_parameters(Names=[name, "/none"])
    assert len(got["Parameters"]) == 1 and got["InvalidParameters"] == ["/none"], got
    refused("ParameterNotFound", ssm.get_parameter, Name="/none")


def elb_story():
    elb, s3 = client("elbv2"), client("s3")
    if not hasattr(elb, "create_trust_store"):
        print("left out: this boto3 knows no trust stores")
        return
    s3.put_object(Bucket=mine, Key="bundle.pem", Body=root.encode())
    s3.put_object(Bucket=mine, Key="blank.pem", Body=root.encode() + b"\n" + root.encode())
    s3.put_object(Bucket=mine, Key="26.pem", Body=root.encode() * 26)
    s3.put_object(Bucket=mine, Key="crl.der", Body=crl)
    bundle = {"CaCertificatesBundleS3Bucket": mine, "CaCertificatesBundleS3Key": "bundle.pem"}
    store = elb.create_trust_store(Name=mine, **bundle)["TrustStores"][0]
    assert store["Status"] == "ACTIVE" and store["NumberOfCaCertificates"] == 1, store
    refused("DuplicateTrustStoreName", elb.create_trust_store, Name=mine, **bundle)
    arn = store["TrustStoreArn"]
    for key in "blank.pem", "26.pem", "crl.der":
        refused("InvalidCaCertificatesBundle", elb.modify_trust_store, TrustStoreArn=arn, CaCertificatesBundleS3Bucket=mine, CaCertificatesBundleS3Key=key)
    refused("CaCertificatesBundleNotFound", elb.modify_trust_store, TrustStoreArn=arn, CaCertificatesBundleS3Bucket=mine, CaCertificatesBundleS3Key="none")
    s3.put_object(Bucket=mine, Key="bundle.pem", Body=root.encode() * 2)
    where = elb.get_trust_store_ca_certificates_bundle(TrustStoreArn=arn)["Location"]
    assert urllib.request.urlopen(where).read() == root.encode(), "the bundle is copied when it is taken over"
    assert elb.modify_trust_store(TrustStoreArn=arn, **bundle)["TrustStores"][0]["NumberOfCaCertificates"] == 2
    added = elb.add_trust_store_revocations(TrustStoreArn=arn, RevocationContents=[{"S3Bucket": mine, "S3Key": "crl.der", "RevocationType": "CRL"}])
    number = added["TrustStoreRevocations"][0]["RevocationId"]
    assert elb.describe_trust_stores(Names=[mine])["TrustStores"][0]["TotalRevokedEntries"] == 1
    refused("InvalidRevocationContent", elb.add_trust_store_revocations, TrustStoreArn=arn, RevocationContents=[{"S3Bucket": mine, "S3Key": "bundle.pem"}])
    assert urllib.request.urlopen(elb.get_trust_store_revocation_content(TrustStoreArn=arn, RevocationId=number)["Location"]).read() == crl
    elb.remove_trust_store_revocations(TrustStoreArn=arn, RevocationIds=[number])
    refused("RevocationIdNotFound", elb.remove_trust_store_revocations, TrustStoreArn=arn, RevocationIds=[number])

    balancer = elb.create_load_balancer(Name=mine, Subnets=["subnet-1", "subnet-2"])["LoadBalancers"][0]["LoadBalancerArn"]
    tls = {"LoadBalancerArn": balancer, "Protocol": "HTTPS", "Certificates": [{"CertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/x"}],
           "DefaultActions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}]}
    listener = elb.create_listener(Port=443, **tls)["Listeners"][0]
    assert listener["MutualAuthentication"]["Mode"] == "off", listener
    refused("InvalidConfigurationRequest", elb.modify_listener, ListenerArn=listener["ListenerArn"], MutualAuthentication={"Mode": "verify"})
    refused("TrustStoreNotFound", elb.modify_listener, ListenerArn=listener["ListenerArn"], MutualAuthentication={
        "Mode": "verify", "TrustStoreArn": arn[:-1] + "x"})
    elb.modify_listener(ListenerArn=listener["ListenerArn"], MutualAuthentication={"Mode": "verify", "TrustStoreArn": arn})
    elb.modify_listener(ListenerArn=listener["ListenerArn"], MutualAuthentication={"Mode": "verify", "IgnoreClientCertificateExpiry": True})
    mutual = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"][0]["MutualAuthentication"]
    assert mutual["TrustStoreArn"] == arn and mutual["IgnoreClientCertificateExpiry"] is True, mutual
    assert elb.describe_trust_store_associations(TrustStoreArn=arn)["TrustStoreAssociations"] == [{"ResourceArn": balancer}]
    refused("TrustStoreInUse", elb.delete_trust_store, TrustStoreArn=arn)
    verify = dict(tls, MutualAuthentication={"Mode": "verify", "TrustStoreArn": arn})
    elb.create_listener(Port=444, **verify)
    refused("TooManyListeners", elb.create_listener, Port=445, **verify)
    elb.delete_load_balancer(LoadBalancerArn=balancer)
    elb.delete_trust_store(TrustStoreArn=arn)
    refused("TrustStoreNotFound", elb.describe_trust_stores, TrustStoreArns=[arn])


def gateway_story():
    rest, http, s3 = client("apigateway"), client("apigatewayv2"), client("s3")
    version = s3.put_object(Bucket=mine, Key="gateway.pem", Body=root.encode())["VersionId"]
    uri, certificate = "s3://%s/gateway.pem" % mine, "arn:aws:acm:us-east-1:111122223333:certificate/x"
    one, two = mine + ".example.com", mine + ".example.org"
    refused("BadRequestException", rest.create_domain_name, domainName=one, certificateArn=certificate, mutualTlsAuthentication={"truststoreUri": uri})
    regional = {"regionalCertificateArn": certificate, "endpointConfiguration": {"types": ["REGIONAL"]}}
    refused("BadRequestException", rest.create_domain_name, domainName=one, mutualTlsAuthentication={"truststoreUri": "s3://none/x"}, **regional)
    made = rest.create_domain_name(domainName=one, mutualTlsAuthentication={"truststoreUri": uri}, **regional)
    assert made["mutualTlsAuthentication"]["truststoreUri"] == uri and made["domainNameStatus"] == "UPDATING", made
    refused("ConflictException", rest.create_domain_name, domainName=one, **regional)
    states = [rest.get_domain_name(domainName=one)["domainNameStatus"] for _ in range(2)]
    assert states == ["UPDATING", "AVAILABLE"], states
    patched = rest.update_domain_name(domainName=one, patchOperations=[
        {"op": "replace", "path": "/mutualTlsAuthentication/truststoreVersion", "value": version}])
    assert patched["mutualTlsAuthentication"]["truststoreVersion"] == version, patched
    refused("BadRequestException", rest.update_domain_name, domainName=one, patchOperations=[{"op": "replace", "path": "/none", "value": "x"}])
    refused("NotFoundException", rest.get_domain_name, domainName="none.example.com")

    made = http.create_domain_name(DomainName=two, DomainNameConfigurations=[{"CertificateArn": certificate, "EndpointType": "REGIONAL"}],
                                   MutualTlsAuthentication={"TruststoreUri": uri, "TruststoreVersion": version})
    assert made["DomainNameConfigurations"][0]["DomainNameStatus"] == "UPDATING", made
    refused("BadRequestException", http.update_domain_name, DomainName=two, DomainNameConfigurations=[{}, {}])
    assert http.get_domain_name(DomainName=one)["MutualTlsAuthentication"]["TruststoreVersion"] == version
    off = http.update_domain_name(DomainName=two, MutualTlsAuthentication={"TruststoreUri": ""})
    assert "MutualTlsAuthentication" not in off, off
    names = [d["domainName"] for p in rest.get_paginator("get_domain_names").paginate(PaginationConfig={"PageSize": 1}) for d in p["items"]]
    assert one in names and two in names, names
    assert {one, two} <= {d["DomainName"] for d in http.get_domain_names()["Items"]}
    api = rest.create_rest_api(name=mine)["id"]
    rest.update_rest_api(restApiId=api, patchOperations=[{"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "true"}])
    assert rest.get_rest_api(restApiId=api)["disableExecuteApiEndpoint"] is True
    api = http.create_api(Name=mine, ProtocolType="HTTP")["ApiId"]
    assert http.update_api(ApiId=api, DisableExecuteApiEndpoint=True)["DisableExecuteApiEndpoint"] is True
    rest.delete_domain_name(domainName=one)
    http.delete_domain_name(DomainName=two)


def watch_story():
    cw = client("cloudwatch")
    space, dimensions = "Story" + mine, [{"Name": "Identity", "Value": "order"}]
    put = lambda value: cw.put_metric_data(Namespace=space, MetricData=[{"MetricName": "DaysUntilExpiration", "Value": value, "Dimensions": dimensions}])
    alarm = dict(AlarmName=mine, EvaluationPeriods=1, ComparisonOperator="LessThanOrEqualToThreshold", Namespace=space, MetricName="DaysUntilExpiration",
                 Dimensions=dimensions, Statistic="Minimum", Period=86400, Threshold=30.0)
    state = lambda: cw.describe_alarms(AlarmNames=[mine])["MetricAlarms"][0]
    refused("InvalidParameterValue", cw.put_metric_data, Namespace="AWS/ACM", MetricData=[{"MetricName": "x", "Value": 1}])
    cw.put_metric_alarm(**alarm)
    assert state()["StateValue"] == "INSUFFICIENT_DATA"
    put(41)
    assert state()["StateValue"] == "OK"
    put(9)
    got = state()
    assert got["StateValue"] == "ALARM" and got["Threshold"] == 30 and got["Dimensions"] == dimensions and got["ActionsEnabled"] is True, got
    cw.put_metric_alarm(**dict(alarm, MetricName="other", TreatMissingData="breaching"))
    assert state()["StateValue"] == "ALARM" and state()["MetricName"] == "other"
    refused("ValidationError", cw.put_metric_alarm, **dict(alarm, Period=61))
    metrics = cw.list_metrics(Namespace=space)["Metrics"]
    assert [(m["MetricName"], m["Dimensions"]) for m in metrics] == [("DaysUntilExpiration", dimensions)], metrics
    now = datetime.datetime.now(datetime.timezone.utc)
    points = cw.get_metric_statistics(Namespace=space, MetricName="DaysUntilExpiration", Dimensions=dimensions, Period=3600,
                                      StartTime=now - datetime.timedelta(minutes=50), EndTime=now + datetime.timedelta(minutes=10),
                                      Statistics=["Minimum", "SampleCount"])["Datapoints"]
    assert len(points) == 1 and points[0]["Minimum"] == 9 and points[0]["SampleCount"] == 2, points
    cw.delete_alarms(AlarmNames=[mine])
    assert cw.describe_alarms(AlarmNames=[mine])["MetricAlarms"] == []


def events_story():
    ev, cw, pca = client("events"), client("cloudwatch"), client("acm-pca")
    pattern = {"source": ["aws.acm-pca"], "detail-type": ["ACM Private CA Creation"]}
    refused("InvalidEventPatternException", ev.put_rule, Name=mine, EventPattern="{")
    ev.put_rule(Name=mine, EventPattern=json.dumps(pattern), Description="first")
    put = ev.put_targets(Rule=mine, Targets=[{"Id": "good", "Arn": "arn:aws:sns:us-east-1:111122223333:alarm"},
                                             {"Id": "bad", "Arn": "arn:aws:ec2:us-east-1:111122223333:instance/i-1"}])
    assert put["FailedEntryCount"] == 1 and put["FailedEntries"][0]["TargetId"] == "bad", put
    assert [t["Id"] for t in ev.list_targets_by_rule(Rule=mine)["Targets"]] == ["good"]
    ev.put_rule(Name=mine, EventPattern=json.dumps(pattern))
    rule = [r for r in ev.list_rules(NamePrefix=mine)["Rules"]][0]
    assert "Description" not in rule and rule["State"] == "ENABLED", rule
    event = {"id": "1", "source": "aws.acm-pca", "detail-type": "ACM Private CA Creation", "account": "1", "time": "2026-11-29T00:00:00Z", "region": "r", "resources": [], "detail": {}}
    assert ev.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))["Result"] is True
    assert ev.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(dict(event, source="aws.acm")))["Result"] is False
    # A CA's creation is an event: the rule counts it.
    ca = pca.create_certificate_authority(CertificateAuthorityType="ROOT", CertificateAuthorityConfiguration={
        "KeyAlgorithm": "EC_prime256v1", "SigningAlgorithm": "SHA256WITHECDSA", "Subject": {"CommonName": mine}})["CertificateAuthorityArn"]
    pca.get_waiter("certificate_authority_csr_created").wait(CertificateAuthorityArn=ca, WaiterConfig={"Delay": 0.4, "MaxAttempts": 250})
    metrics = cw.list_metrics(Namespace="AWS/Events", MetricName="TriggeredRules", Dimensions=[{"Name": "RuleName", "Value": mine}])["Metrics"]
    assert len(metrics) == 1, metrics
    refused("ValidationException", ev.delete_rule, Name=mine)
    ev.remove_targets(Rule=mine, Ids=["good"])
    ev.delete_rule(Name=mine)
    refused("ResourceNotFoundException", ev.list_targets_by_rule, Rule=mine)


def sts_story():
    sts = client("sts")
    assert sts.get_caller_identity()["Account"] == "111122223333"
    taken = lambda role, account="111122223333": sts.assume_role(RoleArn="arn:aws:iam::%s:role/%s" % (account, role), RoleSessionName="story")["Credentials"]
    keys = lambda c: dict(aws_access_key_id=c["AccessKeyId"], aws_secret_access_key=c["SecretAccessKey"], aws_session_token=c["SessionToken"])
    ops = taken("ops")
    assert client("sts", **keys(ops)).get_caller_identity()["Arn"] == "arn:aws:sts::111122223333:assumed-role/ops/story"
    client("s3", **keys(ops)).list_buckets()
    refused("InvalidClientTokenId", client("sts", **dict(keys(ops), aws_session_token="other")).get_caller_identity)
    refused("UnrecognizedClientException", client("secretsmanager", **dict(keys(ops), aws_session_token="other")).list_secrets)
    nobody = keys(taken("nobody"))
    refused("AccessDeniedException", client("secretsmanager", **nobody).list_secrets)
    refused("AccessDenied", client("s3", **nobody).list_objects_v2, Bucket=mine)
    refused("AccessDenied", client("cloudwatch", **nobody).list_metrics)
    refused("AccessDeniedException", client("apigateway", **nobody).get_domain_names)
    refused("AccessDenied", client("s3", **keys(taken("ops", "444455556666"))).list_objects_v2, Bucket=mine)
    refused("AccessDenied", sts.assume_role, RoleArn="arn:aws:iam::111122223333:role/untrusting", RoleSessionName="story")
    refused("SignatureDoesNotMatch", client("sts", aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], aws_secret_access_key="other").get_caller_identity)


for story in s3_story, trailer_story, secrets_story, ssm_story, elb_story, gateway_story, watch_story, events_story, sts_story:
    story()
