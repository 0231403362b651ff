"""A lean llama for training: same module names as transformers, nothing else.

Dimensions: B rows, T positions, D = dim, H query heads, K key/value heads,
E = head_dim. Weights carry the names of ``LlamaForCausalLM`` so that a state
dict moves between the two without renaming; inside, q/k/v and gate/up run as
one matrix product each, and logits are computed only where a loss is taken.
"""

import os
import time
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Config:
    """Shape of the model; every width is a multiple of 256 so that any GGUF type fits."""

    vocab_size: int = 1024
    dim: int = 256
    n_layers: int = 6
    n_heads: int = 8
    n_kv_heads: int = 4
    ffn_dim: int = 768
    context_length: int = 1024
    rope_theta: float = 10000.0
    rms_eps: float = 1e-5

    @property
    def head_dim(self):
        """Width of one attention head."""
        return self.dim // self.n_heads


class Norm(nn.Module):
    """RMS norm with a learnt gain."""

    def __init__(self, dim, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        x = x.float()
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


class Attention(nn.Module):
    """Grouped-query attention, rotary positions in the half-split (HF) layout."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        kv_dim = config.n_kv_heads * config.head_dim
        self.q_proj = nn.Linear(config.dim, config.dim, bias=False)
        self.k_proj = nn.Linear(config.dim, kv_dim, bias=False)
        self.v_proj = nn.Linear(config.dim, kv_dim, bias=False)
        self.o_proj = nn.Linear(config.dim, config.dim, bias=False)

    def forward(self, x, cos, sin, mask):
        c = self.config
        b, t, _ = x.shape
        fused = torch.cat([self.q_proj.weight, self.k_proj.weight, self.v_proj.weight])
        heads = F.linear(x, fused).view(b, t, c.n_heads + 2 * c.n_kv_heads, c.head_dim)
        heads = heads.transpose(1, 2)
        qk, v = heads.split([c.n_heads + c.n_kv_heads, c.n_kv_heads], dim=1)
        half1, half2 = qk.float().chunk(2, dim=-1)
        qk = torch.cat([half1 * cos - half2 * sin, half2 * cos + half1 * sin], dim=-1).to(v.dtype)
        q, k = qk.split([c.n_heads, c.n_kv_heads], dim=1)
        q = q.reshape(b, c.n_kv_heads, -1, t, c.head_dim) * c.head_dim**-0.5
        # A quarter of the queries at a time, against the keys up to its end: of what the
        # causal mask hides, most is never computed. Query heads that share a key head are
        # stacked along the positions.
        parts = []
        for quarter in range(4):
            start, end = quarter * (t // 4), (quarter + 1) * (t // 4)
            scores = q[:, :, :, start:end].reshape(b, c.n_kv_heads, -1, c.head_dim) @ k[
                :, :, :end
            ].transpose(2, 3)
            scores = scores.view(b, c.n_kv_heads, -1, end - start, end) + mask[start:end, :end]
            weights = scores.float().softmax(-1).to(v.dtype)
            part = weights.view(b, c.n_kv_heads, -1, end) @ v[:, :, :end]
            parts.append(part.view(b, c.n_heads, end - start, c.head_dim))
        out = torch.cat(parts, dim=2)
        return self.o_proj(out.transpose(1, 2).reshape(b, t, c.dim))


class Mlp(nn.Module):
    """SwiGLU feed-forward."""

    def __init__(self, config):
        super().__init__()
        self.gate_proj = nn.Linear(config.dim, config.ffn_dim, bias=False)
        self.up_proj = nn.Linear(config.dim, config.ffn_dim, bias=False)
        self.down_proj = nn.Linear(config.ffn_dim, config.dim, bias=False)

    def forward(self, x):
        fused = torch.cat([self.gate_proj.weight, self.up_proj.weight])
        gate, up = F.linear(x, fused).chunk(2, dim=-1)
        return self.down_proj(F.silu(gate) * up)


class Layer(nn.Module):
    """Pre-norm transformer block."""

    def __init__(self, config):
        super().__init__()
        self.self_attn = Attention(config)
        self.mlp = Mlp(config)
        self.input_layernorm = Norm(config.dim, config.rms_eps)
        self.post_attention_layernorm = Norm(config.dim, config.rms_eps)

    def forward(self, x, cos, sin, mask):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, mask)
        return x + self.mlp(self.post_attention_layernorm(x))


class Body(nn.Module):
    """Embedding, layers and final norm: everything below the output matrix."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab_size, config.dim)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.n_layers))
        self.norm = Norm(config.dim, config.rms_eps)

    def forward(self, tokens):
        """Hidden states (B, T, D) of tokens (B, T); T is a multiple of four."""
        c = self.config
        t = tokens.shape[1]
        positions = torch.arange(t, dtype=torch.float32)
        inverse = c.rope_theta ** (-torch.arange(0, c.head_dim, 2).float() / c.head_dim)
        angles = positions[:, None] * inverse
        mask = torch.where(torch.ones(t, t, dtype=torch.bool).tril(), 0.0, -1e4)
        x = self.embed_tokens(tokens)
        for layer in self.layers:
            x = layer(x, angles.cos(), angles.sin(), mask)
        return self.norm(x)


class Llama(nn.Module):
    """The language model with tied input and output embeddings."""

    def __init__(self, config):
        super().__init__()
        self.model = Body(config)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                std = 0.02
                if name.endswith(("o_proj.weight", "down_proj.weight")):
                    std /= (2 * config.n_layers) ** 0.5
                nn.init.normal_(parameter, std=std)

    def forward(self, tokens, keep):
        """Logits (N, V) at the N flat positions ``keep`` of the (B, T) batch."""
        hidden = self.model(tokens).flatten(0, 1)[keep]
        return F.linear(hidden, self.model.embed_tokens.weight)


def hardware():
    """What trains here, for the card."""
    return f"{os.cpu_count()} CPU cores"


@cache
def _bfloat16_is_faster():
    """Tries one product of a layer's size in both precisions."""
    seconds = {}
    for dtype in (torch.float32, torch.bfloat16):
        x, w = torch.randn(1024, 256).to(dtype), torch.randn(1024, 256).to(dtype)
        times = []
        for _ in range(4):
            started = time.perf_counter()
            F.linear(x, w)
            times.append(time.perf_counter() - started)
        seconds[dtype] = min(times)
    return seconds[torch.bfloat16] < seconds[torch.float32]


def autocast():
    """bfloat16 where the processor multiplies it fast; single precision where it would be many times slower."""
    return torch.autocast("cpu", dtype=torch.bfloat16) if _bfloat16_is_faster() else nullcontext()
