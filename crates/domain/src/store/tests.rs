//! Which URLs and keys are taken, and which are refused.

use std::path::Path;

use super::*;

#[test]
fn a_url_of_a_store_has_one_written_form() {
    for (text, canonical) in [
        ("/srv/state", "file:///srv/state"),
        ("/srv/state/", "file:///srv/state"),
        ("file:///srv/state/", "file:///srv/state"),
        ("file://localhost/srv/state", "file:///srv/state"),
        ("/srv/my store", "file:///srv/my%20store"),
        ("/srv/100%", "file:///srv/100%25"),
        ("/srv/a?b#c", "file:///srv/a%3Fb%23c"),
        ("/srv/größe+1", "file:///srv/gr%C3%B6%C3%9Fe+1"),
        ("s3://pytorch", "s3://pytorch"),
        ("s3://pytorch/", "s3://pytorch"),
        ("s3://pytorch/whl/", "s3://pytorch/whl"),
        ("s3://b/p?endpoint=http://127.0.0.1:9000&region=auto", "s3://b/p?endpoint=http://127.0.0.1:9000&region=auto"),
        ("gs://bucket/x", "gs://bucket/x"),
        ("az://container/x", "az://container/x"),
    ] {
        let url: StoreUrl = text.parse().unwrap();
        assert_eq!(url.as_str(), canonical, "{text}");
        assert_eq!(url.to_string().parse(), Ok(url), "{text}");
    }
}

#[test]
fn the_folder_of_a_url_is_the_path_that_was_given() {
    for path in ["/srv/state", "/srv/my store", "/srv/100%", "/srv/a?b#c", "/srv/größe+1"] {
        let url: StoreUrl = path.parse().unwrap();
        assert_eq!(url.folder().as_deref(), Some(Path::new(path)));
        assert_eq!(url.kind(), StoreKind::Folder);
    }
    let bucket: StoreUrl = "s3://pytorch/whl".parse().unwrap();
    assert_eq!((bucket.kind(), bucket.folder()), (StoreKind::S3, None));
}

#[test]
fn other_urls_are_refused_without_being_repeated() {
    for text in [
        "",
        "/",
        "//",
        "file:///",
        "state",
        "./state",
        "../state",
        "~/state",
        "/srv/../etc",
        "/srv//state",
        "/srv/./state",
        "file:///srv/../etc",
        "file:///srv/%2e%2E/etc",
        "file:///srv/..%2Fetc",
        "file:///srv/a%00b",
        "file:///srv/a%5Cb",
        "file:///srv/%ff",
        "file://host/srv",
        "file:///srv?x=hunter2",
        "file:///srv#x",
        "file:srv",
        "/srv/a\\b",
        "/srv/a\nb",
        "s3://",
        "s3:///x",
        "s3://key:hunter2@bucket/x",
        "s3://hunter2@bucket/x",
        "s3://bucket:80/x",
        "s3://bucket/../x",
        "s3://bucket//x",
        "s3://bucket/x#y",
        "s3://bucket/x?secret=hunter2",
        "s3://bucket/x?endpoint=http://user:hunter2@host",
        "s3://bucket/x?endpoint=file:///x",
        "https://bucket/x",
        "http://user:hunter2@bucket/x",
    ] {
        let error = text.parse::<StoreUrl>().map_err(|error| error.to_string()).expect_err(text);
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn ordinary_keys_round_trip() {
    for text in [
        "whl/cpu/torch-2.15.0+cpu-cp313-cp313-manylinux_2_28_x86_64.whl",
        "whl/cpu/torch-2.15.0%2Bcpu.whl",
        "a b/ c ",
        "größe/データ.json",
        "a",
        "...",
        ".hidden/-x",
        "c:/x",
    ] {
        let key: ObjectKey = text.parse().unwrap();
        assert_eq!(key.to_string(), text);
        assert_eq!(key.parts().collect::<Vec<_>>().join("/"), text);
        let json = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<ObjectKey>(&json).unwrap(), key);
    }
}

#[test]
fn keys_that_could_leave_the_store_or_deceive_are_refused() {
    let longest_part = "x".repeat(255);
    assert!(longest_part.parse::<ObjectKey>().is_ok());
    assert!(format!("{longest_part}x").parse::<ObjectKey>().is_err());
    assert!(vec!["xxx"; 256].join("/").parse::<ObjectKey>().is_ok());
    assert!(vec!["xxxx"; 256].join("/").parse::<ObjectKey>().is_err());
    for text in [
        "",
        "/",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "a/..",
        "../a",
        "a/./b",
        "a\\b",
        "a\0b",
        "a\nb",
        "a\u{7f}",
        "a\u{85}b",
        "a\u{202e}b",
        ".trackside-tmp/x",
        "a/.trackside-lock",
    ] {
        assert!(text.parse::<ObjectKey>().is_err(), "{text:?}");
        let json = serde_json::to_string(text).unwrap();
        assert!(serde_json::from_str::<ObjectKey>(&json).is_err(), "{text:?}");
    }
}

#[test]
fn a_key_is_below_a_folder_by_whole_parts() {
    let key = |text: &str| text.parse::<ObjectKey>().unwrap();
    assert_eq!(key("packages/torch/2.1.1-rc1/x").below(&key("packages/torch")), Some("2.1.1-rc1/x"));
    assert_eq!(key("torch/2.1.10/x").below(&key("torch/2.1.1")), None);
    assert_eq!(key("torch").below(&key("torch")), None);
    assert_eq!(key("a").join("b/c"), Ok(key("a/b/c")));
    assert!(key("a").join("../c").is_err());
    assert_eq!(key("a/b").file_name(), "b");
    assert_eq!(key("b").file_name(), "b");
}

#[test]
fn a_store_below_another_keeps_what_the_url_says_of_the_server() {
    for (url, below) in [
        ("s3://bucket", "s3://bucket/a/b"),
        (
            "s3://bucket/x?endpoint=http://127.0.0.1:9&region=eu",
            "s3://bucket/x/a/b?endpoint=http://127.0.0.1:9&region=eu",
        ),
        ("file:///srv/x", "file:///srv/x/a/b"),
    ] {
        let url: StoreUrl = url.parse().unwrap();
        assert_eq!(url.below("a/b").unwrap().as_str(), below);
    }
    let url: StoreUrl = "s3://bucket/x%20y?profile=r2&endpoint=https://r2.example/".parse().unwrap();
    let server = url.below("z").unwrap().server().unwrap();
    assert_eq!(server.prefix.unwrap().as_str(), "x y/z");
    assert_eq!((server.bucket.as_str(), server.profile.as_deref()), ("bucket", Some("r2")));
    assert_eq!(server.endpoint.as_deref(), Some("https://r2.example"));
}
