use super::*;

/// Uneven steps that are the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}

fn content(size: usize) -> Vec<u8> {
    let mut dice = Dice(size as u64 + 1);
    (0..size).map(|_| dice.below(256) as u8).collect()
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn part(from: u64, total: u64) -> Head {
    Head {
        status: 206,
        content_range: Some(format!("bytes {from}-{}/{total}", total - 1)),
        content_length: Some(total - from),
        etag: Some("\"one\"".into()),
        ..Head::default()
    }
}

fn status(status: u16) -> Head {
    Head { status, ..Head::default() }
}

/// A download that has `bytes` of `total` and then lost the connection.
fn cut(expected: Expected, bytes: &[u8], total: u64) -> Download {
    let mut download = Download::new(expected);
    assert_eq!(download.next_step(), Step::Request { from_bytes: 0, if_range: None });
    assert_eq!(download.on_response(&part(0, total), 0.0), Body::Append);
    download.on_bytes(bytes);
    download.on_break("cable");
    download
}

/// Passes over the rests.
fn next_request(download: &mut Download) -> Step {
    loop {
        match download.next_step() {
            Step::Wait { .. } => {}
            step => return step,
        }
    }
}

fn error_of(download: &mut Download) -> DownloadError {
    match next_request(download) {
        Step::Failed(error) => error,
        other => panic!("{other:?} is no failure"),
    }
}

fn known(bytes: &[u8]) -> Expected {
    Expected { sha256: Some(sha256(bytes)), size_bytes: Some(bytes.len() as u64) }
}

#[test]
fn cuts_cost_no_byte_twice() {
    const CUTS: u32 = 50;
    for seed in 1..=400 {
        let mut dice = Dice(seed);
        let file = content(60_000 + dice.below(60_000) as usize);
        let total = file.len() as u64;
        let expected = if seed % 2 == 0 { known(&file) } else { Expected::default() };
        let mut download = Download::new(expected.clone());
        let mut disk: Vec<u8> = Vec::new();
        let (mut cuts, mut transferred) = (0, 0);
        let size_bytes = loop {
            match download.next_step() {
                Step::Wait { wait_ms } => assert!(wait_ms <= 30_000),
                Step::Request { from_bytes, if_range } => {
                    assert_eq!(from_bytes, disk.len() as u64);
                    assert_eq!(if_range.is_some(), from_bytes > 0);
                    match download.on_response(&part(from_bytes, total), 0.0) {
                        Body::Append => {}
                        other => panic!("{other:?}"),
                    }
                    let rest = total - from_bytes;
                    let until = if cuts < CUTS { from_bytes + dice.below(2 * rest / 50) } else { total };
                    while (disk.len() as u64) < until {
                        let chunk = (1 + dice.below(700)).min(until - disk.len() as u64);
                        let from = disk.len();
                        let chunk = &file[from..from + chunk as usize];
                        download.on_bytes(chunk);
                        disk.extend_from_slice(chunk);
                        transferred += chunk.len() as u64;
                    }
                    if until == total {
                        download.on_end();
                    } else if dice.below(3) == 0 {
                        // The tab closes; another one goes on with what is on the disk.
                        cuts += 1;
                        download = Download::resume(expected.clone(), download.kept(), disk.chunks(977));
                    } else {
                        cuts += 1;
                        download.on_break("cable");
                    }
                }
                Step::Done { sha256: got, size_bytes } => {
                    assert_eq!(got, sha256(&file));
                    break size_bytes;
                }
                Step::RequestWhole => panic!("seed {seed}: nothing was hidden"),
                Step::Failed(error) => panic!("seed {seed}: {error}"),
            }
        };
        assert_eq!((disk, size_bytes, cuts), (file, total, CUTS), "seed {seed}");
        assert!(transferred as f64 <= 1.05 * total as f64, "{transferred} of {total}");
    }
}

#[test]
fn a_whole_answer_to_a_range_starts_over() {
    let file = content(1_000);
    let mut download = cut(known(&file), &file[..400], 1_000);
    assert!(matches!(next_request(&mut download), Step::Request { from_bytes: 400, if_range: Some(_) }));
    let whole = Head { content_length: Some(1_000), ..status(200) };
    assert_eq!(download.on_response(&whole, 0.0), Body::Restart);
    assert_eq!(download.kept_bytes(), 0);
    download.on_bytes(&file);
    download.on_end();
    assert!(matches!(download.next_step(), Step::Done { size_bytes: 1_000, .. }));
}

#[test]
fn a_file_that_changed_meanwhile_starts_over() {
    let (old, new) = (content(1_000), content(900));
    let mut download = cut(Expected::default(), &old[..400], 1_000);
    next_request(&mut download);
    let other = Head { etag: Some("\"two\"".into()), ..part(400, 900) };
    assert_eq!(download.on_response(&other, 0.0), Body::Discard);
    assert_eq!(next_request(&mut download), Step::Request { from_bytes: 0, if_range: None });
    assert_eq!(
        download.on_response(&Head { etag: Some("\"two\"".into()), ..part(0, 900) }, 0.0),
        Body::Append
    );
    download.on_bytes(&new);
    download.on_end();
    assert_eq!(download.next_step(), Step::Done { sha256: sha256(&new), size_bytes: 900 });
}

#[test]
fn a_wrong_part_is_never_taken() {
    let file = content(1_000);
    let wrong = [
        part(300, 1_000),
        part(401, 1_000),
        Head { content_range: Some("bytes 400-898/1000".into()), ..part(400, 1_000) },
        Head { content_range: Some("bytes 400-999/*".into()), ..part(400, 1_000) },
        Head { content_range: Some("bytes */1000".into()), ..part(400, 1_000) },
        Head { content_length: Some(10), ..part(400, 1_000) },
    ];
    for head in wrong {
        let mut download = cut(known(&file), &file[..400], 1_000);
        next_request(&mut download);
        assert_eq!(download.on_response(&head, 0.0), Body::Discard, "{head:?}");
        assert_eq!(next_request(&mut download), Step::Request { from_bytes: 0, if_range: None }, "{head:?}");
    }
    let mut download = Download::new(Expected::default());
    for _ in 0..3 {
        next_request(&mut download);
        download.on_response(&part(7, 1_000), 0.0);
    }
    assert!(matches!(error_of(&mut download), DownloadError::Range(_)));
}

#[test]
fn a_part_without_a_tag_needs_a_hash_to_go_on() {
    let file = content(1_000);
    let untagged = |from| Head { etag: None, ..part(from, 1_000) };
    for (expected, from) in [(known(&file), 400), (Expected::default(), 0)] {
        let mut download = Download::new(expected);
        download.next_step();
        download.on_response(&untagged(0), 0.0);
        download.on_bytes(&file[..400]);
        download.on_break("cable");
        assert_eq!(next_request(&mut download), Step::Request { from_bytes: from, if_range: None });
    }
}

#[test]
fn a_host_that_refuses_if_range_is_asked_without() {
    let file = content(1_000);
    let mut download = cut(Expected::default(), &file[..400], 1_000);
    assert!(matches!(next_request(&mut download), Step::Request { if_range: Some(_), .. }));
    download.on_break("the preflight is refused");
    assert_eq!(next_request(&mut download), Step::Request { from_bytes: 400, if_range: None });
    assert_eq!(download.on_response(&part(400, 1_000), 0.0), Body::Append, "the tag is the same");
    let mut download = cut(Expected::default(), &file[..400], 1_000);
    next_request(&mut download);
    download.on_break("the preflight is refused");
    next_request(&mut download);
    let hidden = Head { etag: None, ..part(400, 1_000) };
    assert_eq!(download.on_response(&hidden, 0.0), Body::Discard, "nothing says that it is the same file");
    assert_eq!(next_request(&mut download), Step::Request { from_bytes: 0, if_range: None });
}

#[test]
fn a_host_that_hides_which_part_it_sends_is_asked_for_the_whole_file() {
    let file = content(1_000);
    let hidden = Head { content_range: None, etag: None, ..part(0, 1_000) };
    let whole = Head { content_length: Some(1_000), ..status(200) };
    for expected in [known(&file), Expected::default()] {
        let mut download = Download::new(expected);
        assert_eq!(download.next_step(), Step::Request { from_bytes: 0, if_range: None });
        assert_eq!(download.on_response(&hidden, 0.0), Body::Discard);
        assert_eq!(download.next_step(), Step::RequestWhole, "at once");
        assert_eq!(download.on_response(&whole, 0.0), Body::Append);
        download.on_bytes(&file[..400]);
        download.on_break("cable");
        assert_eq!(next_request(&mut download), Step::RequestWhole, "no part of it can be asked for");
        assert_eq!((download.kept_bytes(), download.on_response(&whole, 0.0)), (0, Body::Append));
        download.on_bytes(&file);
        download.on_end();
        assert_eq!(download.next_step(), Step::Done { sha256: sha256(&file), size_bytes: 1_000 });
    }
    // So it is with what an earlier visit kept.
    let mut download = Download::resume(known(&file), Kept::default(), [&file[..400]]);
    assert_eq!(download.next_step(), Step::Request { from_bytes: 400, if_range: None });
    assert_eq!(
        download.on_response(&Head { content_length: Some(600), ..hidden.clone() }, 0.0),
        Body::Discard
    );
    assert_eq!((download.next_step(), download.kept_bytes()), (Step::RequestWhole, 0));
    // A part in answer to a request for the whole is another matter.
    for _ in 0..3 {
        assert_eq!(download.on_response(&hidden, 0.0), Body::Discard);
        next_request(&mut download);
    }
    assert!(matches!(error_of(&mut download), DownloadError::Range(_)));
}

#[test]
fn a_host_that_refuses_the_range_header_is_asked_without() {
    let file = content(1_000);
    let mut download = Download::new(Expected::default());
    assert!(matches!(download.next_step(), Step::Request { .. }));
    download.on_break("the preflight is refused");
    assert_eq!(next_request(&mut download), Step::RequestWhole);
    download.on_break("cable");
    assert!(matches!(next_request(&mut download), Step::Request { .. }), "perhaps it was not the header");
    download.on_break("cable");
    assert_eq!(next_request(&mut download), Step::RequestWhole);
    let whole = Head { content_length: Some(1_000), etag: Some("\"one\"".into()), ..status(200) };
    assert_eq!(download.on_response(&whole, 0.0), Body::Append);
    download.on_bytes(&file[..400]);
    download.on_break("cable");
    let goes_on = Step::Request { from_bytes: 400, if_range: Some("\"one\"".into()) };
    assert_eq!(next_request(&mut download), goes_on, "a host with a tag may know parts");
}

#[test]
fn a_stitched_file_with_a_wrong_hash_gets_one_more_chance_and_a_whole_one_none() {
    let (old, new) = (content(1_000), content(1_001)[..1_000].to_vec());
    let mut download = cut(known(&new), &old[..400], 1_000);
    next_request(&mut download);
    download.on_response(&part(400, 1_000), 0.0);
    download.on_bytes(&new[400..]);
    download.on_end();
    assert_eq!(download.next_step(), Step::Request { from_bytes: 0, if_range: None });
    download.on_response(&part(0, 1_000), 0.0);
    download.on_bytes(&old);
    download.on_end();
    assert!(matches!(error_of(&mut download), DownloadError::Hash { .. }));
}

#[test]
fn what_is_there_already_is_not_asked_for() {
    let file = content(500);
    let kept = Kept { etag: None, total_bytes: Some(500) };
    let mut download = Download::resume(known(&file), kept, [&file[..200], &file[200..]]);
    assert_eq!(download.next_step(), Step::Done { sha256: sha256(&file), size_bytes: 500 });
    // Without a known size the host says that nothing is left.
    let kept = Kept { etag: Some("\"one\"".into()), total_bytes: None };
    let mut download = Download::resume(Expected::default(), kept, [&file[..]]);
    assert!(matches!(download.next_step(), Step::Request { from_bytes: 500, .. }));
    download.on_response(&Head { content_range: Some("bytes */500".into()), ..status(416) }, 0.0);
    assert_eq!(download.next_step(), Step::Done { sha256: sha256(&file), size_bytes: 500 });
}

#[test]
fn an_unsatisfiable_range_starts_over_and_an_empty_file_ends() {
    let file = content(1_000);
    let mut download = cut(Expected::default(), &file[..400], 1_000);
    next_request(&mut download);
    download.on_response(&Head { content_range: Some("bytes */300".into()), ..status(416) }, 0.0);
    assert_eq!(next_request(&mut download), Step::Request { from_bytes: 0, if_range: None });
    let mut download = Download::new(Expected::default());
    download.next_step();
    download.on_response(&Head { content_range: Some("bytes */0".into()), ..status(416) }, 0.0);
    assert_eq!(error_of(&mut download), DownloadError::Empty);
}

#[test]
fn a_busy_host_is_left_alone_as_long_as_it_asks() {
    for (code, retry_after, wait_ms) in [(429, Some("7"), 7_000), (503, None, 500), (500, Some("0"), 500)] {
        let mut download = Download::new(Expected::default());
        download.next_step();
        download.on_response(&Head { retry_after: retry_after.map(str::to_owned), ..status(code) }, 0.0);
        assert_eq!(download.next_step(), Step::Wait { wait_ms });
        assert!(matches!(download.next_step(), Step::Request { .. }));
    }
    let mut download = Download::new(Expected::default());
    download.next_step();
    download.on_response(&Head { retry_after: Some("3600".into()), ..status(429) }, 0.0);
    assert_eq!(error_of(&mut download), DownloadError::Busy { seconds: 3_600 });
}

#[test]
fn rests_grow_and_end_and_a_byte_makes_them_short_again() {
    let mut download = Download::new(Expected::default());
    let mut rests = Vec::new();
    loop {
        match download.next_step() {
            Step::Request { .. } | Step::RequestWhole => download.on_break("cable"),
            Step::Wait { wait_ms } => rests.push(wait_ms),
            Step::Failed(error) => {
                assert!(matches!(error, DownloadError::Broken { attempts: 8, .. }), "{error:?}");
                break;
            }
            Step::Done { .. } => panic!("nothing came"),
        }
    }
    assert!(rests.len() == 7 && rests.is_sorted() && rests[0] < rests[6], "{rests:?}");
    let mut download = Download::new(Expected::default());
    for _ in 0..3 {
        next_request(&mut download);
        download.on_break("cable");
    }
    next_request(&mut download);
    download.on_response(&part(0, 1_000), 0.0);
    download.on_bytes(&[7; 10]);
    download.on_break("cable");
    assert_eq!(download.next_step(), Step::Wait { wait_ms: 500 });
}

#[test]
fn web_pages_and_wrong_lengths_are_never_kept() {
    let check = |head: Head, body: &[u8], expected: Expected| {
        let mut download = Download::new(expected);
        download.next_step();
        if download.on_response(&head, 0.0) != Body::Discard {
            download.on_bytes(body);
            download.on_end();
        }
        error_of(&mut download)
    };
    let size = |size| Expected { size_bytes: Some(size), ..Expected::default() };
    let html = Head { content_type: Some("text/HTML; charset=utf-8".into()), ..status(200) };
    assert_eq!(check(html.clone(), b"x", Expected::default()), DownloadError::WebPage);
    let html = Head { content_type: html.content_type, ..part(0, 10) };
    assert_eq!(check(html, b"x", Expected::default()), DownloadError::WebPage);
    assert_eq!(check(status(200), b"\n <!DOCTYPE html><p>", Expected::default()), DownloadError::WebPage);
    assert_eq!(check(status(200), b"<HTML>", Expected::default()), DownloadError::WebPage);
    assert_eq!(check(status(200), b"", Expected::default()), DownloadError::Empty);
    assert_eq!(check(part(0, 10), b"", size(11)), DownloadError::Size { expected: 11, got: 10 });
    let long = Head { content_length: Some(12), ..status(200) };
    assert_eq!(check(long, b"", size(11)), DownloadError::Size { expected: 11, got: 12 });
    assert_eq!(check(status(200), &[7; 12], size(11)), DownloadError::Size { expected: 11, got: 12 });
    assert_eq!(check(status(404), b"", size(11)), DownloadError::Status { status: 404 });
    let short = known(&[1, 2, 3]);
    assert!(matches!(check(status(200), &[3, 2, 1], short), DownloadError::Hash { .. }));
}

#[test]
fn a_short_body_is_a_broken_connection() {
    let mut download = Download::new(Expected::default());
    download.next_step();
    download.on_response(&part(0, 10), 0.0);
    download.on_bytes(&[1, 2, 3]);
    download.on_end();
    assert!(matches!(download.next_step(), Step::Wait { .. }));
    assert!(matches!(download.next_step(), Step::Request { from_bytes: 3, if_range: Some(_) }));
}
