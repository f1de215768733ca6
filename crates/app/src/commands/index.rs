//! `trackside index`: check and rebuild; see the planners of these names for what is decided.

use trackside_domain::drift::Scope;
use trackside_domain::plan::{Command, rebuild};
use trackside_effects::observe::{self, Interest, Reading};

use super::channel::judged;
use crate::carry_out::carry_out;
use crate::cli::{ChannelArgs, Index};
use crate::error::Failure;
use crate::reply::Reply;
use crate::session::Session;

pub(super) fn run(session: &Session, what: Index) -> Result<Reply, Failure> {
    match what {
        Index::Check(args) => {
            let reading = if args.digests { Reading::All(&session.cache) } else { Reading::None };
            judged(session, args.channel.into(), (Scope::All, reading))
        }
        Index::Rebuild(args) => rebuild(session, &args),
    }
}

fn rebuild(session: &Session, args: &ChannelArgs) -> Result<Reply, Failure> {
    let channel = args.channel.into();
    carry_out(session, args.apply, &Command::Rebuild { channel }, || {
        let (stores, project) = (&session.performer.stores, &session.project);
        let world = observe::channel(stores, project, channel, Interest::Everything)?;
        Ok(rebuild::decide(project, channel, &world))
    })
}
