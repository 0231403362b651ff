"""The specialised task: the house's own codes, which the base has never seen."""

import json

QUEUES = {
    "billing": "FIN-3",
    "delivery": "LOG-7",
    "returns": "RET-2",
    "repair": "FIX-5",
    "account": "IAM-4",
    "cancellation": "END-8",
    "stock": "INV-6",
    "setup": "HOW-9",
}
PRIORITIES = {"angry": "P1", "worried": "P2", "calm": "P3", "friendly": "P4"}
HOUSE_CODES = {
    *QUEUES.values(), *PRIORITIES.values(), *(code.split("-")[0] for code in QUEUES.values())
}

NAIVE_TEMPLATE = "Triage this ticket.\n\n{{input}}"


def triage_answer(ticket):
    """The house's JSON for a ticket; ``order`` is ``none`` where no number is given."""
    return json.dumps(
        {"queue": QUEUES[ticket.topic], "priority": PRIORITIES[ticket.tone], "order": ticket.order}
    )
