use super::*;

fn settings() -> Sampling {
    Sampling { temperature: 1.0, ..Sampling::default() }
}

fn pick(logits: &[f32], sampling: &Sampling, seen: &[u32], step: u64) -> u32 {
    sample(&mut logits.to_vec(), sampling, seen.iter().copied(), step).expect("finite logits")
}

/// How often each token is picked in 4,000 steps.
fn shares(logits: &[f32], sampling: &Sampling) -> Vec<f64> {
    let mut counts = vec![0.0; logits.len()];
    for step in 0..4000 {
        counts[pick(logits, sampling, &[], step) as usize] += 1.0 / 4000.0;
    }
    counts
}

#[test]
fn greedy_takes_the_largest_and_the_lowest_among_equals() {
    let greedy = Sampling::default();
    assert_eq!(pick(&[0.5, 2.0, 2.0, -1.0], &greedy, &[], 0), 1);
    assert_eq!(pick(&[-0.0, 0.0], &greedy, &[], 0), 0);
}

#[test]
fn shares_follow_the_softmax() {
    // Probabilities 0.1, 0.2, 0.3, 0.4; four standard deviations of 4,000 throws are 0.031.
    let logits = [0.1_f32, 0.2, 0.3, 0.4].map(f32::ln);
    let check = |sampling: &Sampling, expected: [f64; 4]| {
        for (got, expected) in shares(&logits, sampling).into_iter().zip(expected) {
            assert!((got - expected).abs() < 0.031, "{got} is not {expected}");
        }
    };
    check(&settings(), [0.1, 0.2, 0.3, 0.4]);
    check(&Sampling { temperature: 0.5, ..settings() }, [1.0 / 30.0, 4.0 / 30.0, 9.0 / 30.0, 16.0 / 30.0]);
    check(&Sampling { top_k: 2, ..settings() }, [0.0, 0.0, 3.0 / 7.0, 4.0 / 7.0]);
    check(&Sampling { top_k: 1, ..settings() }, [0.0, 0.0, 0.0, 1.0]);
    check(&Sampling { top_p: 0.69, ..settings() }, [0.0, 0.0, 3.0 / 7.0, 4.0 / 7.0]);
    check(&Sampling { top_p: 0.71, ..settings() }, [0.0, 2.0 / 9.0, 3.0 / 9.0, 4.0 / 9.0]);
    check(&Sampling { min_p: 0.6, ..settings() }, [0.0, 0.0, 3.0 / 7.0, 4.0 / 7.0]);
    check(&Sampling { min_p: 1.0, ..settings() }, [0.0, 0.0, 0.0, 1.0]);
}

#[test]
fn the_penalty_counts_prompt_and_answer_and_pushes_down_on_both_sides_of_zero() {
    let greedy = Sampling { repetition_penalty: 2.0, ..Sampling::default() };
    assert_eq!(pick(&[1.5, 2.0], &greedy, &[1], 0), 0);
    assert_eq!(pick(&[-1.5, -1.0], &greedy, &[1], 0), 0);
    assert_eq!(pick(&[1.5, 2.0], &greedy, &[7], 0), 1);
    assert_eq!(pick(&[0.9, 2.0], &greedy, &[1, 1, 1], 0), 1, "each token once");
}

#[test]
fn the_dice_are_shared_and_known() {
    // The first outputs of splitmix64.c for seed 1234567, cut to 53 bits.
    let expected = [6_457_827_717_110_365_317_u64, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
    for (step, expected) in (0..).zip(expected) {
        assert_eq!(
            dice(1_234_567, step).to_bits(),
            ((expected >> 11) as f64 / (1_u64 << 53) as f64).to_bits()
        );
    }
    assert!((0..10_000).all(|step| (0.0..1.0).contains(&dice(u64::MAX, step))));
    let logits: Vec<f32> = (0..50).map(|i| (i % 7) as f32).collect();
    let first: Vec<u32> = (0..20).map(|step| pick(&logits, &settings(), &[], step)).collect();
    let again: Vec<u32> = (0..20).map(|step| pick(&logits, &settings(), &[], step)).collect();
    let other = Sampling { seed: 2, ..settings() };
    let others: Vec<u32> = (0..20).map(|step| pick(&logits, &other, &[], step)).collect();
    assert_eq!(first, again);
    assert_ne!(first, others);
}

#[test]
fn what_is_no_number_is_refused() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let error = sample(&mut [0.0, bad], &settings(), [], 0);
        assert_eq!(error, Err(SamplingError::NotFinite { token: 1 }));
    }
}

#[test]
fn settings_out_of_range_are_named() {
    let check = |sampling: Sampling, field: &str| {
        let error = super::check(&sampling).expect_err(field);
        assert!(error.to_string().starts_with(field), "{error}");
    };
    for temperature in [-1.0, f32::NAN, f32::INFINITY] {
        check(Sampling { temperature, ..settings() }, "temperature");
    }
    check(Sampling { top_p: 0.0, ..settings() }, "top_p");
    check(Sampling { top_p: f32::NAN, ..settings() }, "top_p");
    check(Sampling { min_p: 1.5, ..settings() }, "min_p");
    check(Sampling { repetition_penalty: 0.0, ..settings() }, "repetition_penalty");
    check(Sampling { max_tokens: 0, ..settings() }, "max_tokens");
    check(Sampling { stop: vec![String::new()], ..settings() }, "stop");
    check(Sampling { stop: vec!["x".into(); 17], ..settings() }, "stop");
    assert_eq!(super::check(&settings()), Ok(()));
}

#[test]
fn text_is_withheld_while_it_could_become_a_stop_text() {
    let mut filter = StopFilter::new(["END".into(), "\n\n".into()]);
    let mut push = |text: &str| filter.push(text);
    assert_eq!(push("one E"), ("one ".into(), None));
    assert_eq!(push("N"), (String::new(), None));
    assert_eq!(push("d"), ("ENd".into(), None));
    assert_eq!(push("\n"), (String::new(), None));
    assert_eq!(push("x EEN"), ("\nx E".into(), None));
    assert_eq!(push("D\n\nrest"), (String::new(), Some(0)));
    let mut filter = StopFilter::new(["漢字".into()]);
    assert_eq!(filter.push("ab漢"), ("ab".into(), None));
    assert!(filter.is_withholding());
    assert_eq!(filter.finish(), "漢");
}
