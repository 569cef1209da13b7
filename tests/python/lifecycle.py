"""Lifecycles through the official client: chapters 3.1-3.9 here, the others in around.py and beyond.py.

Usage: lifecycle.py READY_FILE. Prints one line per failure and "N passed, N failed".
"""

import datetime
import sys
import traceback

import around
import beyond
import signatures
from helpers import GATEWAY, C, check, client, count, equal, m, refused, request


def groups():
    made = C.create_api_group_v2(request(m.CreateApiGroupV2Request, m.ApiGroupCreate(name="group_1", remark="one")))
    equal("group name", made.name, "group_1")
    equal("group status", (made.status, made.is_default), (1, 2))
    check("group domain", made.sl_domain and made.sl_domains == [made.sl_domain])
    changed = C.update_api_group_v2(
        request(m.UpdateApiGroupV2Request, m.ApiGroupBase(name="group_2"), group_id=made.id))
    equal("group renamed", (changed.name, changed.remark), ("group_2", None))
    shown = C.show_details_of_api_group_v2(request(m.ShowDetailsOfApiGroupV2Request, group_id=made.id))
    equal("group shown", (shown.id, shown.name), (made.id, "group_2"))
    listed = C.list_api_groups_v2(request(m.ListApiGroupsV2Request, name="group_2", precise_search="name"))
    equal("groups listed", (listed.total, listed.size, listed.groups[0].id), (1, 1, made.id))
    refused("taken name", "APIG.3201", 400, lambda: C.create_api_group_v2(
        request(m.CreateApiGroupV2Request, m.ApiGroupCreate(name="group_2"))))
    refused("name check", "APIG.3201", 400, lambda: C.check_api_groups_v2(
        request(m.CheckApiGroupsV2Request, m.ApiGroupCheck(group_name="group_2"))))
    refused("bad name", "APIG.2011", 400, lambda: C.create_api_group_v2(
        request(m.CreateApiGroupV2Request, m.ApiGroupCreate(name="x"))))
    gone = C.create_api_group_v2(request(m.CreateApiGroupV2Request, m.ApiGroupCreate(name="to_go")))
    C.delete_api_group_v2(request(m.DeleteApiGroupV2Request, group_id=gone.id))
    refused("group gone", "APIG.3001", 404, lambda: C.show_details_of_api_group_v2(
        request(m.ShowDetailsOfApiGroupV2Request, group_id=gone.id)))
    return made.id


def environments():
    made = C.create_environment_v2(request(m.CreateEnvironmentV2Request, m.EnvCreate(name="DEV", remark="for us")))
    changed = C.update_environment_v2(
        request(m.UpdateEnvironmentV2Request, m.EnvCreate(name="TEST"), env_id=made.id))
    equal("environment renamed", changed.name, "TEST")
    listed = C.list_environments_v2(request(m.ListEnvironmentsV2Request, limit=500))
    equal("environments", [e.name for e in listed.envs], ["RELEASE", "TEST"])
    equal("release", listed.envs[0].id, "DEFAULT_ENVIRONMENT_RELEASE_ID")
    refused("environment taken", "APIG.3205", 400, lambda: C.create_environment_v2(
        request(m.CreateEnvironmentV2Request, m.EnvCreate(name="TEST"))))
    return made.id


def variables(group, env):
    body = m.EnvVariableCreate(variable_name="address", variable_value="10.0.0.1", env_id=env, group_id=group)
    made = C.create_environment_variable_v2(request(m.CreateEnvironmentVariableV2Request, body))
    shown = C.show_details_of_environment_variable_v2(
        request(m.ShowDetailsOfEnvironmentVariableV2Request, env_variable_id=made.id))
    equal("variable", (shown.variable_name, shown.variable_value), ("address", "10.0.0.1"))
    listed = C.list_environment_variables_v2(request(m.ListEnvironmentVariablesV2Request, group_id=group))
    equal("variables", [v.id for v in listed.variables], [made.id])
    refused("variable taken", "APIG.3303", 400, lambda: C.create_environment_variable_v2(
        request(m.CreateEnvironmentVariableV2Request, body)))
    return made.id


def throttles():
    body = m.ThrottleBaseInfo(name="gold", time_unit="SECOND", time_interval=1, api_call_limits=800,
                              user_call_limits=500, app_call_limits=300, ip_call_limits=600)
    made = C.create_request_throttling_policy_v2(request(m.CreateRequestThrottlingPolicyV2Request, body))
    equal("throttle", (made.type, made.bind_num, made.is_inclu_special_throttle), (1, 0, 2))
    check("time of creation", isinstance(made.create_time, datetime.datetime) or made.create_time)
    body.api_call_limits, body.remark = 900, "more"
    changed = C.update_request_throttling_policy_v2(
        request(m.UpdateRequestThrottlingPolicyV2Request, body, throttle_id=made.id))
    equal("throttle changed", (changed.api_call_limits, changed.remark), (900, "more"))
    listed = C.list_request_throttling_policy_v2(request(m.ListRequestThrottlingPolicyV2Request, limit=500))
    equal("throttles", [t.id for t in listed.throttles], [made.id])
    body.name, body.app_call_limits = "silver", 700
    refused("app above user", "APIG.2003", 400, lambda: C.create_request_throttling_policy_v2(
        request(m.CreateRequestThrottlingPolicyV2Request, body)))
    return made.id


def specials(throttle):
    app = C.create_an_app_v2(request(m.CreateAnAppV2Request, m.AppCreate(name="app_1")))
    check("secret masked", "*****" in app.app_secret)
    body = m.ThrottleSpecialCreate(call_limits=150, object_id=app.id, object_type="APP")
    made = C.create_special_throttling_configuration_v2(
        request(m.CreateSpecialThrottlingConfigurationV2Request, body, throttle_id=throttle))
    equal("special", (made.object_name, made.app_id, made.throttle_id), ("app_1", app.id, throttle))
    changed = C.update_special_throttling_configuration_v2(
        request(m.UpdateSpecialThrottlingConfigurationV2Request, m.ThrottleSpecialUpdate(call_limits=200),
                throttle_id=throttle, strategy_id=made.id))
    equal("special changed", (changed.call_limits, changed.object_id), (200, app.id))
    listed = C.list_special_throttling_configurations_v2(
        request(m.ListSpecialThrottlingConfigurationsV2Request, throttle_id=throttle))
    equal("specials", [s.id for s in listed.throttle_specials], [made.id])
    shown = C.show_details_of_request_throttling_policy_v2(
        request(m.ShowDetailsOfRequestThrottlingPolicyV2Request, throttle_id=throttle))
    equal("special flag", shown.is_inclu_special_throttle, 1)
    refused("special twice", "APIG.3308", 400, lambda: C.create_special_throttling_configuration_v2(
        request(m.CreateSpecialThrottlingConfigurationV2Request, body, throttle_id=throttle)))
    body.object_id = "0" * 32
    refused("special of nobody", "APIG.3004", 404, lambda: C.create_special_throttling_configuration_v2(
        request(m.CreateSpecialThrottlingConfigurationV2Request, body, throttle_id=throttle)))
    C.delete_special_throttling_configuration_v2(
        request(m.DeleteSpecialThrottlingConfigurationV2Request, throttle_id=throttle, strategy_id=made.id))
    C.delete_app_v2(request(m.DeleteAppV2Request, app_id=app.id))


def api_body(group, name="api_1", uri="/pay/{account}"):
    return m.ApiCreate(
        name=name, type=1, req_protocol="HTTPS", req_method="POST", req_uri=uri, auth_type="APP",
        backend_type="HTTP", group_id=group, tags=["public"],
        req_params=[m.ReqParamBase(name="account", type="STRING", location="PATH", required=1)],
        backend_params=[m.BackendParamBase(origin="REQUEST", name="id", location="PATH", value="account")],
        backend_api=m.BackendApiCreate(url_domain="#address#:443", req_protocol="HTTPS", req_method="POST",
                                       req_uri="/v1/{id}", timeout=5000))


def apis(group):
    made = C.create_api_v2(request(m.CreateApiV2Request, api_body(group)))
    equal("api", (made.version, made.status, made.match_mode, made.group_name), ("V0.0.1", 1, "NORMAL", "group_2"))
    equal("parameter", (made.req_params[0].pass_through, made.req_params[0].valid_enable), (1, 2))
    equal("reference", made.backend_params[0].req_param_id, made.req_params[0].id)
    equal("backend", (made.backend_api.retry_count, made.backend_api.vpc_channel_status), ("-1", 2))
    equal("auth option", made.auth_opt.app_code_auth_type, "DISABLE")
    shown = C.show_details_of_api_v2(request(m.ShowDetailsOfApiV2Request, api_id=made.id))
    equal("api shown", (shown.name, shown.run_env_id, shown.tags), ("api_1", None, ["public"]))
    body = api_body(group)
    body.remark, body.tags = "changed", None
    changed = C.update_api_v2(request(m.UpdateApiV2Request, body, api_id=made.id))
    equal("api changed", (changed.remark, changed.tags, changed.backend_api.id), ("changed", None, made.backend_api.id))
    refused("api name taken", "APIG.3202", 400, lambda: C.create_api_v2(
        request(m.CreateApiV2Request, api_body(group, uri="/other/{account}"))))
    refused("api path taken", "APIG.3301", 400, lambda: C.create_api_v2(
        request(m.CreateApiV2Request, api_body(group, name="api_2", uri="/pay/{account}"))))
    refused("name check", "APIG.3202", 400, lambda: C.check_apis_v2(
        request(m.CheckApisV2Request, m.ApiCheckInfoV2(type="name", name="api_1", group_id=group))))
    listed = C.list_apis_v2(request(m.ListApisV2Request, group_id=group))
    equal("apis", ([a.id for a in listed.apis], listed.apis[0].backend_api), ([made.id], None))
    listed = C.list_apis_v2(request(m.ListApisV2Request, return_data_mode="include_group,include_group_backend"))
    equal("apis with more", (listed.apis[0].backend_api.timeout, listed.apis[0].api_group_info.name), (5000, "group_2"))
    return made.id


def publishing(group, env, api, variable):
    body = m.ApiActionInfo(action="online", env_id=env, api_id=api, remark="first")
    done = C.create_or_delete_publish_record_for_api_v2(
        request(m.CreateOrDeletePublishRecordForApiV2Request, body))
    check("published", done.publish_id and done.version_id)
    again = C.create_or_delete_publish_record_for_api_v2(
        request(m.CreateOrDeletePublishRecordForApiV2Request, body))
    equal("published again", again.publish_id, done.publish_id)
    check("another version", again.version_id != done.version_id)
    versions = C.list_api_versions_v2(request(m.ListApiVersionsV2Request, api_id=api, env_id=env))
    equal("versions", [(v.version_id, v.status) for v in versions.api_versions],
          [(again.version_id, 1), (done.version_id, 2)])
    switched = C.change_api_version_v2(
        request(m.ChangeApiVersionV2Request, m.ApiVersion(version_id=done.version_id), api_id=api))
    equal("switched", (switched.publish_id, switched.version_id), (done.publish_id, done.version_id))
    shown = C.list_api_version_detail_v2(request(m.ListApiVersionDetailV2Request, version_id=done.version_id))
    equal("version", (shown.id, shown.run_env_id, shown.backend_api.req_uri), (api, env, "/v1/{id}"))
    running = C.list_api_runtime_definition_v2(
        request(m.ListApiRuntimeDefinitionV2Request, api_id=api, env_id=env))
    equal("runtime", (running.publish_id, running.req_uri), (done.publish_id, "/pay/{account}"))
    C.update_environment_variable_v2(
        request(m.UpdateEnvironmentVariableV2Request, m.EnvVariableBase(variable_value="10.0.0.2"),
                env_variable_id=variable))
    versions = C.list_api_versions_v2(request(m.ListApiVersionsV2Request, api_id=api, env_id=env))
    equal("variable republished", (versions.total, versions.api_versions[0].status), (3, 1))
    batch = C.batch_publish_or_offline_api_v2(
        request(m.BatchPublishOrOfflineApiV2Request, m.ApiBatchPublish(apis=[api, "0" * 32], env_id=env), action="online"))
    equal("batch", ([s.publish_id for s in batch.success], [f.error_code for f in batch.failure]),
          ([done.publish_id], ["APIG.3002"]))
    refused("api online", "APIG.3416", 409, lambda: C.delete_api_v2(request(m.DeleteApiV2Request, api_id=api)))
    refused("environment used", "APIG.3418", 403, lambda: C.delete_environment_v2(
        request(m.DeleteEnvironmentV2Request, env_id=env)))
    refused("group used", "APIG.3415", 412, lambda: C.delete_api_group_v2(
        request(m.DeleteApiGroupV2Request, group_id=group)))
    return done.publish_id


def throttle_bindings(throttle, api, env, publish):
    body = m.ThrottleApiBindingCreate(strategy_id=throttle, publish_ids=[publish])
    made = C.associate_request_throttling_policy_v2(request(m.AssociateRequestThrottlingPolicyV2Request, body))
    bound = made.throttle_applys[0]
    equal("throttle bound", (bound.publish_id, bound.strategy_id, bound.scope), (publish, throttle, 1))
    again = C.associate_request_throttling_policy_v2(request(m.AssociateRequestThrottlingPolicyV2Request, body))
    equal("bound twice", again.throttle_applys[0].id, bound.id)
    listed = C.list_apis_binded_to_request_throttling_policy_v2(
        request(m.ListApisBindedToRequestThrottlingPolicyV2Request, throttle_id=throttle))
    equal("bound apis", [(a.id, a.throttle_apply_id, a.run_env_id) for a in listed.apis], [(api, bound.id, env)])
    listed = C.list_request_throttling_policies_binded_to_api_v2(
        request(m.ListRequestThrottlingPoliciesBindedToApiV2Request, api_id=api))
    equal("bound throttles", [(t.id, t.bind_id, t.bind_num) for t in listed.throttles], [(throttle, bound.id, 1)])
    listed = C.list_apis_unbinded_to_request_throttling_policy_v2(
        request(m.ListApisUnbindedToRequestThrottlingPolicyV2Request, throttle_id=throttle))
    equal("unbound apis", listed.total, 0)
    done = C.batch_disassociate_throttling_policy_v2(
        request(m.BatchDisassociateThrottlingPolicyV2Request,
                m.ThrottleBindingBatchDelete(throttle_bindings=[bound.id, "0" * 32]), action="delete"))
    equal("unbound", (done.success_count, [f.error_code for f in done.failure]), (1, ["APIG.3012"]))
    bound = C.associate_request_throttling_policy_v2(
        request(m.AssociateRequestThrottlingPolicyV2Request, body)).throttle_applys[0]
    C.disassociate_request_throttling_policy_v2(
        request(m.DisassociateRequestThrottlingPolicyV2Request, throttle_binding_id=bound.id))
    refused("unbound twice", "APIG.3012", 404, lambda: C.disassociate_request_throttling_policy_v2(
        request(m.DisassociateRequestThrottlingPolicyV2Request, throttle_binding_id=bound.id)))


def signs(api, publish):
    body = m.BaseSignature(name="sign_1", sign_type="hmac", sign_key="signkeysignkey", sign_secret="signsecretsignsecret")
    made = C.create_signature_key_v2(request(m.CreateSignatureKeyV2Request, body))
    equal("sign", (made.sign_key, made.sign_secret), ("signkeysignkey", "sig*****ret"))
    changed = C.update_signature_key_v2(
        request(m.UpdateSignatureKeyV2Request, m.BaseSignature(name="sign_2"), sign_id=made.id))
    check("new key", changed.name == "sign_2" and changed.sign_key != "signkeysignkey")
    refused("public key", "APIG.3548", 412, lambda: C.create_signature_key_v2(
        request(m.CreateSignatureKeyV2Request, m.BaseSignature(name="sign_3", sign_type="public_key"))))
    bound = C.associate_signature_key_v2(
        request(m.AssociateSignatureKeyV2Request, m.SignApiBinding(sign_id=made.id, publish_ids=[publish]))).bindings[0]
    equal("sign bound", (bound.api_id, bound.sign_name, bound.env_name), (api, "sign_2", "TEST"))
    listed = C.list_signature_keys_v2(request(m.ListSignatureKeysV2Request))
    equal("signs", [(s.id, s.bind_num) for s in listed.signs], [(made.id, 1)])
    listed = C.list_apis_binded_to_signature_key_v2(
        request(m.ListApisBindedToSignatureKeyV2Request, sign_id=made.id))
    equal("bound apis", [(b.id, b.publish_id) for b in listed.bindings], [(bound.id, publish)])
    listed = C.list_signature_keys_binded_to_api_v2(request(m.ListSignatureKeysBindedToApiV2Request, api_id=api))
    equal("bound signs", [b.id for b in listed.bindings], [bound.id])
    listed = C.list_apis_not_bound_with_signature_key_v2(
        request(m.ListApisNotBoundWithSignatureKeyV2Request, sign_id=made.id))
    equal("unbound apis", listed.total, 0)
    C.disassociate_signature_key_v2(request(m.DisassociateSignatureKeyV2Request, sign_bindings_id=bound.id))
    C.delete_signature_key_v2(request(m.DeleteSignatureKeyV2Request, sign_id=made.id))


def leave(group, env, api, variable, throttle):
    C.batch_publish_or_offline_api_v2(
        request(m.BatchPublishOrOfflineApiV2Request, m.ApiBatchPublish(group_id=group, env_id=env), action="offline"))
    C.delete_api_v2(request(m.DeleteApiV2Request, api_id=api))
    C.delete_environment_variable_v2(request(m.DeleteEnvironmentVariableV2Request, env_variable_id=variable))
    C.delete_request_throttling_policy_v2(request(m.DeleteRequestThrottlingPolicyV2Request, throttle_id=throttle))
    C.delete_environment_v2(request(m.DeleteEnvironmentV2Request, env_id=env))
    C.delete_api_group_v2(request(m.DeleteApiGroupV2Request, group_id=group))
    counts = C.list_project_cofigs_v2(request(m.ListProjectCofigsV2Request, limit=500))
    used = {c.config_name: c.used for c in counts.configs}
    equal("nothing left", (used["API_NUM_LIMIT"], used["APIGROUP_NUM_LIMIT"], used["ENVIRONMENT_NUM_LIMIT"]), (0, 0, 1))


def strangers():
    other = client(secret="wrong")
    refused("wrong secret", "APIG.1002", 401, lambda: other.list_api_groups_v2(request(m.ListApiGroupsV2Request)))
    refused("unknown gateway", "APIG.3030", 404, lambda: C.list_api_groups_v2(
        m.ListApiGroupsV2Request(instance_id="0" * 32)))
    listed = C.list_api_groups_v2(request(m.ListApiGroupsV2Request, name="a b/c?d=e&f+g%zé"))
    equal("odd filter", listed.total, 0)


def main():
    group = groups()
    env = environments()
    variable = variables(group, env)
    throttle = throttles()
    specials(throttle)
    api = apis(group)
    publish = publishing(group, env, api, variable)
    throttle_bindings(throttle, api, env, publish)
    signs(api, publish)
    leave(group, env, api, variable, throttle)
    strangers()
    around.run()
    signatures.run()
    beyond.run()


try:
    main()
except Exception as error:  # noqa: BLE001 - whatever it is, it is a failure of the run
    check(f"{type(error).__name__}: {error}", False)
    traceback.print_exc()
print(f"{count['passed']} passed, {count['failed']} failed")
sys.exit(1 if count["failed"] else 0)
