//! The tables of `trackside.toml` and `lines/M.m.toml` as they are written, before any check.

mod edit;
mod scalars;
mod words;

pub(super) use self::edit::EditForm;
pub(super) use self::scalars::{Date, Size};
use super::read::{Entries, Located, OneOrMany, Tables, table};
use crate::artifact_kind::ArtifactKind;
use crate::edit::PinTo;
use crate::finding::Severity;
use crate::project::Delivery;

/// A text and where it stands.
pub(super) type Text = Located<String>;
/// A list of texts.
pub(super) type Texts = Vec<Text>;

table! {
    /// `trackside.toml`: what a project is made of and where its releases go.
    RawProject as "trackside.toml" {
        /// The waves in the order in which they are cut.
        waves: Located<Texts> = "waves",
        /// The project itself.
        project: RawIdentity = "project",
        /// Where plans and runs are kept; the user's state folder if it is left out.
        state: Option<RawStore> = "state",
        /// Where the channels live.
        channels: RawChannels = "channels",
        /// Where a second copy of every staged artifact is kept.
        backup: RawStore = "backup",
        /// The indexes that dependencies come from.
        indexes: Option<RawIndexes> = "indexes",
        /// How artifacts are judged.
        artifacts: Option<RawArtifacts> = "artifacts",
        /// Exceptions to what stores must do.
        waivers: Option<Tables<RawWaiver>> = "waivers",
        /// The repositories by short names.
        repositories: Entries<RawRepository> = "repositories",
        /// The packages.
        packages: Entries<RawPackage> = "packages",
    }
}

table! {
    /// The project itself.
    RawIdentity as "[project]" {
        /// The name of the project, for people.
        name: Text = "name",
        /// Who makes the commits and tags, `Name <mail@example.org>`.
        identity: Text = "identity",
    }
}

table! {
    /// A store of objects.
    RawStore as "a store" {
        /// `s3://bucket/prefix`, `gs://`, `az://`, `file:///folder`, or a folder such as `./store` beside this file.
        store: Text = "store",
    }
}

table! {
    /// The channels.
    RawChannels as "[channels]" {
        /// Holds candidates, and shows the sealed one.
        test: RawChannel = "test",
        /// Holds what was promoted.
        stable: RawStable = "stable",
        /// Files of other indexes that the pages of both channels link to.
        third_party: Option<Tables<RawLink>> = "third-party",
        /// Packages that a channel may hold beside those of the train and of other indexes.
        allow: Option<Texts> = "allow",
    }
}

table! {
    /// A channel.
    RawChannel as "a channel" {
        /// As of every store: `s3://bucket/prefix`, `gs://`, `az://`, `file:///folder`, or a folder such as `./store`.
        store: Text = "store",
        /// Where the public reads it, such as `https://download.example.org`.
        url: Option<Text> = "url",
        /// Where its conda packages go too: `anaconda://OWNER/LABEL`. A mirror has none.
        anaconda: Option<Text> = "anaconda",
    }
}

table! {
    /// The channel of released packages.
    RawStable as "[channels.stable]" {
        /// As of every store: `s3://bucket/prefix`, `gs://`, `az://`, `file:///folder`, or a folder such as `./store`.
        store: Text = "store",
        /// Where the public reads it, such as `https://download.example.org`.
        url: Option<Text> = "url",
        /// Stores that hold the same bytes and pages.
        mirrors: Option<Tables<RawChannel>> = "mirrors",
        /// Where the links of pages lead: `relative`, into the store of the page (if it is left out), or the `url`
        /// of this channel or of one of its mirrors.
        links: Option<Text> = "links",
        /// Where its conda packages go too: `anaconda://OWNER/LABEL`.
        anaconda: Option<Text> = "anaconda",
    }
}

table! {
    /// A file of another index.
    RawLink as "[[channels.third-party]]" {
        /// The package.
        package: Text = "package",
        /// Where the file is; the name of the file is the end of its path.
        url: Text = "url",
        /// Its digest.
        sha256: Text = "sha256",
        /// Its length in bytes.
        size: Size = "size",
        /// The Pythons that it requires.
        requires_python: Option<Text> = "requires-python",
        /// The digest of the metadata file beside it (PEP 658).
        metadata_sha256: Option<Text> = "metadata-sha256",
        /// The folders whose pages show it; every folder if it is left out.
        folders: Option<Texts> = "folders",
    }
}

table! {
    /// The indexes that dependencies come from.
    RawIndexes as "[indexes]" {
        /// URLs of simple indexes (PEP 503 or 691).
        external: Texts = "external",
    }
}

table! {
    /// How artifacts are judged, beside the rules that are never bent.
    RawArtifacts as "[artifacts]" {
        /// How large a file may be: bytes, or a text such as `1 GB` or `900 MiB`.
        max_file_size: Option<Size> = "max-file-size",
        /// How large all files of one package's release may be together.
        max_total_size: Option<Size> = "max-total-size",
        /// What a finding means, by its code; `trackside artifact codes` lists them.
        severity: Option<Entries<Severity>> = "severity",
    }
}

table! {
    /// A recorded exception to one thing that a store must do.
    RawWaiver as "[[waivers]]" {
        /// What need not hold, as `trackside doctor` calls it: `create-only` or `compare-and-swap`.
        code: Text = "code",
        /// The store: `test`, `stable`, `mirror-1`, `backup` or `state`.
        subject: Text = "subject",
        /// Why.
        reason: Text = "reason",
        /// Who answers for it.
        owner: Text = "owner",
        /// The last day on which a plan may be made with it, as `2026-12-31`.
        expires: Date = "expires",
    }
}

table! {
    /// One repository of the train.
    RawRepository as "a repository" {
        /// A git URL, or a path such as `../core` beside this file.
        url: Text = "url",
        /// The branch that is cut; the default branch if it is left out.
        cut_from: Option<Text> = "cut-from",
        /// The branch whose version is bumped after the cut; `main` if it is left out.
        default_branch: Option<Text> = "default-branch",
        /// The wave in which it is cut.
        wave: Text = "wave",
        /// The release branch; `release/{line}` if it is left out.
        release_branch: Option<Text> = "release-branch",
        /// The frozen cut point; `orig/release/{line}` if it is left out.
        cut_branch: Option<Text> = "cut-branch",
        /// Where the version stands; only in the line file if it is left out.
        version: Option<OneOrMany<RawVersion>> = "version",
        /// How commits reach their branches; pushed if it is left out.
        deliver: Option<RawDelivery> = "deliver",
        /// Whether edits may run commands of this repository; they may not if it is left out.
        commands: Option<Located<bool>> = "commands",
        /// The release-only edits, in order.
        edits: Option<Tables<EditForm>> = "edits",
    }
}

table! {
    /// A place that holds the version.
    RawVersion as "a version place" {
        /// The file.
        file: Text = "file",
        /// The text around the version, with `{version}` for it; the whole file if it is left out.
        pattern: Option<Text> = "pattern",
        /// Whether nothing but the release may stand there, no `a0`.
        exact: Option<bool> = "exact",
    }
}

table! {
    /// How commits reach their branches.
    RawDelivery as "`deliver`" {
        /// The release-only edits.
        edits: Option<Delivery> = "edits",
        /// The version bump of the default branch.
        bump: Option<Delivery> = "bump",
    }
}

table! {
    /// Replace a text wherever it stands in some files.
    RawSubstitute as "a `substitute` edit" {
        /// The kind of edit.
        #[schemars(extend("const" = "substitute"))]
        _kind: String = "kind",
        /// Paths or globs; each must match a file.
        files: Texts = "files",
        /// The text that is replaced.
        find: Option<Text> = "find",
        /// A regular expression, instead of `find`.
        find_regex: Option<Text> = "find-regex",
        /// The new text, with `{line}`, `{train}`, `{release}` and `{branch}`.
        replace: Text = "replace",
        /// How many places there must be.
        exactly: Option<Located<u32>> = "exactly",
        /// How many places there must be at least, instead of `exactly`.
        at_least: Option<Located<u32>> = "at-least",
    }
}

table! {
    /// Write a version into a file.
    RawSetVersion as "a `set-version` edit" {
        /// The kind of edit.
        #[schemars(extend("const" = "set-version"))]
        _kind: String = "kind",
        /// The file.
        file: Text = "file",
        /// The text around the version, with `{version}` for it; the whole file if it is left out.
        pattern: Option<Text> = "pattern",
        /// The new version, such as `{release}`.
        version: Text = "version",
    }
}

table! {
    /// Write the release branch or cut commit of another repository into a file.
    RawPin as "a `pin` edit" {
        /// The kind of edit.
        #[schemars(extend("const" = "pin"))]
        _kind: String = "kind",
        /// The file.
        file: Text = "file",
        /// The text around the pin, with `{pin}` for it; the whole file if it is left out.
        pattern: Option<Text> = "pattern",
        /// The other repository.
        repository: Text = "repository",
        /// What of it is written.
        to: PinTo = "to",
    }
}

table! {
    /// Apply a diff that must fit exactly.
    RawPatch as "a `patch` edit" {
        /// The kind of edit.
        #[schemars(extend("const" = "patch"))]
        _kind: String = "kind",
        /// The file with the diff, beside `trackside.toml`.
        file: Text = "file",
    }
}

table! {
    /// Run a program of the repository in a throw-away checkout and take what it changed.
    RawCommand as "a `command` edit" {
        /// The kind of edit.
        #[schemars(extend("const" = "command"))]
        _kind: String = "kind",
        /// The program and its arguments; there is no shell.
        run: Located<Texts> = "run",
        /// After so many seconds it is stopped; 300 if it is left out.
        timeout: Option<Located<u32>> = "timeout",
    }
}

table! {
    /// One package of the train.
    RawPackage as "a package" {
        /// The repository that it is built from.
        repository: Text = "repository",
        /// The packages of the train that it depends on.
        after: Option<Texts> = "after",
        /// The rows of its artifact matrix.
        matrix: Tables<RawRow> = "matrix",
    }
}

table! {
    /// One row of a matrix: the product of its lists, less its excludes.
    RawRow as "a matrix row" {
        /// What the artifacts are.
        kind: ArtifactKind = "kind",
        /// Python tags, such as `cp310`, `cp314t` or `py3`.
        python: Option<Vec<String>> = "python",
        /// The ABI tag of wheels: `{python}`, `none`, `abi3`.
        abi: Option<String> = "abi",
        /// Platform tags, such as `manylinux_2_28_x86_64`.
        platforms: Option<Vec<String>> = "platforms",
        /// Accelerators, such as `cpu` or `cu130`.
        accelerators: Option<Vec<String>> = "accelerators",
        /// The local version of wheels, such as `{accelerator}`, or `none`.
        local: Option<String> = "local",
        /// The folder of the channel, such as `{accelerator}`, or `none`.
        folder: Option<String> = "folder",
        /// The file name of what is no wheel, such as `libtorch-shared-with-deps-{version}+{accelerator}.zip`.
        name: Option<String> = "name",
        /// Combinations that are left out.
        excludes: Option<Vec<RawExclude>> = "excludes",
    }
}

table! {
    /// Combinations that are left out: those whose value is in each list that is given.
    RawExclude as "an exclude" {
        /// Only rows of this kind.
        kind: Option<ArtifactKind> = "kind",
        /// Python tags.
        python: Option<Vec<String>> = "python",
        /// Platforms.
        platforms: Option<Vec<String>> = "platforms",
        /// Accelerators.
        accelerators: Option<Vec<String>> = "accelerators",
    }
}

table! {
    /// `lines/M.m.toml`: the versions, dates and matrix changes of one line.
    RawLine as "a line file" {
        /// The line, which is also the name of the file.
        line: Text = "line",
        /// Dates by their names, as `2026-10-28`.
        dates: Option<Entries<Date>> = "dates",
        /// For each release of the train, the version of every package.
        releases: Entries<Entries<Text>> = "releases",
        /// Changes of the packages' matrices.
        matrix: Option<Entries<RawMatrixChange>> = "matrix",
    }
}

table! {
    /// How a line changes the matrix of a package.
    RawMatrixChange as "a matrix change" {
        /// Rows that it has in addition.
        add: Option<Tables<RawRow>> = "add",
        /// Combinations that it does not have.
        remove: Option<Tables<RawExclude>> = "remove",
    }
}
