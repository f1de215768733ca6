//! `index import`: the files of a channel that was there before trackside was become part of it, where they lie.
//! Records of them are written and the pages are rendered anew; no artifact is touched.

mod claims;
mod disagree;
mod elsewhere;
mod evidence;
mod files;
mod judge;
mod known;
mod old;

use std::collections::{BTreeMap, BTreeSet};

pub use self::claims::{Claim, Claims};
pub use self::files::NewFile;
pub use self::judge::Import;
pub use self::old::{OldPage, old_pages};

use crate::action::{Action, Content, Location};
use crate::digest::Sha256;
use crate::manifest::{Channel, Proof};
use crate::name::PackageName;
use crate::plan::change::Change;
use crate::plan::promote::Reading;
use crate::plan::promote::objects::{Way, late};
use crate::plan::{Command, Decision, Phase, Step, Stop, StopKind, rebuild};
use crate::project::Project;
use crate::say::{count, typed};
use crate::storage_key::{Part, StorageKey};
use crate::store::{Fingerprint, ObjectKey, StoreKind, StoreUrl};
use crate::world::{ChannelWorld, Found, MirrorWorld};

/// The way on where a mirror has other bytes.
const HINT: &str = "find out which of them is meant: trackside replaces neither";

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The channel.
    pub channel: Channel,
    /// Whether a digest that the old pages say is taken without reading the file.
    pub trust_pages: bool,
    /// Whether files come in that no old page links to: whoever took a release back may have removed its link alone.
    pub take_unlinked: bool,
    /// The packages whose links to other indexes may vanish.
    pub drop_links: BTreeSet<PackageName>,
    /// Objects, or folders of them, that are not taken in; of pages, that they are not read.
    pub leave_out: BTreeSet<ObjectKey>,
}

/// What is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportWorld {
    /// All of the channel.
    pub channel: ChannelWorld,
    /// What lies in its folders, with the sizes.
    pub sizes: BTreeMap<ObjectKey, u64>,
    /// What the server called the content of an object when it was looked at, where it did.
    pub tags: BTreeMap<ObjectKey, String>,
    /// What those pages say that are not trackside's.
    pub claims: Claims,
    /// What was read of the new files.
    pub evidence: BTreeMap<ObjectKey, Evidence>,
    /// What is there in mirrors of what goes there.
    pub there: BTreeMap<Location, Found>,
}

/// What was read of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// The digest of all its bytes.
    pub sha256: Option<Sha256>,
    /// The METADATA inside of a wheel.
    pub inside: Option<Stated>,
    /// The `.metadata` object beside it, with its size.
    pub beside: Option<(Stated, u64)>,
    /// Why it cannot be read as what its name says.
    pub trouble: Option<String>,
    /// What the server calls the content that was read.
    pub tag: Option<String>,
}

/// What a metadata file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// Its digest.
    pub sha256: Sha256,
    /// The Pythons that it requires.
    pub requires_python: Option<String>,
}

/// A file that must be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToRead {
    /// The file.
    pub file: NewFile,
    /// Whether all of it is read.
    pub full: bool,
    /// The object with its metadata, if there is one.
    pub beside: Option<ObjectKey>,
}

impl Request {
    /// The command as it is journalled.
    pub fn command(&self) -> Command {
        Command::Import {
            channel: self.channel,
            trust_pages: self.trust_pages,
            take_unlinked: self.take_unlinked,
            drop_links: self.drop_links.iter().cloned().collect(),
            leave_out: self.leave_out.iter().cloned().collect(),
        }
    }

    /// The same command, as it is typed, that leaves these out too.
    fn without<'a>(&self, keys: impl IntoIterator<Item = &'a ObjectKey>) -> String {
        let leave = |key: &ObjectKey| format!(" --leave-out {}", typed(key.as_str()));
        let more: String = keys.into_iter().map(leave).collect();
        format!("trackside {}{more}", self.command())
    }

    fn leaves_out(&self, key: &ObjectKey) -> bool {
        self.leave_out.iter().any(|left| key == left || key.below(left).is_some())
    }
}

impl ImportWorld {
    fn has(&self, key: &str) -> bool {
        key.parse::<ObjectKey>().is_ok_and(|key| self.sizes.contains_key(&key))
    }
}

/// What must be read, once listing and pages are known.
pub fn to_read(project: &Project, request: &Request, world: &ImportWorld) -> Vec<ToRead> {
    let look = |file: NewFile| {
        let said = world.claims.files.get(&file.key).and_then(Claim::digest);
        let full = !request.trust_pages || said.is_none();
        let beside = format!("{}{}", file.key, Part::Metadata.suffix());
        let beside = beside.parse().ok().filter(|beside| world.sizes.contains_key(beside));
        ToRead { file, full, beside }
    };
    files::sorted(project, request, world).new.into_iter().map(look).collect()
}

/// Decides what is to be done.
pub fn decide(project: &Project, request: &Request, world: &ImportWorld) -> Decision {
    let import = match Import::of(project, request, world) {
        Ok(import) => import,
        Err(stops) => return Decision::Refused(stops),
    };
    let mut steps: Vec<Step> = record_step(project, world, &import).into_iter().collect();
    match copies(project, world, &import) {
        Ok(copies) => steps.extend(copies),
        Err(stops) => return Decision::Refused(stops),
    }
    let seen = import.seen(&world.channel);
    let about = import.map.packages().into_iter().cloned().collect();
    let arriving = seen.mirrors.iter().flat_map(|mirror| crate::plan::everywhere::missing(mirror, &import.map));
    let arriving = arriving.cloned().collect();
    let change = Change { project, world: &seen, map: &import.map, about, brought: BTreeMap::new(), arriving };
    match rebuild::removals(&change, |key| request.leaves_out(key)) {
        Ok(removals) => steps.extend(removals),
        Err(stop) => return Decision::Refused(vec![stop]),
    }
    let nothing =
        format!("every file of channel {} belongs to it, and its pages are as they should be", request.channel);
    change.decide(request.command(), steps, vec![nothing]).noting(import.notes)
}

/// The records, and a last look at the files that they are about: whoever can replace them may have done so since
/// they were read. A folder says nothing of that, so what was read there is read again.
fn record_step(project: &Project, world: &ImportWorld, import: &Import) -> Vec<Step> {
    if import.records.is_empty() {
        return Vec::new();
    }
    let store = &project.stable;
    let create = |(package, record): (&PackageName, &crate::manifest::ImportRecord)| {
        let (channel, package, sha256) = (import.map.channel, package.clone(), record.digest());
        let to = Location { store: store.clone(), key: StorageKey::Imported { channel, package, sha256 }.key() };
        Action::CreateObject { to, content: Content::Text(record.to_text()) }
    };
    let records: Vec<Action> = import.records.iter().map(create).collect();
    let of = |verb, noun, number| format!("{}: {verb} {}", import.map.channel, count(number, noun));
    let title = of("write", "record", records.len());
    let looks = looks(store, world, import);
    let look = Step::new(&["look"], of("look at", "file", import.files.len()), Phase::ReadBack, looks);
    // Where files are only left out there is none.
    let look = Some(look).filter(|look| !look.actions.is_empty());
    std::iter::once(Step::new(&["records"], title, Phase::Write, records)).chain(look).collect()
}

fn looks(store: &StoreUrl, world: &ImportWorld, import: &Import) -> Vec<Action> {
    let files = import.records.values().flat_map(|record| &record.files);
    let trusted = files.filter(|file| file.proof == Proof::Page).map(|file| StorageKey::stable(&file.artifact).key());
    let trusted: BTreeSet<ObjectKey> = trusted.collect();
    let again = |key: &ObjectKey| store.kind() == StoreKind::Folder && !trusted.contains(key);
    let (again, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
        import.files.clone().into_iter().partition(|(key, _)| again(key));
    let read = |(key, Fingerprint { size, sha256 })| Action::ReadBack {
        at: Location { store: store.clone(), key },
        size,
        sha256,
    };
    let mut looks: Vec<Action> = again.into_iter().map(read).collect();
    if !others.is_empty() {
        let tag = |key: &ObjectKey| Some((key.clone(), world.tags.get(key)?.clone()));
        let tags = others.keys().filter_map(tag).collect();
        looks.push(Action::CheckObjects { store: store.clone(), objects: others, tags });
    }
    looks
}

/// What a mirror of the channel has not of it, and so gets.
fn copies(project: &Project, world: &ImportWorld, import: &Import) -> Result<Vec<Step>, Vec<Stop>> {
    let after = import.after(&world.channel);
    let (mut steps, mut stops) = (Vec::new(), Vec::new());
    for ((name, to), mirror) in mirrors(project, &after) {
        let way = Way { name: &name, to, from: &project.stable, classic: true, there: &world.there, hint: HINT };
        for late in late(&after, mirror, Reading::All) {
            match way.steps(&late) {
                Ok(more) => steps.extend(more),
                Err(more) => stops.extend(more),
            }
        }
    }
    if stops.is_empty() { Ok(steps) } else { Err(stops) }
}

/// The objects that go to each mirror, by its store, to be looked for there.
pub fn places<'a>(project: &'a Project, world: &ImportWorld, import: &Import) -> Vec<(&'a StoreUrl, Vec<ObjectKey>)> {
    let after = import.after(&world.channel);
    let of_mirror = |((_, to), mirror): ((String, &'a StoreUrl), &MirrorWorld)| {
        let late = late(&after, mirror, Reading::All);
        (to, late.into_iter().flat_map(|bundle| bundle.objects).map(|object| object.stable).collect())
    };
    mirrors(project, &after).map(of_mirror).collect()
}

fn mirrors<'a, 'w>(
    project: &'a Project,
    world: &'w ChannelWorld,
) -> impl Iterator<Item = ((String, &'a StoreUrl), &'w MirrorWorld)> {
    project.released_stores().skip(1).zip(&world.mirrors)
}

/// A stop of this command.
fn stop(kind: StopKind, code: &'static str, subject: impl Into<String>, message: impl Into<String>) -> Stop {
    Stop::new(kind, code, subject, message)
}
