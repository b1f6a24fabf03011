"""Words that lead files use: for missing values, yes and no, levels, outcomes, and in headers."""

import re

# Texts that mean "no value" wherever they stand.
NULL_WORDS = frozenset(
    {
        "select", "n/a", "#n/a", "nan", "null", "nil", "undefined", "unknown", "(blank)", "(null)", "<na>", "?", "-",
        "--", "k.a.", "keine angabe", "not specified", "not available", "not provided", "not applicable", "unspecified", "missing",
    }
)  # fmt: skip
# Texts that mean "no value" in a column of numbers or dates, and may be a category elsewhere (NA: North America).
DOUBTFUL_NULL_WORDS = frozenset({"na", "none", "n.a.", "nd", "tbd", ".", "*", "#value!", "#ref!", "#div/0!"})

YES_AND_NO = (
    ("yes", "no"), ("y", "n"), ("true", "false"), ("t", "f"), ("1", "0"), ("1.0", "0.0"), ("on", "off"), ("ja", "nein"),
    ("oui", "non"), ("si", "no"), ("sí", "no"), ("sim", "não"),
)  # fmt: skip
TRUE_WORDS = frozenset(pair[0] for pair in YES_AND_NO)
FALSE_WORDS = frozenset(pair[1] for pair in YES_AND_NO)

SCALES = (
    ("very low", "low", "medium low", "medium", "medium high", "high", "very high"),
    ("low", "mid", "high"), ("low", "moderate", "high"), ("low", "normal", "high"), ("small", "medium", "large"),
    ("none", "low", "medium", "high"), ("very poor", "poor", "fair", "good", "very good", "excellent"),
    ("never", "rarely", "sometimes", "often", "always"), ("bronze", "silver", "gold", "platinum"),
    ("cold", "warm", "hot"), ("basic", "standard", "premium"), ("beginner", "intermediate", "advanced", "expert"),
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"), ("bad", "medium", "good"),
)  # fmt: skip

WON = frozenset(
    {
        "won", "win", "closed won", "closed-won", "converted", "customer", "success", "successful", "accepted", "sold",
        "sale", "subscribed", "purchased", "bought", "paid", "enrolled", "enrolled student", "booked", "confirmed",
        "signed", "deal", "active", "good", "gewonnen", "approved", "qualified", "responded", "interested",
    }
)  # fmt: skip
LOST = frozenset(
    {
        "lost", "loss", "closed lost", "closed-lost", "not converted", "unconverted", "failure", "failed", "rejected",
        "declined", "unsuccessful", "not interested", "cancelled", "canceled", "dropped", "dead", "disqualified", "junk",
        "bad", "verloren", "inactive", "not subscribed", "no sale", "not qualified", "unqualified", "churned",
    }
)  # fmt: skip
UNDECIDED = frozenset(
    {
        "open", "pending", "in progress", "new", "working", "contacted", "nurturing", "ongoing", "offen", "waiting",
        "in process", "undecided", "on hold",
    }
)  # fmt: skip

ENGAGEMENT = frozenset(
    {
        "visit", "visits", "view", "views", "page", "pages", "click", "clicks", "clicked", "open", "opens", "opened",
        "time", "last", "session", "sessions", "duration", "activity", "engagement", "download", "downloads",
        "response", "reply", "replies", "minutes", "seconds", "previous", "pdays", "score", "index",
    }
)  # fmt: skip
IDENTIFIER = frozenset(
    {
        "id", "ids", "uuid", "guid", "key", "number", "no", "nr", "num", "code", "ref", "reference", "index", "idx",
        "identifier", "token", "hash", "record", "row", "rownum",
    }
)  # fmt: skip
LEAD = frozenset(
    {"lead", "prospect", "customer", "client", "contact", "user", "account", "opportunity", "person"}
)
AFTER_CONTACT = frozenset(
    {
        "tag", "tags", "status", "stage", "disposition", "outcome", "result", "reason", "sales", "agent", "rep", "note",
        "notes", "remark", "remarks", "comment", "comments", "quality", "closed", "lost", "won", "deal",
        "invoice", "revenue", "followup", "feedback",
    }
)  # fmt: skip
CREATED = frozenset(
    {
        "created", "creation", "create", "date", "timestamp", "time", "registered", "signup", "received", "entry", "arrival",
        "booking", "datum", "eingang", "erstellt", "angelegt", "fecha", "creado", "cree", "data",
    }
)  # fmt: skip


def names_an_identifier(name: str) -> bool:
    """Whether a header says that it numbers or names leads: `Lead Id`, `leadid`, `Kundennr.`"""
    words = words_of(name)
    return bool(words & IDENTIFIER) or any(
        word.endswith(("nr", "nummer", "number")) or word.removesuffix("id") in LEAD for word in words
    )


def words_of(name: str) -> frozenset[str]:
    """The words of a header: `LeadSource`, `lead_source` and `Lead Source` give the same."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return frozenset(re.findall(r"[a-z0-9]+", spaced.lower()))


def label_of(name: str) -> str:
    """A header for people: `total_time_spent` becomes `Total time spent`."""
    text = re.sub(r"[_\s]+", " ", name).strip()
    return text[:1].upper() + text[1:]
