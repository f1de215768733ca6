//! What the binaries in real wheels of PyPI need, and where their tags promise too much.

use trackside_domain::artifact_kind::ArtifactKind;

use crate::train::wheels;

/// The areas of findings that speak of binaries.
const AREAS: [&str; 4] = ["binary-", "glibc-", "libc-", "macos-"];

#[test]
fn tags_that_promise_an_older_glibc_than_is_needed_are_found() {
    let mut told = String::new();
    for (name, path) in wheels().iter().filter(|(name, _)| name.contains("-cp311-cp311-")) {
        let report = trackside_artifact::verify(path, ArtifactKind::Wheel).unwrap();
        let needs = serde_json::to_string(&report.binaries).unwrap();
        told.push_str(&format!("{name}\n  {needs}\n"));
        let of_binaries = |id: &str| AREAS.iter().any(|area| id.starts_with(area));
        for finding in report.findings.iter().filter(|finding| of_binaries(finding.code.id())) {
            told.push_str(&format!("  {finding}\n"));
        }
    }
    insta::assert_snapshot!(told, @r#"
    torchaudio-2.6.0-cp311-cp311-macosx_11_0_arm64.whl
      {"count":11,"machines":["arm64"],"glibc":null,"macos":{"arm64":"11.1"}}
    torchaudio-2.6.0-cp311-cp311-manylinux1_x86_64.whl
      {"count":12,"machines":["x86_64"],"glibc":"2.14","macos":{}}
      `torio/lib/libtorio_ffmpeg6.so`: it needs GLIBC_2.14, but `manylinux1_x86_64` promises 2.5 or earlier; 11 more members need too much as well [glibc-too-new]
    torchaudio-2.6.0-cp311-cp311-win_amd64.whl
      {"count":8,"machines":["x86_64"],"glibc":null,"macos":{}}
    torchvision-0.21.0-cp311-cp311-macosx_11_0_arm64.whl
      {"count":8,"machines":["arm64"],"glibc":null,"macos":{"arm64":"11.1"}}
    torchvision-0.21.0-cp311-cp311-manylinux1_x86_64.whl
      {"count":9,"machines":["x86_64"],"glibc":"2.17","macos":{}}
      `torchvision.libs/libcudart.41118559.so.12`: it needs GLIBC_2.17, but `manylinux1_x86_64` promises 2.5 or earlier; 8 more members need too much as well [glibc-too-new]
    torchvision-0.21.0-cp311-cp311-win_amd64.whl
      {"count":8,"machines":["x86_64"],"glibc":null,"macos":{}}
    "#);
}
