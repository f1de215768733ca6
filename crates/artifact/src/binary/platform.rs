//! What a name promises: for which processors, systems and C libraries the binaries inside are.

use std::collections::{BTreeMap, BTreeSet};

use super::{Format, Machine, PlatformVersion};

/// What the platform tags of a wheel promise, or the name of a zip. Each tag of a compressed set is
/// a promise of its own, so of two versions the lower one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Promise {
    /// Who promises, as messages say it.
    pub(super) by: String,
    /// The processors, by the format that the system has. An empty set: some processor.
    pub(super) machines: BTreeMap<Format, BTreeSet<Machine>>,
    /// The highest version of glibc's symbols that may be needed, and the tag that says so.
    pub(super) glibc: Option<(PlatformVersion, String)>,
    /// The tag that promises to run with musl.
    pub(super) musl: Option<String>,
    /// The macOS on which it must run, and the tag that says so, by processor.
    pub(super) macos: BTreeMap<Machine, (PlatformVersion, String)>,
    /// Whether it is said to run everywhere.
    pub(super) any: bool,
}

/// macOS for Arm began with this one, so an older tag means this one there.
const FIRST_MACOS_ON_ARM: PlatformVersion = version(11, 0);

/// The platforms before PEP 600, by their glibc (PEP 513, 571, 599).
const OLD_MANYLINUX: [(&str, PlatformVersion); 3] =
    [("manylinux1_", version(2, 5)), ("manylinux2010_", version(2, 12)), ("manylinux2014_", version(2, 17))];

impl Promise {
    /// What platform tags promise; none if one of them is of a system that is not known here.
    pub(super) fn of_tags(tags: &[String]) -> Option<Self> {
        let mut promise = Self { by: format!("`{}`", tags.join(".")), ..Self::default() };
        tags.iter().try_for_each(|tag| promise.add(tag)).map(|()| promise)
    }

    /// What the name of a libtorch zip promises, as far as it says anything:
    /// `libtorch-win-shared-with-deps-2.15.0+cpu.zip`, `libtorch-macos-arm64-2.15.0.zip`,
    /// `libtorch-cxx11-abi-static-with-deps-2.5.0+cu124.zip` for Linux.
    pub(super) fn of_zip(name: &str) -> Option<Self> {
        let words: Vec<&str> = name.split('-').collect();
        let format = match words[..] {
            ["libtorch", "win" | "windows", ..] => Format::Pe,
            ["libtorch", "macos", ..] => Format::MachO,
            ["libtorch", "cxx11" | "shared" | "static" | "linux" | "aarch64", ..] => Format::Elf,
            _ => return None,
        };
        let stated = words.iter().find_map(|word| match *word {
            "x64" | "x86_64" | "amd64" => Some(Machine::X86_64),
            "arm64" | "aarch64" => Some(Machine::Arm64),
            _ => None,
        });
        // Names for Windows say nothing for this one, and `arm64` for the other.
        let machine = stated.or((format == Format::Pe).then_some(Machine::X86_64));
        let machines = BTreeMap::from([(format, machine.into_iter().collect())]);
        Some(Self { by: "the name of the file".to_owned(), machines, ..Self::default() })
    }

    fn add(&mut self, tag: &str) -> Option<()> {
        if tag == "any" {
            self.any = true;
            return Some(());
        }
        if let Some(rest) = tag.strip_prefix("macosx_") {
            return self.add_macos(tag, rest);
        }
        let (format, machine) = match tag {
            "win32" => (Format::Pe, Machine::X86),
            "win_amd64" => (Format::Pe, Machine::X86_64),
            "win_arm64" => (Format::Pe, Machine::Arm64),
            _ => (Format::Elf, self.add_linux(tag)?),
        };
        self.machines.entry(format).or_default().insert(machine);
        Some(())
    }

    fn add_linux(&mut self, tag: &str) -> Option<Machine> {
        let old = OLD_MANYLINUX.iter().find_map(|(prefix, glibc)| Some((*glibc, tag.strip_prefix(prefix)?)));
        let glibc = old.or_else(|| versioned(tag.strip_prefix("manylinux_")?));
        let musl = tag.strip_prefix("musllinux_").and_then(versioned);
        let plain = tag.strip_prefix("linux_");
        if let Some((glibc, _)) = glibc {
            self.glibc = lower(self.glibc.take(), glibc, tag);
        }
        if musl.is_some() {
            self.musl.get_or_insert_with(|| tag.to_owned());
        }
        linux_machine(glibc.or(musl).map(|(_, machine)| machine).or(plain)?)
    }

    fn add_macos(&mut self, tag: &str, rest: &str) -> Option<()> {
        let (lowest, architecture) = versioned(rest)?;
        let machines = macos_machines(architecture)?;
        for machine in machines {
            let lowest = if *machine == Machine::Arm64 { lowest.max(FIRST_MACOS_ON_ARM) } else { lowest };
            let known = self.macos.remove(machine);
            self.macos.extend(lower(known, lowest, tag).map(|lower| (*machine, lower)));
        }
        self.machines.entry(Format::MachO).or_default().extend(machines);
        Some(())
    }
}

/// The lower of a version that is promised already and another.
fn lower(
    known: Option<(PlatformVersion, String)>,
    new: PlatformVersion,
    tag: &str,
) -> Option<(PlatformVersion, String)> {
    known.filter(|(known, _)| *known <= new).or_else(|| Some((new, tag.to_owned())))
}

/// The version and the rest of `2_28_x86_64`.
fn versioned(text: &str) -> Option<(PlatformVersion, &str)> {
    let (major, rest) = text.split_once('_')?;
    let (minor, rest) = rest.split_once('_')?;
    Some((version(major.parse().ok()?, minor.parse().ok()?), rest))
}

fn linux_machine(name: &str) -> Option<Machine> {
    Some(match name {
        "x86_64" => Machine::X86_64,
        "i686" | "i586" | "i386" => Machine::X86,
        "aarch64" => Machine::Arm64,
        "armv6l" | "armv7l" | "armv8l" => Machine::Arm,
        "ppc64" => Machine::Ppc64,
        "ppc64le" => Machine::Ppc64Le,
        "s390x" => Machine::S390x,
        "riscv64" => Machine::Riscv64,
        "loongarch64" => Machine::LoongArch64,
        _ => return None,
    })
}

/// The processors behind the names of macOS (PyPA, "Platform compatibility tags").
fn macos_machines(name: &str) -> Option<&'static [Machine]> {
    use Machine::{Arm64, Ppc, Ppc64, X86, X86_64};
    Some(match name {
        "x86_64" => &[X86_64],
        "arm64" => &[Arm64],
        "universal2" => &[X86_64, Arm64],
        "i386" => &[X86],
        "intel" => &[X86, X86_64],
        "ppc" => &[Ppc],
        "ppc64" => &[Ppc64],
        "fat" | "fat32" => &[X86, Ppc],
        "fat3" => &[X86, X86_64, Ppc],
        "fat64" => &[X86_64, Ppc64],
        "universal" => &[X86, X86_64, Ppc, Ppc64],
        _ => return None,
    })
}

const fn version(major: u32, minor: u32) -> PlatformVersion {
    PlatformVersion { major, minor }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(tags: &[&str]) -> String {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        let Some(Promise { machines, glibc, musl, macos, any, .. }) = Promise::of_tags(&tags) else {
            return "nothing".to_owned();
        };
        let mut words: Vec<String> = Vec::new();
        for (format, machines) in machines {
            let machines: Vec<String> = machines.iter().map(ToString::to_string).collect();
            words.push(format!("{format} {}", machines.join("+")));
        }
        words.extend(glibc.map(|(version, tag)| format!("glibc {version} by {tag}")));
        words.extend(musl.map(|tag| format!("musl by {tag}")));
        words.extend(macos.iter().map(|(machine, (version, _))| format!("macOS {version} on {machine}")));
        words.extend(any.then(|| "any".to_owned()));
        words.join(", ")
    }

    #[test]
    fn tags_are_promises_and_the_lowest_counts() {
        for (tags, expected) in [
            (&["any"][..], "any"),
            (&["linux_x86_64"], "ELF x86_64"),
            (&["manylinux1_i686"], "ELF x86, glibc 2.5 by manylinux1_i686"),
            (&["manylinux2010_x86_64"], "ELF x86_64, glibc 2.12 by manylinux2010_x86_64"),
            (&["manylinux_2_28_aarch64"], "ELF arm64, glibc 2.28 by manylinux_2_28_aarch64"),
            (
                &["manylinux_2_17_x86_64", "manylinux2010_x86_64", "manylinux_2_28_x86_64"],
                "ELF x86_64, glibc 2.12 by manylinux2010_x86_64",
            ),
            (
                &["manylinux2014_s390x", "musllinux_1_1_s390x"],
                "ELF s390x, glibc 2.17 by manylinux2014_s390x, musl by musllinux_1_1_s390x",
            ),
            (&["win32", "win_amd64"], "PE x86+x86_64"),
            (&["win_arm64"], "PE arm64"),
            (&["macosx_11_0_arm64"], "Mach-O arm64, macOS 11.0 on arm64"),
            (&["macosx_10_9_universal2"], "Mach-O x86_64+arm64, macOS 10.9 on x86_64, macOS 11.0 on arm64"),
            (
                &["macosx_10_13_x86_64", "macosx_10_9_intel"],
                "Mach-O x86+x86_64, macOS 10.9 on x86, macOS 10.9 on x86_64",
            ),
            (&["win_ia64"], "nothing"),
            (&["manylinux_2_28_mips64"], "nothing"),
            (&["manylinux_x_y_x86_64"], "nothing"),
            (&["manylinux1_x86_64", "freebsd_13_0_release_amd64"], "nothing"),
            (&["android_21_arm64_v8a"], "nothing"),
        ] {
            assert_eq!(told(tags), expected, "{tags:?}");
        }
    }

    #[test]
    fn names_of_zips_promise_what_they_say() {
        for (name, format, machine) in [
            ("libtorch-shared-with-deps-2.15.0+cpu.zip", Format::Elf, None),
            ("libtorch-cxx11-abi-shared-without-deps-2.5.0+cu124.zip", Format::Elf, None),
            ("libtorch-win-shared-with-deps-debug-2.15.0+cu130.zip", Format::Pe, Some(Machine::X86_64)),
            ("libtorch-win-arm64-shared-with-deps-latest.zip", Format::Pe, Some(Machine::Arm64)),
            ("libtorch-win-x64-shared-with-deps-latest.zip", Format::Pe, Some(Machine::X86_64)),
            ("libtorch-macos-x86_64-2.2.0.zip", Format::MachO, Some(Machine::X86_64)),
            ("libtorch-macos-arm64-2.15.0.zip", Format::MachO, Some(Machine::Arm64)),
        ] {
            let promise = Promise::of_zip(name).map(|promise| promise.machines);
            assert_eq!(promise, Some(BTreeMap::from([(format, machine.into_iter().collect())])), "{name}");
        }
        assert_eq!(Promise::of_zip("libtorch.zip"), None);
    }
}
