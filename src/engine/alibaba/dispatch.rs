//! Which function serves which action.

use super::super::store::{Gateway, Tx};
use super::answer::Reply;
use super::apps::APP;
use super::backends::{BACKEND, VPC};
use super::bindings::Policy;
use super::context::Ctx;
use super::fault::Fault;
use super::groups::GROUP;
use super::instances::INSTANCE;
use super::models::{DATASET, ITEM, LOG, MODEL};
use super::plugins::PLUGIN;
use super::policies::{ACL, IP_CONTROL, IP_ITEM, SIGNATURE, TRAFFIC};
use super::records::{self, Kind};
use super::{
    apis, apps, backends, bindings, deploy, domains, groups, models, monitor, openapi, plugins, policies,
    products, region, tags,
};
use Handler::{Binding, Read, Record, Write};
use Verb::{Create, Delete, Describe, List, Modify};

/// The function behind an action.
#[derive(Clone, Copy)]
pub(crate) enum Handler {
    Read(fn(&Ctx, &Gateway) -> Result<Reply, Fault>),
    Write(fn(&Ctx, &mut Tx) -> Result<Reply, Fault>),
    /// What every kind of record has.
    Record(&'static Kind, Verb),
    /// What everything has that is bound to APIs.
    Binding(&'static Policy, Link),
}

#[derive(Clone, Copy)]
pub(crate) enum Link {
    Set,
    Remove,
    /// What one API has.
    ByApi,
    /// What the APIs of a group have.
    OfGroup,
    /// The APIs that have it.
    Apis,
}

#[derive(Clone, Copy)]
pub(crate) enum Verb {
    Create,
    Modify,
    Delete,
    Describe,
    List,
}

impl Handler {
    /// Serves a request that only looks; none for one that writes.
    pub(crate) fn look(self, ctx: &Ctx, gateway: &Gateway) -> Option<Result<Reply, Fault>> {
        match self {
            Self::Read(serve) => Some(serve(ctx, gateway)),
            Self::Record(kind, Verb::Describe) => Some(records::describe(kind, ctx, gateway)),
            Self::Record(kind, Verb::List) => Some(records::list(kind, ctx, gateway)),
            Self::Binding(policy, Link::ByApi) => Some(bindings::by_api(policy, ctx, gateway)),
            Self::Binding(policy, Link::OfGroup) => Some(bindings::of_group(policy, ctx, gateway)),
            Self::Binding(policy, Link::Apis) => Some(bindings::apis_of(policy, ctx, gateway)),
            Self::Write(_) | Self::Record(..) | Self::Binding(..) => None,
        }
    }

    /// Serves any request.
    pub(crate) fn act(self, ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
        match self {
            Self::Write(serve) => serve(ctx, tx),
            Self::Record(kind, Verb::Create) => records::create(kind, ctx, tx),
            Self::Record(kind, Verb::Modify) => records::modify(kind, ctx, tx),
            Self::Record(kind, Verb::Delete) => records::delete(kind, ctx, tx),
            Self::Binding(policy, Link::Set) => bindings::set(policy, ctx, tx),
            Self::Binding(policy, Link::Remove) => bindings::remove(policy, ctx, tx),
            reads => reads.look(ctx, tx).unwrap_or_else(|| Ok(Reply::empty())),
        }
    }

    pub(crate) fn only_reads(self) -> bool {
        matches!(
            self,
            Self::Read(_)
                | Self::Record(_, Verb::Describe | Verb::List)
                | Self::Binding(_, Link::ByApi | Link::OfGroup | Link::Apis)
        )
    }
}

/// The function behind an action; none for what is checked and then answered with 501.
pub(crate) fn handler(action: &str) -> Option<Handler> {
    if monitor::knows(action) {
        return Some(Read(monitor::serve));
    }
    let parts = [basics, policies_of, callers, around, surroundings];
    parts.into_iter().find_map(|part| part(action))
}

/// Groups, APIs, publishing, tags.
fn basics(action: &str) -> Option<Handler> {
    Some(match action {
        "CreateApiGroup" => Record(&GROUP, Create),
        "ModifyApiGroup" => Record(&GROUP, Modify),
        "DeleteApiGroup" => Record(&GROUP, Delete),
        "DescribeApiGroup" => Record(&GROUP, Describe),
        "DescribeApiGroups" => Record(&GROUP, List),
        "ModifyApiGroupNetworkPolicy" | "ModifyIntranetDomainPolicy" => Write(groups::network),
        "ModifyApiGroupInstance" => Write(groups::move_to),
        "ModifyApiGroupVpcWhitelist" => Write(groups::set_whitelist),
        "DescribeApiGroupVpcWhitelist" => Read(groups::whitelist),
        "SetGroupAuthAppCode" => Write(groups::set_code),
        "CreateIntranetDomain" => Write(groups::intranet_domain),
        "CreateApiStageVariable" => Write(groups::set_variable),
        "DeleteApiStageVariable" => Write(groups::delete_variable),
        "DescribeApiStage" => Read(groups::stage),
        "DescribeInstances" => Record(&INSTANCE, List),
        "CreateApi" => Write(apis::create),
        "ModifyApi" => Write(apis::modify),
        "ModifyApiConfiguration" => Write(apis::configure),
        "DeleteApi" => Write(apis::delete),
        "DescribeApi" => Read(apis::describe),
        "DescribeApis" => Read(apis::list),
        "DeployApi" => Write(deploy::deploy),
        "AbolishApi" => Write(deploy::abolish),
        "SwitchApi" => Write(deploy::switch),
        "BatchDeployApis" => Write(deploy::deploy_many),
        "BatchAbolishApis" => Write(deploy::abolish_many),
        "DescribeDeployApiTask" | "DescribeAbolishApiTask" => Read(deploy::task),
        "DescribeDeployedApi" | "DescribeApiDoc" => Read(deploy::describe),
        "DescribeDeployedApis" => Read(deploy::list),
        "DescribeApiHistory" => Read(deploy::history),
        "DescribeApiHistories" | "DescribeHistoryApis" => Read(deploy::histories),
        "TagResources" => Write(tags::tag),
        "UntagResources" => Write(tags::untag),
        "ListTagResources" => Read(tags::list),
        _ => return None,
    })
}

/// What is bound to APIs, and access control.
fn policies_of(action: &str) -> Option<Handler> {
    Some(match action {
        "CreateTrafficControl" => Record(&TRAFFIC, Create),
        "ModifyTrafficControl" => Record(&TRAFFIC, Modify),
        "DeleteTrafficControl" => Record(&TRAFFIC, Delete),
        "DescribeTrafficControls" => Read(policies::traffic_list),
        "AddTrafficSpecialControl" => Write(policies::set_special),
        "DeleteTrafficSpecialControl" => Write(policies::delete_special),
        "DeleteAllTrafficSpecialControl" => Write(policies::delete_specials),
        "SetTrafficControlApis" => Binding(&bindings::TRAFFIC, Link::Set),
        "RemoveTrafficControlApis" => Binding(&bindings::TRAFFIC, Link::Remove),
        "DescribeTrafficControlsByApi" => Binding(&bindings::TRAFFIC, Link::ByApi),
        "DescribeApiTrafficControls" => Binding(&bindings::TRAFFIC, Link::OfGroup),
        "DescribeApisByTrafficControl" => Binding(&bindings::TRAFFIC, Link::Apis),
        "CreateSignature" => Record(&SIGNATURE, Create),
        "ModifySignature" => Record(&SIGNATURE, Modify),
        "DeleteSignature" => Record(&SIGNATURE, Delete),
        "DescribeSignatures" => Record(&SIGNATURE, List),
        "SetSignatureApis" => Binding(&bindings::SIGNATURE, Link::Set),
        "RemoveSignatureApis" => Binding(&bindings::SIGNATURE, Link::Remove),
        "DescribeSignaturesByApi" => Binding(&bindings::SIGNATURE, Link::ByApi),
        "DescribeApiSignatures" => Binding(&bindings::SIGNATURE, Link::OfGroup),
        "DescribeApisBySignature" => Binding(&bindings::SIGNATURE, Link::Apis),
        "CreateIpControl" => Record(&IP_CONTROL, Create),
        "ModifyIpControl" => Record(&IP_CONTROL, Modify),
        "DeleteIpControl" => Record(&IP_CONTROL, Delete),
        "DescribeIpControls" => Record(&IP_CONTROL, List),
        "AddIpControlPolicyItem" => Write(policies::add),
        "ModifyIpControlPolicyItem" => Record(&IP_ITEM, Modify),
        "RemoveIpControlPolicyItem" => Write(policies::remove),
        "DescribeIpControlPolicyItems" => Record(&IP_ITEM, List),
        "SetIpControlApis" => Binding(&bindings::IP_CONTROL, Link::Set),
        "RemoveIpControlApis" => Binding(&bindings::IP_CONTROL, Link::Remove),
        "DescribeApiIpControls" => Binding(&bindings::IP_CONTROL, Link::OfGroup),
        "DescribeApisByIpControl" => Binding(&bindings::IP_CONTROL, Link::Apis),
        "CreateAccessControlList" => Record(&ACL, Create),
        "SetAccessControlListAttribute" => Record(&ACL, Modify),
        "DeleteAccessControlList" => Record(&ACL, Delete),
        "DescribeAccessControlLists" => Record(&ACL, List),
        "DescribeAccessControlListAttribute" => Record(&ACL, Describe),
        "AddAccessControlListEntry" => Write(policies::add_entries),
        "RemoveAccessControlListEntry" => Write(policies::remove_entries),
        "EnableInstanceAccessControl" | "DisableInstanceAccessControl" => Write(policies::guard),
        _ => return None,
    })
}

/// Applications and what they may call.
fn callers(action: &str) -> Option<Handler> {
    Some(match action {
        "CreateApp" => Record(&APP, Create),
        "ModifyApp" => Record(&APP, Modify),
        "DeleteApp" => Record(&APP, Delete),
        "DescribeApp" => Read(apps::describe),
        "DescribeApps" => Read(apps::list),
        "DescribeAppAttributes" => Read(apps::attributes),
        "DescribeAppSecurity" => Read(apps::security),
        "DescribeAppSecurities" => Read(apps::all_securities),
        "CreateAppKey" => Write(apps::create_key),
        "DeleteAppKey" => Write(apps::delete_key),
        "CreateAppCode" => Write(apps::create_code),
        "DeleteAppCode" => Write(apps::delete_code),
        "ResetAppSecret" => Write(apps::reset_secret),
        "ResetAppCode" => Write(apps::reset_code),
        "SetAppsAuthorities" => Write(apps::authorize_apps),
        "SetApisAuthorities" => Write(apps::authorize_apis),
        "RemoveAppsAuthorities" => Write(apps::revoke_apps),
        "RemoveApisAuthorities" => Write(apps::revoke_apis),
        "DescribeAuthorizedApps" => Read(apps::apps_of),
        "DescribeAuthorizedApis" | "DescribeApisByApp" => Read(apps::apis_of),
        "DescribeApisWithStageNameIntegratedByApp" => Read(apps::integrated),
        _ => return None,
    })
}

/// Plug-ins, backends, models, domains, logs, datasets.
fn around(action: &str) -> Option<Handler> {
    Some(match action {
        "CreatePlugin" => Record(&PLUGIN, Create),
        "ModifyPlugin" => Record(&PLUGIN, Modify),
        "DeletePlugin" => Record(&PLUGIN, Delete),
        "DescribePlugins" => Record(&PLUGIN, List),
        "AttachPlugin" => Write(plugins::attach),
        "DetachPlugin" => Write(plugins::detach),
        "AttachGroupPlugin" => Write(plugins::attach_group),
        "DetachGroupPlugin" => Write(plugins::detach_group),
        "DescribePluginApis" => Read(plugins::apis_of),
        "DescribePluginGroups" => Read(plugins::groups_of),
        "DescribePluginsByApi" => Read(plugins::of_api),
        "DescribePluginsByGroup" => Read(plugins::of_group),
        "DescribePluginSchemas" => Read(plugins::schemas),
        "DescribePluginTemplates" => Read(plugins::templates),
        "DescribeInstanceHttpCode" => Read(monitor::codes),
        "SetVpcAccess" => Record(&VPC, Create),
        "DescribeVpcAccesses" => Read(backends::vpc_list),
        "RemoveVpcAccess" => Write(backends::remove_vpc),
        "RemoveVpcAccessAndAbolishApis" => Write(backends::remove_vpc_and_abolish),
        "ModifyVpcAccessAndUpdateApis" => Write(backends::modify_vpc),
        "DescribeApisByVpcAccess" => Read(backends::apis_by_vpc),
        "DescribeUpdateVpcInfoTask" | "DescribeUpdateBackendTask" => Read(deploy::task),
        "CreateBackend" => Record(&BACKEND, Create),
        "ModifyBackend" => Record(&BACKEND, Modify),
        "DeleteBackend" => Write(backends::delete),
        "DescribeBackendInfo" => Read(backends::describe),
        "DescribeBackendList" => Record(&BACKEND, List),
        "CreateBackendModel" => Write(backends::create_model),
        "ModifyBackendModel" => Write(backends::modify_model),
        "DeleteBackendModel" => Write(backends::delete_model),
        "DescribeApisByBackend" => Read(backends::apis_by_backend),
        "CreateModel" => Record(&MODEL, Create),
        "ModifyModel" => Write(models::modify),
        "DeleteModel" => Write(models::delete),
        "DescribeModels" => Record(&MODEL, List),
        "CreateDataset" => Record(&DATASET, Create),
        "ModifyDataset" => Record(&DATASET, Modify),
        "DeleteDataset" => Record(&DATASET, Delete),
        "DescribeDatasetInfo" => Read(models::dataset),
        "DescribeDatasetList" => Read(models::datasets),
        "CreateDatasetItem" => Record(&ITEM, Create),
        "ModifyDatasetItem" => Record(&ITEM, Modify),
        "DeleteDatasetItem" => Record(&ITEM, Delete),
        "DescribeDatasetItemInfo" => Read(models::item),
        "DescribeDatasetItemList" => Read(models::items),
        "CreateLogConfig" => Record(&LOG, Create),
        "ModifyLogConfig" => Write(models::modify_log),
        "DeleteLogConfig" => Write(models::delete_log),
        "DescribeLogConfig" => Read(models::logs),
        "ImportSwagger" => Write(openapi::import_swagger),
        "DryRunSwagger" => Read(openapi::dry_run),
        "ImportOAS" => Write(openapi::import_oas),
        "DescribeImportOASTask" => Read(openapi::task),
        "ExportOAS" => Read(openapi::export),
        "SetDomain" => Write(domains::set),
        "DescribeDomain" => Read(domains::describe),
        "DeleteDomain" => Write(domains::delete),
        "ReactivateDomain" => Write(domains::reactivate),
        "SetDomainWebSocketStatus" => Write(domains::set_socket),
        "SetWildcardDomainPatterns" => Write(domains::set_patterns),
        "SetDomainCertificate" => Write(domains::set_certificate),
        "DeleteDomainCertificate" => Write(domains::delete_certificate),
        _ => return None,
    })
}

/// API products, the region, the marketplace.
fn surroundings(action: &str) -> Option<Handler> {
    Some(match action {
        "AttachApiProduct" => Write(products::attach),
        "DetachApiProduct" => Write(products::detach),
        "DeleteApiProduct" => Write(products::delete),
        "SetAppsAuthToApiProduct" => Write(products::authorize_apps),
        "SetApiProductsAuthorities" => Write(products::authorize_products),
        "RemoveApiProductsAuthorities" => Write(products::revoke),
        "DescribeApiProductApis" => Read(products::apis_of),
        "DescribeAppsByApiProduct" => Read(products::apps_of),
        "DescribeApiProductsByApp" => Read(products::of_app),
        "DescribeRegions" => Read(region::regions),
        "DescribeZones" => Read(region::zones),
        "DescribeStageModels" => Read(region::stages),
        "DescribeSystemParameters" => Read(region::parameters),
        "DescribeSummaryData" => Read(region::summary),
        "DescribePurchasedApiGroups" | "DescribePurchasedApis" => Read(region::none_purchased),
        "DescribePurchasedApiGroup" => Read(region::not_purchased),
        "DescribeApiMarketAttributes" => Read(region::market),
        _ => return None,
    })
}
