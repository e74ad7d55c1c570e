"""Qwen2 in plain PyTorch, as small as it is trained here. Names of the weights are those of Hugging Face's, one to one.

It reads packed rows: ``mask`` says which token may look at which (``None``: at all before it). Knows no training, no
files and no text; writing without a cache of keys and values is meant for samples of a few words alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention.flex_attention import BlockMask, flex_attention

from models.nano.rows import BRANCHES
from models.nano.shape import Shape

Mask: TypeAlias = Tensor | BlockMask | None

BLOCK = 128
"""Tokens of a side of a block of ``flex_attention``."""


class Norm(nn.Module):
    """Root mean square normalization, computed in float32 as transformers does."""

    def __init__(self, size: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        wide = x.float()
        wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.epsilon)
        return self.weight.to(x.dtype) * wide.to(x.dtype)


class Attention(nn.Module):
    """Grouped-query attention with rotary positions and biases on queries, keys and values."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.size = shape.hidden // shape.heads
        self.q_proj = nn.Linear(shape.hidden, shape.hidden)
        self.k_proj = nn.Linear(shape.hidden, self.size * shape.kv_heads)
        self.v_proj = nn.Linear(shape.hidden, self.size * shape.kv_heads)
        self.o_proj = nn.Linear(shape.hidden, shape.hidden, bias=False)

    def forward(self, x: Tensor, rotation: tuple[Tensor, Tensor], mask: Mask) -> Tensor:
        rows, length, hidden = x.shape
        q, k, v = (
            layer(x).view(rows, length, -1, self.size).transpose(1, 2)
            for layer in (self.q_proj, self.k_proj, self.v_proj)
        )
        q, k = _rotated(q, rotation), _rotated(k, rotation)
        seen = _attended(q, k, v, mask)
        return self.o_proj(seen.transpose(1, 2).reshape(rows, length, hidden))


class FeedForward(nn.Module):
    """SwiGLU."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(shape.hidden, shape.feed_forward, bias=False)
        self.up_proj = nn.Linear(shape.hidden, shape.feed_forward, bias=False)
        self.down_proj = nn.Linear(shape.feed_forward, shape.hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    """Attention and feed-forward, each behind its norm and beside the stream."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.input_layernorm = Norm(shape.hidden, shape.epsilon)
        self.self_attn = Attention(shape)
        self.post_attention_layernorm = Norm(shape.hidden, shape.epsilon)
        self.mlp = FeedForward(shape)

    def forward(self, x: Tensor, rotation: tuple[Tensor, Tensor], mask: Mask) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), rotation, mask)
        return x + self.mlp(self.post_attention_layernorm(x))


class Body(nn.Module):
    """Everything but the head. Its parameters bear the names that stand behind «model.»."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.hidden)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.hidden, shape.epsilon)
        self.group = shape.heads // shape.kv_heads
        size = shape.hidden // shape.heads
        turns = shape.theta ** (-torch.arange(0, size, 2, dtype=torch.float32) / size)
        angles = torch.arange(shape.context, dtype=torch.float32)[:, None] * turns[None, :]
        angles = torch.cat((angles, angles), dim=-1)
        self.register_buffer("cosines", angles.cos(), persistent=False)
        self.register_buffer("sines", angles.sin(), persistent=False)

    def forward(self, tokens: Tensor, positions: Tensor, mask: Mask = None) -> Tensor:
        """Return the states of all tokens behind the last norm."""
        return self.tapped(tokens, positions, mask)[0]

    def tapped(
        self, tokens: Tensor, positions: Tensor, mask: Mask = None, *, layers: Sequence[int] = ()
    ) -> tuple[Tensor, list[Tensor]]:
        """Return the same, and the states before each of ``layers``, which rise."""
        x = self.embed_tokens(tokens)
        if torch.is_autocast_enabled(tokens.device.type):
            x = x.to(torch.get_autocast_dtype(tokens.device.type))
        rotation = self.cosines[positions][:, None].to(x.dtype), self.sines[positions][:, None].to(x.dtype)
        before = []
        for number, one in enumerate(self.layers):
            if number in layers:
                before.append(x)
            x = one(x, rotation, mask)
        return self.norm(x), before

    def looks(
        self, states: Tensor, positions: Tensor, layer: int, group: int, *, rows: Tensor, columns: Tensor
    ) -> Tensor:
        """Return the scores that the first head of a group of ``layer`` gives all tokens, [looks, length].

        ``states`` are those before it; it looks from the tokens at ``columns`` of ``rows``, which rise.
        """
        one = self.layers[layer]
        attention, seen = one.self_attn, one.input_layernorm(states)
        size = attention.size
        rotation = self.cosines[positions].to(seen.dtype), self.sines[positions].to(seen.dtype)
        keys, head = slice(group * size, (group + 1) * size), group * self.group
        queries = slice(head * size, (head + 1) * size)
        k = functional.linear(seen, attention.k_proj.weight[keys], attention.k_proj.bias[keys])
        q = functional.linear(seen, attention.q_proj.weight[queries], attention.q_proj.bias[queries])
        q, k = _rotated(q, rotation)[rows, columns], _rotated(k, rotation)
        counts = torch.bincount(rows, minlength=len(k)).tolist()
        scores = [own @ all_of_row.T for own, all_of_row in zip(q.split(counts), k, strict=True)]
        return torch.cat(scores).float() * size**-0.5


class Qwen2(nn.Module):
    """The body as ``model``; the embedding is the head."""

    def __init__(self, shape: Shape, *, seed: int = 0) -> None:
        super().__init__()
        self.shape = shape
        self.model = Body(shape)
        generator = torch.Generator().manual_seed(seed)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                # What is added to the stream is smaller the more is added (GPT-2, section 2.3).
                added = name.endswith(("o_proj.weight", "down_proj.weight"))
                deviation = 0.02 / (2 * shape.layers) ** 0.5 if added else 0.02
                nn.init.normal_(weight, std=deviation, generator=generator)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, tokens: Tensor, positions: Tensor, mask: Mask = None) -> Tensor:
        """Return the scores of the next token behind every token."""
        return self.scores(self.model(tokens, positions, mask))

    def scores(self, states: Tensor) -> Tensor:
        """Return the scores of the next token behind ``states`` of the body."""
        return functional.linear(states, self.model.embed_tokens.weight)

    def continued(self, tokens: list[int], *, limit: int, end: int) -> list[int]:
        """Return the likeliest continuation, up to the token ``end``, which is left out."""
        device = self.model.embed_tokens.weight.device
        written: list[int] = []
        with torch.no_grad():
            while len(written) < limit and len(tokens) + len(written) < self.shape.context:
                row = torch.tensor([tokens + written], device=device)
                states = self.model(row, torch.arange(row.shape[1], device=device)[None])
                token = int(self.scores(states[0, -1:]).argmax())
                if token == end:
                    break
                written.append(token)
        return written


def dense_mask(documents: Tensor) -> Tensor:
    """Return [rows, 1, length, length]: whether a token may look at another, which is one of its sequence before it."""
    return together(documents[:, :, None], documents[:, None, :]).tril()[:, None]


def together(at: Tensor, other: Tensor) -> Tensor:
    """Return whether a sequence sees another: it is itself, or its stem (``models.nano.rows``)."""
    return (at == other) | (at - at % BRANCHES == other)


def block_mask(documents: Tensor) -> BlockMask:
    """Return the same for ``flex_attention``, which skips blocks in which nobody looks at anybody.

    The numbers of sequences rise along a row, so whole blocks are compared by their first and last; making the mask
    costs nothing beside a step. The length of rows is a multiple of ``BLOCK``.
    """
    rows, length = documents.shape
    parts = documents.view(rows, length // BLOCK, BLOCK)
    first, last = parts[..., 0], parts[..., -1]
    stem = first - first % BRANCHES
    here, there = (slice(None), slice(None), None), (slice(None), None, slice(None))
    order = torch.arange(length // BLOCK, device=documents.device)
    looking = (first[there] <= last[here]) & (stem[here] <= last[there]) & (order[None, :] <= order[:, None])
    one = (first == last)[here] & (first == last)[there] & (first[here] == first[there])
    whole = one & (order[None, :] < order[:, None])

    def looks(row: Tensor, _head: Tensor, at: Tensor, other: Tensor) -> Tensor:
        return (at >= other) & together(documents[row, at], documents[row, other])

    return BlockMask.from_kv_blocks(*_listed(looking & ~whole), *_listed(whole), BLOCK_SIZE=BLOCK, mask_mod=looks)


def _listed(blocks: Tensor) -> tuple[Tensor, Tensor]:
    """Return how many blocks each row of blocks looks at, and which, for every head the same."""
    which = blocks.int().argsort(dim=-1, descending=True, stable=True)
    return blocks.sum(-1, dtype=torch.int32)[:, None], which.int()[:, None]


def _rotated(x: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
    cosines, sines = rotation
    first, second = x.chunk(2, dim=-1)
    return x * cosines + torch.cat((-second, first), dim=-1) * sines


def _attended(q: Tensor, k: Tensor, v: Tensor, mask: Mask) -> Tensor:
    if isinstance(mask, BlockMask):
        return flex_attention(q, k, v, block_mask=mask, enable_gqa=True)
    if mask is None or q.is_cuda:
        return functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None, enable_gqa=True)
    # On a processor plain products in bfloat16 are 1.4 times as fast in training as PyTorch's own kernel (2.13, Zen 4).
    rows, heads, length, size = q.shape
    groups = k.shape[1]
    scores = (q * size**-0.5).reshape(rows, groups, -1, size) @ k.transpose(-1, -2)
    scores = scores.view(rows, groups, -1, length, length).masked_fill(~mask[:, :, None], -1e4)
    shares = torch.softmax(scores.float(), dim=-1).to(v.dtype)
    return (shares.view(rows, groups, -1, length) @ v).view(rows, heads, length, size)
