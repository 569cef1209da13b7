"""Who is let in: both signatures, keys and times that are wrong, requests that come twice or are changed on the way."""

import base64
import datetime
import hashlib
import hmac
import http.client
import json
import urllib.parse
import uuid

from aliyunsdkcore.client import AcsClient
from clients import HOST, PORT, READY, V2, call, check, client, equal, old, refused

KEY, SECRET = READY["access_key"], READY["secret_key"]


def quote(text):
    return urllib.parse.quote(text, safe="-_.~")


def moment(minutes=0):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def send(method, path, headers=None, body=b""):
    connection = http.client.HTTPConnection(HOST, timeout=60)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text), answer.headers.get("content-type")


def rpc(method="GET", key=KEY, secret=SECRET, form=None, **changed):
    """A request as the document describes it: its query."""
    parameters = {"Action": "DescribeApiGroups", "Version": "2016-07-14", "Format": "JSON", "AccessKeyId": key,
                  "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0", "SignatureNonce": str(uuid.uuid4()),
                  "Timestamp": moment(), "SignatureType": ""}
    parameters.update(changed)
    parameters = {k: v for k, v in parameters.items() if v is not None}
    both = {**parameters, **(form or {})}
    pairs = "&".join(f"{quote(k)}={quote(v)}" for k, v in sorted(both.items()))
    to_sign = f"{method}&%2F&{quote(pairs)}"
    parameters["Signature"] = base64.b64encode(hmac.new((secret + "&").encode(), to_sign.encode(), hashlib.sha1).digest()).decode()
    return "/?" + urllib.parse.urlencode(parameters), to_sign


def acs3(action="DescribeApiGroups", query=None, body=b"", secret=SECRET, key=KEY, leave_out=(), path="/", **changed):
    """The headers of a signed request, and its path."""
    headers = {"host": HOST, "x-acs-action": action, "x-acs-version": "2016-07-14", "x-acs-date": moment(),
               "x-acs-signature-nonce": str(uuid.uuid4()), "x-acs-content-sha256": hashlib.sha256(body).hexdigest()}
    headers.update({k.replace("_", "-"): v for k, v in changed.items()})
    names = sorted(n for n in headers if n not in leave_out)
    canonical = "&".join(f"{quote(k)}={quote(v)}" for k, v in sorted((query or {}).items()))
    text = "\n".join(["POST", path, canonical, "".join(f"{n}:{headers[n]}\n" for n in names), ";".join(names),
                      headers["x-acs-content-sha256"]])
    to_sign = "ACS3-HMAC-SHA256\n" + hashlib.sha256(text.encode()).hexdigest()
    signature = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    headers["Authorization"] = f"ACS3-HMAC-SHA256 Credential={key},SignedHeaders={';'.join(names)},Signature={signature}"
    return headers, "/?" + urllib.parse.urlencode(query or {})


def says(what, wanted, answer):
    status, body, kind = answer
    equal(what, (body.get("Code"), status), wanted)
    equal(f"{what}: shape", (set(body), kind), ({"Code", "Message", "HostId", "RequestId"}, "application/json;charset=utf-8"))
    check(f"{what}: no secret", SECRET not in json.dumps(body))
    return body


def unsigned():
    says("nothing at all", ("MissingAccessKeyId", 400), send("GET", "/"))
    says("an action alone", ("MissingAccessKeyId", 400), send("POST", "/?Action=DescribeApiGroups&Version=2016-07-14"))
    body = says("a key alone", ("MissingSignature", 400), send("GET", f"/?Action=DescribeApiGroups&AccessKeyId={KEY}"))
    equal("the host that was asked", body["HostId"], HOST)
    says("some header", ("InvalidFormatAuthorization", 400), send("GET", "/", {"Authorization": "Basic eDp5"}))
    says("an action header alone", ("MissingAccessKeyId", 400),
         send("POST", "/", {"x-acs-action": "DescribeApiGroups", "x-acs-version": "2016-07-14"}))


def older():
    path, _ = rpc()
    equal("by hand", send("GET", path)[0], 200)
    says("again", ("SignatureNonceUsed", 400), send("GET", path))
    path, _ = rpc("POST", form={"GroupName": "by hand+1"}, Action="DescribeApiGroups")
    answer = send("POST", path, {"Content-Type": "application/x-www-form-urlencoded"}, urllib.parse.urlencode({"GroupName": "by hand+1"}).encode())
    equal("a form", answer[0], 200)
    for what, wanted, changed in [
        ("an unknown key", ("InvalidAccessKeyId.NotFound", 404), {"key": "nobody"}),
        ("16 minutes old", ("InvalidTimeStamp.Expired", 400), {"Timestamp": moment(-16)}),
        ("16 minutes ahead", ("InvalidTimeStamp.Expired", 400), {"Timestamp": moment(16)}),
        ("no time", ("InvalidTimeStamp.Format", 400), {"Timestamp": "yesterday"}),
        ("another method of signing", ("InvalidSignatureMethod", 400), {"SignatureMethod": "HMAC-MD5"}),
        ("no nonce", ("MissingSignatureNonce", 400), {"SignatureNonce": None}),
        ("another version", ("InvalidVersion", 400), {"Version": "2014-01-01"}),
        ("an unknown action", ("InvalidApi.NotFound", 404), {"Action": "DescribeNothing"}),
        ("no action", ("MissingAction", 400), {"Action": None}),
    ]:
        says(what, wanted, send("GET", rpc(**changed)[0]))
    path, to_sign = rpc(secret="wrong")
    body = says("a wrong secret", ("SignatureDoesNotMatch", 400), send("GET", path))
    equal("the string to sign", body["Message"].split(":", 1)[1], to_sign)
    path, _ = rpc(PageSize="5")
    says("changed on the way", ("SignatureDoesNotMatch", 400), send("GET", path.replace("PageSize=5", "PageSize=6")))
    equal("a nonce that was refused is still good", send("GET", path)[0], 200)
    says("a parameter twice", ("RepeatedPageSize", 400), send("GET", rpc()[0] + "&PageSize=1&PageSize=2"))
    says("DELETE", ("UnsupportedHTTPMethod", 400), send("DELETE", rpc("DELETE")[0]))


def newer():
    headers, path = acs3(query={"GroupName": "a b+c&d=é"})
    equal("by hand", send("POST", path, headers)[0], 200)
    says("again", ("SignatureNonceUsed", 400), send("POST", path, headers))
    form = urllib.parse.urlencode({"PageSize": "3"}).encode()
    headers, path = acs3(body=form, content_type="application/x-www-form-urlencoded")
    equal("a form", send("POST", path, headers, form)[1].get("PageSize"), 3)
    headers, path = acs3(body=form, content_type="application/x-www-form-urlencoded")
    says("another body", ("Invalidx-acs-content-sha256", 400), send("POST", path, headers, form.replace(b"3", b"4")))
    headers, path = acs3()
    says("another action", ("SignatureDoesNotMatch", 400), send("POST", path, {**headers, "x-acs-action": "DescribeApis"}))
    headers, path = acs3(query={"PageSize": "3"})
    says("another query", ("SignatureDoesNotMatch", 400), send("POST", path.replace("3", "4"), headers))
    for name in ("x-acs-action", "x-acs-date", "host", "x-acs-signature-nonce"):
        headers, path = acs3(leave_out=(name,))
        says(f"{name} is not signed", (f"Missing{name}", 400), send("POST", path, headers))
    headers, path = acs3()
    says("a header added", ("Missingx-acs-more", 400), send("POST", path, {**headers, "x-acs-more": "1"}))
    says("an unknown key", ("InvalidAccessKeyId.NotFound", 404), send("POST", *reversed(acs3(key="nobody"))))
    says("a wrong secret", ("SignatureDoesNotMatch", 400), send("POST", *reversed(acs3(secret="wrong"))))
    says("too old", ("InvalidTimeStamp.Expired", 400), send("POST", *reversed(acs3(x_acs_date=moment(-16)))))
    says("an unknown action", ("InvalidApi.NotFound", 404), send("POST", *reversed(acs3("DescribeNothing"))))
    says("not implemented", ("NotImplemented", 501), send("POST", *reversed(acs3("OpenApiGatewayService"))))


def clients():
    wrong = client(secret="wrong")
    refused("newer client, wrong secret", "SignatureDoesNotMatch", 400, call, "DescribeApiGroups", using=wrong)
    wrong = client(secret="wrong", signature_algorithm="v2")
    refused("newer client, RPC, wrong secret", "SignatureDoesNotMatch", 400, call, "DescribeApiGroups", using=wrong)
    refused("newer client, unknown key", "InvalidAccessKeyId.NotFound", 404, call, "DescribeApiGroups", using=client("nobody"))
    other = AcsClient(KEY, "wrong", READY["region"], port=PORT, auto_retry=False)
    # The client compares the two strings: the same string means the secret is wrong.
    refused("older client, wrong secret", "InvalidAccessKeySecret", 400, old, "DescribeApiGroups", using=other)
    other = AcsClient("nobody", SECRET, READY["region"], port=PORT, auto_retry=False)
    refused("older client, unknown key", "InvalidAccessKeyId.NotFound", 404, old, "DescribeApiGroups", using=other)
    equal("RPC by the newer client", call("DescribeApiGroups", using=V2)["PageNumber"], 1)


def run():
    unsigned()
    older()
    newer()
    clients()
