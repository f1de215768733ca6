//! Where a line stands, what blocks it, and the next command.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::git::{ObjectId, TagName};
use crate::manifest::{CandidateRecord, Channel, ChannelMap};
use crate::name::{PackageName, RepositoryName};
use crate::plan::candidate::newest_tag;
use crate::plan::cut::{self, Request};
use crate::project::Project;
use crate::version::{Candidate, Line, Release};
use crate::world::{CandidateFacts, Observed};

/// What `status` looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusWorld {
    /// The refs of every repository.
    pub repositories: BTreeMap<RepositoryName, RefsWorld>,
    /// What the candidate store holds.
    pub facts: CandidateFacts,
    /// The maps of the channels that there are.
    pub channels: BTreeMap<Channel, ChannelMap>,
    /// What could not be read, and why: it is not known whether anything is missing there.
    pub unread: Vec<String>,
    /// The open run of the line or of a channel: its digest in short, and its command.
    pub open_run: Option<(String, String)>,
}

/// The refs of one repository that matter to a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefsWorld {
    /// The frozen cut point.
    pub cut: Observed<ObjectId>,
    /// The tip of the release branch.
    pub release: Observed<ObjectId>,
    /// Version tags with the commits that they point to.
    pub tags: BTreeMap<TagName, ObjectId>,
}

/// Where one line stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The line.
    pub line: Line,
    /// One row for each repository: its name and where it is.
    pub repositories: Vec<(String, String)>,
    /// One row for each package of the newest release under way.
    pub packages: Vec<(String, String)>,
    /// One row for each channel.
    pub channels: Vec<(String, String)>,
    /// What must happen before anything else can.
    pub blocks: Vec<String>,
    /// The next command; `None` when everything is done.
    pub next: Option<String>,
}

/// Finds out where a line stands. `request` is the cut of the line, as it would be asked for today.
pub fn status(project: &Project, request: &Request, world: &StatusWorld) -> Status {
    let line = request.line;
    let view = View { project, world, line };
    let mut blocks = view.unknown();
    let next = view.next(request, &mut blocks);
    Status {
        line,
        repositories: view.repositories(),
        packages: view.packages(),
        channels: view.channels(),
        blocks,
        next,
    }
}

struct View<'a> {
    project: &'a Project,
    world: &'a StatusWorld,
    line: Line,
}

impl View<'_> {
    fn unknown(&self) -> Vec<String> {
        let why = |(name, refs): (&RepositoryName, &RefsWorld)| match (&refs.cut, &refs.release) {
            (Observed::Unknown(why), _) | (_, Observed::Unknown(why)) => Some(format!("{name}: not observed: {why}")),
            _ => None,
        };
        let repositories = self.world.repositories.iter().filter_map(why);
        repositories.chain(self.world.unread.iter().cloned()).collect()
    }

    fn repositories(&self) -> Vec<(String, String)> {
        let word = |refs: &RefsWorld| match (&refs.cut, &refs.release) {
            (Observed::Known(cut), Observed::Known(tip)) if cut == tip => format!("cut at {}", cut.short()),
            (Observed::Known(cut), Observed::Known(tip)) => format!("cut at {}, now at {}", cut.short(), tip.short()),
            (Observed::Known(cut), Observed::Absent) => {
                format!("half cut: cut point {} without a release branch", cut.short())
            }
            (Observed::Absent, Observed::Known(tip)) => {
                format!("release branch at {} without a cut point", tip.short())
            }
            (Observed::Absent, Observed::Absent) => "not cut".to_owned(),
            (Observed::Unknown(_), _) | (_, Observed::Unknown(_)) => "not observed".to_owned(),
        };
        self.world.repositories.iter().map(|(name, refs)| (name.to_string(), word(refs))).collect()
    }

    /// The newest release of the line that is not promoted, or the newest of all.
    fn release(&self) -> Option<Release> {
        let releases: Vec<Release> = self.project.line(self.line)?.releases.keys().copied().collect();
        releases.iter().copied().find(|release| !self.is_promoted(*release)).or_else(|| releases.last().copied())
    }

    fn is_promoted(&self, release: Release) -> bool {
        let stable = self.world.channels.get(&Channel::Stable);
        let has = |(package, version): (&PackageName, &Release)| {
            stable.is_some_and(|map| map.releases.get(package).is_some_and(|releases| releases.contains_key(version)))
        };
        self.project.versions(release).is_some_and(|versions| versions.iter().all(has))
    }

    fn newest(&self, release: Release) -> Option<(Candidate, &CandidateRecord)> {
        let mut newest_first = self.world.facts.records.iter().rev();
        newest_first.find(|(candidate, _)| candidate.release == release).map(|(candidate, record)| (*candidate, record))
    }

    fn packages(&self) -> Vec<(String, String)> {
        let Some(release) = self.release() else { return Vec::new() };
        let newest = self.newest(release).map(|(_, record)| record);
        let versions = self.project.versions(release).into_iter().flatten();
        versions.map(|(package, version)| (package.to_string(), self.package(package, *version, newest))).collect()
    }

    fn package(&self, package: &PackageName, version: Release, record: Option<&CandidateRecord>) -> String {
        let Some(entry) = record.and_then(|record| record.packages.get(package)) else {
            return format!("{version}: in no candidate");
        };
        let carried = entry.carried_from.map_or_else(String::new, |from| format!(", carried over from {from}"));
        let staged = match self.world.facts.manifests.get(&(package.clone(), entry.candidate)) {
            None => "nothing staged".to_owned(),
            Some((_, manifest)) if manifest.sealed => format!("complete, {} artifacts", manifest.artifacts.len()),
            Some((_, manifest)) => format!("{} artifacts, not complete", manifest.artifacts.len()),
        };
        format!("{} on {}{carried}: {staged}", entry.tag, entry.commit.short())
    }

    fn channels(&self) -> Vec<(String, String)> {
        let row = |channel: Channel| {
            let entries = self.world.channels.get(&channel).into_iter().flat_map(ChannelMap::entries);
            let of_line = entries.filter(|(_, _, entry)| entry.candidate.release.line == self.line);
            let names: Vec<String> =
                of_line.map(|(package, release, entry)| format!("{package} {release} ({})", entry.candidate)).collect();
            let text = if names.is_empty() { "nothing of this line".to_owned() } else { names.join(", ") };
            (channel.to_string(), text)
        };
        vec![row(Channel::Test), row(Channel::Stable)]
    }

    fn next(&self, request: &Request, blocks: &mut Vec<String>) -> Option<String> {
        if let Some((digest, command)) = &self.world.open_run {
            blocks.push(format!("run {digest} of `{command}` is open"));
            return Some(format!("trackside resume {digest}"));
        }
        if !self.world.unread.is_empty() {
            return Some(format!("remove what blocks, then: trackside status {}", self.line));
        }
        let due = cut::selected(self.project, request).unwrap_or_default();
        let is_cut = |name: &&RepositoryName| {
            let refs = self.world.repositories.get(*name);
            refs.is_some_and(|refs| refs.cut.known().is_some() && refs.release.known().is_some())
        };
        if !due.iter().all(is_cut) {
            return Some(format!("trackside cut {}", self.line));
        }
        let release = self.release()?;
        if self.is_promoted(release) {
            return None;
        }
        let candidate = format!("trackside candidate {release}");
        let Some((newest, record)) = self.newest(release) else { return Some(candidate) };
        let moved = self.moved(release, record);
        if !moved.is_empty() {
            blocks.push(format!("since {newest}, new commits or packages: {}", moved.join(", ")));
            return Some(candidate);
        }
        Some(self.next_for(newest, record, blocks))
    }

    /// The packages whose release branch has moved on since the record, or that it does not have.
    fn moved(&self, release: Release, record: &CandidateRecord) -> Vec<String> {
        let moved = |(package, version): &(&PackageName, &Release)| {
            let declared = self.project.packages.get(*package);
            let refs = declared.and_then(|declared| self.world.repositories.get(&declared.repository));
            let Some(tip) = refs.and_then(|refs| refs.release.known()) else { return false };
            let released = version.tag().is_ok_and(|tag| refs.is_some_and(|refs| refs.tags.contains_key(&tag)));
            let tagged = refs.and_then(|refs| newest_tag(&refs.tags, **version)).map(|(_, _, commit)| commit);
            !record.packages.contains_key(*package) || (!released && tagged != Some(tip))
        };
        let versions = self.project.versions(release).into_iter().flatten();
        versions.filter(moved).map(|(package, _)| package.to_string()).collect()
    }

    fn next_for(&self, newest: Candidate, record: &CandidateRecord, blocks: &mut Vec<String>) -> String {
        let facts = &self.world.facts;
        let sealed = |package: &PackageName, candidate: Candidate| {
            facts.manifests.get(&(package.clone(), candidate)).is_some_and(|(_, manifest)| manifest.sealed)
        };
        let open: Vec<&str> = record
            .packages
            .iter()
            .filter(|(package, entry)| !sealed(package, entry.candidate))
            .map(|(package, _)| package.as_str())
            .collect();
        if !open.is_empty() {
            blocks.push(format!("{newest} is not complete: {}", open.join(", ")));
            return format!("trackside stage {newest} --from DIR");
        }
        match facts.verdicts.get(&newest) {
            Some((_, verdict)) if verdict.passed() => format!("trackside promote {}", newest.release),
            Some(_) => {
                blocks.push(format!("the newest verdict on {newest} did not pass"));
                format!("trackside verify {newest}")
            }
            None => {
                blocks.push(format!("{newest} is not verified"));
                format!("trackside verify {newest}")
            }
        }
    }
}

impl Status {
    /// For people.
    pub fn text(&self) -> String {
        let mut text = format!("line {}\n", self.line);
        for (title, rows) in
            [("repositories", &self.repositories), ("packages", &self.packages), ("channels", &self.channels)]
        {
            let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
            text.push_str(&format!("  {title}\n"));
            for (name, row) in rows {
                let written = writeln!(text, "    {name:width$}  {row}");
                debug_assert!(written.is_ok());
            }
        }
        self.blocks.iter().for_each(|block| text.push_str(&format!("  blocked: {block}\n")));
        let next = self.next.as_deref().unwrap_or("nothing; every release of the line is promoted");
        text.push_str(&format!("  next: {next}\n"));
        text
    }
}
