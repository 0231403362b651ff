//! One adapter in three formats.

use super::*;

#[test]
fn the_same_adapter_is_the_same_in_every_format() {
    let base = base();
    for rank in [1, 2, 3] {
        let (config, weights) = tiny_adapter(rank);
        let peft = Adapter::load(config.as_bytes(), &weights, &base.model).expect("PEFT");
        let config = json!({"fine_tune_type": "lora", "lora_parameters": {"rank": rank, "scale": 2.0}});
        let mlx = safetensors(&mlx_tensors(rank));
        let mlx = Adapter::load(config.to_string().as_bytes(), &mlx, &base.model).expect("mlx-lm");
        let gguf = gguf_adapter(rank).bytes();
        let files = Files { config: None, weights: &gguf };
        assert_eq!(files.info("a"), Adapter::from_files(files, &base.model).map(|adapter| adapter.info("a")));
        let gguf = Adapter::from_files(Files { config: None, weights: &gguf }, &base.model).expect("GGUF");
        let facts = |adapter: &Adapter| {
            let info = adapter.info("a");
            (info.rank, info.alpha, info.parameters, info.matrices)
        };
        for other in [&mlx, &gguf] {
            assert_eq!(other.layers, peft.layers);
            assert_eq!(facts(other), facts(&peft));
        }
    }
}
