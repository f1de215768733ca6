//! RECORD: any bytes, in a wheel that is sound otherwise.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trackside_fuzz::{WHEEL, judge};
use trackside_testkit::wheel::WheelBuilder;

fuzz_target!(|data: &[u8]| {
    let wheel = WheelBuilder::new("demo", "1.0").file("a,\"b\".py", b"").file("demo/a.py", b"answer = 42\n");
    judge(WHEEL, &wheel.zip().replace("demo-1.0.dist-info/RECORD", data).bytes());
});
