//! `trackside index`: check, rebuild and import; see the planners of these names for what is decided.

use trackside_domain::drift::Scope;
use trackside_domain::plan::{Command, import, rebuild};
use trackside_effects::observe::{self, Reading};

use super::channel::judged;
use crate::carry_out::carry_out;
use crate::cli::{ChannelArgs, Import, Index};
use crate::error::Failure;
use crate::meter::Meter;
use crate::reply::Reply;
use crate::session::Session;

pub(super) fn run(session: &Session, what: Index) -> Result<Reply, Failure> {
    match what {
        Index::Check(args) => {
            let reading = if args.digests { Reading::All(&session.cache) } else { Reading::None };
            judged(session, args.channel.into(), (Scope::All, reading))
        }
        Index::Rebuild(args) => rebuild(session, &args),
        Index::Import(args) => import(session, args),
    }
}

fn rebuild(session: &Session, args: &ChannelArgs) -> Result<Reply, Failure> {
    let channel = args.channel.into();
    carry_out(session, args.apply, Command::Rebuild { channel }, || {
        let (stores, project) = (&session.performer.stores, &session.project);
        let world = observe::rebuild(stores, project, channel)?;
        Ok(rebuild::decide(project, channel, &world))
    })
}

fn import(session: &Session, args: Import) -> Result<Reply, Failure> {
    let Import { channel, trust_pages, take_unlinked, drop_links, leave_out, apply } = args;
    let (drop_links, leave_out) = (drop_links.into_iter().collect(), leave_out.into_iter().collect());
    let request = import::Request { channel: channel.into(), trust_pages, take_unlinked, drop_links, leave_out };
    carry_out(session, apply, request.command(), || {
        let (stores, project) = (&session.performer.stores, &session.project);
        let meter = Meter::new(session.output, session.global.quiet);
        let world = observe::import((stores, &session.cache), project, &request, &meter)?;
        Ok(import::decide(project, &request, &world))
    })
}
