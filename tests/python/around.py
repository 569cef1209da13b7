"""Lifecycles of chapters 3.10-3.30 through the official client. Bodies are plain objects where the model adds nothing."""

import json
import pathlib
import tempfile
import time

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.http.formdata import FormFile
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.region.region import Region

from helpers import GATEWAY, READY, ApigClient, C, check, equal, m, refused, request

RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"
NOBODY = "0" * 32
FIXTURES = pathlib.Path(__file__).parent.parent / "engine" / "certificates"


def read(name):
    return (FIXTURES / name).read_text()


def make_group(name):
    return C.create_api_group_v2(request(m.CreateApiGroupV2Request, m.ApiGroupCreate(name=name))).id


def make_api(group, name, uri, auth="NONE"):
    body = m.ApiCreate(
        name=name, type=1, req_protocol="HTTPS", req_method="GET", req_uri=uri, auth_type=auth, backend_type="HTTP",
        group_id=group, backend_api=m.BackendApiCreate(
            url_domain="example.com:443", req_protocol="HTTPS", req_method="GET", req_uri="/", timeout=5000))
    return C.create_api_v2(request(m.CreateApiV2Request, body)).id


def publish(api, action="online"):
    body = m.ApiActionInfo(action=action, env_id=RELEASE, api_id=api)
    return C.create_or_delete_publish_record_for_api_v2(
        request(m.CreateOrDeletePublishRecordForApiV2Request, body)).publish_id


def apps(group):
    """3.10, 3.11, 3.28."""
    made = C.create_an_app_v2(request(m.CreateAnAppV2Request, m.AppCreate(name="client_1", remark="one")))
    equal("app", (made.name, made.status, made.app_type), ("client_1", 1, "apig"))
    check("app secret is masked", "*****" in made.app_secret)
    changed = C.update_app_v2(request(m.UpdateAppV2Request, m.AppCreate(name="client_2"), app_id=made.id))
    equal("app renamed", (changed.name, changed.app_key), ("client_2", made.app_key))
    shown = C.show_details_of_app_v2(request(m.ShowDetailsOfAppV2Request, app_id=made.id))
    equal("app shown", shown.name, "client_2")
    listed = C.list_apps_v2(request(m.ListAppsV2Request, name="ient_2"))
    equal("apps", [(a.id, a.bind_num) for a in listed.apps], [(made.id, 0)])
    refused("app taken", "APIG.3203", 400, lambda: C.create_an_app_v2(
        request(m.CreateAnAppV2Request, m.AppCreate(name="client_2"))))
    reset = C.resetting_app_secret_v2(
        request(m.ResettingAppSecretV2Request, {"app_secret": "a-secret-of-mine"}, app_id=made.id))
    equal("secret reset", reset.app_secret, "a-s*****ine")
    checked = C.check_app_v2(request(m.CheckAppV2Request, app_id=made.id))
    equal("app checked", checked.name, "client_2")
    code = C.create_app_code_v2(request(m.CreateAppCodeV2Request, m.AppCodeCreate(app_code="c" * 64), app_id=made.id))
    equal("app code", code.app_code, "c" * 64)
    auto = C.create_app_code_auto_v2(request(m.CreateAppCodeAutoV2Request, app_id=made.id))
    check("generated code", 64 <= len(auto.app_code) <= 180)
    codes = C.list_app_codes_v2(request(m.ListAppCodesV2Request, app_id=made.id))
    equal("codes", [c.id for c in codes.app_codes], [code.id, auto.id])
    C.delete_app_code_v2(request(m.DeleteAppCodeV2Request, app_id=made.id, app_code_id=auto.id))
    refused("code gone", "APIG.3082", 404, lambda: C.show_details_of_app_code_v2(
        request(m.ShowDetailsOfAppCodeV2Request, app_id=made.id, app_code_id=auto.id)))
    api = make_api(group, "for_apps", "/apps", "APP")
    publish(api)
    auths = {"env_id": RELEASE, "app_ids": [made.id], "api_ids": [api]}
    given = C.create_authorizing_apps_v2(request(m.CreateAuthorizingAppsV2Request, auths)).auths[0]
    equal("authorized", (given.app_id, given.api_id, given.auth_result.status), (made.id, api, "SUCCESS"))
    bound = C.list_apis_binded_to_app_v2(request(m.ListApisBindedToAppV2Request, app_id=made.id))
    equal("apis of the app", [(a.api_id, a.env_id) for a in bound.auths], [(api, RELEASE)])
    bound = C.list_apps_binded_to_api_v2(request(m.ListAppsBindedToApiV2Request, api_id=api))
    equal("apps of the api", [a.app_id for a in bound.auths], [made.id])
    free = C.list_apis_unbinded_to_app_v2(request(m.ListApisUnbindedToAppV2Request, app_id=made.id, env_id=RELEASE))
    equal("nothing left to authorize", free.total, 0)
    counts = C.list_app_quantities_v2(request(m.ListAppQuantitiesV2Request))
    equal("apps counted", (counts.authed_nums, counts.unauthed_nums), (1, 0))
    counts = C.list_api_quantities_v2(request(m.ListApiQuantitiesV2Request))
    equal("apis counted", (counts.instance_num, counts.nums_on_release), (1, 1))
    C.canceling_authorization_v2(request(m.CancelingAuthorizationV2Request, app_auth_id=given.id))
    refused("cancelled twice", "APIG.3009", 404, lambda: C.canceling_authorization_v2(
        request(m.CancelingAuthorizationV2Request, app_auth_id=given.id)))
    publish(api, "offline")
    C.delete_api_v2(request(m.DeleteApiV2Request, api_id=api))
    return made.id


def app_limits(app):
    """3.28.13-3.28.16, 3.29."""
    none = C.show_details_of_app_acl(request(m.ShowDetailsOfAppAclRequest, app_id=app))
    equal("no access control", (none.app_acl_type, none.app_acl_values), ("", []))
    values = ["192.168.0.1", "192.168.0.5-192.168.0.10", "192.168.0.100/28"]
    made = C.update_app_acl(request(m.UpdateAppAclRequest, {"app_acl_type": "PERMIT", "app_acl_values": values}, app_id=app))
    equal("access control", (made.app_id, made.app_acl_values), (app, values))
    shown = C.show_details_of_app_acl(request(m.ShowDetailsOfAppAclRequest, app_id=app))
    equal("access control shown", shown.app_acl_type, "PERMIT")
    C.delete_app_acl(request(m.DeleteAppAclRequest, app_id=app))
    refused("of nobody", "APIG.3004", 404, lambda: C.show_details_of_app_acl(
        request(m.ShowDetailsOfAppAclRequest, app_id=NOBODY)))
    body = {"name": "daily", "call_limits": 1000, "time_unit": "DAY", "time_interval": 1, "reset_time": "2020-09-20 00:00:00"}
    quota = C.create_app_quota(request(m.CreateAppQuotaRequest, body))
    equal("quota", (quota.name, quota.call_limits, quota.bound_app_num), ("daily", 1000, 0))
    refused("quota taken", "APIG.3325", 400, lambda: C.create_app_quota(request(m.CreateAppQuotaRequest, body)))
    changed = C.update_app_quota(
        request(m.UpdateAppQuotaRequest, {**body, "call_limits": 5}, app_quota_id=quota.app_quota_id))
    equal("quota changed", changed.call_limits, 5)
    shown = C.show_app_quota(request(m.ShowAppQuotaRequest, app_quota_id=quota.app_quota_id))
    equal("reset", shown.reset_time, "2020-09-20 00:00:00 +0000 +0000")
    free = C.list_app_quota_bindable_apps(request(m.ListAppQuotaBindableAppsRequest, app_quota_id=quota.app_quota_id))
    equal("bindable", [a.app_id for a in free.apps], [app])
    done = C.associate_apps_for_app_quota(
        request(m.AssociateAppsForAppQuotaRequest, {"app_ids": [app]}, app_quota_id=quota.app_quota_id))
    equal("quota bound", [(a.app_id, a.app_quota_id) for a in done.applies], [(app, quota.app_quota_id)])
    bound = C.list_app_quota_bound_apps(request(m.ListAppQuotaBoundAppsRequest, app_quota_id=quota.app_quota_id))
    equal("bound apps", [(a.app_id, a.app_quota_name) for a in bound.apps], [(app, "daily")])
    of_app = C.show_app_bound_app_quota(request(m.ShowAppBoundAppQuotaRequest, app_id=app))
    equal("quota of the app", (of_app.app_quota_id, of_app.bound_app_num), (quota.app_quota_id, 1))
    listed = C.list_app_quotas(request(m.ListAppQuotasRequest, name="ail"))
    equal("quotas", (listed.total, listed.quotas[0].bound_app_num), (1, 1))
    C.disassociate_app_quota_with_app(
        request(m.DisassociateAppQuotaWithAppRequest, app_quota_id=quota.app_quota_id, app_id=app))
    C.delete_app_quota(request(m.DeleteAppQuotaRequest, app_quota_id=quota.app_quota_id))
    refused("quota gone", "APIG.3093", 404, lambda: C.show_app_quota(
        request(m.ShowAppQuotaRequest, app_quota_id=quota.app_quota_id)))
    C.delete_app_v2(request(m.DeleteAppV2Request, app_id=app))


def acls(group):
    """3.13, 3.14."""
    body = m.ApiAclCreate(acl_name="office", acl_type="PERMIT", entity_type="IP", acl_value="10.0.0.1,10.0.0.0/8")
    made = C.create_acl_strategy_v2(request(m.CreateAclStrategyV2Request, body))
    equal("acl", (made.acl_name, made.acl_type, made.entity_type), ("office", "PERMIT", "IP"))
    body.acl_value = "10.0.0.2"
    changed = C.update_acl_strategy_v2(request(m.UpdateAclStrategyV2Request, body, acl_id=made.id))
    equal("acl changed", changed.acl_value, "10.0.0.2")
    api = make_api(group, "for_acls", "/acls")
    published = publish(api)
    bound = C.create_api_acl_binding_v2(
        request(m.CreateApiAclBindingV2Request, {"acl_id": made.id, "publish_ids": [published]})).acl_bindings[0]
    equal("acl bound", (bound.acl_id, bound.api_id), (made.id, api))
    refused("acl in use", "APIG.3447", 403, lambda: C.delete_acl_v2(request(m.DeleteAclV2Request, acl_id=made.id)))
    listed = C.list_apis_binded_to_acl_policy_v2(request(m.ListApisBindedToAclPolicyV2Request, acl_id=made.id))
    equal("apis of the acl", [(a.api_id, a.publish_id) for a in listed.apis], [(api, published)])
    listed = C.list_acl_policy_binded_to_api_v2(request(m.ListAclPolicyBindedToApiV2Request, api_id=api))
    equal("acls of the api", [a.acl_id for a in listed.acls], [made.id])
    C.delete_api_acl_binding_v2(request(m.DeleteApiAclBindingV2Request, acl_bindings_id=bound.id))
    batch = C.batch_delete_acl_v2(request(m.BatchDeleteAclV2Request, {"acls": [made.id, NOBODY]}, action="delete"))
    equal("acls deleted", (batch.success_count, [f.error_code for f in batch.failure]), (1, ["APIG.3006"]))
    publish(api, "offline")
    C.delete_api_v2(request(m.DeleteApiV2Request, api_id=api))


def channels():
    """3.17."""
    body = {"name": "channel_1", "port": 80, "balance_strategy": 1, "member_type": "ip",
            "member_groups": [{"member_group_name": "blue", "member_group_weight": 1}],
            "members": [{"host": "10.0.0.1", "weight": 1, "member_group_name": "blue"}]}
    made = C.create_vpc_channel_v2(request(m.CreateVpcChannelV2Request, body))
    equal("channel", (made.name, made.port, made.status), ("channel_1", 80, 1))
    channel = made.id
    shown = C.show_details_of_vpc_channel_v2(request(m.ShowDetailsOfVpcChannelV2Request, vpc_channel_id=channel))
    equal("its member", [(x.host, x.port, x.member_group_name) for x in shown.members], [("10.0.0.1", 80, "blue")])
    added = C.adding_backend_instances_v2(
        request(m.AddingBackendInstancesV2Request, {"members": [{"host": "10.0.0.2"}]}, vpc_channel_id=channel))
    equal("member added", [x.host for x in added.members], ["10.0.0.2"])
    listed = C.list_backend_instances_v2(request(m.ListBackendInstancesV2Request, vpc_channel_id=channel))
    equal("members", (listed.total, [x.host for x in listed.members]), (2, ["10.0.0.1", "10.0.0.2"]))
    one = added.members[0].id
    C.batch_disable_members(request(m.BatchDisableMembersRequest, {"member_ids": [one]}, vpc_channel_id=channel))
    listed = C.list_backend_instances_v2(request(m.ListBackendInstancesV2Request, vpc_channel_id=channel))
    equal("disabled", [x.status for x in listed.members], [1, 2])
    C.batch_enable_members(request(m.BatchEnableMembersRequest, {"member_ids": [one]}, vpc_channel_id=channel))
    replaced = C.update_backend_instances_v2(
        request(m.UpdateBackendInstancesV2Request,
                {"member_group_name": "blue", "members": [{"host": "10.0.0.3"}]}, vpc_channel_id=channel))
    equal("replaced", [(x.host, x.member_group_name) for x in replaced.members], [("10.0.0.3", "blue")])
    C.delete_backend_instance_v2(request(m.DeleteBackendInstanceV2Request, vpc_channel_id=channel, member_id=one))
    refused("member gone", "APIG.3024", 404, lambda: C.delete_backend_instance_v2(
        request(m.DeleteBackendInstanceV2Request, vpc_channel_id=channel, member_id=one)))
    groups = C.create_member_group(
        request(m.CreateMemberGroupRequest, {"member_groups": [{"member_group_name": "green"}]}, vpc_channel_id=channel))
    equal("group added", [g.member_group_name for g in groups.member_groups], ["green"])
    green = groups.member_groups[0].member_group_id
    changed = C.update_member_group(
        request(m.UpdateMemberGroupRequest, {"member_group_name": "lime", "member_group_weight": 7},
                vpc_channel_id=channel, member_group_id=green))
    equal("group changed", (changed.member_group_id, changed.member_group_weight), (green, 7))
    shown = C.show_details_of_member_group(
        request(m.ShowDetailsOfMemberGroupRequest, vpc_channel_id=channel, member_group_id=green))
    equal("group shown", shown.member_group_name, "lime")
    listed = C.list_member_groups(request(m.ListMemberGroupsRequest, vpc_channel_id=channel))
    equal("groups", [g.member_group_name for g in listed.member_groups], ["blue", "lime"])
    C.delete_member_group(request(m.DeleteMemberGroupRequest, vpc_channel_id=channel, member_group_id=green))
    health = {"protocol": "HTTP", "path": "/health", "http_code": "200", "threshold_normal": 2,
              "threshold_abnormal": 5, "time_interval": 10, "timeout": 5}
    done = C.update_health_check(request(m.UpdateHealthCheckRequest, health, vpc_channel_id=channel))
    equal("health", (done.path, done.port, done.vpc_channel_id), ("/health", 80, channel))
    listed = C.list_vpc_channels_v2(request(m.ListVpcChannelsV2Request, member_host="10.0.0.3"))
    equal("channels", [c.id for c in listed.vpc_channels], [channel])
    C.delete_vpc_channel_v2(request(m.DeleteVpcChannelV2Request, vpc_channel_id=channel))
    refused("channel gone", "APIG.3023", 404, lambda: C.show_details_of_vpc_channel_v2(
        request(m.ShowDetailsOfVpcChannelV2Request, vpc_channel_id=channel)))


def responses(group):
    """3.19."""
    body = {"name": "mine", "responses": {"NOT_FOUND": {"status": 410, "body": "gone"}}}
    made = C.create_gateway_response_v2(request(m.CreateGatewayResponseV2Request, body, group_id=group))
    equal("response", (made.name, made.default, made.responses["NOT_FOUND"].status), ("mine", False, 410))
    equal("all types", len(made.responses), 19)
    listed = C.list_gateway_responses_v2(request(m.ListGatewayResponsesV2Request, group_id=group))
    equal("responses", [r.name for r in listed.responses], ["default", "mine"])
    refused("default stays", "APIG.3491", 409, lambda: C.delete_gateway_response_v2(
        request(m.DeleteGatewayResponseV2Request, group_id=group, response_id=listed.responses[0].id)))
    C.delete_gateway_response_v2(request(m.DeleteGatewayResponseV2Request, group_id=group, response_id=made.id))


def plugins(group):
    """3.27."""
    content = json.dumps({"allow_origin": "*", "allow_methods": "GET,POST", "max_age": 172800, "allow_credentials": True})
    body = {"plugin_name": "cors_1", "plugin_type": "cors", "plugin_scope": "global", "plugin_content": content}
    one = C.create_plugin(request(m.CreatePluginRequest, body))
    equal("plugin", (one.plugin_name, one.plugin_type, one.plugin_content), ("cors_1", "cors", content))
    refused("plugin taken", "APIG.3326", 400, lambda: C.create_plugin(request(m.CreatePluginRequest, body)))
    refused("bad content", "APIG.2012", 400, lambda: C.create_plugin(
        request(m.CreatePluginRequest, {**body, "plugin_name": "bad_1", "plugin_content": "{}"})))
    two = C.create_plugin(request(m.CreatePluginRequest, {**body, "plugin_name": "cors_2"}))
    changed = C.update_plugin(request(m.UpdatePluginRequest, {**body, "remark": "changed"}, plugin_id=one.plugin_id))
    equal("plugin changed", changed.remark, "changed")
    shown = C.show_plugin(request(m.ShowPluginRequest, plugin_id=one.plugin_id))
    equal("plugin shown", (shown.plugin_id, shown.remark), (one.plugin_id, "changed"))
    listed = C.list_plugins(request(m.ListPluginsRequest, plugin_type="cors"))
    equal("plugins", [p.plugin_name for p in listed.plugins], ["cors_1", "cors_2"])
    api = make_api(group, "for_plugins", "/plugins")
    attach = {"env_id": RELEASE, "api_ids": [api]}
    refused("not published", "APIG.3707", 409, lambda: C.attach_api_to_plugin(
        request(m.AttachApiToPluginRequest, attach, plugin_id=one.plugin_id)))
    publish(api)
    free = C.list_plugin_attachable_apis(
        request(m.ListPluginAttachableApisRequest, plugin_id=one.plugin_id, env_id=RELEASE))
    equal("attachable", [a.api_id for a in free.apis], [api])
    done = C.attach_api_to_plugin(request(m.AttachApiToPluginRequest, attach, plugin_id=one.plugin_id))
    equal("attached", [(a.plugin_id, a.api_name) for a in done.attached_plugins], [(one.plugin_id, "for_plugins")])
    refused("plugin in use", "APIG.3462", 409, lambda: C.delete_plugin(
        request(m.DeletePluginRequest, plugin_id=one.plugin_id)))
    done = C.attach_plugin_to_api(
        request(m.AttachPluginToApiRequest, {"env_id": RELEASE, "plugin_ids": [two.plugin_id]}, api_id=api))
    equal("overwritten", [a.plugin_id for a in done.attached_plugins], [two.plugin_id])
    listed = C.list_api_attached_plugins(request(m.ListApiAttachedPluginsRequest, api_id=api))
    equal("plugins of the api", [(p.plugin_id, p.env_name) for p in listed.plugins], [(two.plugin_id, "RELEASE")])
    listed = C.list_plugin_attached_apis(request(m.ListPluginAttachedApisRequest, plugin_id=one.plugin_id))
    equal("the first has none", listed.total, 0)
    free = C.list_api_attachable_plugins(request(m.ListApiAttachablePluginsRequest, api_id=api, env_id=RELEASE))
    equal("attachable plugins", [p.plugin_id for p in free.plugins], [one.plugin_id])
    C.detach_plugin_from_api(
        request(m.DetachPluginFromApiRequest, {"env_id": RELEASE, "plugin_ids": [two.plugin_id]}, api_id=api))
    C.detach_api_from_plugin(request(m.DetachApiFromPluginRequest, attach, plugin_id=one.plugin_id))
    for plugin in (one, two):
        C.delete_plugin(request(m.DeletePluginRequest, plugin_id=plugin.plugin_id))
    refused("plugin gone", "APIG.3068", 404, lambda: C.show_plugin(
        request(m.ShowPluginRequest, plugin_id=one.plugin_id)))
    publish(api, "offline")
    C.delete_api_v2(request(m.DeleteApiV2Request, api_id=api))


def features():
    """3.21."""
    body = {"name": "app_api_key", "enable": True, "config": "on"}
    made = C.create_feature_v2(request(m.CreateFeatureV2Request, body))
    equal("feature", (made.name, made.enable, made.config, made.instance_id), ("app_api_key", True, "on", GATEWAY))
    refused("too soon", "APIG.3711", 409, lambda: C.create_feature_v2(request(m.CreateFeatureV2Request, body)))
    refused("unknown feature", "APIG.2000", 400, lambda: C.create_feature_v2(
        request(m.CreateFeatureV2Request, {**body, "name": "app-api-key"})))
    refused("fixed feature", "APIG.3458", 412, lambda: C.create_feature_v2(
        request(m.CreateFeatureV2Request, {**body, "name": "multi_auth"})))
    listed = C.list_features_v2(request(m.ListFeaturesV2Request))
    equal("features", [(f.name, f.config) for f in listed.features], [("app_api_key", "on")])
    listed = C.list_instance_features(request(m.ListInstanceFeaturesRequest, limit=500))
    check("supported features", listed.total == 46 and "kafka_log" in listed.features)


def domains(group):
    """3.12, 3.26."""
    made = C.associate_domain_v2(request(m.AssociateDomainV2Request, {"url_domain": "pay.example.com"}, group_id=group))
    equal("domain", (made.url_domain, made.status, made.min_ssl_version), ("pay.example.com", 3, "TLSv1.1"))
    refused("domain taken", "APIG.3305", 400, lambda: C.associate_domain_v2(
        request(m.AssociateDomainV2Request, {"url_domain": "pay.example.com"}, group_id=group)))
    changed = C.update_domain_v2(
        request(m.UpdateDomainV2Request, {"min_ssl_version": "TLSv1.2"}, group_id=group, domain_id=made.id))
    equal("domain changed", changed.min_ssl_version, "TLSv1.2")
    body = {"name": "cert_demo", "cert_content": read("leaf.pem"), "private_key": read("leaf.key")}
    cert = C.create_certificate_v2(m.CreateCertificateV2Request(body=body))
    equal("certificate", (cert.name, cert.common_name, cert.san, cert.serial_number, cert.signature_algorithm),
          ("cert_demo", "pay.example.com", ["pay.example.com", "*.shop.example.com"], "13010", "ECDSA-SHA256"))
    refused("wrong key", "APIG.2101", 400, lambda: C.create_certificate_v2(
        m.CreateCertificateV2Request(body={**body, "name": "other", "private_key": read("rsa.key")})))
    shown = C.show_details_of_certificate_v2(m.ShowDetailsOfCertificateV2Request(certificate_id=cert.id))
    equal("certificate shown", (shown.issuer, shown.version), (["Test CA"], 3))
    listed = C.list_certificates_v2(m.ListCertificatesV2Request(instance_id="common"))
    equal("certificates", [c.name for c in listed.certs], ["cert_demo"])
    C.batch_associate_certs_v2(
        request(m.BatchAssociateCertsV2Request, {"certificate_ids": [cert.id]}, group_id=group, domain_id=made.id))
    group_shown = C.show_details_of_api_group_v2(request(m.ShowDetailsOfApiGroupV2Request, group_id=group))
    equal("domain of the group", [(d.domain, d.ssl_id, d.ssl_name) for d in group_shown.url_domains],
          [("pay.example.com", cert.id, "cert_demo")])
    bound = C.list_attached_domains_v2(m.ListAttachedDomainsV2Request(certificate_id=cert.id))
    equal("bound domains", [(d.url_domain, d.instance_id) for d in bound.bound_domains], [("pay.example.com", GATEWAY)])
    of_domain = C.show_details_of_domain_name_certificate_v2(request(
        m.ShowDetailsOfDomainNameCertificateV2Request, group_id=group, domain_id=made.id, certificate_id=cert.id))
    equal("certificate of the domain", of_domain.common_name, "pay.example.com")
    changed = C.update_certificate_v2(m.UpdateCertificateV2Request(certificate_id=cert.id, body={**body, "name": "renamed"}))
    equal("certificate renamed", changed.name, "renamed")
    names = {"domains": [{"domain": "pay.example.com", "instance_ids": [GATEWAY]}]}
    C.batch_disassociate_domains_v2(m.BatchDisassociateDomainsV2Request(certificate_id=cert.id, body=names))
    C.batch_associate_domains_v2(m.BatchAssociateDomainsV2Request(certificate_id=cert.id, body=names))
    C.batch_disassociate_certs_v2(
        request(m.BatchDisassociateCertsV2Request, {"certificate_ids": [cert.id]}, group_id=group, domain_id=made.id))
    C.delete_certificate_v2(m.DeleteCertificateV2Request(certificate_id=cert.id))
    refused("certificate gone", "APIG.3021", 404, lambda: C.show_details_of_certificate_v2(
        m.ShowDetailsOfCertificateV2Request(certificate_id=cert.id)))
    C.disassociate_domain_v2(request(m.DisassociateDomainV2Request, group_id=group, domain_id=made.id))
    refused("domain gone", "APIG.3020", 404, lambda: C.disassociate_domain_v2(
        request(m.DisassociateDomainV2Request, group_id=group, domain_id=made.id)))


def tags_and_endpoints():
    """3.24, 3.25."""
    body = {"action": "create", "tags": [{"key": "team", "value": "pay"}]}
    C.batch_create_or_delete_instance_tags(request(m.BatchCreateOrDeleteInstanceTagsRequest, body))
    listed = C.list_instance_tags(request(m.ListInstanceTagsRequest))
    equal("tags", [(t.key, t.value) for t in listed.tags], [("team", "pay")])
    listed = C.list_project_instance_tags(m.ListProjectInstanceTagsRequest())
    equal("tags of the project", [(t.key, t.values) for t in listed.tags], [("team", ["pay"])])
    C.batch_create_or_delete_instance_tags(
        request(m.BatchCreateOrDeleteInstanceTagsRequest, {"action": "delete", "tags": [{"key": "team"}]}))
    equal("no tags", C.list_instance_tags(request(m.ListInstanceTagsRequest)).tags, [])
    who = "iam:domain::7cc2018e40394f7c9692f1713e76234d"
    done = C.add_endpoint_permissions(request(m.AddEndpointPermissionsRequest, {"permissions": [who]}))
    equal("whitelisted", done.permissions, [who])
    listed = C.list_endpoint_permissions(request(m.ListEndpointPermissionsRequest))
    equal("whitelist", [p.permission for p in listed.permissions], [who])
    C.delete_endpoint_permissions(request(m.DeleteEndpointPermissionsRequest, {"permissions": [who]}))
    equal("whitelist empty", C.list_endpoint_permissions(request(m.ListEndpointPermissionsRequest)).total, 0)
    equal("connections", C.list_endpoint_connections(request(m.ListEndpointConnectionsRequest)).total, 0)


def gateways():
    """3.22.2, 3.23."""
    limits = C.list_instance_configs_v2(m.ListInstanceConfigsV2Request())
    equal("gateway quota", limits.configs[0].config_name, "INSTANCE_NUM_LIMIT")
    zones = C.list_available_zones_v2(m.ListAvailableZonesV2Request())
    equal("zones", len(zones.available_zones), 2)
    body = {"instance_name": "second", "spec_id": "BASIC", "vpc_id": "v", "subnet_id": "s", "security_group_id": "g",
            "available_zone_ids": ["az-1"]}
    made = C.create_instance_v2(m.CreateInstanceV2Request(body=body))
    check("job", made.job_id.startswith("JOB-") and made.instance_id in made.message)
    progress = C.show_details_of_instance_progress_v2(
        m.ShowDetailsOfInstanceProgressV2Request(instance_id=made.instance_id))
    check("creating", progress.status == "creating" and 0 < progress.progress < 100)
    refused("not yet", "APIC.7701", 409, lambda: C.list_environments_v2(
        m.ListEnvironmentsV2Request(instance_id=made.instance_id)))
    while progress.status == "creating":
        time.sleep(0.3)
        progress = C.show_details_of_instance_progress_v2(
            m.ShowDetailsOfInstanceProgressV2Request(instance_id=made.instance_id))
    equal("created", (progress.status, progress.progress), ("success", 100))
    shown = C.show_details_of_instance_v2(m.ShowDetailsOfInstanceV2Request(instance_id=made.instance_id))
    equal("gateway", (shown.instance_name, shown.status, shown.spec), ("second", "Running", "BASIC"))
    listed = C.list_instances_v2(m.ListInstancesV2Request())
    equal("gateways", sorted(i.instance_name for i in listed.instances), ["engine", "second"])
    changed = C.update_instance_v2(
        m.UpdateInstanceV2Request(instance_id=made.instance_id, body={"description": "ours"}))
    equal("gateway changed", changed.description, "ours")
    eip = C.add_eip_v2(m.AddEipV2Request(instance_id=made.instance_id, body={"eip_id": "x"}))
    equal("eip", eip.eip_status, "ACTIVE")
    C.remove_eip_v2(m.RemoveEipV2Request(instance_id=made.instance_id))
    C.delete_instances_v2(m.DeleteInstancesV2Request(instance_id=made.instance_id))
    refused("gateway gone", "APIC.7302", 404, lambda: C.show_details_of_instance_v2(
        m.ShowDetailsOfInstanceV2Request(instance_id=made.instance_id)))


def measured(group):
    """3.18."""
    seen = C.list_lately_group_statistics_v2(request(m.ListLatelyGroupStatisticsV2Request, group_id=group))
    equal("nothing measured", seen.list, [])
    seen = C.list_metric_data(request(
        m.ListMetricDataRequest, dim="inbound_eip", metric_name="up_stream", _from="1", to="2", period=300, filter="max"))
    equal("no metrics", seen.datapoints, [])


def authorizers(group):
    """3.15."""
    body = {"name": "checker", "type": "FRONTEND", "authorizer_type": "FUNC",
            "authorizer_uri": "urn:fss:local-1:p:function:default:check",
            "identities": [{"name": "token", "location": "HEADER"}]}
    made = C.create_custom_authorizer_v2(request(m.CreateCustomAuthorizerV2Request, body))
    equal("authorizer", (made.name, made.type, made.ttl, made.need_body), ("checker", "FRONTEND", 0, False))
    changed = C.update_custom_authorizer_v2(
        request(m.UpdateCustomAuthorizerV2Request, {**body, "ttl": 60}, authorizer_id=made.id))
    equal("authorizer changed", changed.ttl, 60)
    shown = C.show_details_of_custom_authorizers_v2(
        request(m.ShowDetailsOfCustomAuthorizersV2Request, authorizer_id=made.id))
    equal("authorizer shown", [(i.name, i.location) for i in shown.identities], [("token", "HEADER")])
    listed = C.list_custom_authorizers_v2(request(m.ListCustomAuthorizersV2Request, name="heck"))
    equal("authorizers", [a.id for a in listed.authorizer_list], [made.id])
    refused("authorizer taken", "APIG.3211", 400, lambda: C.create_custom_authorizer_v2(
        request(m.CreateCustomAuthorizerV2Request, body)))
    refused("no function", "APIG.3019", 404, lambda: C.create_custom_authorizer_v2(
        request(m.CreateCustomAuthorizerV2Request, {**body, "name": "other", "authorizer_uri": "nothing"})))
    C.delete_custom_authorizer_v2(request(m.DeleteCustomAuthorizerV2Request, authorizer_id=made.id))
    refused("authorizer gone", "APIG.3081", 404, lambda: C.show_details_of_custom_authorizers_v2(
        request(m.ShowDetailsOfCustomAuthorizersV2Request, authorizer_id=made.id)))


def upload(kind, body_kind, call, text, **fields):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(text)
        file.flush()
        return call(request(kind, body_kind(file_name=FormFile(file.name), **fields)))


def exported(**fields):
    seen = []
    answer = C.export_api_definitions_v2(request(m.ExportApiDefinitionsV2Request, m.ExportOpenApiReq(**fields)))
    answer.consume_download_stream(lambda stream: seen.append(b"".join(stream.iter_content(chunk_size=65536))))
    return b"".join(seen).decode()


def finished(task):
    while True:
        shown = C.show_async_task_result(request(m.ShowAsyncTaskResultRequest, task_id=task))
        if shown.task_status not in ("waiting", "processing"):
            return shown
        time.sleep(0.2)


def documents(group):
    """3.16, 3.30."""
    api = make_api(group, "for_export", "/export")
    publish(api)
    text = exported(env_id=RELEASE, group_id=group, define="all")
    document = json.loads(text)
    equal("document", (document["swagger"], document["info"]["title"]), ("2.0", "around"))
    operation = document["paths"]["/export"]["get"]
    equal("operation", (operation["operationId"], operation["x-apigateway-request-type"]), ("for_export", "public"))
    equal("backend", operation["x-apigateway-backend"]["httpEndpoints"]["address"], "example.com:443")
    check("frontend only", "x-apigateway-backend" not in exported(env_id=RELEASE, group_id=group, define="spec"))
    check("yaml", exported(env_id=RELEASE, group_id=group, type="yaml").lstrip().startswith(("swagger:", "info:")))
    target = make_group("imported")
    form = (m.ImportApiDefinitionsV2Request, m.ImportApiDefinitionsV2RequestBody, C.import_api_definitions_v2)
    done = upload(*form, text, is_create_group=False, group_id=target)
    equal("imported", ([(s.method, s.path, s.action) for s in done.success], done.failure, done.group_id),
          ([("GET", "/export", "create")], [], target))
    again = upload(*form, text, is_create_group=False, group_id=target)
    equal("kept", [f.error_code for f in again.failure], ["APIG.3301"])
    again = upload(*form, text, is_create_group=False, group_id=target, api_mode="override")
    equal("replaced", [(s.id, s.action) for s in again.success], [(done.success[0].id, "update")])
    refused("group taken", "APIG.3201", 400, lambda: upload(*form, text))
    refused("no document", "APIG.3600", 400, lambda: upload(*form, "{"))
    shown = C.show_details_of_api_v2(request(m.ShowDetailsOfApiV2Request, api_id=done.success[0].id))
    equal("as it was", (shown.name, shown.backend_api.url_domain, shown.run_env_id), ("for_export", "example.com:443", None))
    C.delete_api_v2(request(m.DeleteApiV2Request, api_id=done.success[0].id))
    task = upload(m.ImportApiDefinitionsAsyncRequest, m.ImportApiDefinitionsAsyncRequestBody,
                  C.import_api_definitions_async, text, is_create_group=False, group_id=target).task_id
    shown = finished(task)
    equal("task", (shown.task_status, shown.task_type), ("succeed", "import_api"))
    result = json.loads(shown.task_result)
    equal("result", [s["path"] for s in result["success"]], ["/export"])
    task = C.export_api_definitions_async(
        request(m.ExportApiDefinitionsAsyncRequest, m.ExportOpenApiReq(env_id=RELEASE, group_id=group))).task_id
    shown = finished(task)
    equal("export task", (shown.task_status, shown.task_type), ("succeed", "export_api"))
    equal("its file", json.loads(json.loads(shown.task_result)["Comment"])["info"]["title"], "around")
    refused("no task", "APIG.3093", 404, lambda: C.show_async_task_result(
        request(m.ShowAsyncTaskResultRequest, task_id=NOBODY)))
    C.delete_api_v2(request(m.DeleteApiV2Request, api_id=result["success"][0]["id"]))
    C.delete_api_group_v2(request(m.DeleteApiGroupV2Request, group_id=target))
    publish(api, "offline")
    C.delete_api_v2(request(m.DeleteApiV2Request, api_id=api))


def identity():
    """A client that is told the region only asks the identity service for its project."""
    credentials = BasicCredentials(READY["access_key"], READY["secret_key"]).with_iam_endpoint(READY["endpoint"])
    client = ApigClient.new_builder().with_credentials(credentials).with_region(Region(READY["region"], READY["endpoint"]))
    client = client.with_http_config(HttpConfig(timeout=(5, 60), retry_times=0)).build()
    listed = client.list_environments_v2(request(m.ListEnvironmentsV2Request))
    equal("found its project", listed.envs[0].name, "RELEASE")


def nobody(group):
    """The documented code for every id that names nothing."""
    app_quota = {"name": "daily", "call_limits": 1, "time_unit": "DAY", "time_interval": 1}
    cases = [
        ("APIG.3001", C.show_details_of_api_group_v2, m.ShowDetailsOfApiGroupV2Request, {"group_id": NOBODY}),
        ("APIG.3002", C.show_details_of_api_v2, m.ShowDetailsOfApiV2Request, {"api_id": NOBODY}),
        ("APIG.3002", C.list_api_attached_plugins, m.ListApiAttachedPluginsRequest, {"api_id": NOBODY}),
        ("APIG.3002", C.list_api_versions_v2, m.ListApiVersionsV2Request, {"api_id": NOBODY}),
        ("APIG.3003", C.delete_environment_v2, m.DeleteEnvironmentV2Request, {"env_id": NOBODY}),
        ("APIG.3004", C.show_app_bound_app_quota, m.ShowAppBoundAppQuotaRequest, {"app_id": NOBODY}),
        ("APIG.3004", C.delete_app_acl, m.DeleteAppAclRequest, {"app_id": NOBODY}),
        ("APIG.3005", C.show_details_of_request_throttling_policy_v2,
         m.ShowDetailsOfRequestThrottlingPolicyV2Request, {"throttle_id": NOBODY}),
        ("APIG.3006", C.show_details_of_acl_policy_v2, m.ShowDetailsOfAclPolicyV2Request, {"acl_id": NOBODY}),
        ("APIG.3011", C.show_details_of_environment_variable_v2,
         m.ShowDetailsOfEnvironmentVariableV2Request, {"env_variable_id": NOBODY}),
        ("APIG.3017", C.delete_signature_key_v2, m.DeleteSignatureKeyV2Request, {"sign_id": NOBODY}),
        ("APIG.3020", C.disassociate_domain_v2, m.DisassociateDomainV2Request, {"group_id": group, "domain_id": NOBODY}),
        ("APIG.3022", C.list_api_version_detail_v2, m.ListApiVersionDetailV2Request, {"version_id": NOBODY}),
        ("APIG.3023", C.list_backend_instances_v2, m.ListBackendInstancesV2Request, {"vpc_channel_id": NOBODY}),
        ("APIG.3023", C.list_member_groups, m.ListMemberGroupsRequest, {"vpc_channel_id": NOBODY}),
        ("APIG.3068", C.list_plugin_attached_apis, m.ListPluginAttachedApisRequest, {"plugin_id": NOBODY}),
        ("APIG.3093", C.list_app_quota_bound_apps, m.ListAppQuotaBoundAppsRequest, {"app_quota_id": NOBODY}),
        ("APIG.3093", C.update_app_quota, m.UpdateAppQuotaRequest, {"app_quota_id": NOBODY, "body": app_quota}),
        ("APIG.3001", C.list_lately_group_statistics_v2, m.ListLatelyGroupStatisticsV2Request, {"group_id": NOBODY}),
    ]
    for code, call, kind, parameters in cases:
        refused(f"{kind.__name__} of nobody", code, 404, lambda: call(request(kind, **parameters)))


def public_access():
    """3.23.7-3.23.12, 3.23.16, 3.23.17."""
    C.add_engress_eip_v2(request(m.AddEngressEipV2Request, {"bandwidth_size": "5"}))
    refused("outbound twice", "APIC.7709", 409, lambda: C.add_engress_eip_v2(
        request(m.AddEngressEipV2Request, {"bandwidth_size": "5"})))
    C.update_engress_eip_v2(request(m.UpdateEngressEipV2Request, {"bandwidth_size": "7"}))
    shown = C.show_details_of_instance_v2(request(m.ShowDetailsOfInstanceV2Request))
    check("outbound address", shown.bandwidth_size == 7 and shown.nat_eip_address)
    C.remove_engress_eip_v2(request(m.RemoveEngressEipV2Request))
    done = C.add_ingress_eip_v2(request(m.AddIngressEipV2Request, {"bandwidth_size": 5}))
    check("inbound job", done.job_id.startswith("JOB-") and done.instance_id == GATEWAY)
    refused("inbound twice", "APIC.7711", 409, lambda: C.add_ingress_eip_v2(
        request(m.AddIngressEipV2Request, {"bandwidth_size": 5})))
    C.remove_ingress_eip_v2(request(m.RemoveIngressEipV2Request))
    shown = C.show_details_of_instance_v2(request(m.ShowDetailsOfInstanceV2Request))
    equal("no addresses", (shown.eip_address, shown.nat_eip_address), (None, None))
    limits = C.show_restriction_of_instance_v2(request(m.ShowRestrictionOfInstanceV2Request))
    check("restriction", limits.restrict_cidrs)


def run():
    group = make_group("around")
    app_limits(apps(group))
    acls(group)
    channels()
    responses(group)
    authorizers(group)
    plugins(group)
    documents(group)
    identity()
    features()
    domains(group)
    tags_and_endpoints()
    measured(group)
    nobody(group)
    public_access()
    gateways()
    C.delete_api_group_v2(request(m.DeleteApiGroupV2Request, group_id=group))
    check("the client knows the project", READY["project_id"])
