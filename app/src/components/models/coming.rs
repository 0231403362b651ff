//! What is on its way, with its rate, the time left, and a way to stop it.

use leptos::{
    ev,
    html::{button, div, h2, li, p, progress, section, span, strong, ul},
    prelude::*,
};
use protocol::{DownloadProgress, DownloadStage};

use super::memory;
use crate::{
    components::icon::{self, icon},
    state::{Coming, Desk, format},
    worker_client::Runner,
};

pub(crate) fn coming(desk: Desk, runner: Runner) -> impl IntoView {
    let ids = Memo::new(move |_| {
        desk.library
            .with(|library| library.downloads.iter().map(|coming| coming.download_id).collect::<Vec<_>>())
    });
    move || {
        let ids = ids.get();
        (!ids.is_empty()).then(|| {
            section().class("sheet coming").attr("aria-labelledby", "coming-title").child((
                h2().attr("id", "coming-title").child("On its way"),
                ul().child(ids.into_iter().map(|id| row(desk, runner, id)).collect_view()),
            ))
        })
    }
}

pub(crate) fn row(desk: Desk, runner: Runner, id: protocol::DownloadId) -> impl IntoView {
    let coming = Memo::new(move |_| {
        desk.library.with(|library| library.downloads.iter().find(|coming| coming.download_id == id).cloned())
    });
    let name = move || coming.get().map(|coming| coming.name);
    let origin =
        move || coming.get().map(|Coming { host, .. }| host.unwrap_or_else(|| "this computer".to_owned()));
    let needs = move || {
        coming.get().and_then(|coming| coming.facts).map(|facts| memory(&facts, desk.context_length()))
    };
    let words =
        move || coming.get().and_then(|coming| coming.progress).map_or_else(|| "Asking".to_owned(), words);
    let percent = move || {
        let progress = coming.get()?.progress?;
        progress.total_bytes.map(|total| (100 * progress.done_bytes / total.max(1)).min(100).to_string())
    };
    let stage =
        move || coming.get().and_then(|coming| coming.progress).map(|progress| stage_name(progress.stage));
    li().class("coming-row").attr("data-testid", "download").attr("data-stage", stage).child((
        div().class("coming-head").child((
            strong().child(name),
            span().class("soft").child(("from ", origin)),
            span().class("soft").attr("data-testid", "memory-needed").child(needs),
        )),
        progress().attr("aria-label", "Download").attr("max", "100").attr("value", percent),
        p().class("coming-words").child(words),
        button()
            .attr("type", "button")
            .class("stop small")
            .attr("data-testid", "stop-download")
            .on(ev::click, move |_| runner.cancel_download(id))
            .child((icon(icon::STOP), "Stop")),
    ))
}

fn stage_name(stage: DownloadStage) -> &'static str {
    match stage {
        DownloadStage::Queued => "queued",
        DownloadStage::Checking => "checking",
        DownloadStage::Receiving => "receiving",
        DownloadStage::Resting => "resting",
    }
}

fn words(progress: DownloadProgress) -> String {
    let done = match progress.total_bytes {
        Some(total) => format!("{} of {}", format::bytes(progress.done_bytes), format::bytes(total)),
        None => format::bytes(progress.done_bytes),
    };
    let rate = progress.bytes_per_second.map(|rate| format!(", {}/s", format::bytes(rate as u64)));
    let left = progress.seconds_left.map(|seconds| format!(", {} left", format::seconds(seconds)));
    let rest = format!("{}{}", rate.unwrap_or_default(), left.unwrap_or_default());
    match progress.stage {
        DownloadStage::Queued => "Waiting for another download, perhaps in another tab".to_owned(),
        DownloadStage::Checking => format!("Checking what came before: {done}"),
        DownloadStage::Receiving => format!("{done}{rest}"),
        DownloadStage::Resting => format!("{done}; the connection broke, trying again in a moment"),
    }
}
