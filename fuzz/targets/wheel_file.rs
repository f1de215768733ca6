//! WHEEL and entry_points.txt: any bytes, in a wheel that is sound otherwise.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trackside_fuzz::{WHEEL, judge, shapes};

fuzz_target!(|data: &[u8]| {
    let name = match data.first() {
        Some(b'[') => "demo-1.0.dist-info/entry_points.txt",
        _ => "demo-1.0.dist-info/WHEEL",
    };
    judge(WHEEL, &shapes::wheel(&[(name, data)]));
});
