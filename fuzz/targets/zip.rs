//! Zips: raw bytes, and built ones. On what is accepted, two naive readers must agree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trackside_fuzz::input::Input;
use trackside_fuzz::{is_accepted, judge, second_reader, shapes};

fuzz_target!(|data: &[u8]| {
    let bytes = match data.split_first() {
        Some((1, rest)) => shapes::zip(&mut Input(rest)),
        _ => data.to_vec(),
    };
    if is_accepted(&judge("libtorch-cxx11-abi-shared-with-deps-2.6.0+cpu.zip", &bytes)) {
        assert_eq!(second_reader::by_directory(&bytes), second_reader::by_walking(&bytes));
    }
});
