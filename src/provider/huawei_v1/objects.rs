//! The objects of the shared gateway, by the names of their calls.

use super::convert;
use crate::kinds::spec::Spec;
use crate::provider::huawei::convert::{channel, throttle};
use crate::provider::huawei::objects::{Object, of};
use crate::provider::huawei::rows;

/// One for each kind.
pub(super) static OBJECTS: &[Object] = &[
    rows::GROUP,
    rows::ENVIRONMENT,
    Object {
        fixed: "the shared gateway cannot change a variable (it has only the calls that make and delete one): give \
                the new value to a variable of another name, and name that one in the backends",
        ..rows::VARIABLE
    },
    rows::THROTTLE,
    // The collection names no policy, the list does.
    Object {
        path: "/throttle-specials",
        of_owner: "/throttle-specials/{owner}",
        keys: &[("instance_id", ""), ("instance_type", "")],
        named: |row, owner| Some(convert::exception_of(row, owner)),
        create: of!(ThrottleException, convert::exception),
        shown: Some(of!(ThrottleException, throttle::create_exception)),
        ..rows::THROTTLE_EXCEPTION
    },
    Object { create: of!(Signature, convert::signature), ..rows::SIGNATURE },
    rows::ACCESS_CONTROL,
    Object {
        create: of!(Api, convert::api),
        spec: Some(|wire, names| convert::read_api(wire, names).map(|spec| Spec::Api(spec.into()))),
        ..rows::API
    },
    rows::APP,
    // The gateway knows no name: who looks at the list gives one to each.
    rows::APP_CODE,
    Object {
        create: of!(Authorizer, convert::authorizer),
        spec: Some(|wire, _| convert::read_authorizer(wire).map(Spec::Authorizer)),
        ..rows::AUTHORIZER
    },
    // Lists leave out members and health check.
    Object {
        list: "vpcs",
        create: of!(Channel, convert::channel),
        spec: Some(|wire, _| convert::read_channel(wire).map(|spec| Spec::Channel(spec.into()))),
        shown: Some(of!(Channel, channel::body)),
        ..rows::CHANNEL
    },
    // There is no list: a group's row shows its domains.
    Object {
        create: of!(Domain, convert::domain),
        fixed: "the shared gateway cannot change a domain",
        ..rows::DOMAIN
    },
];
