//! Times engines in fresh browsers, in turns: `bench PLAN.json`, which `cargo xtask bench` writes.
//!
//! What the machine does meanwhile shall meet all contenders alike. Every round starts fresh browsers, each for some
//! contenders, which it times in turns, every second time in the opposite order, since each leaves the machine to the next in
//! a state of its own; what counts are the ratios within a round.

mod mounts;
mod statistics;

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context, Result, bail};
use end_to_end::fresh_browser;
use serde_json::{Value, json};
use statistics::{Interval, median, ratio};
use tokio::net::TcpListener;

/// What to time.
struct Plan {
    /// Address prefix to folder or file.
    mounts: BTreeMap<String, PathBuf>,
    rounds: usize,
    /// How often each contender is timed in a round.
    turns: usize,
    /// Further arguments of the browser.
    browser_arguments: Vec<String>,
    /// What runs in each of a round's browsers.
    browsers: Vec<Vec<Contender>>,
    /// The address of the model.
    model: String,
}

struct Contender {
    name: String,
    /// A function of the page.
    run: String,
    options: Value,
    /// The contender that it is compared with; the first, if none is named.
    beside: Option<String>,
}

fn main() -> Result<()> {
    let path = std::env::args().nth(1).context("bench PLAN.json")?;
    let plan = read(&serde_json::from_slice(&std::fs::read(&path)?)?)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let report = runtime.block_on(run(plan))?;
    #[allow(clippy::print_stdout, reason = "the report is what this program is for")]
    {
        println!("{report}");
    }
    Ok(())
}

fn read(plan: &Value) -> Result<Plan> {
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mounts = plan["mounts"].as_object().context("mounts")?;
    let text = |value: &Value| value.as_str().map(str::to_owned).context("a text");
    let number =
        |value: &Value| Ok::<_, anyhow::Error>(usize::try_from(value.as_u64().context("a number")?)?);
    let contender = |it: &Value| {
        Ok(Contender {
            name: text(&it["name"])?,
            run: text(&it["run"])?,
            options: it["options"].clone(),
            beside: it["beside"].as_str().map(str::to_owned),
        })
    };
    let browsers = plan["browsers"].as_array().context("browsers")?;
    Ok(Plan {
        mounts: mounts
            .iter()
            .map(|(prefix, path)| Ok((prefix.clone(), PathBuf::from(text(path)?))))
            .collect::<Result<_>>()?,
        rounds: number(&plan["rounds"])?,
        turns: number(&plan["turns"])?,
        browser_arguments: texts(&plan["browser_arguments"]),
        browsers: browsers
            .iter()
            .map(|browser| browser.as_array().context("contenders")?.iter().map(contender).collect())
            .collect::<Result<_>>()?,
        model: text(&plan["model"])?,
    })
}

async fn run(plan: Plan) -> Result<Value> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://localhost:{}/", listener.local_addr()?.port());
    tokio::spawn(mounts::serve(listener, plan.mounts.clone()));
    let mut answers: Answers = BTreeMap::new();
    for round in 1..=plan.rounds {
        let mut browsers: Vec<&Vec<Contender>> = plan.browsers.iter().collect();
        if round % 2 == 0 {
            browsers.reverse();
        }
        for contenders in browsers {
            let turns = time(&plan, &address, contenders).await;
            for (at, Contender { name, .. }) in contenders.iter().enumerate() {
                let turns = match &turns {
                    Ok(turns) => turns[at].clone(),
                    Err(error) => vec![json!({ "failed": format!("{error:#}") })],
                };
                #[allow(clippy::print_stderr, reason = "progress")]
                {
                    eprintln!("round {round} of {}: {name} {}", plan.rounds, json!(turns));
                }
                answers.entry(name).or_default().push(turns);
            }
        }
    }
    Ok(report(&plan, &answers))
}

/// What each contender answered, by round and turn.
type Answers<'a> = BTreeMap<&'a str, Vec<Vec<Value>>>;

/// What each of them answers in a fresh browser, by turn.
async fn time(plan: &Plan, address: &str, contenders: &[Contender]) -> Result<Vec<Vec<Value>>> {
    const SCRIPT: &str = "const [file, contenders, turns, done] = arguments;
        const ready = () => window.timeInTurns
            ? window.timeInTurns(file, contenders, turns).then(done, (error) => done(String(error)))
            : setTimeout(ready, 20);
        ready();";
    let (driver, client) = fresh_browser(&plan.browser_arguments).await?;
    let answer = async {
        client.goto(address).await?;
        let contenders: Vec<Value> =
            contenders.iter().map(|it| json!({ "run": it.run, "options": it.options })).collect();
        let arguments = vec![json!(plan.model), json!(contenders), json!(plan.turns)];
        Ok::<_, anyhow::Error>(client.execute_async(SCRIPT, arguments).await?)
    };
    let answer = answer.await;
    client.close().await?;
    drop(driver);
    match answer? {
        Value::String(failed) => bail!(failed),
        turns => Ok(serde_json::from_value(turns)?),
    }
}

/// Medians of each contender, and ratios of those they are compared with to them.
fn report(plan: &Plan, answers: &Answers) -> Value {
    // The median of each round.
    let figures = |name: &str, figure: &str| -> Vec<Option<f64>> {
        let of_turns = |turns: &Vec<Value>| median(turns.iter().filter_map(|answer| answer[figure].as_f64()));
        answers[name].iter().map(of_turns).collect()
    };
    let first = plan.browsers[0][0].name.as_str();
    let contenders = plan.browsers.iter().flatten().map(|Contender { name, beside, .. }| {
        let beside = beside.as_deref().unwrap_or(first);
        let mut entry = json!({ "name": name, "answers": answers[name.as_str()] });
        for figure in ["load_ms", "memory_bytes", "read_bandwidth", "threads"] {
            entry[figure] = json!(median(figures(name, figure).into_iter().flatten()));
        }
        for figure in ["decode", "prefill"] {
            let own = figures(name, figure);
            entry[figure] = json!(median(own.iter().copied().flatten()));
            if name != beside {
                let ratio = ratio(&figures(beside, figure), &own);
                entry[format!("{figure}_ratio")] =
                    json!(ratio.map(|Interval { low, median, high }| [low, median, high]));
            }
        }
        entry
    });
    json!({ "first": first, "contenders": contenders.collect::<Vec<_>>() })
}
