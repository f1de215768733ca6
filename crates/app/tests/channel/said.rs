//! What a server says of the bytes that it holds stops a promotion as well as reading them does.

use trackside_domain::digest::Sha256;
use trackside_domain::store::ObjectKey;
use trackside_effects::store::Target;
use trackside_testkit::servers::request;

use crate::bucket::{Shop, Stall};
use crate::common::World;
use crate::mirror::many;

#[test]
fn a_copy_that_the_server_says_to_have_other_bytes_stops_it_before_the_switch() {
    let shop = Shop::open(World::verified());
    let stall = shop.stall("damaged");
    let store = stall.store("store");
    let staged = store.list(&"packages".parse().unwrap()).unwrap().into_iter().map(|entry| entry.key);
    let wheel = staged.into_iter().find(|key| key.as_str().ends_with(".whl")).unwrap();
    let mut bytes = store.read(&wheel, u64::MAX).unwrap();
    let right = Sha256::of(&bytes);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    store.replace_if(Target::new(&wheel), Some(right), &bytes, &mut |_| {}).unwrap();
    let ran = stall.run("promote 2.15.0 --read-back sample --apply");
    assert_eq!(ran.code, Some(5), "{ran}");
    assert!(ran.stderr.contains("exists with other bytes"), "{ran}");
    let seen = stall.proxy.seen();
    let read = |path: &str| path.ends_with(".whl");
    assert!(!seen.iter().any(|request| request.method == "GET" && read(&request.path)), "nothing was read: {seen:#?}");
    assert!(!switched(&stall));
}

#[test]
fn an_object_outside_the_sample_that_the_server_says_to_be_another_stops_it_before_the_switch() {
    let shop = Shop::open(many(12));
    let stall = shop.stall("replaced");
    let ran = stall.run("promote 2.15.0 --read-back sample --apply --die-at read-torch-1/0:after-receipt");
    assert!(ran.code.is_none(), "{ran}");
    let (plan, key) = outside_the_sample(&stall);
    let length = stall.store("store").head(&key).unwrap().unwrap().size;
    let other = vec![b'x'; usize::try_from(length).unwrap()];
    // Its uploader had the server compute the digest; moto believes every signature.
    let signature = "AWS4-HMAC-SHA256 Credential=test-key-id/20261001/us-east-1/s3/aws4_request, SignedHeaders=host, \
                     Signature=0";
    let headers = [("x-amz-sdk-checksum-algorithm", "SHA256"), ("Authorization", signature)];
    let path = format!("PUT {}{}", stall.path("store"), key.as_str().replace('+', "%2B"));
    assert_eq!(request(stall.address(), &path, &headers, &other).unwrap().status, 200);
    let ran = stall.run(&format!("resume {plan}"));
    assert_eq!(ran.code, Some(5), "{ran}");
    assert!(ran.stderr.contains(&format!("{key} has sha256")) && ran.stderr.contains("as its server says"), "{ran}");
    assert!(!switched(&stall));
}

fn switched(stall: &Stall<'_>) -> bool {
    stall.store("store").exists(&"channels/stable.json".parse().unwrap()).unwrap()
}

/// The plan of the promotion, and an object of which it compares only what the server says.
fn outside_the_sample(stall: &Stall<'_>) -> (String, ObjectKey) {
    for plan in std::fs::read_dir(stall.world.path("state/trackside/projects/Train/plans")).unwrap() {
        let path = plan.unwrap().path();
        let plan: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let actions = plan["steps"].as_array().unwrap().iter().flat_map(|step| step["actions"].as_array().unwrap());
        let looked = actions.into_iter().find(|action| action["action"] == "check-objects");
        if let Some(looked) = looked {
            let key = looked["objects"].as_object().unwrap().keys().next().unwrap().parse().unwrap();
            return (path.file_stem().unwrap().to_str().unwrap().to_owned(), key);
        }
    }
    panic!("no plan looks at objects");
}
