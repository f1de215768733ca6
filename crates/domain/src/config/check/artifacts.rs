//! How artifacts are judged: limits, and the codes that are raised or lowered.

use std::collections::BTreeMap;

use crate::artifact_set::Limits;
use crate::config::raw::{RawArtifacts, Text};
use crate::config::read::Source;
use crate::finding::{Code, Level, Severity};
use crate::project::ArtifactRules;

/// None when a code is not known, or may not be changed.
pub(super) fn check(raw: Option<&RawArtifacts>, source: &mut Source<'_>) -> Option<ArtifactRules> {
    let Some(raw) = raw else { return Some(ArtifactRules::default()) };
    let (file, total) = (raw.max_file_size.map(|size| size.0.0), raw.max_total_size.map(|size| size.0.0));
    let written = raw.severity.as_ref().map_or(&[][..], |severity| severity.list.as_slice());
    let severities: Vec<Option<(Code, Severity)>> =
        written.iter().map(|(name, severity)| Some((code(name, source)?, *severity))).collect();
    let severities: Option<BTreeMap<Code, Severity>> = severities.into_iter().collect();
    Some(ArtifactRules { limits: Limits { file, total }, severities: severities? })
}

fn code(name: &Text, source: &mut Source<'_>) -> Option<Code> {
    let Ok(code) = name.value.parse::<Code>() else {
        let known: Vec<&str> = Code::ALL.iter().map(|code| code.id()).collect();
        let what = format_args!("no finding has the code `{}`", name.value.escape_debug());
        source.report_one_unknown(&name.span, what, &name.value, (&known, "trackside artifact codes"));
        return None;
    };
    if code.level() == Level::Fixed {
        let what = format_args!(
            "`{code}` is always an error, like all that is wrong with framing, name, version or RECORD (source: {})",
            code.source()
        );
        source.report(&name.span, what);
        return None;
    }
    Some(code)
}
