"""Write the base as GGUF: ``python3 recipe/export.py`` -> base-Q8_0.gguf, base-Q4_0.gguf.

Also reads such files back into PyTorch (``dequantised_state``), so that every
figure and golden is taken on exactly the weights that the page runs.
"""

import argparse
import hashlib
import json
from pathlib import Path

import gguf
import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from chat import CHAT_TEMPLATE, END_OF_TEXT, IM_END, SPECIAL_TOKENS, Chat
from model import Config

TYPES = {
    "Q8_0": gguf.GGMLQuantizationType.Q8_0,
    "Q4_0": gguf.GGMLQuantizationType.Q4_0,
    "F32": gguf.GGMLQuantizationType.F32,
}
FILE_TYPES = {
    "Q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
    "Q4_0": gguf.LlamaFileType.MOSTLY_Q4_0,
    "F32": gguf.LlamaFileType.ALL_F32,
}
LAYER_TENSORS = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}


def tensor_names(config):
    """Name in the state dict -> name in the GGUF."""
    names = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}
    for layer in range(config.n_layers):
        for ours, theirs in LAYER_TENSORS.items():
            names[f"model.layers.{layer}.{ours}.weight"] = f"blk.{layer}.{theirs}.weight"
    return names


def permute(weight, heads):
    """Rows of a q or k matrix from half-split (HF) to interleaved (GGUF) rotary order."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def unpermute(weight, heads):
    """The inverse of ``permute``."""
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def _heads(name, config):
    return {"attn_q": config.n_heads, "attn_k": config.n_kv_heads}.get(name.split(".")[-2])


def write_gguf(path, state, config, tokenizer, quantisation, name="Desk 5M"):
    """One GGUF file with the weights, the tokenizer and the chat template inside."""
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name(name)
    writer.add_license("MIT OR Apache-2.0")
    writer.add_description("A small support-desk model trained from scratch on generated text.")
    writer.add_context_length(config.context_length)
    writer.add_embedding_length(config.dim)
    writer.add_block_count(config.n_layers)
    writer.add_feed_forward_length(config.ffn_dim)
    writer.add_head_count(config.n_heads)
    writer.add_head_count_kv(config.n_kv_heads)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_rope_freq_base(config.rope_theta)
    writer.add_layer_norm_rms_eps(config.rms_eps)
    writer.add_vocab_size(config.vocab_size)
    writer.add_file_type(FILE_TYPES[quantisation])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    data = tokenizer_data(tokenizer)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(data["tokens"])
    writer.add_token_types(data["types"])
    writer.add_token_merges(data["merges"])
    writer.add_eos_token_id(tokenizer.token_to_id(IM_END))
    writer.add_pad_token_id(tokenizer.token_to_id(END_OF_TEXT))
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(CHAT_TEMPLATE)
    for ours, theirs in tensor_names(config).items():
        array = state[ours].float().numpy()
        heads = _heads(theirs, config)
        if heads:
            array = permute(array, heads)
        if array.ndim == 1 or quantisation == "F32":
            writer.add_tensor(theirs, np.ascontiguousarray(array, dtype=np.float32))
        else:
            packed = gguf.quants.quantize(np.ascontiguousarray(array), TYPES[quantisation])
            writer.add_tensor(theirs, packed, raw_dtype=TYPES[quantisation])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def tokenizer_data(tokenizer):
    """Tokens in order of id, their GGUF types and the merges, from a ``Tokenizer``."""
    model = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    types = [
        gguf.TokenType.CONTROL if token in SPECIAL_TOKENS else gguf.TokenType.NORMAL for token in tokens
    ]
    merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
    return {"tokens": tokens, "types": types, "merges": merges}


def dequantised_state(path, config):
    """The f32 state dict (HF names and row order) of a GGUF written by ``write_gguf``."""
    reader = gguf.GGUFReader(str(path))
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    state = {}
    for ours, theirs in tensor_names(config).items():
        tensor = tensors[theirs]
        array = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        heads = _heads(theirs, config)
        if heads:
            array = unpermute(array, heads)
        state[ours] = torch.from_numpy(np.ascontiguousarray(array))
    return state


def transformers_model(state, config):
    """A ``LlamaForCausalLM`` in f32 with the given state dict (tied embeddings)."""
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=config.vocab_size,
            hidden_size=config.dim,
            intermediate_size=config.ffn_dim,
            num_hidden_layers=config.n_layers,
            num_attention_heads=config.n_heads,
            num_key_value_heads=config.n_kv_heads,
            max_position_embeddings=config.context_length,
            rms_norm_eps=config.rms_eps,
            rope_parameters={"rope_type": "default", "rope_theta": config.rope_theta},
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=2,
            pad_token_id=0,
        )
    )
    state = {**state, "lm_head.weight": state["model.embed_tokens.weight"]}
    model.load_state_dict(state)
    return model.float().eval()


def transformers_tokenizer(tokenizer_file):
    """The tokenizer as transformers sees it, with the chat template."""
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(tokenizer_file), eos_token=IM_END, pad_token=END_OF_TEXT
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def sha256(path):
    """Hex digest of a file."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def newest_checkpoint(work):
    """The decayed model if there is one, else the newest checkpoint."""
    final = work / "base-final.pt"
    return final if final.exists() else work / "base.pt"


def main(arguments=None):
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("target/recipe"))
    parser.add_argument("--out", type=Path, default=Path("public/models"))
    options = parser.parse_args(arguments)
    saved = torch.load(newest_checkpoint(options.work))
    chat = Chat(options.work / "tokenizer.json")
    config = Config(vocab_size=chat.vocab_size)
    options.out.mkdir(parents=True, exist_ok=True)
    for quantisation in ("Q8_0", "Q4_0"):
        path = options.out / f"base-{quantisation}.gguf"
        write_gguf(path, saved["model"], config, chat.tokenizer, quantisation)
        print(path, path.stat().st_size, sha256(path))


if __name__ == "__main__":
    main()
