//! The binaries of an artifact against what its name promises.

use std::collections::{BTreeMap, BTreeSet};

use trackside_domain::finding::Code;

use super::platform::Promise;
use super::{Binary, Elf, Format, Machine, PlatformVersion, Seen, Slice};
use crate::finding::Findings;

/// A member by its name, and what it is.
pub(crate) type Found<'a> = (&'a str, &'a Seen);

/// Checks a wheel with these platform tags.
pub(crate) fn check_wheel(tags: &[String], found: &[Found<'_>], findings: &mut Findings) {
    check_form(found, findings);
    let Some(promise) = Promise::of_tags(tags) else {
        return;
    };
    if promise.any {
        check_any(found, findings);
        return;
    }
    if found.is_empty() {
        findings.archive(Code::BinaryMissing, format!("no member is a binary, yet the platform is {}", promise.by));
    }
    check_members(&promise, found, findings);
    check_all_machines(&promise, found, findings);
}

/// Checks a zip, whose name may promise something. Where it says no processor, most binaries do.
pub(crate) fn check_zip(name: &str, found: &[Found<'_>], findings: &mut Findings) {
    check_form(found, findings);
    let mut promise = Promise::of_zip(name).unwrap_or_default();
    if promise.machines.values().all(BTreeSet::is_empty) {
        let formats: Vec<Format> = promise.machines.keys().copied().collect();
        if let Some((format, machine)) = most_common(found, &formats) {
            promise.machines = BTreeMap::from([(format, BTreeSet::from([machine]))]);
            "the majority".clone_into(&mut promise.by);
        }
    }
    check_members(&promise, found, findings);
    check_foreign(&promise, found, findings);
}

/// A binary of another system in a zip, for a processor that the zip is not for: nothing can use it.
fn check_foreign(promise: &Promise, found: &[Found<'_>], findings: &mut Findings) {
    let promised: BTreeSet<Machine> = promise.machines.values().flatten().copied().collect();
    for (member, binary, machines) in native(found) {
        if !promise.machines.contains_key(&binary.format()) && !promised.is_empty() && machines.is_disjoint(&promised) {
            let (is, wanted) = (listed(&machines), listed(&promised));
            let message = format!("it is a {} binary for {is}, but {} is for {wanted}", binary.format(), promise.by);
            findings.member(Code::BinaryMachineDiffers, member, message);
        }
    }
}

fn check_form(found: &[Found<'_>], findings: &mut Findings) {
    for (member, seen) in found {
        if let Err(reason) = seen {
            findings.member(Code::BinaryMalformed, member, format!("it begins like a binary, but {reason}"));
        }
    }
}

/// Those that could be read and are machine code of a CPU.
fn native<'a>(found: &'a [Found<'_>]) -> impl Iterator<Item = (&'a str, &'a Binary, BTreeSet<Machine>)> {
    found.iter().filter_map(|(member, seen)| {
        let binary = seen.as_ref().ok()?;
        let machines = binary.machines();
        (!machines.is_empty()).then_some((*member, binary, machines))
    })
}

fn check_any(found: &[Found<'_>], findings: &mut Findings) {
    let count = native(found).count();
    if let Some((first, ..)) = native(found).next() {
        let others = if count > 1 { format!(", like {} more members", count - 1) } else { String::new() };
        findings.member(Code::BinaryInAny, first, format!("it is a binary{others}, yet the platform is `any`"));
    }
}

/// The processor for which most binaries are, of the formats given or of all.
fn most_common(found: &[Found<'_>], formats: &[Format]) -> Option<(Format, Machine)> {
    let mut counts: BTreeMap<(Format, Machine), usize> = BTreeMap::new();
    for (_, binary, machines) in native(found) {
        if formats.is_empty() || formats.contains(&binary.format()) {
            machines.iter().for_each(|machine| *counts.entry((binary.format(), *machine)).or_default() += 1);
        }
    }
    // The first of several that are equally common, so that the answer is always the same.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(key, _)| key)
}

fn check_members(promise: &Promise, found: &[Found<'_>], findings: &mut Findings) {
    for (member, binary, machines) in native(found) {
        if let Some((code, message)) = machine_flaw(promise, binary, &machines) {
            findings.member(code, member, message);
        }
        match binary {
            Binary::Elf(elf) => check_libc(promise, member, elf, findings),
            Binary::MachO(_) | Binary::Pe { .. } => {}
        }
    }
    check_glibc(promise, found, findings);
    check_macos(promise, found, findings);
}

fn machine_flaw(promise: &Promise, binary: &Binary, machines: &BTreeSet<Machine>) -> Option<(Code, String)> {
    let by = &promise.by;
    let Some(promised) = promise.machines.get(&binary.format()) else {
        // Nothing is promised at all if the name says nothing and no binary does.
        let foreign = !promise.machines.is_empty();
        let message = format!("it is a {} binary, which is not the form of {by}", binary.format());
        return foreign.then_some((Code::BinaryForeign, message));
    };
    let missing: BTreeSet<Machine> = promised.difference(machines).copied().collect();
    if promised.is_empty() || missing.is_empty() {
        return None;
    }
    let (is, wanted) = (listed(machines), listed(promised));
    if missing.len() == promised.len() {
        return Some(if is_emulated(binary, promised) {
            (Code::BinaryForeign, format!("it is a program for {is}, which runs by emulation on {wanted}"))
        } else {
            (Code::BinaryMachineDiffers, format!("it is for {is}, but {by} is for {wanted}"))
        });
    }
    // A file of one processor cannot serve a set of several; that all are served is checked elsewhere.
    let message = format!("it is for {is} only, but {by} is for {} as well", listed(&missing));
    (binary.format() == Format::MachO).then_some((Code::BinaryMachineMissing, message))
}

/// Windows runs programs, but loads no libraries, of these processors on those.
fn is_emulated(binary: &Binary, on: &BTreeSet<Machine>) -> bool {
    let Binary::Pe { machine: Some(machine), library: false } = binary else {
        return false;
    };
    on.iter().any(|on| {
        matches!((machine, on), (Machine::X86, Machine::X86_64 | Machine::Arm64) | (Machine::X86_64, Machine::Arm64))
    })
}

/// Every processor that is promised must be served by one binary at least, as delocate demands.
fn check_all_machines(promise: &Promise, found: &[Found<'_>], findings: &mut Findings) {
    let served: BTreeSet<(Format, Machine)> = native(found)
        .flat_map(|(_, binary, machines)| machines.into_iter().map(|machine| (binary.format(), machine)))
        .collect();
    // Without any, or with wrong ones only, that has been said.
    if !served.iter().any(|(format, machine)| promise.machines.get(format).is_some_and(|all| all.contains(machine))) {
        return;
    }
    for (format, machines) in &promise.machines {
        let missing: BTreeSet<Machine> =
            machines.iter().copied().filter(|machine| !served.contains(&(*format, *machine))).collect();
        if !missing.is_empty() {
            let message = format!("no binary is for {}, but {} promises it", listed(&missing), promise.by);
            findings.archive(Code::BinaryMachineMissing, message);
        }
    }
}

fn check_libc(promise: &Promise, member: &str, elf: &Elf, findings: &mut Findings) {
    if let (Some((_, tag)), true) = (&promise.glibc, elf.glibc_private) {
        let message = format!("it needs GLIBC_PRIVATE, which changes at any time, so `{tag}` cannot promise it");
        findings.member(Code::GlibcPrivate, member, message);
    }
    let other = match (&promise.glibc, &promise.musl, elf.glibc) {
        (_, Some(tag), Some(_)) => Some(("glibc", tag)),
        (Some((_, tag)), _, None) if elf.musl => Some(("musl", tag)),
        _ => None,
    };
    if let Some((libc, tag)) = other {
        findings.member(Code::LibcDiffers, member, format!("it needs {libc}, but `{tag}` promises another C library"));
    }
}

/// Names the member that needs the most, and how many more need too much.
fn check_glibc(promise: &Promise, found: &[Found<'_>], findings: &mut Findings) {
    let Some((promised, tag)) = &promise.glibc else {
        return;
    };
    let needs = native(found).filter_map(|(member, binary, _)| match binary {
        Binary::Elf(elf) => Some((elf.glibc?, member)),
        Binary::MachO(_) | Binary::Pe { .. } => None,
    });
    if let Some((needed, member, others)) = worst(needs.filter(|(needed, _)| needed > promised)) {
        let message = format!("it needs GLIBC_{needed}, but `{tag}` promises {promised} or earlier{others}");
        findings.member(Code::GlibcTooNew, member, message);
    }
}

/// The same for macOS, processor by processor.
fn check_macos(promise: &Promise, found: &[Found<'_>], findings: &mut Findings) {
    for (machine, (promised, tag)) in &promise.macos {
        let lowest = |slices: &[Slice]| slices.iter().find(|slice| slice.machine == *machine)?.macos;
        let needs = native(found).filter_map(|(member, binary, _)| match binary {
            Binary::MachO(slices) => Some((lowest(slices)?, member)),
            Binary::Elf(_) | Binary::Pe { .. } => None,
        });
        let too_new = needs.filter(|(needed, _)| as_tagged(*needed) > as_tagged(*promised));
        if let Some((needed, member, others)) = worst(too_new) {
            let message = format!("it needs macOS {needed} on {machine}, but `{tag}` promises {promised}{others}");
            findings.member(Code::MacosTooNew, member, message);
        }
    }
}

/// The highest need, its first member, and words for the number of the others.
fn worst<'a>(needs: impl Iterator<Item = (PlatformVersion, &'a str)>) -> Option<(PlatformVersion, &'a str, String)> {
    let needs: Vec<_> = needs.collect();
    let (needed, member) = needs.iter().rev().max_by_key(|(needed, _)| *needed)?;
    let others = match needs.len() - 1 {
        0 => String::new(),
        1 => "; 1 more member needs too much as well".to_owned(),
        more => format!("; {more} more members need too much as well"),
    };
    Some((*needed, *member, others))
}

/// From macOS 11 on, tags name the first number only (PyPA, "Platform compatibility tags"), and 10.16
/// is another name of it.
const fn as_tagged(version: PlatformVersion) -> PlatformVersion {
    match version {
        PlatformVersion { major: 10, minor: 16 } => PlatformVersion { major: 11, minor: 0 },
        PlatformVersion { major: 0..=10, .. } => version,
        PlatformVersion { major, .. } => PlatformVersion { major, minor: 0 },
    }
}

fn listed(machines: &BTreeSet<Machine>) -> String {
    machines.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}
