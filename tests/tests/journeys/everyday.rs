//! What must work every day.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use comparison::{Corner, Recorded, Scenario};
use end_to_end::{LaneSnapshot, Setup, default_scenario, journey, same_answer};

/// What was recorded for a lane and the input that the page opens with.
fn recorded(scenario: &Scenario, lane: usize) -> Result<&Recorded> {
    let found = scenario.recorded.iter().find(|recorded| recorded.input == 0 && recorded.lane == lane);
    found.with_context(|| format!("nothing is recorded for lane {lane}"))
}

/// Each lane beside its place in the scenario.
fn in_place<'a>(scenario: &Scenario, lanes: &'a [LaneSnapshot]) -> Result<Vec<(usize, &'a LaneSnapshot)>> {
    ensure!(lanes.len() == scenario.lanes.len(), "{} lanes instead of {}", lanes.len(), scenario.lanes.len());
    for (lane, planned) in lanes.iter().zip(&scenario.lanes) {
        ensure!(lane.weights == planned.weights.id(), "{} runs on {}", lane.name, lane.weights);
    }
    Ok(lanes.iter().enumerate().collect())
}

#[test]
fn the_first_paint_shows_recorded_answers_and_needs_no_model() -> Result<()> {
    let scenario = default_scenario()?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let lanes = page.lanes().await?;
        for (place, lane) in in_place(&scenario, &lanes)? {
            ensure!(lane.state == "recorded", "{} is {}", lane.name, lane.state);
            let expected = &recorded(&scenario, place)?.output;
            ensure!(
                same_answer(&lane.output, expected),
                "{} shows {}, not {expected}",
                lane.name,
                lane.output
            );
        }
        ensure!(
            page.text().await?.to_lowercase().contains("recorded"),
            "nothing says that they are recorded"
        );
        let requested = stage.weights_requested();
        ensure!(requested.is_empty(), "asked for {requested:?} before anybody pressed Run");
        Ok(())
    })
}

#[test]
fn the_default_lanes_answer_as_recorded() -> Result<()> {
    let scenario = default_scenario()?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let lanes = page.run_to_the_end().await?;
        for (place, lane) in in_place(&scenario, &lanes)? {
            let expected = recorded(&scenario, place)?;
            ensure!(
                same_answer(&lane.output, &expected.output),
                "{} answers {} instead of {}",
                lane.name,
                lane.output,
                expected.output
            );
            ensure!(lane.prompt_tokens == Some(expected.metrics.prompt_tokens), "{lane:?}");
            ensure!(lane.output_tokens == Some(expected.metrics.output_tokens), "{lane:?}");
            ensure!(lane.weights_sha256 == expected.proof.weights_sha256, "{lane:?}");
            ensure!(
                lane.adapter_sha256 == expected.proof.adapter_sha256.clone().unwrap_or_default(),
                "{lane:?}"
            );
            ensure!(lane.is_tuned() != lane.adapter_sha256.is_empty(), "{lane:?} proves something else");
        }
        Ok(())
    })
}

#[test]
fn the_tuned_lane_is_right_and_the_naive_one_wrong() -> Result<()> {
    let scenario = default_scenario()?;
    let expected = scenario.inputs[0].expected.clone().context("the first ticket has an answer")?;
    journey(Setup::default(), async |stage| {
        let lanes = stage.visit("").await?.run_to_the_end().await?;
        for (place, lane) in in_place(&scenario, &lanes)? {
            let right = same_answer(&lane.output, &expected);
            match scenario.lanes[place].corner {
                Corner::Naive => ensure!(!right, "the naive lane knows the house's codes: {lane:?}"),
                Corner::Tuning => ensure!(right, "the tuned lane is wrong: {lane:?}"),
                Corner::Prompt | Corner::Both => {}
            }
        }
        Ok(())
    })
}

#[test]
fn stop_ends_a_run_and_keeps_what_was_said() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("?engine=reference").await?;
        // The plain engine is slow enough to be stopped, and hot dice seldom roll an end.
        page.write(&page.find("temperature").await?, "2").await?;
        page.write(&page.find("max-tokens").await?, "400").await?;
        page.run().await?;
        let under_way = |lane: &LaneSnapshot| lane.state == "running" && !lane.output.is_empty();
        page.until_lanes("a lane speaks", |lanes| lanes.iter().any(under_way)).await?;
        page.click("stop").await?;
        let ended = |lane: &LaneSnapshot| ["stopped", "done"].contains(&lane.state.as_str());
        let stopped = page.until_lanes("every lane has ended", |lanes| lanes.iter().all(ended)).await?;
        ensure!(stopped.iter().any(|lane| lane.state == "stopped" && !lane.output.is_empty()), "{stopped:?}");
        tokio::time::sleep(Duration::from_millis(400)).await;
        ensure!(page.lanes().await? == stopped, "lanes go on after stop");
        // And the next run is as good as the first.
        page.write(&page.find("max-tokens").await?, "4").await?;
        page.run_to_the_end().await.map(|_| ())
    })
}

#[test]
fn a_link_gives_another_person_the_same_tokens() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let first = page.lanes().await?[0].clone();
        page.write(&page.find("input").await?, "My lamp of order B-1234 is broken. Please help!").await?;
        page.write(&page.find("seed").await?, "7").await?;
        page.write(&page.find("temperature").await?, "0.9").await?;
        page.write(&page.find_in(&first, "lane-template").await?, "What is this about? {{input}}").await?;
        let results = page.run_to_the_end().await?;
        let link = page.share().await?;
        let requested_before = stage.weights_requested().len();

        let other = stage.open(&link).await?;
        let input = other.value(&other.find("input").await?).await?;
        ensure!(input == "My lamp of order B-1234 is broken. Please help!", "the link brings {input:?}");
        let restored = other.lanes().await?;
        let template = other.value(&other.find_in(&restored[0], "lane-template").await?).await?;
        ensure!(template == "What is this about? {{input}}", "the link brings {template:?}");
        tokio::time::sleep(Duration::from_millis(700)).await;
        let busy = |lane: &LaneSnapshot| ["waiting", "running", "done"].contains(&lane.state.as_str());
        ensure!(!other.lanes().await?.iter().any(busy), "opening a link runs something");
        ensure!(stage.weights_requested().len() == requested_before, "opening a link downloads something");

        let repeated = other.run_to_the_end().await?;
        for (mine, theirs) in results.iter().zip(&repeated) {
            ensure!(mine.result() == theirs.result(), "{mine:?} became {theirs:?}");
        }
        ensure!(results.len() == repeated.len(), "another number of lanes");
        Ok(())
    })
}

#[test]
fn a_reload_keeps_the_edits() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let first = page.lanes().await?[0].clone();
        page.write(&page.find_in(&first, "lane-system").await?, "Answer in capitals.").await?;
        page.click("add-lane").await?;
        let edited = page.until_lanes("there is one lane more", |lanes| lanes.len() == 6).await?;
        tokio::time::sleep(Duration::from_millis(700)).await;
        page.reload().await?;
        let kept = page.lanes().await?;
        ensure!(kept.len() == edited.len(), "{} lanes are left of {}", kept.len(), edited.len());
        let system = page.value(&page.find_in(&kept[0], "lane-system").await?).await?;
        ensure!(system == "Answer in capitals.", "the edit became {system:?}");
        Ok(())
    })
}
