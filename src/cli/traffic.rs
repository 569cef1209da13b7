//! `apigctl traffic`: what went through the gateway lately.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::plan::{self, Offline};
use crate::address::Address;
use crate::cache::Cache;
use crate::error::Error;
use crate::kind::Kind;
use crate::kinds::value::Duration;
use crate::observed::Observed;
use crate::problem::did_you_mean;
use crate::provider::Want;
use crate::session::{self, Gateway, SessionError, Target};
use crate::traffic::{Traffic, Whose};
use crate::ui;
use crate::ui::traffic::{OfGroup, Span};

/// Show what went through the groups of a gateway lately
///
/// The numbers are the gateway's own. Where it has none they are unknown, which is not the same as none.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// A group, or an API as GROUP/API; without it, all groups
    #[arg(value_name = "NAME")]
    pub group: Option<String>,

    #[command(flatten)]
    /// Which gateway.
    pub gateway: Gateway,

    /// How far back, such as 30m or 1h
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = minutes)]
    pub since: u32,

    /// How to print it
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// How to print traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, with small charts
    Text,
    /// For programs
    Json,
}

/// The furthest that is looked back, in minutes: a week.
const MOST: u64 = 7 * 1440;

fn minutes(text: &str) -> Result<u32, String> {
    let time: Duration = Duration::parse(text).ok_or("write a time such as 30m or 1h")?;
    let minutes = time.as_millis() / 60_000;
    if minutes == 0 || !time.as_millis().is_multiple_of(60_000) || minutes > MOST {
        return Err("write whole minutes, from 1m to 7d".to_owned());
    }
    u32::try_from(minutes).map_err(|error| error.to_string())
}

/// Asks and prints.
///
/// # Errors
/// When the gateway cannot be asked, or there is no such group.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<ExitCode, Error> {
    let project = session::project(args.gateway.project.as_deref())?;
    let target = plan::open(&project, args.gateway.target.as_deref(), &Offline::default())?;
    super::block_on(async {
        let observed = observe(&target).await?;
        let groups = groups(&observed, args.group.as_deref())?;
        let to = target.client.server_time().div_euclid(60) * 60;
        let span = Span { from: to - i64::from(args.since) * 60, minutes: args.since };
        let read = read(&target, groups, args.since).await?;
        match args.format {
            Format::Json => ui::traffic::json(out, &read, span)?,
            Format::Text if read.is_empty() => writeln!(out, "There are no groups on {}.", target.name)?,
            Format::Text => ui::traffic::text(out, &read, span, &super::layout(false))?,
        }
        Ok(ExitCode::SUCCESS)
    })?
}

async fn observe(target: &Target) -> Result<Observed, SessionError> {
    let mut nothing = Cache::off();
    Ok(target.provider.observe(&target.client, &Want::default(), &mut nothing).await?)
}

/// What is meant, with its ids.
fn groups(observed: &Observed, name: Option<&str>) -> Result<Vec<(String, Whose)>, Error> {
    if let Some((group, api)) = name.and_then(|name| name.split_once('/')) {
        let id = |address: Address| observed.get(&address).map(|live| live.id.clone());
        let ids = (id(Address::new(Kind::Group, &[group])), id(Address::new(Kind::Api, &[group, api])));
        return match ids {
            (Some(of), Some(own)) => {
                Ok(vec![(format!("{group}/{api}"), Whose { group: of, api: Some(own) })])
            }
            _ => Err(Error::Other { message: format!("the gateway has no API `{group}/{api}`"), hint: None }),
        };
    }
    let all = observed
        .of_kind(Kind::Group)
        .into_iter()
        .map(|(address, live)| (address.name(), Whose { group: live.id.clone(), api: None }));
    let mut all: Vec<(String, Whose)> = all.collect();
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    let Some(name) = name else { return Ok(all) };
    if let Some(at) = all.iter().position(|(known, _)| known == name) {
        return Ok(vec![all.swap_remove(at)]);
    }
    let near = did_you_mean(name, all.iter().map(|(known, _)| known.as_str()));
    let hint = near.map(|near| format!("did you mean `{near}`?"));
    Err(Error::Other { message: format!("the gateway has no group `{name}`"), hint })
}

async fn read(target: &Target, groups: Vec<(String, Whose)>, minutes: u32) -> Result<Vec<OfGroup>, Error> {
    let mut tasks = JoinSet::new();
    for (group, whose) in groups {
        let (provider, client) = (Arc::clone(&target.provider), target.client.clone());
        tasks.spawn(async move { (group, provider.traffic(&client, &whose, minutes).await) });
    }
    let mut read = Vec::with_capacity(tasks.len());
    while let Some(joined) = tasks.join_next().await {
        let Ok((group, traffic)) = joined else { continue };
        let traffic: Traffic = traffic.map_err(SessionError::from)?;
        read.push(OfGroup { group, traffic });
    }
    read.sort_by(|a, b| a.group.cmp(&b.group));
    Ok(read)
}
