//! Which handler is behind each of the 109 operations.

use std::sync::OnceLock;

use super::super::huawei::fault::Fault;
use super::super::huawei::protocol::{Edition, Operation};
use super::super::huawei_v2;
use super::super::huawei_v2::certificates;
use super::super::huawei_v2::context::Ctx;
use super::super::huawei_v2::dispatch::{Handler, Link};
use super::super::model::Policy;
use super::answer::Touch;
use super::{market, openapi, own};

/// What is done to a request that no rename can express.
type Bend = fn(&mut Ctx) -> Result<(), Fault>;

/// What serves an operation.
#[derive(Clone, Copy)]
pub(super) struct Behind {
    /// The operation of V2 whose work is done; none for what V2 has not.
    section: &'static str,
    /// Brings the request into the form which that operation has, where names alone do not.
    pub(super) bend: Option<Bend>,
    /// Takes the place of the handler of V2.
    handler: Option<Handler>,
    /// Changes the answer, where names alone do not.
    pub(super) touch: Option<Touch>,
}

const fn same(section: &'static str) -> Behind {
    Behind { section, bend: None, handler: None, touch: None }
}

impl Behind {
    const fn bent(self, bend: Bend) -> Self {
        Self { bend: Some(bend), ..self }
    }

    const fn by(self, handler: Handler) -> Self {
        Self { handler: Some(handler), ..self }
    }

    const fn touched(self, touch: Touch) -> Self {
        Self { touch: Some(touch), ..self }
    }

    /// The operation of V2; the asked one itself where V2 has none.
    pub(super) fn operation(&self, asked: &'static Operation) -> &'static Operation {
        Edition::V2.protocol().operation(self.section).unwrap_or(asked)
    }

    /// The function that does the work.
    pub(super) fn handler(&self, asked: &'static Operation) -> Option<Handler> {
        self.handler
            .or_else(|| huawei_v2::handler(self.operation(asked)).filter(|_| !self.section.is_empty()))
    }
}

/// Every operation by the name of its page.
static ALL: [(&str, Behind); 109] = [
    ("CreateAPIGroup", same("3.1.1")),
    ("ModifieAPIGroup", same("3.1.2")),
    ("DeleteAPIGroup", same("3.1.3")),
    ("ViewAPIGroup", same("3.1.4")),
    ("ViewAPIGrouplist", same("3.1.5")),
    ("BindingaDomainName", same("3.12.1")),
    ("UnbindingaDomainName", same("3.12.4").by(Handler::Govern(certificates::delete_domain))),
    ("AddingaCertificatetoaDomainName", same("3.12.2").bent(own::own_certificate)),
    ("DeletingaCertificatetoaDomainName", same("3.12.6")),
    ("QueryingaCertificatetoaDomainName", same("3.12.7")),
    ("CreatinganEnvironment", same("3.2.1")),
    ("ModifyingEnvironment", same("3.2.2")),
    ("DeletingEnvironment", same("3.2.3")),
    ("QueryingEnvironmentList", same("3.2.4")),
    ("CreatingEnvironmentVariable", same("3.3.1")),
    ("DeletingEnvironmentVariable", same("3.3.2")),
    ("QueryingEnvironmentVariableDetails", same("3.3.3")),
    ("QueryingEnvironmentVariableList", same("3.3.4")),
    ("CreatingaRequestThrottlingPolicy", same("3.4.1")),
    ("ModifyingRequestThrottlingPolicy", same("3.4.2")),
    ("DeletingRequestThrottlingPolicy", same("3.4.3")),
    ("QueryingtheRequestThrottlingPolicyList", same("3.4.4")),
    ("QueryingDetailsofaRequestThrottlingPolicy", same("3.4.5")),
    ("CreateAPI", same("3.5.1").bent(own::one_service_tag)),
    ("ModifieAPI", same("3.5.2").bent(own::one_service_tag).by(Handler::Write(own::modify_api))),
    ("DeleteAPI", same("3.5.3")),
    ("ViewAPI", same("3.5.5")),
    ("ViewAPIlist", same("3.5.6")),
    ("DebuggingAPI", same("3.5.8").bent(own::debugged).by(Handler::Read(own::debug))),
    ("PublishAPI", same("3.5.4").bent(own::goes_online)),
    ("OfflineAPI", same("3.5.4").bent(own::goes_offline)),
    ("OfflineMultipleAPIS", same("3.5.9").touched(own::only_names_offline)),
    ("ViewAPIHistory", same("3.5.10")),
    ("QueryingtheRuntimeDefinitionofAPI", same("3.5.12")),
    ("QueryingDetailsofAPIVersion", same("3.5.13")),
    ("TakingEffectiveVersionOfAnAPIOffline", same("3.5.14")),
    ("CreatingaSignatureKey", same("3.6.1")),
    ("ModifyingaSignatureKey", same("3.6.2")),
    ("DeletingaSignatureKey", same("3.6.3")),
    ("QueryingtheSignatureKeyList", same("3.6.4")),
    ("BindingaSignatureKey", same("3.7.1")),
    ("Unbinding-BindingSignatureKeys", same("3.7.2")),
    ("QueryingtheListofSignatureKeysBoundtoanAPI", same("3.7.3")),
    ("QueryingtheListofAPIsNotBoundtoaSignatureKey", same("3.7.4")),
    // It shows what V2 shows of the keys of an API.
    (
        "QueryingtheListofAPIsBoundtoaSignatureKey",
        same("3.7.3").by(Handler::Binding(Policy::Sign, Link::BoundApis)),
    ),
    ("BindingaRequestThrottlingPolicy", same("3.8.1")),
    ("Unbinding-BindingRequestThrottlingPolicies", same("3.8.2")),
    ("QueryingtheListofAPIsBoundtoaRequestThrottlingPolicy", same("3.8.3")),
    ("QueryingtheListofAPIsNotBoundtoaRequestThrottlingPolicy", same("3.8.4")),
    ("QueryingtheListofRequestThrottlingPoliciesBoundtoanAPI", same("3.8.5")),
    ("CreatinganExcludedRequestThrottlingConfiguration", same("3.9.1").bent(own::policy_from_body)),
    (
        "ModifyinganExcludedRequestThrottlingConfiguration",
        same("3.9.2").by(Handler::Write(own::update_special)),
    ),
    (
        "DeletinganExcludedRequestThrottlingConfiguration",
        same("3.9.3").by(Handler::Write(own::delete_special)),
    ),
    ("QueryinganExcludedRequestThrottlingConfiguration", same("3.9.4")),
    ("AuthorizingApps", same("3.10.1").by(Handler::Write(own::authorize))),
    ("CancelingAuthorization", same("3.10.2")),
    ("QueryingtheListofAPIsBoundtoApp", same("3.10.3")),
    ("QueryingtheListofAPIsNotBoundtoApp", same("3.10.4")),
    ("QueryingtheListofAppsBoundtoanAPI", same("3.10.5")),
    ("QueryingAPIQuantities", same("3.11.1")),
    ("QueryingAPIGroupQuantities", same("3.11.2").by(Handler::Read(market::group_outline))),
    ("QueryingAppQuantities", same("3.11.3")),
    ("CreatingAccessControlPolicy", same("3.13.1")),
    ("ModifyinganAccessControlPolicy", same("3.13.2").by(Handler::Write(own::update_acl))),
    ("deletinganAccessControlPolicy", same("3.13.3")),
    ("deletingMultipleAccessControlPolicy", same("3.13.4")),
    ("QueryingDetailsofanAccessControlPolicy", same("3.13.5")),
    ("QueryingtheAccessControlPolicyList", same("3.13.6")),
    ("BindinganAccessControlPolicytoanAPI", same("3.14.1")),
    ("UnbindinganAccessControlPolicyfromanAPI", same("3.14.2")),
    ("UnbindingMultipleAccessControlPoliciesfromAPIs", same("3.14.3")),
    ("QueryingtheListofAPIsBoundtoanAccessControlPolicy", same("3.14.4")),
    ("QueryingtheListofAPIsNotBoundtoanAccessControlPolicy", same("3.14.5")),
    ("QueryingtheListofAccessControlPoliciesBoundtoanAPI", same("3.14.6")),
    ("CreatingaCustomAuthorizer", same("3.15.1")),
    ("ModifyingaCustomAuthorizer", same("3.15.2")),
    ("deletingaCustomAuthorizer", same("3.15.3")),
    ("QueryingaCustomAuthorizer", same("3.15.4")),
    ("QueryingaCustomAuthorizerList", same("3.15.5")),
    (
        "ExportingAllAPIsinanAPIGroup",
        same("3.16.1").bent(openapi::whole_group).by(Handler::Read(openapi::export)),
    ),
    ("ExportingMultipleAPIs", same("3.16.1").bent(openapi::some).by(Handler::Read(openapi::export))),
    (
        "ImportingAPIstoaNewAPIGroup",
        same("3.16.2").bent(openapi::into_new).by(Handler::Write(openapi::import)),
    ),
    (
        "ImportingAPIstoanExistingAPIGroup",
        same("3.16.2").bent(openapi::into_known).by(Handler::Write(openapi::import)),
    ),
    ("CreatingaVPCChannel", same("3.17.1")),
    ("UpdatingaVPCChannel", same("3.17.2")),
    ("DeletingaVPCChannel", same("3.17.3")),
    ("QueryingVPCChannelDetails", same("3.17.4")),
    ("QueryingtheVPCchannelList", same("3.17.5")),
    ("AddingBackendInstances", same("3.17.6").by(Handler::Write(own::add_members))),
    ("QueryingBackendInstances", same("3.17.7")),
    ("DeletingBackendInstances", same("3.17.9")),
    ("QueryingAPICallsWithinaPeriod", same("3.18.1")),
    ("QueryingAPICallsUnderanAPIGroupintheLastOneHour", same("3.18.3")),
    ("QueryingConfigurationDetails", same("").by(Handler::Read(own::configs))),
    ("CreateAPP", same("3.28.1")),
    ("ModifieAPP", same("3.28.2")),
    ("DeleteAPP", same("3.28.3")),
    ("ResettingAppSecret", same("3.28.4")),
    ("VerifyingApp", same("3.28.5")),
    ("ViewAPP", same("3.28.6")),
    ("ViewAPPlist", same("3.28.7")),
    ("CreateAPPCode", same("3.28.8")),
    ("GeneratingAppCode", same("3.28.9")),
    ("DeleteAPPCode", same("3.28.10")),
    ("ViewAPPCode", same("3.28.11")),
    ("ViewAPPCodelist", same("3.28.12")),
    ("QueryingtheListofPurchasedAPIs", same("").by(Handler::Read(market::none))),
    ("QueryingtheListofPurchasedAPIGroups", same("").by(Handler::Read(market::none))),
    ("QueryingDetailsofaPurchasedAPIGroup", same("").by(Handler::Read(market::purchase))),
];

/// What is behind an operation.
pub(super) fn behind(asked: &Operation) -> Option<Behind> {
    static PLACES: OnceLock<Vec<Option<Behind>>> = OnceLock::new();
    let find = |operation: &Operation| {
        ALL.iter().find(|(name, _)| *name == operation.section).map(|(_, behind)| *behind)
    };
    let places = PLACES.get_or_init(|| Edition::V1.protocol().operations.iter().map(find).collect());
    places.get(asked.place).copied().flatten()
}

/// Whether an operation calls a backend.
pub(super) fn calls_out(operation: &Operation) -> bool {
    operation.section == "DebuggingAPI"
}
