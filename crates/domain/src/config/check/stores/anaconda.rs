//! The labels of anaconda.org that channels have beside their stores.

use std::collections::BTreeMap;

use crate::config::raw::{RawProject, Text};
use crate::config::read::Source;
use crate::manifest::Channel;
use crate::store::{StoreKind, StoreUrl};

/// How labels begin under which files wait until they are switched.
const HIDDEN: &str = "trackside-";

/// The label of each channel that has one; `None` if one is refused.
pub(super) fn check(raw: &RawProject, source: &mut Source<'_>) -> Option<BTreeMap<Channel, StoreUrl>> {
    let mut complete = true;
    for mirror in raw.channels.stable.mirrors.iter().flat_map(|mirrors| &mirrors.list) {
        if let Some(text) = &mirror.value.anaconda {
            source.report(&text.span, "a mirror has no label of anaconda.org: its channel has one");
            complete = false;
        }
    }
    let (test, stable) = (&raw.channels.test, &raw.channels.stable);
    let given = [(Channel::Test, test.anaconda.as_ref()), (Channel::Stable, stable.anaconda.as_ref())];
    let mut labels: BTreeMap<Channel, StoreUrl> = BTreeMap::new();
    for (channel, text) in given.into_iter().filter_map(|(channel, text)| Some((channel, text?))) {
        match label(text, source) {
            Some(url) if labels.values().any(|other| *other == url) => {
                source.report(&text.span, "both channels have this label: what is only staged would be released");
                complete = false;
            }
            Some(url) => drop(labels.insert(channel, url)),
            None => complete = false,
        }
    }
    complete.then_some(labels)
}

fn label(text: &Text, source: &mut Source<'_>) -> Option<StoreUrl> {
    let url: StoreUrl = source.parse(text)?;
    let wrong = match url.anaconda() {
        None => Some("a label of anaconda.org is needed: `anaconda://OWNER/LABEL`"),
        Some(parts) if parts.label.starts_with(HIDDEN) => {
            Some("labels that begin with `trackside-` hold files that wait to be released")
        }
        Some(_) => None,
    };
    debug_assert!(wrong.is_some() || url.kind() == StoreKind::Anaconda);
    if let Some(wrong) = wrong {
        source.report(&text.span, wrong);
        return None;
    }
    Some(url)
}
