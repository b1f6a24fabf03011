"""Leads in the form of real-estate: financial capacity, engagement, intent, and a class of three.

Capacity draws engagement (who can afford it looks more), but some leads only look on. The class is where a sum of points of capacity, engagement and intent
falls, with noise. Points and rates are invented.
"""

import numpy as np

from leadgauge.generate.draw import Texts, chance, choose, sigmoid, whole

MEDIUM_FROM_POINTS = 3.75
HIGH_FROM_POINTS = 6.75


def generate(rng: np.random.Generator, rows: int) -> dict[str, Texts]:
    """Columns of text in the order of the source, `rows` leads long."""
    income = np.floor(rng.triangular(30_000, 120_000, 500_000, rows))
    credit = np.floor(np.clip(rng.normal(610, 120, rows), 300, 850))
    capacity = (income / 500_000 + (credit - 300) / 550) / 2
    interest = capacity * np.where(chance(rng, 0.15, rows), 0.35, 1.0)
    visits = rng.poisson(3 + 32 * interest)
    opens = rng.poisson(2 + 22 * interest)
    views = rng.poisson(1 + 17 * interest)
    minutes = 4 + visits + rng.poisson(6 + 24 * interest)
    inquiry = chance(rng, 0.25 + 0.3 * (credit > 650), rows)
    approved = chance(rng, 0.25 + 0.5 * sigmoid((credit - 620) / 60), rows)
    budget = chance(rng, 0.3 + 0.2 * (income > 200_000), rows)
    location = chance(rng, 0.45 + 0.1 * (views > 8), rows)
    points = (
        1.7 * sigmoid((income - 130_000) / 35_000)
        + 1.7 * sigmoid((credit - 650) / 35)
        + 0.8 * sigmoid((visits - 17) / 3)
        + 0.7 * sigmoid((opens - 12) / 3)
        + 0.7 * sigmoid((views - 9) / 2.5)
        + 1.1 * inquiry
        + 1.1 * approved
        + 0.5 * budget
        + 0.5 * location
        + rng.normal(0, 0.35, rows)
    )
    return {
        "age": whole(rng.integers(22, 71, rows).astype(np.float64)),
        "income": whole(income),
        "credit_score": whole(credit),
        "website_visits": whole(visits.astype(np.float64)),
        "email_opens": whole(opens.astype(np.float64)),
        "property_views": whole(views.astype(np.float64)),
        "contact_attempts": whole(rng.poisson(1 + 4 * interest).astype(np.float64)),
        "time_on_site_minutes": whole(minutes.astype(np.float64)),
        "inquiry_submitted": choose(inquiry, "1", "0"),
        "financing_pre_approved": choose(approved, "1", "0"),
        "budget_disclosed": choose(budget, "1", "0"),
        "location_preference_set": choose(location, "1", "0"),
        "lead_score": choose(
            points >= HIGH_FROM_POINTS, "High", choose(points >= MEDIUM_FROM_POINTS, "Medium", "Low")
        ),
    }
