//! Source distributions: raw bytes, tar archives put into gzip, and the same with right checksums.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trackside_fuzz::{judge, shapes};
use trackside_testkit::tar::Gzip;

fuzz_target!(|data: &[u8]| {
    let bytes = match data.split_first() {
        Some((1, tar)) => Gzip::new(tar).bytes(),
        Some((2, tar)) => {
            let mut tar = tar.to_vec();
            shapes::with_checksums(&mut tar);
            Gzip::new(&tar).bytes()
        }
        _ => data.to_vec(),
    };
    judge("demo-1.0.tar.gz", &bytes);
});
