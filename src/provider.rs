//! The gateways that can be observed and changed.

pub mod huawei_v2;
