"""The prompts that are compared, and the scenario the page opens with.

Candidates for the engineered prompt are judged on development tickets only
(``evaluate.py --choose``); ``ENGINEERED`` and ``EXAMPLE_COUNT`` name the choice.
"""

import random

from house import NAIVE_TEMPLATE, PRIORITIES, QUEUES, triage_answer
from world import TONES, TOPICS, draw_ticket

_QUEUES = "\n".join(f"{topic}: {code}" for topic, code in QUEUES.items())
_PRIORITIES = "\n".join(f"{tone}: {code}" for tone, code in PRIORITIES.items())
_FORMAT = '{"queue": "...", "priority": "...", "order": "..."}'

#: name -> (system text, user template)
CANDIDATES = {
    "tables, then format": (
        f"You triage support tickets.\n\nQueue codes:\n{_QUEUES}\n\nPriority codes:\n{_PRIORITIES}\n\n"
        f"Answer with JSON only: {_FORMAT}",
        "{{input}}",
    ),
    "tables named by what they depend on": (
        f"You triage support tickets.\n\nThe queue depends on the topic:\n{_QUEUES}\n\n"
        f"The priority depends on the tone:\n{_PRIORITIES}\n\nAnswer with JSON only: {_FORMAT}",
        "{{input}}",
    ),
    "with the rule for a missing order": (
        f"You triage support tickets.\n\nQueue codes:\n{_QUEUES}\n\nPriority codes:\n{_PRIORITIES}\n\n"
        f"Answer with JSON only: {_FORMAT} Write none if there is no order number.",
        "{{input}}",
    ),
    "ticket marked": (
        f"You triage support tickets.\n\nQueue by topic:\n{_QUEUES}\n\nPriority by tone:\n{_PRIORITIES}\n\n"
        f"Answer with JSON only: {_FORMAT}",
        "Ticket:\n{{input}}",
    ),
    "format first": (
        f"You are the triage desk.\nAnswer with JSON only: {_FORMAT}\n"
        f"Queue codes:\n{_QUEUES}\nPriority codes:\n{_PRIORITIES}",
        "Ticket: {{input}}",
    ),
}
ENGINEERED = "tables, then format"
EXAMPLE_COUNT = 2


def worked_examples(count):
    """Worked examples from the training split, topics and tones all different."""
    rng = random.Random("worked-examples")
    topics, tones = rng.sample(TOPICS, len(TOPICS)), rng.sample(TONES, len(TONES))
    tickets = [draw_ticket(rng, "train", topics[n], tones[n % len(tones)]) for n in range(count)]
    return [{"input": t.text, "output": triage_answer(t)} for t in tickets]


def naive_prompt():
    """The short prompt the adapters are trained with."""
    return {"system": "", "template": NAIVE_TEMPLATE, "examples": []}


def engineered_prompt(name=None, example_count=0):
    """An engineered prompt, with worked examples as earlier turns if asked for."""
    system, template = CANDIDATES[name or ENGINEERED]
    return {"system": system, "template": template, "examples": worked_examples(example_count)}


def messages(prompt, text):
    """The conversation that a prompt makes of an input."""
    out = [("system", prompt["system"])] if prompt["system"] else []
    for example in prompt["examples"]:
        out += [("user", prompt["template"].replace("{{input}}", example["input"]))]
        out += [("assistant", example["output"])]
    return [*out, ("user", prompt["template"].replace("{{input}}", text))]


LESSON = (
    "Nobody told the model this house's codes, so the naive prompt gets no ticket right. Both code tables in the prompt "
    "make nineteen tickets in twenty right, at more than twice the tokens; worked examples cost as much again and add "
    "nothing. The adapter learnt the codes and does better still with the short prompt alone; the long prompt on top "
    "takes that back."
)


def scenario(cases):
    """The page's default comparison; ``cases`` are eight rows of the triage suite."""
    tuned = {"adapter": "triage-10000", "scale": 1.0}
    lanes = [
        ("Naive prompt", "naive", naive_prompt(), "base"),
        ("Engineered prompt", "prompt", engineered_prompt(), "base"),
        ("Engineered + examples", "prompt", engineered_prompt(example_count=EXAMPLE_COUNT), "base"),
        ("Tuned, naive prompt", "tuning", naive_prompt(), tuned),
        ("Tuned + engineered prompt", "both", engineered_prompt(), tuned),
    ]
    return {
        "id": "triage",
        "title": "Ticket triage: a better prompt, or fine-tuning?",
        "lesson": LESSON,
        "suite": "suites/triage-test.csv",
        "inputs": [
            {
                "title": f"{case['topic'].capitalize()}, {case['tone']}",
                "input": case["input"],
                "expected": case["__expected"],
            }
            for case in cases
        ],
        "sampling": {
            "temperature": 0.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "repetition_penalty": 1.0,
            "seed": 1, "max_tokens": 64, "stop": [],
        },
        "lanes": [
            {"name": name, "corner": corner, "prompt": prompt, "weights": weights}
            for name, corner, prompt, weights in lanes
        ],
    }
