//! Times engines in fresh browsers, in turns: `bench PLAN.json`, which `cargo xtask bench` writes.
//!
//! Every round starts a browser for each contender, so that what the machine does meanwhile meets all of them
//! alike, and every second round in the opposite order, since each leaves the machine to the next in a state of its own; what
//! counts are the ratios within a round.

mod mounts;
mod statistics;

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context, Result, ensure};
use end_to_end::fresh_browser;
use serde_json::{Value, json};
use statistics::{Interval, median, ratio};
use tokio::net::TcpListener;

/// What to time.
struct Plan {
    /// Address prefix to folder or file.
    mounts: BTreeMap<String, PathBuf>,
    rounds: usize,
    /// Further arguments of the browser.
    browser_arguments: Vec<String>,
    /// What runs in a round.
    contenders: Vec<Contender>,
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
    let contenders = plan["contenders"].as_array().context("contenders")?;
    let text = |value: &Value| value.as_str().map(str::to_owned).context("a text");
    Ok(Plan {
        mounts: mounts
            .iter()
            .map(|(prefix, path)| Ok((prefix.clone(), PathBuf::from(text(path)?))))
            .collect::<Result<_>>()?,
        rounds: usize::try_from(plan["rounds"].as_u64().context("rounds")?)?,
        browser_arguments: texts(&plan["browser_arguments"]),
        contenders: contenders
            .iter()
            .map(|it| {
                Ok(Contender {
                    name: text(&it["name"])?,
                    run: text(&it["run"])?,
                    options: it["options"].clone(),
                    beside: it["beside"].as_str().map(str::to_owned),
                })
            })
            .collect::<Result<_>>()?,
        model: text(&plan["model"])?,
    })
}

async fn run(plan: Plan) -> Result<Value> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://localhost:{}/", listener.local_addr()?.port());
    tokio::spawn(mounts::serve(listener, plan.mounts.clone()));
    let mut answers: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for round in 1..=plan.rounds {
        let mut turns: Vec<&Contender> = plan.contenders.iter().collect();
        if round % 2 == 0 {
            turns.reverse();
        }
        for Contender { name, run, options, .. } in turns {
            let answer = time(&plan, &address, run, options).await;
            let answer = answer.unwrap_or_else(|error| json!({ "failed": format!("{error:#}") }));
            #[allow(clippy::print_stderr, reason = "progress")]
            {
                eprintln!("round {round} of {}: {name} {answer}", plan.rounds);
            }
            answers.entry(name).or_default().push(answer);
        }
    }
    Ok(report(&plan, &answers))
}

async fn time(plan: &Plan, address: &str, function: &str, options: &Value) -> Result<Value> {
    const SCRIPT: &str = "const [name, file, options, done] = arguments;
        const ready = () => window.engines
            ? window.engines[name](file, options).then(done, (error) => done({ failed: String(error) }))
            : setTimeout(ready, 20);
        ready();";
    let (driver, client) = fresh_browser(&plan.browser_arguments).await?;
    let answer = async {
        client.goto(address).await?;
        let arguments = vec![json!(function), json!(plan.model), options.clone()];
        Ok::<_, anyhow::Error>(client.execute_async(SCRIPT, arguments).await?)
    };
    let answer = answer.await;
    client.close().await?;
    drop(driver);
    let answer = answer?;
    ensure!(answer["failed"].is_null(), "{}", answer["failed"]);
    Ok(answer)
}

/// Medians of each contender, and ratios of those they are compared with to them.
fn report(plan: &Plan, answers: &BTreeMap<&str, Vec<Value>>) -> Value {
    let figures = |name: &str, figure: &str| -> Vec<Option<f64>> {
        answers[name].iter().map(|answer| answer[figure].as_f64()).collect()
    };
    let first = plan.contenders[0].name.as_str();
    let contenders = plan.contenders.iter().map(|Contender { name, beside, .. }| {
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
