//! Real wheels that were damaged on their way: `stage` names them and takes nothing.

use std::fs;

use crate::common::World;
use crate::train::{deliver, tagged, wheels};

const DAMAGED: &str = "torchvision-0.21.0-cp311-cp311-win_amd64.whl";
const GOOD: &str = "torchaudio-2.6.0-cp311-cp311-macosx_11_0_arm64.whl";

/// Stages a damaged wheel beside a good one; what is said of it.
fn refused(world: &World, bytes: &[u8]) -> String {
    fs::write(world.path("dist").join(DAMAGED), bytes).unwrap();
    let before = world.photograph();
    let ran = world.stops(1, "stage 2.6.0-rc1 --from ../dist --apply");
    assert!(before == world.photograph(), "a part of it was taken");
    let lines: Vec<&str> = ran.stderr.lines().filter(|line| line.contains("[bad-artifact]")).collect();
    let [line] = lines.as_slice() else { panic!("not one refusal: {ran}") };
    let (_, why) =
        line.split_once(&format!("{DAMAGED}: refused: ")).unwrap_or_else(|| panic!("it is not named: {ran}"));
    why.to_owned()
}

#[test]
fn one_flipped_byte_is_found_in_contents_and_in_the_directory() {
    let world = tagged();
    deliver(&world, "", |name| name == GOOD);
    let whole = fs::read(&wheels()[DAMAGED]).unwrap();
    let mut told = String::new();
    for place in [whole.len() / 4, whole.len() / 2, whole.len() * 3 / 4, whole.len() - 2000] {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        told.push_str(&format!("{}\n", refused(&world, &bytes)));
    }
    insta::assert_snapshot!(told, @r"
    `torchvision/libwebp.dll`: its checksum is not the declared one [content-crc]
    `torchvision/libjpeg.dll`: it unpacks to more than its declared size [content-size]
    `torchvision/models/_meta.py`: it unpacks to more than its declared size [content-size]
    `torchvision/datasetr/gtsrb.py`: its local header names it `torchvision/datasets/gtsrb.py` [name-mismatch]
    ");
}

#[test]
fn a_wheel_that_is_cut_short_is_found_however_little_is_missing() {
    let world = tagged();
    deliver(&world, "", |name| name == GOOD);
    let whole = fs::read(&wheels()[DAMAGED]).unwrap();
    let mut told = String::new();
    for length in [whole.len() / 2, whole.len() - 1, 0] {
        told.push_str(&format!("{}\n", refused(&world, &whole[..length])));
    }
    insta::assert_snapshot!(told, @r"
    no end of central directory record [not-a-zip]
    the file does not end where its end record says [trailing-data]
    no end of central directory record [not-a-zip]
    ");
}
