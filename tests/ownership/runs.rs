//! The program itself: its lock, its brake, its targets, and its secrets.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use apigctl::ledger::{Location, Store};

const SECRET: &str = "Hunter2SecretInNoOutput";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_apigctl"));
        command.args(arguments).current_dir(self.0.path()).env("NO_COLOR", "1").env_remove("APIGCTL_TARGET");
        command.env("GOLD_SECRET", SECRET).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Exit code, and what was printed on both ways.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.command(arguments).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(text).unwrap())
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let (code, text) = self.run(arguments);
        assert_eq!(code, 0, "{arguments:?}: {text}");
        text
    }

    fn fails(&self, arguments: &[&str], with: &[&str]) {
        let (code, text) = self.run(arguments);
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(code, 1, "{arguments:?}: {text}");
        for part in with {
            assert!(flat.contains(part), "{arguments:?} does not say {part}: {text}");
        }
    }
}

fn throttles(count: usize) -> String {
    (0..count)
        .map(|n| format!("---\napiVersion: apigctl/v1\nkind: Throttle\nmetadata: {{ name: limit_{n} }}\nspec: {{ per: 1m, limits: {{ api: 5 }} }}\n"))
        .collect()
}

#[test]
fn the_second_apply_is_refused_or_waits() {
    let folder = Folder::new(&[("manifests/all.yaml", &throttles(1))]);
    let store = Store::open(&Location::File(folder.0.path().join(".apigctl/ledger.json"))).unwrap();
    let lock = store.lock("apply to somewhere", Duration::ZERO, &mut |_| {}).unwrap();
    let who = format!("(process {}), apply to somewhere, since", std::process::id());
    folder.fails(&["apply", "-y"], &["is held by another run", &who, "wait with `--lock-timeout 60s`"]);
    folder.fails(&["destroy", "-y"], &[&who]);
    folder.fails(&["ledger", "unlock", "-y"], &[&who, "goes with its process, which is still there"]);
    assert!(folder.ok(&["ledger", "show"]).contains(&who));

    let mut second = folder.command(&["apply", "-y", "--lock-timeout", "1h"]).spawn().unwrap();
    let mut said = BufReader::new(second.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert!(line.starts_with("waiting for the ledger") && line.contains(&who), "{line}");
    drop(lock);
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert!(second.wait().unwrap().success(), "{rest}");
    let shown = folder.ok(&["ledger", "show", "--verbose"]);
    assert!(
        shown.contains("Held by nobody")
            && shown.contains("embedded, scope default: 1 owned\n  Throttle/limit_0  "),
        "{shown}"
    );
    assert!(folder.ok(&["ledger", "unlock"]).contains("Nobody holds the ledger"));
}

#[test]
fn large_deletions_need_a_word() {
    let folder = Folder::new(&[("manifests/all.yaml", &throttles(13))]);
    folder.ok(&["apply", "-y"]);
    folder.write("manifests/all.yaml", &throttles(1));
    assert!(folder.ok(&["plan"]).contains("`apply` needs `--max-deletes 12`"));
    let braked =
        ["nothing was changed: the plan removes 12 resources of the 13 that are owned", "--max-deletes 12"];
    folder.fails(&["apply", "-y"], &braked);
    folder.ok(&["plan", "--out", "plan.json"]);
    folder.fails(&["apply", "-y", "plan.json"], &braked);
    folder.fails(
        &["apply", "-y", "--max-deletes", "3"],
        &["removes 12 resources, and `--max-deletes` allows 3"],
    );
    assert!(folder.ok(&["apply", "-y", "--max-deletes", "12", "plan.json"]).contains("Applied: deleted 12."));
    folder.fails(
        &["destroy", "-y", "--max-deletes", "0"],
        &["removes 1 resource, and `--max-deletes` allows 0"],
    );
    let destroyed = folder.ok(&["destroy", "-y"]);
    assert!(destroyed.contains("- limit_0  destroy\n"), "{destroyed}");
}

const PROJECT: &str = r#"
variables:
  limit: { type: integer, default: 600, description: Calls a minute }
  stages: { type: list, default: [RELEASE] }
targets:
  local: { provider: embedded }
  test:
    provider: embedded
    variables: { limit: 60, stages: [RELEASE, TEST] }
    patches: [manifests/patches]
defaultTarget: local
"#;

const SHOP: &str = r#"
apiVersion: apigctl/v1
kind: Group
metadata: { name: shop }
---
apiVersion: apigctl/v1
kind: Environment
metadata: { name: TEST }
---
apiVersion: apigctl/v1
kind: Throttle
metadata: { name: gold }
spec: { per: 1m, limits: { api: "${var.limit}" } }
---
apiVersion: apigctl/v1
kind: Api
metadata: { name: buy, group: shop }
spec:
  request: { method: GET, path: /buy }
  auth: { type: none }
  backend: { mock: { body: "{}" } }
  publish: ${var.stages}
"#;

const PATCH: &str = r"
apiVersion: apigctl/v1
kind: Api
metadata: { name: buy, group: shop }
spec: { backend: { mock: { body: test } } }
";

#[test]
fn a_target_has_its_own_values_and_patches() {
    let files =
        [("apigctl.yaml", PROJECT), ("manifests/shop.yaml", SHOP), ("manifests/patches/test.yaml", PATCH)];
    let folder = Folder::new(&files);
    let plan = |target: &str| {
        let text = folder.ok(&["plan", "--offline", "--format", "json", "--target", target]);
        let plan: serde_json::Value = serde_json::from_str(&text).unwrap();
        let rows = plan["resource_changes"].as_array().unwrap().clone();
        let after = |address: &str| {
            rows.iter().find(|r| r["address"] == address).map(|r| r["change"]["after"].clone())
        };
        let api = after("Api/shop/buy").unwrap()["backend"]["mock"]["body"].clone();
        (
            after("Throttle/gold").unwrap()["limits"]["api"].clone(),
            api,
            after("Publication/shop/buy/TEST").is_some(),
        )
    };
    assert_eq!(plan("local"), (600.into(), "{}".into(), false));
    assert_eq!(plan("test"), (60.into(), "test".into(), true));

    // A change that a patch asks for is said to come from there.
    folder.ok(&["apply", "-y", "--target", "test"]);
    folder.write("manifests/patches/test.yaml", &PATCH.replace("body: test", "body: other"));
    let text = folder.ok(&["plan", "--target", "test"]);
    assert!(text.contains("~ buy  manifest changed  manifests/patches/test.yaml:5\n"), "{text}");

    folder.write("manifests/patches/test.yaml", &PATCH.replace("name: buy", "name: by"));
    folder.fails(
        &["validate", "--target", "test"],
        &["there is no Api `by` that this could change", "did you mean `buy`?"],
    );
    folder.ok(&["validate", "--target", "local"]);
    folder
        .write("manifests/patches/test.yaml", &PATCH.replace("mock: { body: test }", "mock: { bodi: test }"));
    folder
        .fails(&["validate", "--target", "test"], &["manifests/patches/test.yaml:5", "did you mean `body`?"]);

    folder.write("manifests/patches/test.yaml", PATCH);
    let wrong = PROJECT
        .replace("limit: 60,", "limit: many, limmit: 1,")
        .replace("default: 600", "default: yes")
        .replace("{ type: list, default", "{ type: list, defualt");
    folder.write("apigctl.yaml", &wrong);
    folder.fails(
        &["validate"],
        &[
            "unknown field `defualt`",
            "the value of `limit` has the wrong type",
            "there is no variable `limmit`",
            "did you mean `limit`?",
        ],
    );
    folder.write("apigctl.yaml", &PROJECT.replace("  stages: {", "  unused: {}\n  stages: {"));
    let said = folder.ok(&["validate"]);
    assert!(
        said.contains("nothing uses the variable `unused`") && said.contains("apigctl.yaml:4:3"),
        "{said}"
    );
    folder.write("apigctl.yaml", &PROJECT.replace("default: 600", "default: 0"));
    folder.write("manifests/shop.yaml", &SHOP.replace("path: /buy", "path: buy"));
    folder.fails(&["validate"], &["manifests/shop.yaml:"]);
}

#[test]
fn a_project_file_that_names_no_ledger_it_can_have() {
    let folder = Folder::new(&[("manifests/all.yaml", &throttles(1))]);
    for (project, said) in [
        ("ledger: s4://bucket/key\n", "did you mean `s3://bucket/key`?"),
        ("ledger: s3://bucket\n", "write s3://BUCKET/KEY"),
        ("ledgerStore: { region: r }\n", "`ledgerStore` has no meaning for a ledger in a file"),
        (
            "ledger: s3://b/k\nledgerStore: { credentials: { accountKey: { fromEnv: X } } }\n",
            "no meaning for `s3://`",
        ),
        (
            "ledger: s3://b/k\nledgerStore: { credentials: { accessKey: AKID } }\n",
            "a secret must not stand in a manifest",
        ),
        ("scope: team a\n", "`team a` is no scope"),
    ] {
        folder.write("apigctl.yaml", project);
        folder.fails(&["plan"], &[said]);
    }
    folder.write(
        "apigctl.yaml",
        "ledger: s3://b/k\nledgerStore: { credentials: { accessKey: { fromEnv: NOT_SET } } }\n",
    );
    folder.fails(&["plan"], &["accessKey: the environment variable NOT_SET is not set"]);
}

/// All files below a folder.
fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[test]
#[cfg(unix)]
fn secrets_of_every_source_are_in_no_artefact() {
    let signature = |name: &str, source: &str| {
        format!(
            "---\napiVersion: apigctl/v1\nkind: Signature\nmetadata: {{ name: {name} }}\nspec: {{ key: key_of_{name}, secret: {source} }}\n"
        )
    };
    let manifests = |key: &str| {
        signature("from_env", "{ fromEnv: GOLD_SECRET }")
            + &signature("from_file", &format!("{{ fromFile: {key} }}"))
            + &signature(
                "from_command",
                &format!("{{ fromCommand: [sh, -c, \"cat {key}; cat {key} >&2\"] }}"),
            )
            + "---\napiVersion: apigctl/v1\nkind: App\nmetadata: { name: caller }\nspec: { codes: [{ name: first, secret: { fromFile: key-of-app } }] }\n"
    };
    // The gateway shows a code in clear.
    let code = "SecretInNoOutput".repeat(5);
    let folder = Folder::new(&[
        ("manifests/all.yaml", &manifests("key")),
        ("key", &format!("{SECRET}\n")),
        ("key-of-app", &code),
    ]);
    let mut printed = Vec::new();
    for format in ["text", "json", "markdown", "sarif", "html"] {
        printed.push(folder.ok(&["plan", "--verbose", "--format", format]));
    }
    printed.push(folder.ok(&["plan", "--out", "plan.json"]));
    printed.push(folder.ok(&["apply", "-y", "plan.json"]));
    assert!(printed.last().unwrap().contains("Applied: created 5."), "{printed:?}");
    assert!(folder.ok(&["plan"]).contains("Nothing to do: 5 resources"));

    // Rotated: the source holds another one.
    let rotated = SECRET.replace("Hunter2", "Hunter3");
    folder.write("key", &rotated);
    folder.write("key-of-app", &code.repeat(2));
    let plan = folder.ok(&["plan", "--verbose"]);
    assert!(
        plan.contains("2 signatures  secret changed at its source\n      from_command, from_file\n"),
        "{plan}"
    );
    printed.push(plan);
    printed.push(folder.ok(&["apply", "-y"]));
    assert!(folder.ok(&["plan"]).contains("Nothing to do: 5 resources"));

    // Nor does a command that fails give away what it printed.
    folder.write("manifests/all.yaml", &manifests("key; exit 9"));
    folder.write("key; exit 9", &rotated);
    let (_, failing) = folder.run(&["apply", "-y"]);
    assert!(failing.contains("run it by hand to see why"), "{failing}");
    printed.push(failing);
    printed.push(folder.ok(&["ledger", "show", "-v"]));
    for text in &printed {
        assert!(!text.contains("SecretInNoOutput"), "a secret is printed: {text}");
    }
    let mut left = Vec::new();
    files(folder.0.path(), &mut left);
    let engine = folder.0.path().join(".apigctl/engine");
    assert!(
        left.iter().any(|file| file.ends_with("plan.json"))
            && left.iter().any(|f| f.ends_with("ledger.json"))
    );
    for file in left
        .iter()
        .filter(|f| !f.starts_with(&engine) && !f.file_name().unwrap().to_string_lossy().starts_with("key"))
    {
        let bytes = fs::read(file).unwrap();
        let found = bytes.windows(16).any(|window| window == b"SecretInNoOutput");
        assert!(!found, "a secret is in {}", file.display());
    }
}
