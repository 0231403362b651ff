"""Reference logits of random models: ``python3 recipe/architectures.py`` -> tests/goldens/architectures/.

Every architecture that the engine runs is built by transformers at a small size, with weights drawn by a
rule that the Rust test repeats, so that no weights need to be kept: ``index.json`` says which metadata and
tensors each file has, ``logits.bin`` holds the f32 little-endian logits (positions, vocabulary) of one text
after another. Quantised tensors are random bits, and what they mean is read by the ``gguf`` package; so the
logits are those of the dequantised weights. Adapters go through PEFT, unmerged.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from gguf import GGMLQuantizationType as Type
from gguf.constants import GGML_QUANT_SIZES
from gguf.quants import dequantize
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, CONFIG_MAPPING

from chat import write_json

WIDTH, FEED_FORWARD, VOCABULARY, CONTEXT, KV_HEADS, EPSILON = 256, 512, 262, 64, 2, 1e-5
TOKENS = [(i * 37 + 5) % VOCABULARY for i in range(16)]
RANK, ALPHA = 4, 8
MATRIX_TYPES = ("F32", "F16", "Q8_0", "Q4_0", "Q4_K")
OTHER_TYPES = ("BF16", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q5_K", "Q6_K", "IQ4_NL")

#: Half-precision numbers of a block, by place: so that weights lie around zero, about 0.07 wide.
SCALES = {
    "Q8_0": [(0, 2**-10)],
    "Q4_0": [(0, 2**-6)],
    "Q4_1": [(0, 2**-6), (2, -7.5 * 2**-6)],
    "Q5_0": [(0, 2**-7)],
    "Q5_1": [(0, 2**-7), (2, -15.5 * 2**-7)],
    "Q2_K": [(80, 2**-7), (82, 1.5 * 2**-7)],
    "Q3_K": [(108, 2**-9)],
    "Q4_K": [(0, 2**-11), (2, 7.5 * 2**-11)],
    "Q5_K": [(0, 2**-12), (2, 15.5 * 2**-12)],
    "Q6_K": [(208, 2**-14)],
    "IQ4_NL": [(0, 2**-10)],
}


def noise(seed, count):
    """``count`` f32 numbers between -1 and 1."""
    with np.errstate(over="ignore"):
        x = (np.uint64(seed << 32) | np.arange(count, dtype=np.uint64)) + np.uint64(1)
        x *= np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    high = ((x ^ (x >> np.uint64(31))) >> np.uint64(40)).astype(np.float32)
    return high / np.float32(1 << 23) - np.float32(1)


def half_bits(number):
    """The bits of a half-precision number."""
    return int(np.float16(number).view(np.uint16))


def draw_matrix(kind, seed, rows, columns):
    """Weights (rows, columns) as the Rust test draws them."""
    count = rows * columns
    if kind == "F32":
        values = noise(seed, count) / np.float32(8)
    elif kind == "F16":
        values = np.trunc(noise(seed, count) * np.float32(1023)) * np.float32(2**-14)
    elif kind == "BF16":
        values = np.trunc(noise(seed, count) * np.float32(127)) * np.float32(2**-10)
    else:
        weights, size = GGML_QUANT_SIZES[Type[kind]]
        raw = ((noise(seed, count // weights * size) + np.float32(1)) * np.float32(128)).astype(np.uint8)
        blocks = raw.reshape(-1, size)
        for place, number in SCALES[kind]:
            bits = half_bits(number)
            blocks[:, place], blocks[:, place + 1] = bits & 255, bits >> 8
        values = dequantize(blocks.reshape(rows, -1), Type[kind])
    return values.astype(np.float32).reshape(rows, columns)


class File:
    """The tensors of one file: what the Rust test needs to draw them, and what they are."""

    def __init__(self, kind):
        self.kind, self.tensors, self.values = kind, [], {}

    def add(self, name, *shape):
        """Draw a tensor: matrices in the file's type, gains around one, others around zero."""
        seed = len(self.tensors) + 1
        if len(shape) == 2:
            kind, values = self.kind, draw_matrix(self.kind, seed, *shape)
        else:
            kind, values = "F32", noise(seed, shape[0]) * np.float32(0.1)
            values = values + np.float32(1) if "norm" in name else values
        self.tensors.append({"name": name, "shape": list(shape[::-1]), "type": kind})
        self.values[name] = torch.tensor(values)

    def add_given(self, name, values):
        """A tensor of numbers that are written down."""
        self.tensors.append({"name": name, "shape": [len(values)], "type": "F32", "values": [float(v) for v in values]})


def un_permute(matrix, heads):
    """Rows of a head from neighbours that rotate together to halves."""
    rows, columns = matrix.shape
    return matrix.reshape(heads, rows // heads // 2, 2, columns).transpose(1, 2).reshape(rows, columns)


def build(spec, kind):
    """The tensors in GGUF's names and the same weights in transformers' names."""
    heads, head = spec["heads"], spec["head_width"]
    query, kv = heads * head, KV_HEADS * head
    file, state = File(kind), {}
    file.add("token_embd.weight", VOCABULARY, WIDTH)
    file.add("output_norm.weight", WIDTH)
    if not spec["tied"]:
        file.add("output.weight", VOCABULARY, WIDTH)
    gain = lambda name: file.values[name] - (1 if spec["norm_offset"] else 0)  # noqa: E731
    for layer in range(spec["layers"]):
        ours, theirs = f"blk.{layer}.", f"model.layers.{layer}."

        def put(name, module, *shape, ours=ours, theirs=theirs):
            file.add(f"{ours}{name}", *shape)
            kind = name.rsplit(".")[-1]
            is_norm = "norm" in name
            state[f"{theirs}{module}.{kind}"] = gain(f"{ours}{name}") if is_norm else file.values[f"{ours}{name}"]

        if spec["fused"]:
            put("attn_qkv.weight", "self_attn.qkv_proj", query + 2 * kv, WIDTH)
        else:
            for name, width, count in (("q", query, heads), ("k", kv, KV_HEADS), ("v", kv, 0)):
                put(f"attn_{name}.weight", f"self_attn.{name}_proj", width, WIDTH)
                if spec["permuted"] and count:
                    key = f"{theirs}self_attn.{name}_proj.weight"
                    state[key] = un_permute(state[key], count)
                if spec["bias"]:
                    put(f"attn_{name}.bias", f"self_attn.{name}_proj", width)
        put("attn_output.weight", "self_attn.o_proj", WIDTH, query)
        if spec["fused"]:
            put("ffn_up.weight", "mlp.gate_up_proj", 2 * FEED_FORWARD, WIDTH)
        else:
            put("ffn_gate.weight", "mlp.gate_proj", FEED_FORWARD, WIDTH)
            put("ffn_up.weight", "mlp.up_proj", FEED_FORWARD, WIDTH)
        put("ffn_down.weight", "mlp.down_proj", WIDTH, FEED_FORWARD)
        put("attn_norm.weight", "input_layernorm", WIDTH)
        before_feed_forward = "pre_feedforward_layernorm" if spec["output_norms"] else "post_attention_layernorm"
        put("ffn_norm.weight", before_feed_forward, WIDTH)
        if spec["output_norms"]:
            put("post_attention_norm.weight", "post_attention_layernorm", WIDTH)
            put("post_ffw_norm.weight", "post_feedforward_layernorm", WIDTH)
        if spec["head_norms"]:
            put("attn_q_norm.weight", "self_attn.q_norm", head)
            put("attn_k_norm.weight", "self_attn.k_norm", head)
    for name, values in spec["given"].items():
        file.add_given(name, values)
    state["model.embed_tokens.weight"] = file.values["token_embd.weight"]
    state["model.norm.weight"] = gain("output_norm.weight")
    state["lm_head.weight"] = file.values["token_embd.weight" if spec["tied"] else "output.weight"]
    return file, state


PLAIN = {
    "heads": 4, "head_width": 64, "layers": 2, "tied": False, "fused": False, "permuted": False, "bias": False,
    "head_norms": False, "output_norms": False, "norm_offset": False, "adapter": "all-linear",
    "metadata": {}, "config": {}, "given": {},
}


def rope(base=10000.0, **more):
    """transformers' settings of rotary positions."""
    return {"rope_type": "default", "rope_theta": base, **more}


LLAMA_3 = {
    "rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
}
SHORT = [1.0 + 0.05 * i for i in range(32)]
LONG = [1.0 + 0.3 * i for i in range(32)]


def llama_3_factors():
    """What a converter writes as ``rope_freqs.weight``: by how much each frequency is divided."""
    base, original = LLAMA_3["rope_theta"], LLAMA_3["original_max_position_embeddings"]
    factors = []
    for i in range(32):
        wave = 2 * np.pi * base ** (2 * i / 64)
        low, high = original / LLAMA_3["low_freq_factor"], original / LLAMA_3["high_freq_factor"]
        if wave < high:
            factors.append(1.0)
        elif wave > low:
            factors.append(LLAMA_3["factor"])
        else:
            smooth = (original / wave - 1.0) / (LLAMA_3["high_freq_factor"] - 1.0)
            factors.append(1.0 / ((1 - smooth) / LLAMA_3["factor"] + smooth))
    return factors


GEMMA_3 = {
    "type": "gemma3_text", "architecture": "gemma3", "heads": 8, "layers": 7, "tied": True, "head_norms": True,
    "output_norms": True, "norm_offset": True, "metadata": {"attention.sliding_window": 6, "rope.freq_base": 1e6},
    "config": {
        "sliding_window": 6, "query_pre_attn_scalar": 64, "hidden_activation": "gelu_pytorch_tanh",
        "rope_parameters": {"full_attention": rope(1e6), "sliding_attention": rope()},
    },
}
LINEAR = {"rope.scaling.type": "linear", "rope.scaling.factor": 8.0}

SPECS = {
    "llama": {"type": "llama", "architecture": "llama", "permuted": True, "types": MATRIX_TYPES + OTHER_TYPES},
    "llama-untied-ends": {
        "type": "llama", "architecture": "llama", "permuted": True, "types": ("F32",),
        "adapter": ["embed_tokens", "lm_head"],
    },
    "llama-3-rope": {
        "type": "llama", "architecture": "llama", "permuted": True, "metadata": {"rope.freq_base": 500000.0},
        "config": {"rope_parameters": LLAMA_3}, "given": {"rope_freqs.weight": llama_3_factors()}, "types": ("F32",),
    },
    "llama-linear-rope": {
        "type": "llama", "architecture": "llama", "permuted": True, "metadata": LINEAR,
        "config": {"rope_parameters": rope(rope_type="linear", factor=8.0)}, "types": ("F32",),
    },
    "mistral": {
        "type": "mistral", "architecture": "llama", "permuted": True,
        "metadata": {"attention.sliding_window": 6}, "config": {"sliding_window": 6},
    },
    "qwen2": {"type": "qwen2", "architecture": "qwen2", "bias": True, "tied": True},
    "qwen3": {"type": "qwen3", "architecture": "qwen3", "heads": 8, "head_norms": True, "tied": True},
    "gemma3": GEMMA_3,
    "gemma3-embedding": {**GEMMA_3, "types": ("F32",), "adapter": ["embed_tokens"]},
    "gemma3-capped": {
        **GEMMA_3, "metadata": {**GEMMA_3["metadata"], "final_logit_softcapping": 5.0}, "types": ("F32",),
        "config": {**GEMMA_3["config"], "final_logit_softcapping": 5.0},
    },
    "gemma3-linear-rope": {
        **GEMMA_3, "metadata": {**GEMMA_3["metadata"], **LINEAR}, "types": ("F32",),
        "config": {
            **GEMMA_3["config"],
            "rope_parameters": {
                "full_attention": rope(1e6, rope_type="linear", factor=8.0), "sliding_attention": rope(),
            },
        },
    },
    "phi3": {
        "type": "phi3", "architecture": "phi3", "fused": True,
        "metadata": {"attention.sliding_window": 6, "rope.dimension_count": 48},
        "config": {"sliding_window": 6, "partial_rotary_factor": 0.75, "rope_parameters": rope(partial_rotary_factor=0.75)},
    },
    "phi3-long-rope": {
        "type": "phi3", "architecture": "phi3", "fused": True, "types": ("F32",),
        "metadata": {
            "rope.scaling.original_context_length": 32,
            "rope.scaling.attn_factor": float(np.sqrt(1 + np.log(CONTEXT / 32) / np.log(32))),
        },
        "config": {
            "original_max_position_embeddings": 32, "sliding_window": None,
            "rope_parameters": rope(
                rope_type="longrope", short_factor=SHORT, long_factor=LONG, original_max_position_embeddings=32,
            ),
        },
        "given": {"rope_factors_short.weight": SHORT, "rope_factors_long.weight": LONG},
    },
    "smollm3": {
        "type": "smollm3", "architecture": "smollm3", "permuted": True, "layers": 5, "tied": True,
        "config": {"no_rope_layer_interval": 4, "use_sliding_window": False, "rope_parameters": rope(5e6)},
        "metadata": {"rope.freq_base": 5e6},
    },
}


def transformers_model(spec, state):
    """The model in transformers, with these weights."""
    given = {
        "vocab_size": VOCABULARY, "hidden_size": WIDTH, "intermediate_size": FEED_FORWARD,
        "num_hidden_layers": spec["layers"], "num_attention_heads": spec["heads"], "num_key_value_heads": KV_HEADS,
        "head_dim": spec["head_width"], "max_position_embeddings": CONTEXT, "rms_norm_eps": EPSILON,
        "tie_word_embeddings": spec["tied"], "rope_parameters": rope(), "attn_implementation": "eager",
        "bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 0,
    }
    config = CONFIG_MAPPING[spec["type"]](**{**given, **spec["config"]})
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32, attn_implementation="eager").eval()
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and not missing, (missing, unexpected)
    return model


def metadata(spec):
    """The settings of the file."""
    own = {
        "block_count": spec["layers"], "embedding_length": WIDTH, "feed_forward_length": FEED_FORWARD,
        "context_length": CONTEXT, "attention.head_count": spec["heads"], "attention.head_count_kv": KV_HEADS,
        "attention.key_length": spec["head_width"], "attention.value_length": spec["head_width"],
        "attention.layer_norm_rms_epsilon": EPSILON, "rope.freq_base": 10000.0, **spec["metadata"],
    }
    architecture = spec["architecture"]
    return {"general.architecture": architecture, **{f"{architecture}.{key}": value for key, value in own.items()}}


def adapted(model, targets):
    """The model with a PEFT adapter on these matrices, and the adapter's tensors by name and shape."""
    model = get_peft_model(model, LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=targets)).eval()
    tensors = []
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            if ".lora_" in name:
                tensors.append({"name": name.replace(".default", ""), "shape": list(parameter.shape)})
                values = noise(1000 + len(tensors), parameter.numel()) / np.float32(8)
                parameter.copy_(torch.tensor(values).reshape(parameter.shape))
    return model, tensors


@torch.no_grad()
def logits(model):
    """Logits (positions, vocabulary) of the text."""
    return model(input_ids=torch.tensor([TOKENS]), use_cache=False).logits[0].float().numpy().astype("<f4")


def main(arguments=None):
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("tests/goldens/architectures"))
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    models, data = [], []
    for name, given in SPECS.items():
        spec = {**PLAIN, **given}
        for kind in spec.get("types", MATRIX_TYPES):
            file, state = build(spec, kind)
            model = transformers_model(spec, state)
            entry = {"name": f"{name}-{kind}", "metadata": metadata(spec), "tensors": file.tensors}
            data.append(logits(model))
            if kind == "F32":
                model, entry["adapter"] = adapted(model, spec["adapter"])
                data.append(logits(model))
            models.append(entry)
            print(entry["name"], float(np.abs(data[-1]).max()), flush=True)
    index = {
        "tokens": TOKENS, "rank": RANK, "alpha": ALPHA, "models": models,
        "scales": {kind: [[at, half_bits(number)] for at, number in pairs] for kind, pairs in SCALES.items()},
    }
    write_json(options.out / "index.json", index, indent=None)
    (options.out / "logits.bin").write_bytes(np.concatenate(data).tobytes())


if __name__ == "__main__":
    main()
