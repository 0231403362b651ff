use super::*;
use crate::{
    adapter::Adapter,
    engine::reference::Reference,
    model::CachePrecision,
    session::Base,
    support::{Quantisation, tiny, tiny_adapter},
};

const ALL: [Quantisation; 4] = [Quantisation::F32, Quantisation::F16, Quantisation::Q8_0, Quantisation::Q4_0];

fn now<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("this engine never waits"),
    }
}

fn model(quantisation: Quantisation) -> Arc<Model> {
    Base::load(&tiny(quantisation).bytes()).expect("a sound model").model
}

fn adapter(model: &Model) -> Arc<Adapter> {
    let (config, weights) = tiny_adapter(4);
    Arc::new(Adapter::load(config.as_bytes(), &weights, model).expect("a sound adapter"))
}

fn tokens(n: u32) -> Vec<u32> {
    (0..n).map(|i| (i * 37 + 5) % 262).collect()
}

fn score<E: Engine>(engine: &mut E, weights: Weights, tokens: &[u32]) -> Vec<f32> {
    let sequence = engine.open(weights);
    let logits = now(engine.score(sequence, tokens)).expect("logits").concat();
    engine.close(sequence);
    logits
}

fn bits(logits: &[f32]) -> Vec<u32> {
    logits.iter().map(|logit| logit.to_bits()).collect()
}

#[test]
fn agrees_with_the_reference() {
    for quantisation in ALL {
        let model = model(quantisation);
        let adapter = adapter(&model);
        for weights in [Weights::base(), Weights::adapter(adapter, 0.7)] {
            let expected = score(&mut Reference::new(Arc::clone(&model)), weights.clone(), &tokens(90));
            let got = score(&mut Cpu::new(Arc::clone(&model)), weights, &tokens(90));
            let largest = expected.iter().zip(&got).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            // The reference keeps keys and values in single precision.
            let tolerance = match model.config.cache_precision {
                CachePrecision::Single => 2e-2,
                CachePrecision::Integers => 8e-2,
            };
            assert!(largest < tolerance, "{quantisation:?}: {largest}");
        }
    }
}

#[test]
fn every_processor_gives_the_same_bits() {
    for quantisation in ALL {
        let model = model(quantisation);
        let weights = Weights::adapter(adapter(&model), 1.5);
        let on = |processor| {
            bits(&score(&mut Cpu::on(processor, Arc::clone(&model)), weights.clone(), &tokens(30)))
        };
        let expected = on(Processor::Portable);
        for processor in Processor::all() {
            assert!(on(processor) == expected, "{processor:?}, {quantisation:?}");
        }
    }
}

#[test]
fn a_lane_gets_the_same_bits_in_any_company() {
    for quantisation in ALL {
        let model = model(quantisation);
        let adapter = adapter(&model);
        let mut engine = Cpu::new(Arc::clone(&model));
        let lanes: Vec<Weights> = (0..8_u8)
            .map(|lane| match lane % 3 {
                0 => Weights::base(),
                scale => Weights::adapter(Arc::clone(&adapter), f32::from(scale)),
            })
            .collect();
        let prompt = tokens(11);
        let alone: Vec<Vec<u32>> =
            lanes.iter().map(|weights| bits(&score(&mut engine, weights.clone(), &prompt))).collect();
        for n in [1, 2, 4, 8] {
            let sequences: Vec<SequenceId> =
                lanes[..n].iter().map(|weights| engine.open(weights.clone())).collect();
            for (position, &token) in prompt.iter().enumerate() {
                let step: Vec<_> = sequences.iter().map(|&sequence| (sequence, token)).collect();
                let logits = now(engine.step(&step)).expect("logits");
                for (lane, logits) in logits.iter().enumerate() {
                    let vocabulary = logits.len();
                    assert!(
                        bits(logits) == alone[lane][position * vocabulary..][..vocabulary],
                        "lane {lane} of {n} at {position}, {quantisation:?}"
                    );
                }
            }
            for sequence in sequences {
                engine.close(sequence);
            }
        }
    }
}

#[test]
fn a_sequence_that_was_reset_goes_on_as_if_nothing_had_been() {
    let model = model(Quantisation::Q8_0);
    let mut engine = Cpu::new(model);
    let expected = score(&mut engine, Weights::base(), &tokens(12));
    let sequence = engine.open(Weights::base());
    now(engine.prefill(sequence, &tokens(12)[..5])).expect("room");
    now(engine.prefill(sequence, &[9, 8, 7, 6])).expect("room");
    engine.reset(sequence, 5);
    let got = now(engine.score(sequence, &tokens(12)[5..])).expect("logits").concat();
    assert!(bits(&got) == bits(&expected[expected.len() - got.len()..]));
}

#[test]
fn sequences_that_share_a_beginning_do_not_disturb_one_another() {
    let model = model(Quantisation::Q8_0);
    let weights = Weights::adapter(adapter(&model), 1.0);
    let mut engine = Cpu::new(model);
    let all = tokens(60);
    for shared in [0, 1, 15, 16, 17, 40, 50] {
        let first = engine.open(weights.clone());
        now(engine.prefill(first, &all[..45])).expect("room");
        let second = engine.fork(first, shared).expect("it is there");
        let shared = shared.min(45);
        let other: Vec<u32> = all[..shared].iter().copied().chain(tokens(90)[60..].iter().copied()).collect();
        let got_other = now(engine.score(second, &other[shared..])).expect("logits").concat();
        let got = now(engine.score(first, &all[45..])).expect("logits").concat();
        engine.close(first);
        for (tokens, got) in [(&all, got), (&other, got_other)] {
            let expected = score(&mut engine, weights.clone(), tokens);
            assert!(bits(&got) == bits(&expected[expected.len() - got.len()..]), "{shared} shared");
        }
        engine.close(second);
    }
    assert_eq!(engine.fork(SequenceId(999), 1), Err(EngineError::UnknownSequence));
}

#[test]
fn a_full_context_and_unknown_tokens_are_refused_and_nothing_is_read() {
    let model = model(Quantisation::F32);
    let context_length = model.config.context_length;
    let mut engine = Cpu::new(model);
    let sequence = engine.open(Weights::base());
    let wanted = context_length + 1;
    let error = now(engine.prefill(sequence, &vec![1; wanted])).expect_err("too long");
    assert_eq!(error, EngineError::ContextFull { wanted, context_length });
    assert!(matches!(now(engine.prefill(sequence, &[u32::MAX])), Err(EngineError::UnknownToken { .. })));
    let twice = now(engine.step(&[(sequence, 1), (sequence, 1)]));
    assert_eq!(twice.expect_err("named twice"), EngineError::UnknownSequence);
    assert!(now(engine.prefill(sequence, &vec![1; context_length])).is_ok());
}
