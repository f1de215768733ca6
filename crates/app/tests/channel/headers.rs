//! Pages that have the right bytes and are sent as something else.

use trackside_testkit::servers::request;

use crate::bucket::Shop;
use crate::common::World;

/// moto looks only whether there is one.
const SIGNATURE: (&str, &str) = (
    "Authorization",
    "AWS4-HMAC-SHA256 Credential=a/20261001/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
);

#[test]
fn a_page_that_is_sent_as_something_else_is_named() {
    let shop = Shop::open(World::verified());
    let stall = shop.stall("headers");
    assert_eq!(stall.run("promote 2.15.0 --apply").code, Some(0));
    assert!(stall.run("channel audit stable").stdout.contains("nothing differs"));
    let put = |page: &str, headers: &[(&str, &str)]| {
        let bytes = stall.store("store").read(&page.parse().unwrap(), u64::MAX).unwrap();
        let answer = request(
            stall.address(),
            &format!("PUT {}{page}", stall.path("store")),
            &[headers, &[SIGNATURE]].concat(),
            &bytes,
        );
        assert_eq!(answer.unwrap().status, 200);
    };
    put("whl/torch/index.html", &[("Content-Type", "application/octet-stream")]);
    put(
        "whl/cpu/index.v1_json",
        &[("Content-Type", "application/vnd.pypi.simple.v1+json"), ("Content-Encoding", "gzip")],
    );
    // Case and parameters do not matter, and how long it is cached is for the edge.
    put("whl/cpu/index.html", &[("Content-Type", "Text/HTML"), ("Cache-Control", "no-store")]);
    for command in ["channel audit stable", "index check stable"] {
        let ran = stall.run(command);
        let text = ran.to_string();
        for named in [
            "page-headers: stable whl/torch/index.html: it is sent as `application/octet-stream`, not as `text/html; charset=utf-8`",
            "page-headers: stable whl/cpu/index.v1_json: it is sent with the encoding `gzip`, which it does not have",
            "2 differences",
        ] {
            assert!(ran.code == Some(1) && text.contains(named), "{named}: {ran}");
        }
    }
    // A wheel that the server says to be packed once more: no installer can read it.
    let wheel = "whl/cpu/torch-2.15.0+cpu-py3-none-any.whl";
    let encoded = wheel.replace('+', "%2B");
    let bytes = stall.store("store").read(&wheel.parse().unwrap(), u64::MAX).unwrap();
    let put_wheel = |headers: &[(&str, &str)]| {
        let line = format!("PUT {}{encoded}", stall.path("store"));
        let answer = request(stall.address(), &line, &[headers, &[SIGNATURE]].concat(), &bytes).unwrap();
        assert_eq!(answer.status, 200);
    };
    put_wheel(&[("Content-Encoding", "gzip")]);
    let ran = stall.run("channel audit stable --full").to_string();
    assert!(ran.contains(&format!("object-headers: stable {wheel}: it is sent with the encoding `gzip`")), "{ran}");
    put_wheel(&[]);
    // Keys that nobody of ours can name.
    for (channel, odd) in
        [("stable", "whl//torch-9.0-py3-none-any.whl"), ("test", "candidates/2.15.0-rc1/whl//index.html")]
    {
        let put = format!("PUT {}{odd}", stall.path("store"));
        assert_eq!(request(stall.address(), &put, &[SIGNATURE], b"x").unwrap().status, 200);
        let ran = stall.run(&format!("index check {channel}")).to_string();
        assert!(ran.contains(&format!("stranger-object: {channel} {odd}: ")), "{ran}");
        let away = put.replace("PUT", "DELETE");
        assert_eq!(request(stall.address(), &away, &[SIGNATURE], b"").unwrap().status, 204);
    }
    // The way on.
    let away = format!("DELETE {}whl/torch/index.html", stall.path("store"));
    assert_eq!(request(stall.address(), &away, &[SIGNATURE], b"").unwrap().status, 204);
    put("whl/cpu/index.v1_json", &[("Content-Type", "application/vnd.pypi.simple.v1+json")]);
    assert_eq!(stall.run("index rebuild stable --apply").code, Some(0));
    assert!(stall.run("channel audit stable").stdout.contains("nothing differs"));
}
