//! `examples/portable` applies unchanged to every gateway: the plan is empty after it, a change shows, and all of it goes.

#![allow(clippy::disallowed_methods, reason = "tests start processes and have files of their own")]

use std::fs;
use std::path::Path;
use std::process::Command;

use apigctl::provider::VENDORS;

fn said(folder: &Path, words: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_apigctl"))
        .args(words)
        .current_dir(folder)
        .env_remove("APIGCTL_TARGET")
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[test]
fn one_set_of_manifests_serves_every_gateway() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/portable");
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("manifests/payments.yaml");
    fs::create_dir(folder.path().join("manifests")).unwrap();
    let project = fs::read_to_string(example.join("apigctl.yaml")).unwrap();
    fs::write(folder.path().join("apigctl.yaml"), &project).unwrap();
    let text = fs::read_to_string(example.join("manifests/payments.yaml")).unwrap();
    for vendor in VENDORS {
        let line = project.lines().find(|line| line.contains(vendor.name)).unwrap();
        let target = line.split(':').next().unwrap().trim();
        let run = |words: &[&str]| {
            let (good, text) = said(folder.path(), &[words, &["--target", target]].concat());
            assert!(good, "{words:?} on {}: {text}", vendor.name);
            text
        };
        fs::write(&manifest, &text).unwrap();
        run(&["validate"]);
        run(&["apply", "-y"]);
        assert!(run(&["plan"]).contains("Nothing to do: 16 resources"), "{}", vendor.name);
        let file = format!("{target}.json");
        let wrote = run(&["export", "--snapshot", &file]);
        assert!(wrote.contains("with 1 group, 2 APIs and 4 versions that run"), "{}: {wrote}", vendor.name);
        let plan = run(&["plan", "--offline", "--snapshot", &file]);
        assert!(plan.contains("Nothing to do: 16 resources"), "{}: {plan}", vendor.name);
        // What callers see of a change is the same everywhere.
        fs::write(&manifest, text.replace("/v1/{account}", "/v2/{account}")).unwrap();
        let plan = run(&["plan"]);
        for line in ["~ create_payment", "publish RELEASE: payments/create_payment"] {
            assert!(plan.contains(line), "{}: {plan}", vendor.name);
        }
        assert!(!plan.contains("payment_health"), "{}: {plan}", vendor.name);
        run(&["apply", "-y"]);
        assert!(run(&["plan"]).contains("Nothing to do: 16 resources"), "{}", vendor.name);
        run(&["destroy", "-y"]);
        assert!(run(&["destroy", "-y"]).contains("Nothing to do"), "{}", vendor.name);
    }
}
