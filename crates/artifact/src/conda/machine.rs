//! The programs and libraries of a conda package against its subdir.

use trackside_domain::finding::Code;

use crate::binary::Machine;
use crate::finding::Findings;
use crate::tar::Tree;

/// The processor behind a subdir (conda's `KNOWN_SUBDIRS`); none for `noarch` and for those that no
/// program of ours is for.
fn machine(subdir: &str) -> Option<Machine> {
    let (_, processor) = subdir.split_once('-')?;
    Some(match processor {
        "64" => Machine::X86_64,
        "32" => Machine::X86,
        "aarch64" | "arm64" => Machine::Arm64,
        "armv6l" | "armv7l" => Machine::Arm,
        "ppc64" => Machine::Ppc64,
        "ppc64le" => Machine::Ppc64Le,
        "s390x" => Machine::S390x,
        "riscv64" => Machine::Riscv64,
        _ => return None,
    })
}

/// Checks that all are for the processor of the subdir.
pub(super) fn check(tree: &Tree, subdir: &str, findings: &mut Findings) {
    let Some(wanted) = machine(subdir) else {
        return;
    };
    for member in &tree.members {
        if let Some(found) = member.machine.filter(|found| *found != wanted) {
            let message = format!("it is for {found}, but `{subdir}` is for {wanted}");
            findings.member(Code::BinaryMachineDiffers, &member.name, message);
        }
    }
}
