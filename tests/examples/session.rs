//! Runs the terminal sessions of the README.
//!
//! A block of the language `console` below `<!-- session: NAME -->` is run in a folder of its own, in which `examples/` lies; blocks
//! of one name continue in the same shell. `<!-- run: COMMAND -->` runs what a reader would do by waiting. A line `...` stands for
//! any lines; numbers of milliseconds and reads, and the port 8686, stand for any. `<!-- file: NAME -->` writes the block below it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{ROOT, files};

/// Stands before the output of each command.
const MARK: &str = "\u{1}command ";

/// The port in the README, which another program may have.
const PORT: &str = "8686";

#[derive(Debug, Default)]
struct Step {
    command: String,
    /// `None`: whatever it prints.
    output: Option<Vec<String>>,
}

fn sessions(readme: &str) -> BTreeMap<String, Vec<Step>> {
    let mut sessions: BTreeMap<String, Vec<Step>> = BTreeMap::new();
    let mut lines = readme.lines();
    let mut name: Option<String> = None;
    while let Some(line) = lines.next() {
        let comment = |word: &str| {
            line.strip_prefix(word).and_then(|rest| rest.strip_suffix(" -->")).map(str::to_owned)
        };
        if let Some(given) = comment("<!-- session: ") {
            name = Some(given);
        } else if let Some(command) = comment("<!-- run: ") {
            let steps = sessions.entry(name.clone().expect("a session")).or_default();
            steps.push(Step { command, output: None });
        } else if let Some(file) = comment("<!-- file: ") {
            let block = lines.by_ref().skip(1).take_while(|line| *line != "```");
            let text: String = block.map(|line| format!("{line}\n")).collect();
            let command = format!("cat > {file} <<'END OF FILE'\n{text}END OF FILE");
            let steps = sessions.entry(name.clone().expect("a session")).or_default();
            steps.push(Step { command, output: None });
        } else if line == "```console" {
            let name = name.clone().expect("a `console` block needs `<!-- session: NAME -->` above");
            let steps = sessions.entry(name).or_default();
            for line in lines.by_ref().take_while(|line| *line != "```") {
                match line.strip_prefix("$ ") {
                    Some(command) => {
                        steps.push(Step { command: command.to_owned(), output: Some(Vec::new()) });
                    }
                    None => {
                        let step = steps.last_mut().expect("a block begins with a command");
                        match &mut step.output {
                            Some(output) if !step.command.ends_with('\\') => output.push(line.to_owned()),
                            _ => step.command = format!("{}\n{line}", step.command),
                        }
                    }
                }
            }
        }
    }
    sessions
}

fn run(steps: &[Step], port: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for file in files(&Path::new(ROOT).join("examples")) {
        let to = folder.path().join(file.strip_prefix(ROOT).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(file, to).unwrap();
    }
    let mut script = "exec 2>&1\ntrap 'kill $(jobs -p) 2>/dev/null' EXIT\n".to_owned();
    for step in steps {
        let command = step.command.replace("cargo run -q --", "apigctl").replace(PORT, port);
        writeln!(script, "printf '{MARK}\\n'\n{command}").unwrap();
    }
    let program = Path::new(env!("CARGO_BIN_EXE_apigctl"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder.path())
        .env("PATH", path)
        .env_remove("APIGCTL_TARGET")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split(&format!("{MARK}\n")).skip(1).map(str::to_owned).collect()
}

/// What differs from run to run is made the same.
fn settled(line: &str, port: &str) -> String {
    let mut words: Vec<String> = line.trim_end().replace(port, PORT).split(' ').map(str::to_owned).collect();
    for i in 1..words.len().saturating_sub(1) {
        let counted = matches!((&*words[i - 1], &*words[i + 1]), ("in", "ms.") | ("after", "reads."));
        if counted && words[i].bytes().all(|b| b.is_ascii_digit()) {
            "0".clone_into(&mut words[i]);
        }
    }
    words.join(" ")
}

/// Whether `lines` are as `expected`, in which `...` stands for any lines.
fn fits(expected: &[String], lines: &[String]) -> bool {
    match expected.split_first() {
        None => lines.is_empty(),
        Some((first, rest)) if first == "..." => (0..=lines.len()).any(|skip| fits(rest, &lines[skip..])),
        Some((first, rest)) => {
            lines.split_first().is_some_and(|(line, more)| line == first && fits(rest, more))
        }
    }
}

#[test]
fn the_sessions_of_the_readme_are_real() {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let sessions = sessions(&readme);
    assert!(sessions.len() > 1, "no sessions");
    let mut wrong = String::new();
    for (name, steps) in &sessions {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        drop(listener);
        let outputs = run(steps, &port);
        assert_eq!(outputs.len(), steps.len(), "{name}: a command ended the shell: {outputs:#?}");
        for (step, output) in steps.iter().zip(&outputs) {
            let lines: Vec<String> = output.lines().map(|line| settled(line, &port)).collect();
            let Some(expected) = &step.output else { continue };
            let expected: Vec<String> = expected.iter().map(|line| settled(line, PORT)).collect();
            // A blank line before the next command is for the reader.
            let end =
                |lines: &[String]| lines.iter().rposition(|line| !line.is_empty()).map_or(0, |at| at + 1);
            if !fits(&expected[..end(&expected)], &lines[..end(&lines)]) {
                writeln!(wrong, "\nin the session `{name}`:\n$ {}\n{}", step.command, lines.join("\n"))
                    .unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "README.md is out of date; these commands print something else:\n{wrong}");
}

#[test]
fn dots_stand_for_any_lines() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(fits(&lines("a\n...\nd"), &lines("a\nb\nc\nd")));
    assert!(fits(&lines("a\n..."), &lines("a")));
    assert!(!fits(&lines("a\n...\nd"), &lines("a\nb")));
    assert_eq!(settled("5 calls in 40 ms.", "1"), settled("5 calls in 7 ms.", "1"));
}
