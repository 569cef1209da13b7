//! Random estates, random edits, faults at every call: applied until settled, the plan is empty, nothing stands there twice,
//! and what is not apigctl's is as it was.
//!
//! Everything follows from a seed, which a failure names. `APIGCTL_SIMULATE=20` runs so many seeds (a few where absent), from
//! `APIGCTL_SIMULATE_FROM` on, with every fault at every call; `APIGCTL_SIMULATE_VENDOR=huawei-apig-v1` runs them on that
//! vendor's gateway alone. On each gateway the estates have what it takes.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and has files of its own"
)]

mod estate;
mod holdings;
mod others;
mod strangers;

use std::collections::BTreeSet;

use apigctl::diff::train::Train;
use apigctl::plan::Plan;
use apigctl::problem::Severity;
use apigctl::provider::Vendor;

use crate::support::{Bench, Fault, lines};
use estate::{ENVIRONMENTS, Estate, Rng};
use holdings::{Rows, rows};
use strangers::Strangers;

const EDITS: u64 = 3;

fn seeds(fewest: u64) -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let from = number("APIGCTL_SIMULATE_FROM").unwrap_or(1);
    from..from + number("APIGCTL_SIMULATE").unwrap_or(fewest)
}

/// Names the seed when a test fails.
struct Seed(&'static Vendor, u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let (vendor, seed) = (self.0.name, self.1);
            eprintln!(
                "seed {seed}: APIGCTL_SIMULATE_VENDOR={vendor} APIGCTL_SIMULATE_FROM={seed} APIGCTL_SIMULATE=1"
            );
        }
    }
}

/// Whether many seeds are asked for: then every fault is tried at every call.
fn at_length() -> bool {
    std::env::var_os("APIGCTL_SIMULATE").is_some()
}

/// A vendor, and how many seeds there are when nobody asks for more.
type On = (&'static Vendor, u64);

/// Has every edit of every estate done by `each`, which says how many scenarios that were.
async fn edits((vendor, fewest): On, mut each: impl AsyncFnMut(&mut Run, &Plan) -> usize) {
    if std::env::var("APIGCTL_SIMULATE_VENDOR").is_ok_and(|only| only != vendor.name) {
        return;
    }
    let mut scenarios = 0;
    for seed in seeds(fewest) {
        let _named = Seed(vendor, seed);
        let mut run = Run::begin(vendor, seed).await;
        for _ in 0..EDITS {
            let Some(plan) = run.edit().await else { continue };
            scenarios += each(&mut run, &plan).await;
        }
    }
    eprintln!("{}: {scenarios} scenarios", vendor.name);
}

/// Every law on every gateway, with so many seeds each.
macro_rules! gateways {
    ($($vendor:ident: { $($law:ident: $fewest:literal),* $(,)? })*) => {
        $(mod $vendor {
            use apigctl::provider::$vendor::VENDOR;

            $(#[tokio::test]
            async fn $law() {
                super::$law((&VENDOR, $fewest)).await;
            })*
        })*
    };
}

gateways! {
    alibaba: {
        estates_settle: 2,
        trains_come_to_the_same: 2,
        a_fault_at_any_call_does_no_harm: 1,
        answers_from_the_past_do_no_harm: 1,
        a_bad_day_passes: 2,
    }
    huawei_v1: {
        estates_settle: 2,
        trains_come_to_the_same: 2,
        a_fault_at_any_call_does_no_harm: 1,
        answers_from_the_past_do_no_harm: 1,
        a_bad_day_passes: 2,
    }
    huawei_v2: {
        estates_settle: 8,
        trains_come_to_the_same: 8,
        a_fault_at_any_call_does_no_harm: 1,
        answers_from_the_past_do_no_harm: 1,
        a_bad_day_passes: 8,
    }
}

async fn estates_settle(on: On) {
    edits(on, async |run, plan| {
        run.bench.apply(plan).await;
        run.check(&run.bench).await;
        1
    })
    .await;
}

async fn trains_come_to_the_same(on: On) {
    edits(on, async |run, _| {
        // Some of the way, in trains that may be refused where what they bring was not tried out, and then the rest.
        let stops = [ENVIRONMENTS[0], ENVIRONMENTS[1], "RELEASE"];
        let mut trains = 0;
        for _ in 0..3 {
            let (from, to) = (run.rng.below(3), run.rng.below(3));
            let (from, to) = (stops[from].to_owned(), stops[to].to_owned());
            run.bench.rules.train = Some(match from == to {
                true => Train::Publish(BTreeSet::from([to])),
                false => Train::Promote { from, to, only: Vec::new() },
            });
            let plan = run.bench.plan().await;
            run.bench.rules.train = None;
            match plan {
                Ok(Some(plan)) if !plan.is_empty() => {
                    run.bench.apply(&plan).await;
                    trains += 1;
                }
                Ok(_) => {}
                Err(problems) => {
                    let known = ["not-promotable", "not-applied", "unknown-name", "request-taken"];
                    let mut errors = problems.iter().filter(|p| p.severity == Severity::Error);
                    assert!(errors.all(|p| known.contains(&p.code)), "{problems:#?}");
                }
            }
        }
        if let Some(rest) = run.bench.plan().await.unwrap().filter(|plan| !plan.is_empty()) {
            run.bench.apply(&rest).await;
        }
        run.check(&run.bench).await;
        trains
    })
    .await;
}

async fn a_fault_at_any_call_does_no_harm(on: On) {
    edits(on, async |run, plan| {
        let mut scenarios = 0;
        for number in 0..plan.calls() {
            let faults = if at_length() { Fault::ALL.to_vec() } else { run.rng.some(&Fault::ALL, 2) };
            for fault in faults {
                run.with_fault(plan, number, fault).await;
                scenarios += 1;
            }
        }
        run.bench.apply(plan).await;
        scenarios
    })
    .await;
}

async fn answers_from_the_past_do_no_harm(on: On) {
    edits(on, async |run, plan| {
        for number in 0..plan.calls() {
            let ending = [None, Some(Fault::KillAfter), Some(Fault::LostAfter)][run.rng.below(3)];
            let since = run.rng.below(number + 1);
            run.with_stale_reads(plan, number, ending, since).await;
        }
        run.bench.apply(plan).await;
        plan.calls()
    })
    .await;
}

async fn a_bad_day_passes(on: On) {
    edits(on, async |run, plan| {
        let odds = [5, 30, 80][run.rng.below(3)];
        // With kills and without: where every second call ends the process, nothing else gets to fail.
        let faults = if run.rng.below(2) == 0 { Fault::ALL.len() } else { Fault::ALL.len() - 2 };
        run.until_settled(plan, odds, faults).await;
        run.check(&run.bench).await;
        1
    })
    .await;
}

/// An estate and its gateway.
struct Run {
    bench: Bench,
    estate: Estate,
    rng: Rng,
    foreign: Rows,
}

impl Run {
    /// A gateway with things of other people, and a first estate on it.
    async fn begin(vendor: &'static Vendor, seed: u64) -> Self {
        let mut bench = Bench::of(vendor);
        bench.rehearse = seed.is_multiple_of(2);
        for (name, key) in [
            ("LEAF_KEY", include_str!("engine/certificates/leaf.key")),
            ("RSA_KEY", include_str!("engine/certificates/rsa.key")),
        ] {
            bench.secrets.lock().unwrap().insert(name.to_owned(), key.to_owned());
        }
        for name in ["KEY_A", "KEY_B"] {
            bench.secrets.lock().unwrap().insert(name.to_owned(), format!("secret0123456{name}"));
        }
        for name in ["0A", "0B", "0C", "1A", "1B", "1C", "2A", "2B", "2C"] {
            bench.secrets.lock().unwrap().insert(format!("CODE_{name}"), format!("code/{name}+").repeat(9));
        }
        let strangers = Strangers::settle(&bench).await;
        let mut foreign: BTreeSet<String> = rows(&bench.dump()).into_keys().collect();
        let estate = Estate::new(seed, vendor);
        bench.write(&estate.documents());
        let first = bench.planned().await;
        bench.apply(&first).await;
        let before = rows(&bench.dump());
        strangers.intrude(&estate.documents()).await;
        let after = rows(&bench.dump());
        foreign.extend(after.keys().filter(|id| !before.contains_key(*id)).cloned());
        let foreign = after.into_iter().filter(|(id, _)| foreign.contains(id)).collect();
        let run = Self { bench, estate, rng: Rng::new(seed, "run"), foreign };
        run.check(&run.bench).await;
        run
    }

    /// Changes the estate and plans the change; none where there is nothing to do, or what cannot be done in one go: two APIs
    /// that exchange their paths.
    async fn edit(&mut self) -> Option<Plan> {
        let before = self.estate.clone();
        self.estate.edit(&mut self.rng);
        self.bench.write(&self.estate.documents());
        let plan = self.bench.plan().await.unwrap_or_else(|problems| panic!("problems: {problems:#?}"));
        let Some(plan) = plan else {
            self.estate = before;
            self.bench.write(&self.estate.documents());
            return None;
        };
        (!plan.is_empty()).then_some(plan)
    }

    /// Applies with one fault, on a copy, then applies again.
    async fn with_fault(&self, plan: &Plan, number: usize, fault: Fault) {
        let bench = self.bench.copy();
        let about = format!("{fault:?} at call {number} of {:#?}", lines(plan));
        let chooser = Box::new(move |call, _: &_| (call == number).then_some(fault));
        let outcome = bench.apply_with(plan, Some(chooser)).await;
        assert_eq!(outcome.is_none(), fault.kills(), "{about}");
        if let Some(outcome) = outcome {
            assert!(outcome.is_complete(), "one fault is not made good: {about}\n{:#?}", outcome.failed);
        } else {
            let rest = bench.planned().await;
            let again = bench.apply_with(&rest, None).await.unwrap();
            assert!(again.is_complete(), "after {about}\n{:#?}", again.failed);
        }
        self.check(&bench).await;
    }

    /// Applies, perhaps not to the end, then plans and applies while reads show the gateway as it was before call `since`.
    async fn with_stale_reads(&self, plan: &Plan, number: usize, ending: Option<Fault>, since: usize) {
        let bench = self.bench.copy();
        let about = format!("{ending:?} at call {number}, reads from before {since}, of {:#?}", lines(plan));
        bench.wire.remember_before(since);
        let chooser = Box::new(move |call, _: &_| ending.filter(|_| call == number));
        bench.apply_with(plan, Some(chooser)).await;
        bench.wire.answer_from_the_past(true);
        // What seems to be missing may make the manifests seem wrong: then nothing is done.
        if let Ok(Some(again)) = bench.plan().await {
            bench.apply_with(&again, None).await;
        }
        bench.wire.answer_from_the_past(false);
        let rest = bench.planned().await;
        let outcome = bench.apply_with(&rest, None).await.unwrap();
        assert!(outcome.is_complete(), "{about}\n{:#?}", outcome.failed);
        self.check(&bench).await;
    }

    /// Applies on a wire that fails in `odds` of 100 calls, again and again.
    async fn until_settled(&mut self, plan: &Plan, odds: usize, faults: usize) {
        let mut plan = plan.clone();
        for round in 0..40 {
            let odds = if round < 6 { odds } else { 0 };
            let seed = self.rng.next();
            let chooser = Box::new(move |call: usize, _: &_| {
                let mut rng = Rng::new(seed, &call.to_string());
                (rng.below(100) < odds).then(|| Fault::ALL[rng.below(faults)])
            });
            let done = self.bench.apply_with(&plan, Some(chooser)).await.is_some_and(|o| o.is_complete());
            plan = self.bench.planned().await;
            assert!(!done || plan.is_empty(), "a complete apply left {:#?}", lines(&plan));
            if plan.is_empty() {
                // Nothing to do may still be something to write down.
                self.bench.apply_with(&plan, None).await.unwrap();
                return;
            }
        }
        panic!("not settled: {:#?}", lines(&plan));
    }

    /// The laws.
    async fn check(&self, bench: &Bench) {
        bench.assert_settled().await;
        let plan = bench.planned().await;
        let odd: Vec<_> =
            plan.notes.iter().filter(|n| ["same-name-twice", "unowned"].contains(&&*n.code)).collect();
        assert!(odd.is_empty(), "{odd:#?}");
        holdings::check(&bench.dump(), &self.foreign, |kind| self.estate.wanted(kind));
    }
}
