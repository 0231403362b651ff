//! candle-transformers' quantised llama on one thread with SIMD, called the way its examples call it.

use candle_core::{Device, Tensor, quantized::gguf_file::Content};
use candle_transformers::models::quantized_llama::ModelWeights;
use wasm_bindgen::{JsError, prelude::wasm_bindgen};

/// The first token of the prompt: what is below are control tokens and single bytes.
const FIRST_TOKEN: u32 = 300;

/// Milliseconds for reading `prompt` tokens, and for `generate` greedy tokens after them.
#[wasm_bindgen]
pub fn time(file: &[u8], prompt: u32, generate: usize) -> Result<Vec<f64>, JsError> {
    let mut reader = std::io::Cursor::new(file);
    let content = Content::read(&mut reader)?;
    let mut model = ModelWeights::from_gguf(content, &mut reader, &Device::Cpu)?;
    let tokens: Vec<u32> = (FIRST_TOKEN..FIRST_TOKEN + prompt).collect();
    let started = js_sys::Date::now();
    let mut logits = model.forward(&Tensor::new(tokens, &Device::Cpu)?.unsqueeze(0)?, 0)?;
    let prefilled = js_sys::Date::now();
    let prompt = prompt as usize;
    for position in prompt..prompt + generate {
        let token = logits.squeeze(0)?.argmax(0)?.to_scalar::<u32>()?;
        logits = model.forward(&Tensor::new(&[token], &Device::Cpu)?.unsqueeze(0)?, position)?;
    }
    let decoded = js_sys::Date::now();
    Ok(vec![prefilled - started, decoded - prefilled])
}

