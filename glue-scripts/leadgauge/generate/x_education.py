"""Leads in the form of x-education: 37 columns, with `Select`, empty cells, odd spellings and outliers.

Every lead has a hidden intent. Where it comes from shifts the intent; intent shapes what it does on the website, what
it tells of itself and whether it converts; the sales columns are filled in after the outcome, as a careless process
would leave them. All rates are invented round figures; docs/generated-data.md tells them in words.
"""

import uuid
from collections.abc import Mapping

import numpy as np

from leadgauge.generate.draw import (
    Marks,
    Numbers,
    Texts,
    chance,
    choose,
    decimals,
    pick,
    pick_by,
    pick_tilted,
    sigmoid,
    whole,
)

ORIGIN = {"Landing Page Submission": 50.0, "API": 40.0, "Lead Add Form": 9.0, "Lead Import": 1.0}
ORIGIN_INTENT = {"Landing Page Submission": 0.0, "API": -0.2, "Lead Add Form": 1.9, "Lead Import": -0.5}
SOURCE: Mapping[str, Mapping[str, float]] = {
    "Landing Page Submission": {"Google": 40, "Direct Traffic": 46, "Organic Search": 12, "Referral Sites": 2},
    "API": {
        "Google": 34, "google": 0.5, "Olark Chat": 44, "Organic Search": 17, "Direct Traffic": 3, "bing": 0.4,
        "blog": 0.2, "Press_Release": 0.2,
    },
    "Lead Add Form": {"Reference": 72, "Welingak Website": 22, "Click2call": 1, "Social Media": 1, "": 4},
    "Lead Import": {"Facebook": 95, "": 3, "Pay per Click Ads": 2},
}  # fmt: skip
FIELDS_OF_STUDY = {
    "Finance Management": 13, "Human Resource Management": 11, "Marketing Management": 11,
    "Operations Management": 7, "Business Administration": 6, "IT Projects Management": 5,
    "Supply Chain Management": 5, "Banking, Investment And Insurance": 5, "Travel and Tourism": 3,
    "Media and Advertising": 3, "International Business": 3, "Healthcare Management": 2, "E-COMMERCE": 2,
    "Hospitality Management": 2, "Retail Management": 1.5, "Rural and Agribusiness": 1, "E-Business": 1,
    "Services Excellence": 0.7, "Select": 22,
}  # fmt: skip
HEARD = {
    "Select": 70, "Online Search": 12, "Word Of Mouth": 6, "Student of SomeSchool": 4, "Other": 3,
    "Multiple Sources": 2, "Advertisements": 1.5, "Social Media": 1, "Email": 0.3, "SMS": 0.2,
}  # fmt: skip
CITY = {
    "Mumbai": 40, "Thane & Outskirts": 10, "Other Cities": 9, "Other Cities of Maharashtra": 6,
    "Other Metro Cities": 5, "Tier II Cities": 1, "Select": 29,
}  # fmt: skip
COUNTRY = {
    "India": 95, "United States": 1.2, "United Arab Emirates": 1, "Singapore": 0.5, "Saudi Arabia": 0.4,
    "United Kingdom": 0.3, "Australia": 0.3, "Qatar": 0.2, "Hong Kong": 0.2, "Germany": 0.1, "Kenya": 0.1,
    "unknown": 0.2,
}  # fmt: skip
# Text: (weight, how much more of it a lead of higher intent has).
LAST_ACTIVITY = {
    "Email Opened": (38, 0.0), "SMS Sent": (26, 0.75), "Olark Chat Conversation": (12, -0.8),
    "Page Visited on Website": (8, -0.4), "Converted to Lead": (6, -0.6), "Email Bounced": (4, -1.0),
    "Email Link Clicked": (3, -0.1), "Form Submitted on Website": (1.5, -0.2), "Unreachable": (1, -0.1),
    "Unsubscribed": (0.8, -0.2), "Had a Phone Conversation": (0.4, 0.8), "": (0.5, 0.9),
}  # fmt: skip
OCCUPATION = {
    "Unemployed": (80, -0.2), "Working Professional": (12, 0.9), "Student": (6, -0.4), "Other": (0.6, 0.1),
    "Housewife": (0.3, 0.8), "Businessman": (0.2, 0.4),
}  # fmt: skip
TAGS = {
    True: {
        "Will revert after reading the email": 62, "Closed by Horizzon": 12, "Lost to EINS": 5, "Busy": 3,
        "Ringing": 1, "Interested in Next batch": 0.5, "": 16,
    },
    False: {
        "Ringing": 22, "Interested in other courses": 9, "Already a student": 9, "switched off": 4, "Busy": 1.5,
        "Not doing further education": 3, "Interested  in full time MBA": 2.5, "Graduation in progress": 2,
        "Will revert after reading the email": 1.2, "invalid number": 1.5, "wrong number given": 1,
        "Diploma holder (Not Eligible)": 1, "in touch with EINS": 0.3, "Lost to Others": 0.2, "": 42,
    },
}  # fmt: skip
QUALITY = {
    True: {
        "Might be": 32,
        "High in Relevance": 20,
        "Low in Relevance": 13,
        "Not Sure": 7,
        "Worst": 0.4,
        "": 28,
    },
    False: {
        "Might be": 6,
        "High in Relevance": 0.7,
        "Low in Relevance": 2,
        "Not Sure": 14,
        "Worst": 10,
        "": 67,
    },
}
PROFILE = {
    True: {"Select": 46, "Potential Lead": 37, "Other Leads": 6, "Lateral Student": 1, "": 10},
    False: {"Select": 43, "Potential Lead": 6, "Other Leads": 5, "Student of SomeSchool": 4, "": 42},
}


def generate(rng: np.random.Generator, rows: int) -> dict[str, Texts]:
    """Columns of text in the order of the source, `rows` leads long."""
    origin = pick(rng, ORIGIN, rows)
    source = pick_by(rng, origin, SOURCE)
    intent = rng.normal(size=rows) + np.array([ORIGIN_INTENT[name] for name in origin])
    website = (source != "Olark Chat") & (origin != "Lead Add Form") & chance(rng, 0.92, rows)
    visits, minutes, pages = _website(rng, website, intent)
    told = chance(rng, sigmoid(1.4 + 0.9 * intent), rows)
    occupation = pick_tilted(rng, OCCUPATION, intent)
    activity = pick_tilted(rng, LAST_ACTIVITY, intent)
    form = (origin == "Landing Page Submission") | chance(rng, sigmoid(0.4 + 0.8 * intent), rows)
    rated, activity_score, profile_score = _vendor_scores(rng, intent, minutes)
    refuses_email = chance(rng, np.where(activity == "Email Bounced", 0.8, 0.05), rows)
    margin = (
        -1.7
        + 1.5 * intent
        + 1.6 * (minutes > 600)
        + 0.5 * (minutes > 1200)
        + 1.1 * (activity == "SMS Sent")
        - 1.0 * (activity == "Olark Chat Conversation")
        + 2.2 * (told & (occupation == "Working Professional"))
        + 0.8 * (source == "Welingak Website")
        - 1.0 * refuses_email
        - 1.2 * ~told
    )
    converted = chance(rng, sigmoid(1.25 * margin), rows)
    missing_visits = chance(rng, np.where(origin == "Lead Add Form", 0.13, 0.004), rows)
    modified = chance(rng, 0.37, rows)

    columns: dict[str, Texts] = {
        "Prospect ID": _uuids(rng, rows),
        "Lead Number": whole(600_000 + np.cumsum(rng.integers(1, 20, rows)).astype(np.float64)[::-1]),
        "Lead Origin": origin,
        "Lead Source": source,
        "Do Not Email": _yes_no(refuses_email),
        "Do Not Call": _yes_no(chance(rng, 0.0004, rows)),
        "Converted": choose(converted, "1", "0"),
        "TotalVisits": choose(missing_visits, "", whole(visits)),
        "Total Time Spent on Website": whole(minutes),
        "Page Views Per Visit": choose(missing_visits, "", decimals(pages, 2)),
        "Last Activity": activity,
        "Country": choose(website & chance(rng, 0.9, rows), pick(rng, COUNTRY, rows), ""),
        "Specialization": choose(form, pick(rng, FIELDS_OF_STUDY, rows), ""),
        "How did you hear about X Education": choose(told, pick(rng, HEARD, rows), ""),
        "What is your current occupation": choose(told, occupation, ""),
        "What matters most to you in choosing a course": choose(
            told, choose(chance(rng, 0.9995, rows), "Better Career Prospects", "Other"), ""
        ),
        "Search": _yes_no(chance(rng, 0.001, rows)),
        "Magazine": _no(rows),
        "Newspaper Article": _yes_no(chance(rng, 0.0002, rows)),
        "X Education Forums": _yes_no(chance(rng, 0.0001, rows)),
        "Newspaper": _yes_no(chance(rng, 0.0001, rows)),
        "Digital Advertisement": _yes_no(chance(rng, 0.0004, rows)),
        "Through Recommendations": _yes_no(chance(rng, 0.0008, rows)),
        "Receive More Updates About Our Courses": _no(rows),
        "Tags": _by_outcome(rng, converted, TAGS),
        "Lead Quality": _by_outcome(rng, converted, QUALITY),
        "Update me on Supply Chain Content": _no(rows),
        "Get updates on DM Content": _no(rows),
        "Lead Profile": _by_outcome(rng, converted, PROFILE),
        "City": choose(form, pick(rng, CITY, rows), ""),
        "Asymmetrique Activity Index": choose(rated, _level(activity_score, 13, 16), ""),
        "Asymmetrique Profile Index": choose(rated, _level(profile_score, 13, 17), ""),
        "Asymmetrique Activity Score": choose(rated, whole(activity_score), ""),
        "Asymmetrique Profile Score": choose(rated, whole(profile_score), ""),
        "I agree to pay the amount through cheque": _no(rows),
        "A free copy of Mastering The Interview": _yes_no(
            (origin == "Landing Page Submission") & chance(rng, 0.55, rows)
        ),
        "Last Notable Activity": choose(
            modified & (activity != "SMS Sent"), "Modified", choose(activity == "", "Modified", activity)
        ),
    }
    return columns


def _website(rng: np.random.Generator, visited: Marks, intent: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Visits, minutes and pages a visit. One lead in 1,500 is a robot or a shared machine: an outlier."""
    rows = len(visited)
    visits = np.where(visited, 1 + rng.negative_binomial(2, 0.42, rows), 0).astype(np.float64)
    outlier = visited & chance(rng, 1 / 1500, rows)
    visits = np.where(outlier, np.floor(rng.uniform(40, 250, rows)), visits)
    long_stay = chance(rng, sigmoid(-0.6 + 1.3 * intent), rows)
    minutes = np.where(long_stay, rng.normal(1250, 380, rows), rng.gamma(1.3, 190, rows))
    minutes = np.where(visited, np.clip(np.floor(minutes), 5, 2300), 0.0)
    sessions = np.maximum(np.round(visits / (1 + rng.gamma(1.6, 1.1, rows))), 1)
    pages = np.where(visited, np.minimum(visits / sessions, 55), 0.0)
    return visits, minutes, pages


def _vendor_scores(
    rng: np.random.Generator, intent: Numbers, minutes: Numbers
) -> tuple[Marks, Numbers, Numbers]:
    """Whether the vendor rated the lead (about half are), its activity score and its profile score."""
    rows = len(intent)
    activity = np.round(14.0 + 0.7 * intent + 0.3 * (minutes > 600) + rng.normal(0, 1.0, rows))
    profile = np.round(16.0 + 0.7 * intent + rng.normal(0, 1.6, rows))
    return chance(rng, 0.55, rows), np.clip(activity, 7, 18), np.clip(profile, 11, 20)


def _level(score: Numbers, low: int, high: int) -> Texts:
    return choose(score <= low, "03.Low", choose(score >= high, "01.High", "02.Medium"))


def _by_outcome(
    rng: np.random.Generator, converted: Marks, weights: Mapping[bool, Mapping[str, float]]
) -> Texts:
    rows = len(converted)
    return choose(converted, pick(rng, weights[True], rows), pick(rng, weights[False], rows))


def _yes_no(marks: Marks) -> Texts:
    return choose(marks, "Yes", "No")


def _no(rows: int) -> Texts:
    return np.full(rows, "No", dtype=object)


def _uuids(rng: np.random.Generator, rows: int) -> Texts:
    octets = rng.bytes(16 * rows)
    return np.array(
        [str(uuid.UUID(bytes=octets[16 * i : 16 * i + 16], version=4)) for i in range(rows)], dtype=object
    )
