//! What a server refuses is an error with its reason, and never an empty store.

use std::collections::BTreeMap;

use trackside_effects::store::{Access, Created, ServerFault, StoreError, Stores};
use trackside_testkit::servers::{Fault, Rule, Server};

use crate::place::{Place, keys};
use crate::s3s::S3s;
use crate::words::{create, read, replace};

fn fault_of<T: std::fmt::Debug>(result: Result<T, StoreError>) -> ServerFault {
    match result {
        Err(StoreError::Server { fault, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_missing_bucket_is_no_empty_store() {
    for place in [Place::moto(), Place::s3s(), Place::azurite()] {
        let url = place.url("three/x");
        assert_eq!(fault_of(place.stores.open(&url, Access::Read)), ServerFault::NoStore, "{url}");
        assert_eq!(fault_of(place.stores.open_if_present(&url)), ServerFault::NoStore, "{url}");
        assert_eq!(fault_of(place.stores.init(&url, Access::Write)), ServerFault::NoStore, "{url}");
    }
}

#[test]
fn wrong_credentials_are_named_and_never_shown() {
    let place = Place::s3s();
    for (id, secret) in [(S3s::KEY_ID, "not-the-key"), ("nobody", S3s::KEY)] {
        let stores = Stores::new(keys(id, secret));
        let error = stores.open(&place.url("one/x"), Access::Read).unwrap_err();
        let text = format!("{error} {error:?} {stores:?}");
        assert!(!text.contains(secret), "{text}");
        assert_eq!(fault_of::<()>(Err(error)), ServerFault::Denied, "{text}");
    }
}

#[test]
fn a_wrong_key_is_named_on_azure() {
    let server = Server::azurite().unwrap();
    server.create_bucket("private").unwrap();
    let mut environment: BTreeMap<String, String> =
        server.credentials().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let wrong = "d3Jvbmcta2V5";
    environment.insert("AZURE_STORAGE_ACCOUNT_KEY".to_owned(), wrong.to_owned());
    let stores = Stores::new(environment);
    let error = stores.open(&server.url("private/x").parse().unwrap(), Access::Read).unwrap_err();
    let text = format!("{error} {error:?} {stores:?}");
    assert!(!text.contains(wrong), "{text}");
    assert_eq!(fault_of::<()>(Err(error)), ServerFault::Denied, "{text}");
}

#[test]
fn a_server_that_is_not_there_is_a_passing_fault() {
    let place = Place::s3s();
    let url = place.url("one/x");
    let stores = place.stores.clone();
    let open = stores.open(&url, Access::Write).unwrap();
    drop(place);
    // A write on the connection that is still open might have arrived; after this there is none.
    assert_eq!(fault_of(open.list_all()), ServerFault::Transient);
    assert_eq!(fault_of(create(&open, "x", b"1")), ServerFault::Transient);
}

/// Ceph 16 refuses a condition that holds if the tag has the quotes that the protocol gives it.
#[test]
fn a_condition_that_was_refused_though_it_holds_is_put_without_quotes() {
    let place = Place::moto();
    let proxy = place.proxy();
    let store = place.through(&proxy, "one/quoted");
    assert_eq!(create(&store, "x", b"1").unwrap(), Created::New);
    let refuse = |times| proxy.inject(Rule { method: "PUT", part: "/x", nth: 1, times, fault: Fault::Status(412) });
    refuse(1);
    replace(&store, "x", Some(b"1"), b"2").unwrap();
    assert_eq!(read(&store, "x"), b"2");
    proxy.clear();
    // What was found out once is not tried again.
    assert_eq!(create(&store, "y", b"1").unwrap(), Created::New);
    proxy.forget();
    replace(&store, "y", Some(b"1"), b"2").unwrap();
    assert_eq!((proxy.count("PUT"), proxy.seen().len()), (1, 2), "{:?}", proxy.seen());
    refuse(2);
    let error = replace(&store, "x", Some(b"2"), b"3").unwrap_err();
    assert!(matches!(error, StoreError::Changed { .. }), "{error}");
    assert_eq!(read(&store, "x"), b"2");
}
