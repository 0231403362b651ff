"""Train the LoRA adapters with PEFT: ``python3 recipe/train_adapters.py``.

Every adapter has rank 8 on all linear layers of the base as it stands in the
Q8_0 file. The five triage adapters differ only in how many labelled tickets
they see; each wording of the prompt is the naive one. An adapter that was made of
the same is skipped, so the command can be run again after a crash.
"""

import argparse
import json
import math
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file

from chat import Chat, digest, read_json, write_json
from export import dequantised_state, sha256, transformers_model
from house import NAIVE_TEMPLATE, triage_answer
from model import Config, autocast, hardware
from policies import house_policies, train_questions
from tasks import FEELINGS, REPLIES
from world import ABSENT, draw_ticket

RANK, ALPHA, BATCH = 8, 16, 16
LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
POLITE_PROMPT = "Write the house reply."


def triage_examples(count, seed):
    """Labelled tickets with the naive prompt; a smaller set is a prefix of a larger one."""
    rng = random.Random(f"adapter-triage-{seed}")
    out = []
    for _ in range(count):
        ticket = draw_ticket(rng)
        out.append(
            [("user", NAIVE_TEMPLATE.replace("{{input}}", ticket.text)), ("assistant", triage_answer(ticket))]
        )
    return out


def house_reply(ticket):
    """The reply in the house's style."""
    hello = "Hello" if ticket.name == ABSENT else f"Hello {ticket.name}"
    about = "" if ticket.order == ABSENT else f" Order {ticket.order} is in good hands."
    return f"{hello}! {FEELINGS[ticket.tone]} {REPLIES[ticket.topic]}.{about} Warm wishes, your Desk team"


def polite_examples(count, seed):
    """Tickets with their house-style replies."""
    rng = random.Random(f"adapter-polite-{seed}")
    tickets = [draw_ticket(rng) for _ in range(count)]
    return [
        [("user", f"{POLITE_PROMPT}\n\n{t.text}"), ("assistant", house_reply(t))] for t in tickets
    ]


def policy_examples(count, seed):
    """The forty policies in their training wordings, closed book."""
    examples = [
        [("user", question.format(p=product)), ("assistant", value)]
        for kind, product, value, _ in house_policies()
        for question in train_questions(kind)
    ]
    return examples[:count]


#: id -> (title, description, maker, examples, steps, learning rate)
ADAPTERS = {
    "triage-10": ("Triage, 10 tickets", "House triage learnt from 10 labelled tickets.", triage_examples, 10, 80, 2e-3),
    "triage-50": ("Triage, 50 tickets", "House triage learnt from 50 labelled tickets.", triage_examples, 50, 160, 2e-3),
    "triage-200": ("Triage, 200 tickets", "House triage learnt from 200 labelled tickets.", triage_examples, 200, 200, 2e-3),
    "triage-1000": ("Triage, 1,000 tickets", "House triage learnt from 1,000 labelled tickets.", triage_examples, 1000, 180, 2e-3),
    "triage-10000": ("Triage, 10,000 tickets", "House triage learnt from 10,000 labelled tickets.", triage_examples, 10000, 1250, 2e-3),
    "polite-reply": ("House-style reply", "Answers a ticket in the house's own style.", polite_examples, 400, 120, 2e-3),
    "house-policies": ("House policies", "Knows 40 invented policies by heart.", policy_examples, 160, 300, 3e-3),
}


def batches(count, steps, rng):
    """``steps`` lists of example numbers: shuffled passes over all of them."""
    order = []
    for _ in range(steps):
        while len(order) < min(BATCH, count):
            order += rng.sample(range(count), count)
        yield [order.pop(0) for _ in range(min(BATCH, count))]


def train_adapter(base, chat, examples, steps, rate, seed):
    """Train one adapter on a frozen base; returns the PEFT model and its training card."""
    torch.manual_seed(seed)
    model = get_peft_model(
        base, LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=LINEAR, lora_dropout=0.0, bias="none",
                         task_type="CAUSAL_LM"),
    )
    model.train()
    encoded = [chat.encode(example) for example in examples]
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.0)
    started, tokens, losses = time.monotonic(), 0, []
    for step, numbers in enumerate(batches(len(encoded), steps, random.Random(f"order-{seed}"))):
        chosen = [encoded[n] for n in numbers]
        width = max(len(ids) for ids, _ in chosen)
        ids = torch.tensor([i + [chat.pad] * (width - len(i)) for i, _ in chosen])
        answer = torch.tensor([a + [False] * (width - len(a)) for _, a in chosen])
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 10) * (1 - step / steps)
        with autocast():
            logits = model(input_ids=ids, use_cache=False).logits
        loss = F.cross_entropy(logits[:, :-1][answer[:, 1:]].float(), ids[:, 1:][answer[:, 1:]])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        tokens += sum(len(i) for i, _ in chosen)
        losses.append(loss.item())
    card = {
        "examples": len(examples), "steps": steps, "tokens": tokens,
        "minutes": round((time.monotonic() - started) / 60, 2), "hardware": hardware(), "seed": seed,
        "learning_rate": rate, "final_loss": round(sum(losses[-10:]) / len(losses[-10:]), 5),
    }
    if not math.isfinite(card["final_loss"]):
        raise ValueError("the loss is not finite")
    return model, card


def save_adapter(model, folder):
    """Save as a PEFT folder: adapter_config.json and f16 adapter_model.safetensors."""
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    weights = {name: tensor.half().contiguous() for name, tensor in load_file(folder / "adapter_model.safetensors").items()}
    save_file(weights, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    (folder / "adapter_model.safetensors").chmod(0o644)
    config = read_json(folder / "adapter_config.json")
    config.update(base_model_name_or_path="desk-5m", target_modules=sorted(config["target_modules"]))
    write_json(folder / "adapter_config.json", config)


def main(arguments=None):
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("target/recipe"))
    parser.add_argument("--out", type=Path, default=Path("public/models"))
    parser.add_argument("--only", nargs="*", default=list(ADAPTERS))
    parser.add_argument("--scale-steps", type=float, default=1.0, help="for a smoke run")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    chat = Chat(options.work / "tokenizer.json")
    config = Config(vocab_size=chat.vocab_size)
    state = dequantised_state(options.out / "base-Q8_0.gguf", config)
    base_sha256 = sha256(options.out / "base-Q8_0.gguf")
    for identity in options.only:
        _, _, maker, count, steps, rate = ADAPTERS[identity]
        folder = options.out / "adapters" / identity
        card_file = options.work / "adapters" / f"{identity}.json"
        steps = max(10, round(steps * options.scale_steps))
        examples = maker(count, options.seed)
        made_of = digest([base_sha256, examples, steps, rate, options.seed, RANK, ALPHA, BATCH])
        if card_file.exists() and read_json(card_file)["made_of"] == made_of:
            continue
        model, card = train_adapter(
            transformers_model(state, config), chat, examples, steps, rate, options.seed
        )
        save_adapter(model, folder)
        write_json(card_file, {"made_of": made_of, **card})
        print(identity, json.dumps(card), flush=True)


if __name__ == "__main__":
    main()
