//! `trackside artifact inspect`: what files say about themselves, their sizes and their digests.

use serde_json::{Value, json};
use trackside_artifact::{About, Inspection, ReadError, Said, inspect};
use trackside_domain::say::{bytes, count};

use super::files::{Named, Talk, each, named, unreadable};
use super::text::{columns, plain};
use crate::cli::{ArtifactInspect, Global};
use crate::error::{Exit, Failure};
use crate::reply::{Output, Reply};

pub(super) fn run(global: &Global, output: Output, args: &ArtifactInspect) -> Result<Reply, Failure> {
    let files = named(&args.files)?;
    let talk = Talk { verb: "inspecting", global, output };
    let found = each(&files, &talk, |file| inspect(&file.path, file.kind));
    let human: Vec<String> = files.iter().zip(&found).map(|(file, found)| human(file, found)).collect();
    let documents: Vec<Value> = files.iter().zip(&found).map(|(file, found)| document(file, found)).collect();
    let exit = if found.iter().all(Result::is_ok) { Exit::Done } else { Exit::Failed };
    Ok(Reply::new("artifact-inspect", human.join("\n"), json!({ "files": documents })).ending(exit))
}

fn document(file: &Named, found: &Result<Inspection, ReadError>) -> Value {
    let mut document = match found {
        Ok(inspection) => json!(inspection),
        Err(error) => json!({ "kind": file.kind, "findings": error.findings() }),
    };
    document["path"] = json!(file.path.to_string_lossy());
    document["error"] = json!(found.as_ref().err().map(unreadable));
    document["ratio"] = json!(found.as_ref().ok().map(ratio));
    document
}

/// Unpacked bytes for each byte of the file.
fn ratio(inspection: &Inspection) -> Value {
    let hundredths = inspection.ratio_in_hundredths();
    // Through a text, so that 2.5 is not 2.4999999.
    serde_json::from_str(&format!("{}.{:02}", hundredths / 100, hundredths % 100)).unwrap_or(Value::Null)
}

fn human(file: &Named, found: &Result<Inspection, ReadError>) -> String {
    match found {
        Ok(inspection) => {
            let rows: Vec<[String; 2]> = rows(inspection).into_iter().flat_map(below_each_other).collect();
            format!("{}\n{}", plain(&inspection.file_name), columns("  ", &rows))
        }
        Err(error) => {
            let rest: String =
                error.findings().iter().skip(1).map(|finding| format!("  {}\n", plain(&finding.to_string()))).collect();
            format!("{}\n  error: {}\n{rest}", plain(&file.path.to_string_lossy()), unreadable(error))
        }
    }
}

/// A word and the lines that belong to it.
type Row = (&'static str, Vec<String>);

/// The word stands before the first line only; without lines it is left out.
fn below_each_other((word, lines): Row) -> Vec<[String; 2]> {
    let word = |index| if index == 0 { word.to_owned() } else { String::new() };
    lines.iter().enumerate().map(|(index, line)| [word(index), plain(line)]).collect()
}

fn rows(inspection: &Inspection) -> Vec<Row> {
    let Inspection { kind, size, sha256, blake2b_256, said, .. } = inspection;
    let Said { name, version, build, tags, other_tags, members, unpacked_size, metadata, metadata_sha256, entries: _ } =
        said;
    let one = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
    let package = [name, version].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let hundredths = inspection.ratio_in_hundredths();
    let unpacked = format!(
        "{} in {}, {}.{:02} times the file",
        bytes(*unpacked_size),
        count(*members, "member"),
        hundredths / 100,
        hundredths % 100
    );
    let mut rows = vec![
        ("kind", vec![kind.to_string()]),
        ("package", Some(package).filter(|package| !package.is_empty()).into_iter().collect()),
        ("build", one(build)),
        ("tags", tags.clone()),
        ("tags in WHEEL", other_tags.clone()),
        ("size", vec![format!("{} ({size} bytes)", bytes(*size))]),
        ("unpacked", vec![unpacked]),
        ("sha256", vec![sha256.to_string()]),
        ("blake2b-256", vec![blake2b_256.to_string()]),
        ("METADATA", metadata_sha256.iter().map(|digest| format!("sha256 {digest} (PEP 658)")).collect()),
    ];
    rows.extend(metadata.iter().flat_map(about));
    rows
}

fn about(about: &About) -> Vec<Row> {
    let one = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
    vec![
        ("summary", one(&about.summary)),
        ("python", one(&about.requires_python)),
        ("requires", about.requires_dist.clone()),
        ("extras", about.provides_extra.clone()),
        ("licence", about.license_expression.iter().chain(&about.license).map(|text| in_short(text)).collect()),
        ("licence files", about.license_files.clone()),
        ("classifiers", about.classifiers.clone()),
        ("URLs", about.project_urls.clone()),
        ("metadata version", one(&about.metadata_version)),
    ]
}

/// Some packages have the whole text of their licence in the field.
fn in_short(text: &str) -> String {
    const SHOWN: usize = 100;
    let short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() { format!("{short}...") } else { short }
}
