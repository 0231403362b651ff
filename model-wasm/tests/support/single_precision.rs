//! A GGUF file with every weight in single precision.
#![allow(missing_docs, unreachable_pub)]

use std::io::Cursor;

use candle_core::{
    Device,
    quantized::{GgmlDType, QTensor, gguf_file},
};

/// The same model as `file`, its weights dequantised by candle, its metadata as they are.
pub fn in_single_precision(file: &[u8]) -> Vec<u8> {
    let mut reader = Cursor::new(file);
    let content = gguf_file::Content::read(&mut reader).expect("a GGUF file");
    let tensors: Vec<(&String, QTensor)> = content
        .tensor_infos
        .keys()
        .map(|name| {
            let tensor = content.tensor(&mut reader, name, &Device::Cpu).expect("a tensor");
            let values = tensor.dequantize(&Device::Cpu).expect("weights");
            (name, QTensor::quantize(&values, GgmlDType::F32).expect("single precision"))
        })
        .collect();
    let metadata: Vec<_> = content.metadata.iter().map(|(key, value)| (key.as_str(), value)).collect();
    let tensors: Vec<_> = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    let mut written = Cursor::new(Vec::new());
    gguf_file::write(&mut written, &metadata, &tensors).expect("memory");
    written.into_inner()
}
