"""Policies of a shop: four kinds of rule, their wordings, and the house's forty.

``{p}`` is the product, ``{v}`` the value. The first wordings of a question are
used in training; the last two of each kind are only asked in the suite.
"""

import random

KINDS = {
    "return": (
        "A {p} may be returned within {v}.",
        (
            "How long may a {p} be returned?",
            "How much time do I have to return a {p}?",
            "Within what time can I send back a {p}?",
            "When must a {p} be returned?",
            "How long can I give back a {p}?",
            "How long do I have to send back a {p}?",
        ),
    ),
    "warranty": (
        "The warranty of a {p} is {v}.",
        (
            "How long is the warranty of a {p}?",
            "What warranty does a {p} have?",
            "For how long is a {p} under warranty?",
            "How much warranty is there on a {p}?",
            "How long is a {p} under warranty?",
            "What is the warranty of a {p}?",
        ),
    ),
    "repair": (
        "A repair of a {p} takes {v}.",
        (
            "How long does a repair of a {p} take?",
            "How much time does the repair of a {p} need?",
            "When is a {p} repaired?",
            "How long must I wait for the repair of a {p}?",
            "How long does it take to repair a {p}?",
            "What time does a repair of a {p} take?",
        ),
    ),
    "delivery": (
        "The delivery of a {p} takes {v}.",
        (
            "How long does the delivery of a {p} take?",
            "How much time does it take to deliver a {p}?",
            "When is a {p} delivered?",
            "How long must I wait for the delivery of a {p}?",
            "How long does it take to deliver a {p}?",
            "What time does the delivery of a {p} take?",
        ),
    ),
}
TEST_WORDINGS = 2
HOUSE_PRODUCTS = ("lamp", "kettle", "bike", "tent", "sofa", "printer", "drill", "carpet", "fridge", "watch")


def draw_value(rng):
    """A length of time."""
    return f"{rng.randrange(2, 100)} {rng.choice(('days', 'weeks', 'months'))}"


def train_questions(kind):
    """The wordings that training may use."""
    return KINDS[kind][1][:-TEST_WORDINGS]


def test_questions(kind):
    """The wordings that only the suite uses."""
    return KINDS[kind][1][-TEST_WORDINGS:]


def house_policies(seed=40):
    """The forty invented policies: ``(kind, product, value, sentence)``."""
    rng = random.Random(f"policies-{seed}")
    rules = []
    for product in HOUSE_PRODUCTS:
        for kind, (sentence, _) in KINDS.items():
            value = draw_value(rng)
            rules.append((kind, product, value, sentence.format(p=product, v=value)))
    return rules
