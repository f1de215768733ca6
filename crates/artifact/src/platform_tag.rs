//! The platform tags that PyPI takes: those of which somebody has said what they mean.

use trackside_domain::finding::Code;
use trackside_domain::wheel::WheelFileName;

use crate::finding::Findings;

/// Tags without a version.
const PLAIN: [&str; 18] = [
    "any",
    "linux_armv6l",
    "linux_armv7l",
    "manylinux1_i686",
    "manylinux1_x86_64",
    "manylinux2010_i686",
    "manylinux2010_x86_64",
    "manylinux2014_aarch64",
    "manylinux2014_armv7l",
    "manylinux2014_i686",
    "manylinux2014_ppc64",
    "manylinux2014_ppc64le",
    "manylinux2014_s390x",
    "manylinux2014_x86_64",
    "win32",
    "win_amd64",
    "win_arm64",
    "win_ia64",
];

/// Machines of `macosx_10_9_x86_64`.
const MACOS: [&str; 11] =
    ["arm64", "fat", "fat3", "fat64", "i386", "intel", "ppc", "ppc64", "universal", "universal2", "x86_64"];

/// Major versions of macOS from 11 on, which have no minor ones in tags.
const MACOS_MAJORS: [&str; 6] = ["11", "12", "13", "14", "15", "26"];

/// Machines of `manylinux_2_28_x86_64` and `musllinux_1_2_x86_64`.
const LINUX: [&str; 7] = ["aarch64", "armv7l", "i686", "ppc64le", "riscv64", "s390x", "x86_64"];

/// Checks every platform tag of the file's name.
pub(crate) fn check(file: &WheelFileName, findings: &mut Findings) {
    for tag in file.tags().platform.iter().filter(|tag| !is_taken(tag)) {
        findings.archive(Code::PlatformTagRefused, format!("PyPI refuses the platform tag `{tag}`"));
    }
}

/// Whether PyPI takes the tag (warehouse, `forklift/legacy.py`, August 2026).
fn is_taken(tag: &str) -> bool {
    if PLAIN.contains(&tag) {
        return true;
    }
    let Some((family, rest)) = tag.split_once('_') else {
        return false;
    };
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((first, rest)) = rest.split_once('_').filter(|(first, _)| number(first)) else {
        return false;
    };
    if family == "android" {
        return ["arm64_v8a", "armeabi_v7a", "x86", "x86_64"].contains(&rest);
    }
    let Some((second, machine)) = rest.split_once('_').filter(|(second, _)| number(second)) else {
        return false;
    };
    match family {
        "macosx" => (first == "10" || (MACOS_MAJORS.contains(&first) && second == "0")) && MACOS.contains(&machine),
        "manylinux" => LINUX.contains(&machine) || machine == "ppc64",
        "musllinux" => LINUX.contains(&machine),
        "ios" => ["iphoneos", "iphonesimulator"]
            .iter()
            .any(|device| ["arm64", "x86_64"].iter().any(|arch| machine == format!("{arch}_{device}"))),
        "pyemscripten" => machine == "wasm32",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pypi_takes_what_has_a_meaning() {
        for tag in [
            "any",
            "win_arm64",
            "manylinux2014_s390x",
            "manylinux_2_28_x86_64",
            "manylinux_2_17_ppc64",
            "musllinux_1_2_riscv64",
            "linux_armv7l",
            "macosx_10_9_x86_64",
            "macosx_10_6_intel",
            "macosx_11_0_arm64",
            "macosx_26_0_universal2",
            "ios_13_0_arm64_iphoneos",
            "ios_13_0_x86_64_iphonesimulator",
            "android_21_arm64_v8a",
            "pyemscripten_2025_0_wasm32",
        ] {
            assert!(is_taken(tag), "{tag}");
        }
    }

    #[test]
    fn pypi_refuses_the_rest() {
        for tag in [
            "linux_x86_64",
            "linux_aarch64",
            "macosx_11_1_x86_64",
            "macosx_16_0_arm64",
            "macosx_10_9_riscv64",
            "macosx_11_0_",
            "macosx_11_arm64",
            "manylinux1_aarch64",
            "manylinux2010_aarch64",
            "manylinux2014_riscv64",
            "manylinux_2_x86_64",
            "manylinux_2_28_arm64",
            "musllinux_1_2_ppc64",
            "win64",
            "win_x86",
            "freebsd_14_0_x86_64",
            "emscripten_3_1_58_wasm32",
            "pyemscripten_wasm32",
            "ios_13_0_arm64",
            "android_21_arm64",
            "",
        ] {
            assert!(!is_taken(tag), "{tag}");
        }
    }
}
