//! Objects that are longer than one request: sent in parts, visible only when whole, and create-only too.

use trackside_domain::store::Fingerprint;
use trackside_effects::store::{Created, Source, StoreError, Target};
use trackside_testkit::servers::{Fault, Rule};

use crate::place::Place;
use crate::words::{copy, create, key, keys_of, noise, read};

#[test]
fn a_long_object_is_created_once_and_only_whole() {
    for place in [Place::moto(), Place::s3s(), Place::azurite()] {
        let (one, two) = (place.store("one/long"), place.store("two/long"));
        let bytes = noise((33 << 20) + 7);
        assert_eq!(create(&one, "x", &bytes).unwrap(), Created::New);
        assert_eq!(create(&one, "x", &bytes).unwrap(), Created::SameBytes);
        let error = create(&one, "x", &bytes[1..]).unwrap_err();
        assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
        assert!(read(&one, "x") == bytes);
        assert_eq!(copy((&one, "x"), &bytes, (&two, "x")).unwrap(), Created::New);
        assert!(read(&two, "x") == bytes);

        // A file that is not what it was: longer, shorter, other bytes.
        let file = tempfile::NamedTempFile::new().unwrap();
        let content = Fingerprint::of(&bytes);
        let mut other = bytes.clone();
        other[20 << 20] ^= 1;
        for wrong in [&bytes[1..], &other, &[bytes.as_slice(), b"x"].concat()] {
            std::fs::write(file.path(), wrong).unwrap();
            let source = Source::File { path: file.path(), content };
            let error = one.create(Target::new(&key("y")), source, &mut |_| {}).unwrap_err();
            assert!(matches!(error, StoreError::SourceChanged { .. }), "{error}");
        }
        assert_eq!(keys_of(&one), ["x"]);
    }
}

/// One fault at each request of an upload: the object is there, and was completed once.
#[test]
fn a_long_object_survives_a_fault_at_every_request() {
    for (place, faults) in
        [(Place::moto(), [Fault::Lost, Fault::Status(503)]), (Place::azurite(), [Fault::Lost, Fault::Status(503)])]
    {
        let proxy = place.proxy();
        let bytes = noise((17 << 20) + 7);
        for fault in faults {
            for nth in 1..=6 {
                let at = format!("one/long-{nth}-{}", matches!(fault, Fault::Lost));
                let (store, direct) = (place.through(&proxy, &at), place.store(&at));
                proxy.forget();
                proxy.inject(Rule { method: "", part: "/long-", nth, times: 1, fault });
                match create(&store, "x", &bytes) {
                    Ok(Created::New) => {}
                    other => panic!("{fault:?} at request {nth}: {other:?}\n{:#?}", proxy.seen()),
                }
                proxy.clear();
                assert!(read(&direct, "x") == bytes);
                assert_eq!(keys_of(&direct), ["x"]);
            }
        }
    }
}
