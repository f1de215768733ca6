//! `info/run_exports.json`: what a package that is built with this one has to depend on.

use serde::Deserialize;
use trackside_domain::conda::RunExports;
use trackside_domain::finding::Code;

use super::{RUN_EXPORTS, json, spec};
use crate::finding::Findings;
use crate::tar::Tree;

/// The lists by strength, or one list, which is weak (conda-build's older form).
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Lists(Lists),
    Weak(Vec<String>),
}

#[derive(Deserialize)]
struct Lists {
    noarch: Option<Vec<String>>,
    strong: Option<Vec<String>>,
    strong_constrains: Option<Vec<String>>,
    weak: Option<Vec<String>>,
    weak_constrains: Option<Vec<String>>,
}

/// What the file says; nothing if there is none, which is usual, or if it was a finding.
pub(super) fn read(tree: &Tree, findings: &mut Findings) -> RunExports {
    let Some(bytes) = tree.kept.get(RUN_EXPORTS) else {
        if tree.members.iter().any(|member| member.name == RUN_EXPORTS && member.size > 0) {
            findings.member(Code::CondaRunExports, RUN_EXPORTS, "it is too large");
        }
        return RunExports::default();
    };
    match json::read::<Written>(bytes) {
        Ok(written) => checked(written.into(), findings),
        Err(reason) => {
            findings.member(Code::CondaRunExports, RUN_EXPORTS, reason);
            RunExports::default()
        }
    }
}

fn checked(exports: RunExports, findings: &mut Findings) -> RunExports {
    let RunExports { noarch, strong, strong_constrains, weak, weak_constrains } = &exports;
    let specs = [noarch, strong, strong_constrains, weak, weak_constrains].into_iter().flatten();
    for text in specs.filter(|text| !spec::is_plain(text)) {
        let message = format!("`{}` is no plain match specification", super::index::shown(text));
        findings.member(Code::CondaRunExports, RUN_EXPORTS, message);
    }
    exports
}

impl From<Written> for RunExports {
    fn from(written: Written) -> Self {
        match written {
            Written::Weak(weak) => Self { weak, ..Self::default() },
            Written::Lists(lists) => Self {
                noarch: lists.noarch.unwrap_or_default(),
                strong: lists.strong.unwrap_or_default(),
                strong_constrains: lists.strong_constrains.unwrap_or_default(),
                weak: lists.weak.unwrap_or_default(),
                weak_constrains: lists.weak_constrains.unwrap_or_default(),
            },
        }
    }
}
