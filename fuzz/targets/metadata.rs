//! METADATA: any bytes, in a wheel that is sound otherwise.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trackside_fuzz::{WHEEL, judge, shapes};

fuzz_target!(|data: &[u8]| {
    judge(WHEEL, &shapes::wheel(&[("demo-1.0.dist-info/METADATA", data)]));
});
