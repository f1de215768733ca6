//! ELF, Mach-O and PE files: any bytes, as a member of a native wheel.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trackside_fuzz::{judge, shapes};

fuzz_target!(|data: &[u8]| {
    let name = match data.first() {
        Some(b'M') => "demo-1.0-cp311-cp311-win_amd64.whl",
        Some(0xcf | 0xca) => "demo-1.0-cp311-cp311-macosx_11_0_arm64.whl",
        _ => "demo-1.0-cp311-cp311-manylinux_2_28_x86_64.whl",
    };
    judge(name, &shapes::wheel(&[("demo/a.so", data)]));
});
