//! A snapshot of a gateway stands in for it: whatever is managed, a plan against the copy says what one against the gateway
//! says. Only secrets that the gateway masks are unknown there.

use apigctl::engine::{SHARED_GATEWAY, SnapshotFile};
use apigctl::session;

use crate::support::{Bench, lines};

/// A gateway made from a snapshot, with the manifests and the ledger of the one that it was taken of.
pub(super) fn of(bench: &Bench, snapshot: SnapshotFile) -> Bench {
    let copy = Bench::of(bench.vendor);
    copy.secrets.lock().unwrap().clone_from(&bench.secrets.lock().unwrap());
    for part in ["manifests", ".apigctl"] {
        let to = copy.path(part);
        std::fs::create_dir_all(&to).unwrap();
        for entry in std::fs::read_dir(bench.path(part)).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
    let place = match bench.vendor.name {
        "huawei-apig-v1" => SHARED_GATEWAY,
        _ => copy.engine.instance_id(),
    };
    session::load_snapshot(&copy.engine, place, snapshot, &copy.path("snapshot.json")).unwrap();
    copy
}

/// The law, of a gateway with nothing to do.
pub(super) async fn holds(bench: &Bench, what: &str) {
    let (snapshot, notes) = session::capture(&bench.target()).await.unwrap();
    assert_eq!(notes, Vec::<String>::new(), "{what}");
    let plan = of(bench, snapshot).planned().await;
    let left: Vec<String> = lines(&plan).into_iter().filter(|line| !line.contains("secretChanged")).collect();
    assert_eq!(left, Vec::<String>::new(), "{} {what}: of its copy", bench.vendor.name);
}
