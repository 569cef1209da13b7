//! Progress and report of an apply.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use apigctl::address::Address;
use apigctl::plan::Action;
use apigctl::ui::Options;
use apigctl::ui::progress::{Bar, Lines, Progress, Silent};
use apigctl::ui::report::{ApplyReport, Failed, Skipped, report};

use super::{expect, text};

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn sample() -> ApplyReport {
    ApplyReport {
        done: [(Action::Create, 12), (Action::Publish, 3)].into(),
        failed: vec![Failed {
            address: address("Api/payments/create-payment"),
            action: Action::Create,
            message: "APIG.3201: the quota of APIs is used up\u{1b}[2J".into(),
            hint: Some("raise the quota of the instance, or remove APIs".into()),
        }],
        skipped: (0..8)
            .map(|n| Skipped {
                address: address(&format!("Publication/payments/create-payment/ENV{n}")),
                because: address("Api/payments/create-payment"),
            })
            .collect(),
        left: 4,
        interrupted: true,
        calls: 17,
        retries: 1,
        duration: Duration::from_millis(12_340),
    }
}

#[test]
fn report_of_an_apply() {
    let mut whole = sample();
    whole.failed.clear();
    whole.skipped.clear();
    (whole.left, whole.interrupted) = (0, false);
    let shown = |r: &ApplyReport| text(|out| report(out, r, &Options::default()));
    let all = format!("{}--\n{}--\n{}", shown(&sample()), shown(&whole), shown(&ApplyReport::default()));
    assert!(!all.contains('\u{1b}'));
    expect("report.txt", &all);
}

/// A writer whose text can be looked at.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn lines_come_by_count_and_for_each_failure() {
    let out = Shared::default();
    let lines = Lines::new(Box::new(out.clone()));
    lines.start(1000, 1000);
    for n in 0..1000 {
        lines.step_started(&format!("create Api/g/{n}"));
        let failed = usize::from(n == 500);
        lines.step_done(&format!("create Api/g/{n}"), 1 - failed, failed);
    }
    lines.message("waiting 2 s for the rate limit");
    lines.finish();
    let text = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.lines().count(), 1 + 20 + 1 + 1, "{text}");
    assert!(text.contains("failed: create Api/g/500"));
    assert!(text.contains("1000/1000 changes (100 %), 1 failed"));
}

#[test]
fn a_bar_and_silence_take_everything() {
    let bar = Bar::on(indicatif::ProgressDrawTarget::hidden(), true);
    for progress in [&bar as &dyn Progress, &Silent] {
        progress.start(0, 0);
        progress.step_started("x");
        progress.step_done("x", 0, 2);
        progress.message("m");
        progress.finish();
    }
}
