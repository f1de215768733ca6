//! The corpus of bad input: archives that a strict reader must refuse, each with the codes that it
//! must be refused by, and honest ones that look alike and must pass.
//!
//! The families are the rows of the corpus that release systems are measured by: the refusals of
//! PyPI's archive check, the ideas of the `malo` collection, and what is stricter than both. All of it
//! is generated here; no file of those collections is used.

mod bombs;
mod contents;
mod descriptors;
mod dist_info;
mod ends;
mod extras;
mod file_names;
mod headers;
mod honest;
mod modes;
mod names;
mod odd;
mod policy;
mod polyglots;
mod record;
pub mod samples;
mod truncated;

use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::finding::Profile;

/// A row of the corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Local headers, central directory and end records that do not agree or do not tile the file.
    Framing,
    /// Framing that looks odd and is honest.
    Honest,
    /// Checksums, sizes and deflate streams.
    Contents,
    /// Names of members.
    Names,
    /// Links, modes, a file and a folder of one name.
    Modes,
    /// Bombs, and numbers beyond the caps.
    Bombs,
    /// Methods, encryption, split archives.
    Methods,
    /// RECORD and the `.dist-info` folder.
    Record,
    /// METADATA.
    Metadata,
    /// WHEEL.
    WheelFile,
    /// entry_points.txt.
    EntryPoints,
    /// Names of files.
    FileNames,
    /// Source distributions: tar and gzip.
    Sdist,
    /// Conda packages.
    Conda,
    /// Files that are two things at once.
    Polyglots,
    /// Damage in transit.
    Damage,
}

impl Family {
    /// All of them with the number of malformed files (of honest ones in [`Family::Honest`]) that each has
    /// at least, so that no table is lost unnoticed. Tables beside the reader's tests count too.
    pub const LEAST: [(Self, usize); 16] = [
        (Self::Framing, 90),
        (Self::Honest, 30),
        (Self::Contents, 25),
        (Self::Names, 49),
        (Self::Modes, 17),
        (Self::Bombs, 7),
        (Self::Methods, 16),
        (Self::Record, 33),
        (Self::Metadata, 23),
        (Self::WheelFile, 14),
        (Self::EntryPoints, 28),
        (Self::FileNames, 35),
        (Self::Sdist, 184),
        (Self::Conda, 91),
        (Self::Polyglots, 13),
        (Self::Damage, 116),
    ];
}

/// One file of the corpus.
#[derive(Clone, Debug)]
pub struct Case {
    /// The row.
    pub family: Family,
    /// What is wrong, or odd, in words; unique in its family.
    pub what: String,
    /// The name that the file must have.
    pub file_name: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// What a reader must find, in the order of the discovery and without repetitions: the errors of
    /// the mildest profile that refuses it, or the warnings in a channel. Empty for damage, which is
    /// refused by whatever it hits.
    pub codes: &'static [&'static str],
    /// The mildest profile that refuses it, as every stricter one does; none if all accept it.
    pub refused_from: Option<Profile>,
}

impl Case {
    /// The kind that its name stands for.
    pub fn kind(&self) -> ArtifactKind {
        ArtifactKind::of_file_name(&self.file_name).unwrap_or(ArtifactKind::Wheel)
    }
}

/// A case of a table whose family and file name are the same for all: what, bytes, codes.
type Row = (&'static str, Vec<u8>, &'static [&'static str]);

/// Cases that every profile refuses.
fn refused(family: Family, file_name: &str, rows: Vec<Row>) -> Vec<Case> {
    refused_from(Profile::Channel, family, file_name, rows)
}

/// Cases that a profile refuses, and no milder one.
fn refused_from(profile: Profile, family: Family, file_name: &str, rows: Vec<Row>) -> Vec<Case> {
    table(family, file_name, rows, Some(profile))
}

/// Cases that every profile accepts; the codes are warnings.
fn accepted(family: Family, file_name: &str, rows: Vec<Row>) -> Vec<Case> {
    table(family, file_name, rows, None)
}

fn table(family: Family, file_name: &str, rows: Vec<Row>, refused_from: Option<Profile>) -> Vec<Case> {
    let case = |(what, bytes, codes): Row| {
        let (what, file_name) = (what.to_owned(), file_name.to_owned());
        Case { family, what, file_name, bytes, codes, refused_from }
    };
    rows.into_iter().map(case).collect()
}

/// The tables, each to be built on its own: some cases are large.
pub const TABLES: [fn() -> Vec<Case>; 26] = [
    bombs::bombs,
    bombs::caps,
    contents::contents,
    contents::streams,
    descriptors::descriptors,
    dist_info::folders,
    dist_info::metadata,
    dist_info::wheel_file,
    ends::end_records,
    ends::zip64_records,
    extras::extras,
    file_names::file_names,
    headers::headers,
    honest::zips,
    honest::wheels,
    modes::modes,
    names::names,
    names::collisions,
    odd::odd,
    odd::uploads,
    odd::upload_names,
    policy::policy,
    polyglots::polyglots,
    record::record_files,
    record::forms,
    truncated::truncated,
];
