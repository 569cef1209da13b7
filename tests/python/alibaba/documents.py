"""OpenAPI documents: tried out, imported, exported; and what was exported imported again."""

import base64
import json

from clients import V2, call, check, equal, names, old, refused

SWAGGER = """
swagger: '2.0'
info: {title: Pets, version: 1.0.0}
basePath: /v1
schemes: [http, https]
x-aliyun-apigateway-backend: {type: HTTP, address: 'http://pets.internal', timeout: 5000}
paths:
  /pets/{id}:
    parameters:
    - {name: id, in: path, type: integer, format: int64, required: true}
    get:
      operationId: getPet
      summary: One pet
      parameters:
      - {name: kind, in: query, type: string, enum: [cat, dog], default: cat, maxLength: 5}
      - {$ref: '#/parameters/trace'}
    delete:
      operationId: deletePet
      x-aliyun-apigateway-auth-type: ANONYMOUS
      x-aliyun-apigateway-backend: {type: MOCK, mockResult: gone, mockStatusCode: 204}
  /pets:
    post:
      operationId: no
      parameters:
      - {name: body, in: body, schema: {type: object}}
parameters:
  trace: {name: X-Trace, in: header, type: string}
definitions:
  Pet: {type: object, properties: {name: {type: string}}}
  Name: {type: string}
"""


def swagger(group):
    at = {"GroupId": group, "DataFormat": "yaml", "Data": SWAGGER}
    tried = call("DryRunSwagger", Overwrite=False, **at)
    equal("would be made", sorted(zip(names(tried, "Success", "ApiDryRunSwaggerSuccess", "HttpMethod"),
          names(tried, "Success", "ApiDryRunSwaggerSuccess", "Path"))),
          [("DELETE", "/v1/pets/[id]"), ("GET", "/v1/pets/[id]"), ("POST", "/v1/pets")])
    equal("models", (names(tried, "ModelSuccess", "ApiImportModelSuccess", "ModelName"), names(tried, "ModelFailed",
          "ApiImportModelFailed", "ModelName")), (["Pet"], ["Name"]))
    equal("nothing was made", (call("DescribeApis", GroupId=group)["TotalCount"], call("DescribeModels", GroupId=group)["TotalCount"]), (0, 0))
    made = old("ImportSwagger", Overwrite="false", **at)
    equal("made", (names(made, "Success", "ApiImportSwaggerSuccess", "ApiOperation"), len(made["Failed"]["ApiImportSwaggerFailed"])),
          (["CREATE"] * 3, 0))
    ids = dict(zip(names(made, "Success", "ApiImportSwaggerSuccess", "HttpMethod"), names(made, "Success", "ApiImportSwaggerSuccess", "ApiUid")))
    get = call("DescribeApi", ApiId=ids["GET"])
    equal("an API", (get["ApiName"], get["Description"], get["AuthType"], get["RequestConfig"]["RequestProtocol"],
          get["ServiceConfig"]["ServiceAddress"], get["ServiceConfig"]["ServiceTimeout"]),
          ("getPet", "One pet", "APP", "HTTP,HTTPS", "http://pets.internal", 5000))
    parameters = {p["ApiParameterName"]: p for p in get["RequestParameters"]["RequestParameter"]}
    equal("parameters", {n: (p["Location"], p["ParameterType"], p["Required"]) for n, p in parameters.items()},
          {"id": ("PATH", "Long", "REQUIRED"), "kind": ("QUERY", "String", "OPTIONAL"), "X-Trace": ("HEAD", "String", "OPTIONAL")})
    equal("limits", [parameters["kind"][k] for k in ("EnumValue", "DefaultValue", "MaxLength")], ["cat,dog", "cat", 5])
    gone = call("DescribeApi", ApiId=ids["DELETE"])
    equal("a mock", (gone["AuthType"], gone["Mock"], gone["ServiceConfig"]["MockStatusCode"]), ("ANONYMOUS", "OPEN", 204))
    post = call("DescribeApi", ApiId=ids["POST"])
    equal("a body, a short name", (post["ApiName"], post["RequestConfig"]["BodyFormat"]), ("no__", "STREAM"))
    again = call("ImportSwagger", Overwrite=False, **at)
    check("exists already", all("already exists" in f["ErrorMsg"] for f in again["Failed"]["ApiImportSwaggerFailed"]))
    equal("none was made", (again["Success"]["ApiImportSwaggerSuccess"], call("DescribeApis", GroupId=group)["TotalCount"]), ([], 3))
    over = call("ImportSwagger", using=V2, Overwrite=True, **at)
    equal("replaced", (set(names(over, "Success", "ApiImportSwaggerSuccess", "ApiOperation")),
          dict(zip(names(over, "Success", "ApiImportSwaggerSuccess", "HttpMethod"), names(over, "Success", "ApiImportSwaggerSuccess", "ApiUid")))),
          ({"MODIFY"}, ids))
    refused("no document", "InvalidFormatData", 400, call, "ImportSwagger", GroupId=group, DataFormat="json", Overwrite=True, Data="[")
    refused("another version", "InvalidData", 400, call, "ImportSwagger", GroupId=group, DataFormat="json", Overwrite=True,
            Data='{"swagger": "1.2", "paths": {}}')
    refused("no group", "NotFoundApiGroup", 400, call, "ImportSwagger", GroupId="x", DataFormat="yaml", Overwrite=True, Data=SWAGGER)
    return ids


def exported(group, ids):
    text = base64.b64decode(call("ExportOAS", GroupId=group, DataFormat="json", OasVersion="oas2", WithXExtensions=True)["Data"])
    document = json.loads(text)
    equal("paths", sorted(document["paths"]), ["/v1/pets", "/v1/pets/{id}"])
    check("extensions", document["paths"]["/v1/pets/{id}"]["get"]["x-aliyun-apigateway-backend"]["address"] == "http://pets.internal")
    other = call("CreateApiGroup", GroupName="Imported")["GroupId"]
    made = call("ImportOAS", GroupId=other, Overwrite=False, Data=text.decode())
    equal("imported again", len(made["SuccessApis"]["SuccessApi"]), 3)
    task = call("DescribeImportOASTask", OperationId=made["OperationId"])
    equal("the task", (task["TaskStatus"], {r["UpdateStatus"] for r in task["ApiResults"]["ApiResult"]}), ("Finished", {"OVER"}))
    for api in call("DescribeApis", GroupId=other)["ApiSummarys"]["ApiSummary"]:
        copy = call("DescribeApi", ApiId=api["ApiId"])
        first = call("DescribeApi", ApiId=ids[api["ApiMethod"]])
        same = ("ApiName", "AuthType", "Visibility", "ServiceConfig", "RequestParameters", "ServiceParametersMap", "Mock")
        equal(f"the same: {api['ApiName']}", {k: copy[k] for k in same}, {k: first[k] for k in same})
    newer = base64.b64decode(call("ExportOAS", GroupId=group, OasVersion="oas3", DataFormat="yaml")["Data"]).decode()
    check("YAML of the newer version", "openapi: 3.0.1" in newer and "x-aliyun" not in newer)
    one = base64.b64decode(call("ExportOAS", ApiIdList=[ids["GET"]], DataFormat="json")["Data"])
    equal("one API", list(json.loads(one)["paths"]), ["/v1/pets/{id}"])
    stage = json.loads(base64.b64decode(call("ExportOAS", GroupId=group, StageName="TEST", DataFormat="json")["Data"]))
    equal("what runs", stage["paths"], {})
    return other


def newer(group):
    document = json.dumps({"openapi": "3.0.0", "info": {"title": "t", "version": "1"}, "paths": {
        "/x/{a}": {"post": {"parameters": [{"name": "a", "in": "path", "required": True, "schema": {"type": "boolean"}}],
                            "requestBody": {"description": "about", "content": {}}}}}})
    backend = call("CreateBackend", BackendName="forImport", BackendType="HTTP")["BackendId"]
    made = call("ImportOAS", GroupId=group, Overwrite=False, Data=document, AuthType="ANONYMOUS", BackendName="forImport", RequestMode="PASSTHROUGH")
    api = call("DescribeApi", ApiId=made["SuccessApis"]["SuccessApi"][0]["ApiId"])
    equal("what the call says", (api["AuthType"], api["BackendConfig"]["BackendName"], api["RequestConfig"]["RequestMode"],
          api["RequestParameters"]["RequestParameter"][0]["ParameterType"]), ("ANONYMOUS", "forImport", "PASSTHROUGH", "Boolean"))
    refused("an unknown backend", "NotFoundBackend", 400, call, "ImportOAS", GroupId=group, Overwrite=False, Data=document, BackendName="x")
    call("DeleteApi", ApiId=api["ApiId"])
    call("DeleteBackend", BackendId=backend)


def run():
    group = call("CreateApiGroup", GroupName="Documents")["GroupId"]
    other = exported(group, swagger(group))
    newer(group)
    for it in (group, other):
        for api in call("DescribeApis", GroupId=it)["ApiSummarys"]["ApiSummary"]:
            call("DeleteApi", ApiId=api["ApiId"])
        call("DeleteApiGroup", GroupId=it)
