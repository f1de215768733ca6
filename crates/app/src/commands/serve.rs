//! `trackside serve`: a channel's store over HTTP, read-only.

use serde_json::json;
use trackside_domain::manifest::Channel;
use trackside_effects::Trouble;
use trackside_effects::store::Access;

use crate::cli::{Global, Serve};
use crate::environment::Environment;
use crate::error::{Exit, Failure};
use crate::reply::{Output, Reply};
use crate::serve::Root;
use crate::session::{load, release_repository};

pub(super) fn run(global: &Global, environment: &Environment, output: Output, args: &Serve) -> Result<Reply, Failure> {
    let project = load(&release_repository(global)?)?;
    let store = match Channel::from(args.channel) {
        Channel::Test => project.test,
        Channel::Stable => project.stable,
    };
    let root = Root::of(&environment.stores().open(&store, Access::Read).map_err(Trouble::from)?);
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let mut signals = signal_hook::iterator::Signals::new([signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM])
        .map_err(|error| Failure::new(Exit::Failed, format!("signals: {error}")))?;
    std::thread::spawn(move || {
        if signals.forever().next().is_some() && stop.send(()).is_err() {
            // The server has ended by itself: there is nothing left to stop.
        }
    });
    crate::serve::run(root, args.listen, stopped, |addr| output.say(&format!("serving {store} at http://{addr}/")))
        .map_err(|error| Failure::new(Exit::Failed, trackside_effects::with_causes(&error)))?;
    Ok(Reply::new("serve", "stopped", json!({ "store": store })))
}
