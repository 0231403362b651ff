"""Adapters as other programs save them: ``python3 recipe/adapters.py`` -> tests/goldens/adapters/.

The base is the small llama of ``model-wasm/tests/support``, whose weights both sides draw by the same rule. PEFT
makes three adapters for it, ``plain``, ``patterns`` (ranks and alphas by pattern, rank-stabilised) and ``ends`` (token
embeddings and output matrix), and saves them. ``plain`` and ``ends`` are also written by the ``gguf`` package, as
llama.cpp's converter lays them out, and ``plain`` as mlx-lm does. Each
``*.bin`` holds PEFT's f32 little-endian logits (positions, vocabulary) of one text, unmerged.
"""

import argparse
import json
import shutil
from pathlib import Path

import gguf
import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

from architectures import noise, un_permute

WIDTH, HEADS, KV_HEADS, HEAD, FEED_FORWARD, LAYERS, VOCABULARY = 64, 4, 2, 16, 96, 2, 262
TOKENS = [(i * 37 + 5) % VOCABULARY for i in range(16)]
MODULES = {
    "self_attn.q_proj": ("attn_q", HEADS * HEAD, WIDTH),
    "self_attn.k_proj": ("attn_k", KV_HEADS * HEAD, WIDTH),
    "self_attn.v_proj": ("attn_v", KV_HEADS * HEAD, WIDTH),
    "self_attn.o_proj": ("attn_output", WIDTH, HEADS * HEAD),
    "mlp.gate_proj": ("ffn_gate", FEED_FORWARD, WIDTH),
    "mlp.up_proj": ("ffn_up", FEED_FORWARD, WIDTH),
    "mlp.down_proj": ("ffn_down", WIDTH, FEED_FORWARD),
}
#: Rows of these lie in another order in GGUF.
ROTATED = {"attn_q": HEADS, "attn_k": KV_HEADS}

RANK, ALPHA = 2, 6
PLAIN = LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=[name.split(".")[1] for name in MODULES])
PATTERNS = LoraConfig(
    r=RANK, lora_alpha=ALPHA, use_rslora=True, init_lora_weights="gaussian",
    target_modules=r".*\.(self_attn|mlp)\.(q|k|v|o|up|down)_proj",
    rank_pattern={"(k|v)_proj": 3, "layers.1.self_attn.q_proj": 1},
    alpha_pattern={"^model.layers.0.*down_proj": 2, "down_proj": 5, "proj": 50},
)
ENDS = LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=["embed_tokens", "lm_head", "down_proj"])


def base():
    """The small llama in transformers."""
    state, seed = {}, 0

    def draw(*shape):
        nonlocal seed
        seed += 1
        return torch.tensor(noise(seed, int(np.prod(shape)))).reshape(shape)

    state["model.embed_tokens.weight"] = state["lm_head.weight"] = draw(VOCABULARY, WIDTH) / 8
    for layer in range(LAYERS):
        for module, (name, rows, columns) in MODULES.items():
            weights = draw(rows, columns) / 8
            weights = un_permute(weights, ROTATED[name]) if name in ROTATED else weights
            state[f"model.layers.{layer}.{module}.weight"] = weights
    norms = [f"layers.{n}.{name}" for n in range(LAYERS) for name in ("input_layernorm", "post_attention_layernorm")]
    for norm in [*norms, "norm"]:
        state[f"model.{norm}.weight"] = 1 + 0.1 * draw(WIDTH)
    config = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=WIDTH, intermediate_size=FEED_FORWARD, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, num_key_value_heads=KV_HEADS, head_dim=HEAD, max_position_embeddings=192,
        rms_norm_eps=1e-5, tie_word_embeddings=True, attn_implementation="eager",
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
    )
    model = LlamaForCausalLM(config).eval()
    model.load_state_dict(state)
    return model


@torch.no_grad()
def adapted(config):
    """The base with an adapter of numbers that every 16-bit format holds."""
    model = get_peft_model(base(), config).eval()
    for seed, (name, parameter) in enumerate(sorted(model.named_parameters())):
        if ".lora_" in name:
            values = np.trunc(noise(2000 + seed, parameter.numel()) * 127) / 512
            parameter.copy_(torch.tensor(values).reshape(parameter.shape))
    return model


@torch.no_grad()
def logits(model):
    """Logits (positions, vocabulary) of the text."""
    return model(input_ids=torch.tensor([TOKENS]), use_cache=False).logits[0].float().numpy().astype("<f4")


def save_peft(model, folder):
    """PEFT's two files, without its README."""
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)


def halves(model):
    """A (rank, inputs) and B (outputs, rank) by module, named as in transformers."""
    found = {}
    for name, parameter in model.named_parameters():
        if ".lora_" in name:
            module, half = name.removeprefix("base_model.model.").split(".lora_")
            found.setdefault(module, {})["A" if "A.default" in half else "B"] = parameter.detach()
    return found


def save_gguf(model, path):
    """One file in half precision, rows of queries and keys as the base's file has them."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, float(ALPHA))
    for module, pair in halves(model).items():
        a, b = pair["A"].numpy(), pair["B"].numpy()
        if module == "model.embed_tokens":
            tensor, a = "token_embd", a.T
        elif module == "lm_head":
            tensor = "output"
        else:
            _, _, layer, name = module.split(".", 3)
            tensor = f"blk.{layer}.{MODULES[name][0]}"
            if (heads := ROTATED.get(MODULES[name][0])) is not None:
                b = b.reshape(heads, 2, b.shape[0] // heads // 2, -1).swapaxes(1, 2).reshape(b.shape)
        for half, values in (("a", a), ("b", b)):
            writer.add_tensor(f"{tensor}.weight.lora_{half}", np.ascontiguousarray(values, np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def save_mlx(model, folder):
    """mlx-lm's two files, A and B the other way round, in the 16 upper bits."""
    tensors = {}
    for module, pair in halves(model).items():
        for half, values in pair.items():
            tensors[f"{module}.lora_{half.lower()}"] = values.T.contiguous().bfloat16()
    folder.mkdir(exist_ok=True)
    save_file(tensors, folder / "adapters.safetensors", metadata={"format": "mlx"})
    parameters = {"rank": RANK, "dropout": 0.0, "scale": ALPHA / RANK}
    config = {"fine_tune_type": "lora", "lora_parameters": parameters, "model": "tiny", "num_layers": LAYERS, "seed": 0}
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=4) + "\n")


def main(arguments=None):
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("tests/goldens/adapters"))
    out = parser.parse_args(arguments).out
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    logits(base()).tofile(out / "base.bin")
    for name, config in (("plain", PLAIN), ("patterns", PATTERNS), ("ends", ENDS)):
        model = adapted(config)
        logits(model).tofile(out / f"{name}.bin")
        save_peft(model, out / f"{name}-peft")
        if name != "patterns":
            save_gguf(model, out / f"{name}.gguf")
        if name == "plain":
            save_mlx(model, out / "plain-mlx")
        print(name, float(np.abs(logits(model) - logits(base())).max()), flush=True)


if __name__ == "__main__":
    main()
