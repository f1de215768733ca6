//! `trackside channel`: yank, unyank, rollback and audit; see the planners of these names for what is decided.

use std::collections::BTreeMap;

use serde_json::json;
use trackside_domain::drift::{Drift, Scope, drifts, taken_back};
use trackside_domain::manifest::Channel as Which;
use trackside_domain::name::PackageName;
use trackside_domain::plan::{Command, rollback, yank};
use trackside_domain::say;
use trackside_domain::version::Release;
use trackside_effects::observe::{self, Interest, Reading};

use crate::carry_out::carry_out;
use crate::cli::{Apply, Audit, Audited, Channel, ChannelArgs, PackageRelease};
use crate::error::{Exit, Failure};
use crate::reply::Reply;
use crate::session::Session;

pub(super) fn run(session: &Session, what: Channel) -> Result<Reply, Failure> {
    match what {
        Channel::Yank(args) => {
            let request = request(args.channel.into(), args.release, args.file, Some(args.reason))?;
            yank(session, args.apply, &request)
        }
        Channel::Unyank(args) => {
            let request = request(args.channel.into(), args.release, args.file, None)?;
            yank(session, args.apply, &request)
        }
        Channel::Rollback(args) => rollback(session, &args),
        Channel::Audit(args) => audit(session, &args),
    }
}

fn request(
    channel: Which,
    release: PackageRelease,
    file: Option<trackside_domain::file_name::FileName>,
    reason: Option<String>,
) -> Result<yank::Request, Failure> {
    let PackageRelease { package, version } = release;
    let version = version.parse().map_err(|error| Failure::usage(format!("`{version}` is not a version: {error}")))?;
    Ok(yank::Request { channel, package, version, file, reason })
}

fn yank(session: &Session, apply: Apply, request: &yank::Request) -> Result<Reply, Failure> {
    carry_out(session, apply, request.command(), || {
        let coming = BTreeMap::from([(request.package.clone(), Default::default())]);
        let (stores, project) = (&session.performer.stores, &session.project);
        let world = observe::channel(stores, project, request.channel, Interest::Coming(&coming))?;
        Ok(yank::decide(project, request, &world))
    })
}

fn rollback(session: &Session, args: &ChannelArgs) -> Result<Reply, Failure> {
    let channel = args.channel.into();
    carry_out(session, args.apply, Command::Rollback { channel }, || {
        let world = observe::rollback(&session.performer.stores, &session.project, channel)?;
        Ok(rollback::decide(&session.project, channel, &world))
    })
}

fn audit(session: &Session, args: &Audit) -> Result<Reply, Failure> {
    let cache = session.cache.as_path();
    let reading = if args.full { Reading::All(cache) } else { Reading::Unproved(cache) };
    match args.what {
        Audited::Channel(channel) => judged(session, channel, (Scope::All, reading)),
        Audited::Release(release) => {
            let releases = versions(session, release)?;
            judged(session, Which::Stable, (Scope::Only(&releases), reading))
        }
    }
}

/// The releases of the packages of a release of the train.
fn versions(session: &Session, release: Release) -> Result<BTreeMap<PackageName, Release>, Failure> {
    let unknown = || Failure::usage(format!("no line file has the release {release}")).next("trackside status");
    session.project.versions(release).cloned().ok_or_else(unknown)
}

/// Looks, and says what differs. Differences are the answer, and make exit code 1.
pub(super) fn judged(
    session: &Session,
    channel: Which,
    (scope, reading): (Scope<'_>, Reading<'_>),
) -> Result<Reply, Failure> {
    let (stores, project) = (&session.performer.stores, &session.project);
    let world = observe::drift(stores, project, channel, (scope, reading))?;
    let found = drifts(project, channel, &world, scope).map_err(|stop| Failure::refused(vec![stop]))?;
    let objects = trackside_domain::drift::objects(channel, &world.channel, scope).len();
    let stores = world.stores.len();
    let looked = format!("{} in {}", say::count(objects, "object"), say::count(stores, "store"));
    let verdict = if found.is_empty() { "nothing differs".to_owned() } else { say::count(found.len(), "difference") };
    let line = |drift: &Drift| {
        let Drift { code, store, subject, message } = drift;
        format!("{code}: {store} {subject}: {message}\n")
    };
    let lines: String = found.iter().map(line).collect();
    let back = taken_back(channel, &world);
    let left = match back {
        0 => String::new(),
        back => format!("{} of releases that were taken back\n", say::count(back, "object")),
    };
    let digests = !matches!(reading, Reading::None);
    let unread = if digests { "" } else { "; digests of objects were not compared (--digests does)" };
    let human = format!("{lines}{left}channel {channel}, {looked}: {verdict}{unread}\n");
    let json = json!({
        "channel": channel,
        "objects": objects,
        "stores": stores,
        "digests": digests,
        "taken_back": back,
        "differences": found,
    });
    let reply = Reply::new("drift", human, json);
    Ok(if found.is_empty() { reply } else { reply.ending(Exit::Failed) })
}
