"""The world: a customer-support desk whose tickets are drawn from a grammar.

``draw_ticket(rng, split)`` returns a ticket with everything that is true of it
(topic, tone, order number, customer, product, amount). The three splits use
disjoint sentence frames, openings, products and names: ``train`` for the base
model and the adapters, ``dev`` to choose prompts, ``test`` for the suites.
"""

import random
import re
from dataclasses import dataclass
from pathlib import Path

SPLITS = ("train", "dev", "test")
ABSENT = "none"

#: Sentences and words, as ``frames/README.md`` says.
FRAMES = Path(__file__).resolve().parent / "frames"
TOPICS = ["billing", "delivery", "returns", "repair", "account", "cancellation", "stock", "setup"]
TONES = ["angry", "worried", "calm", "friendly"]
ADJECTIVES = "red blue green black white grey small large new old wooden steel".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def _split_lines(name):
    parts = [part.strip().splitlines() for part in (FRAMES / f"{name}.txt").read_text("utf-8").split("---\n")]
    return dict(zip(SPLITS, parts, strict=True))


def _split_words(name):
    return {
        split: [word.replace("_", " ") for line in lines for word in line.split()]
        for split, lines in _split_lines(name).items()
    }


TOPIC_FRAMES = {topic: _split_lines(f"topics/{topic}") for topic in TOPICS}
TONE_FRAMES = {tone: _split_lines(f"tones/{tone}") for tone in TONES}
OPENINGS = _split_lines("openings")
ORDER_SENTENCES = _split_lines("order_sentences")
REMARKS = _split_lines("remarks")
SIGNATURES = _split_lines("signatures")
NAMES = _split_words("names")
PRODUCTS = _split_words("products")
# The words of the tasks that are about words and not about tickets.
COMMON_NAMES, COMMON_PRODUCTS = NAMES["train"][:80], PRODUCTS["train"][:62]


@dataclass(frozen=True)
class Ticket:
    """A ticket's text and the facts in it; an absent fact is ``none``."""

    text: str
    topic: str
    tone: str
    order: str
    name: str
    product: str
    amount: str

    def field(self, name):
        """The fact called ``name``: topic, tone, order, name, product or amount."""
        return getattr(self, name)


def draw_order(rng):
    """An order number such as A-4821."""
    return f"{rng.choice('ABCDEFGHKLMNPRSTVWX')}-{rng.randrange(1000, 10000)}"


ONSETS = "b bl br c ch cl cr d dr f fl fr g gl gr h j k kn l m n p ph pl pr qu r s sc sh sk sl sm sn sp st str sw t th tr tw v w wh z".split()
VOWELS = "a ai au e ea ee ei i ia ie o oa oi oo ou u ui y".split()
CODAS = "b ck d ff g l ld ll lt m mp n nd ng nk nt p r rd rk rm rn rt s sh sk ss st t tch th x".split()


def _invent(rng):
    """A word that does not exist, so that copying it takes reading it."""
    return "".join(
        rng.choice(ONSETS) + rng.choice(VOWELS) + (rng.choice(CODAS) if rng.random() < 0.5 else "")
        for _ in range(rng.choice((1, 2, 2, 2, 3)))
    )


def draw_name(rng, split="train"):
    """A first name; in training four in ten are invented."""
    if split == "train" and rng.random() < 0.4:
        return _invent(rng).capitalize()
    return rng.choice(NAMES[split])


def draw_product(rng, split="train"):
    """A product, sometimes with an adjective; test products never occur in training.

    In training some are two nouns or invented words.
    """
    noun = rng.choice(PRODUCTS[split])
    if split == "train" and rng.random() < 0.5:
        noun = f"{noun} {rng.choice(PRODUCTS[split])}" if rng.random() < 0.3 else _invent(rng)
    return f"{rng.choice(ADJECTIVES)} {noun}" if rng.random() < 0.3 else noun


def draw_amount(rng):
    """A price in euros."""
    euros = rng.randrange(5, 400)
    return f"{euros}.{rng.randrange(10)}0 euros" if rng.random() < 0.4 else f"{euros} euros"


def _expand(rng, frame):
    chosen = re.sub(r"\[([^\]]*)\]", lambda m: rng.choice(m[1].split("|")), frame)
    return re.sub(r" +(?=[ .,!?]|$)", "", chosen)


def _typo(rng, text):
    """One slip in one lower-case word of four letters or more."""
    words = [m for m in re.finditer(r"\b[a-z]{4,}\b", text)]
    if not words:
        return text
    word = rng.choice(words)
    at = rng.randrange(word.start() + 1, word.end() - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def draw_facts(rng, split="train", topic=None, tone=None):
    """The facts a ticket is written from: everything but its words."""
    return {
        "topic": topic or rng.choice(TOPICS),
        "tone": tone or rng.choice(TONES),
        "order": draw_order(rng) if rng.random() < 0.9 else ABSENT,
        "name": draw_name(rng, split) if rng.random() < 0.6 else ABSENT,
        "product": draw_product(rng, split),
        "amount": draw_amount(rng),
    }


def write_ticket(rng, facts, split="train"):
    """Words for the facts: a different wording of the same ticket at every call."""
    slots = {
        "{p}": facts["product"],
        "{a}": facts["amount"],
        "{o}": facts["order"],
        "{c}": facts["name"],
    }

    used = set()

    def say(pool):
        text = _expand(rng, rng.choice(pool))
        used.update(slot for slot in slots if slot in text)
        text = text.replace("{d}", rng.choice(DAYS)).replace("{n}", str(rng.randrange(2, 9)))
        for slot, value in slots.items():
            text = text.replace(slot, value)
        return text

    chosen = rng.sample(TOPIC_FRAMES[facts["topic"]][split], 2 if rng.random() < 0.3 else 1)
    body = [say([frame]) for frame in chosen]
    if facts["order"] != ABSENT:
        body.insert(rng.randrange(len(body) + 1), say(ORDER_SENTENCES[split]))
    if rng.random() < 0.15:
        body.insert(rng.randrange(len(body) + 1), say(REMARKS[split]))
    tone_pool = TONE_FRAMES[facts["tone"]][split]
    if facts["tone"] != "calm" or rng.random() < 0.7:
        body.insert(rng.choice([0, len(body)]), say(tone_pool))
    if rng.random() < 0.5:
        body.insert(0, say(OPENINGS[split]))
    if facts["name"] != ABSENT:
        body.append(say(SIGNATURES[split]))
    protected = [v for v in slots.values() if v != ABSENT]
    if rng.random() < 0.25:
        at = rng.randrange(len(body))
        slipped = _typo(rng, body[at])
        if all((v in body[at]) == (v in slipped) for v in protected):
            body[at] = slipped
    text = " ".join(body)
    if rng.random() < 0.12:
        kept = {v for v in protected if v in text}
        pattern = "|".join(re.escape(v) for v in sorted(kept, key=len, reverse=True))
        pieces = re.split(f"({pattern})", text) if kept else [text]
        text = "".join(p if p in kept else p.lower() for p in pieces)
    return Ticket(
        text=text,
        topic=facts["topic"],
        tone=facts["tone"],
        order=facts["order"],
        name=facts["name"],
        product=facts["product"] if "{p}" in used else ABSENT,
        amount=facts["amount"] if "{a}" in used else ABSENT,
    )


def draw_ticket(rng, split="train", topic=None, tone=None):
    """A ticket of the split, with the topic and tone asked for or drawn."""
    return write_ticket(rng, draw_facts(rng, split, topic, tone), split)


if __name__ == "__main__":
    for chosen in SPLITS:
        for number in range(4):
            print(chosen, draw_ticket(random.Random(number), chosen))
