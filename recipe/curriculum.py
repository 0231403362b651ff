"""The order in which the base model meets its tasks.

Each stage gives every task a weight and a level, and names its gates: the
probe figures at which the next stage begins. The order (formats and copying,
naming, tables, the chain ticket -> topic -> code, then everything with longer
contexts) matters more than anything else in this recipe: an ability that is
met before the one it stands on stays at chance.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """``mix``: task -> (weight, level); ``gates``: task -> figure that ends the stage."""

    name: str
    context: int
    batch_tokens: int
    mix: dict
    gates: dict
    most_tokens: int


STAGES = (
    Stage(
        name="formats, copying, naming, small tables",
        context=256,
        batch_tokens=4096,
        mix={
            "ask_fields": (3, 0), "name_label": (2, 0), "lookup": (3.5, 0),
            "text_task": (3, 0), "facts_qa": (0.6, 0), "json_fields": (0.6, 0),
        },
        gates={"ask_fields": 0.8, "name_label": 0.75, "lookup": 0.85},
        most_tokens=100_000_000,
    ),
    Stage(
        name="from ticket to code",
        context=320,
        batch_tokens=4096,
        mix={
            "ask_fields": (1.5, 0), "name_label": (0.7, 0), "lookup": (1, 1), "topic_code": (2.5, 0),
            "text_task": (0.3, 1), "facts_qa": (0.4, 0), "json_fields": (1, 0),
            "coded_json": (3.5, 0),
        },
        gates={"topic_code": 0.75, "coded_json": 0.6},
        most_tokens=100_000_000,
    ),
    Stage(
        name="two tables and a format",
        context=512,
        batch_tokens=4096,
        mix={
            "ask_fields": (0.8, 0), "name_label": (2, 0), "lookup": (0.5, 1), "topic_code": (1.5, 1),
            "text_task": (0.3, 1), "facts_qa": (0.5, 1), "json_fields": (0.7, 1),
            "coded_json": (3, 1), "by_example": (0.2, 0), "polite_reply": (0.3, 0),
            "naive_triage": (2, 0), "several_tickets": (0.15, 0),
        },
        gates={"topic_code": 0.8, "coded_json": 0.65},
        most_tokens=100_000_000,
    ),
    Stage(
        name="everything",
        context=1024,
        batch_tokens=4096,
        mix={
            "ask_fields": (2, 2), "name_label": (3, 2), "lookup": (0.6, 2), "topic_code": (1.6, 2),
            "text_task": (0.5, 1), "facts_qa": (0.6, 1), "json_fields": (3, 1),
            "coded_json": (3, 2), "by_example": (3.5, 1), "polite_reply": (2, 1),
            "naive_triage": (1.5, 2), "several_tickets": (1, 1),
        },
        gates={},
        most_tokens=100_000_000,
    ),
)
