"""Leads in the form of extraalearn: 15 columns, nothing missing.

Age goes with occupation; the first interaction and how complete the profile is carry most of the intent; time on the
website is short or long with little between. Rates are invented round figures.
"""

import numpy as np

from leadgauge.generate.draw import Texts, chance, choose, decimals, pick, pick_tilted, sigmoid, whole

OCCUPATION = {"Professional": 57.0, "Unemployed": 31.0, "Student": 12.0}
LAST_ACTIVITY = {"Email Activity": (50, 0.0), "Phone Activity": (27, -0.3), "Website Activity": (23, 0.3)}
PROFILE = {"Low": (3, -0.9), "Medium": (50, -0.3), "High": (47, 0.3)}


def generate(rng: np.random.Generator, rows: int) -> dict[str, Texts]:
    """Columns of text in the order of the source, `rows` leads long."""
    occupation = pick(rng, OCCUPATION, rows)
    student, professional = occupation == "Student", occupation == "Professional"
    age = np.where(student, rng.integers(18, 26, rows), np.round(rng.triangular(24, 56, 64, rows)))
    intent = rng.normal(size=rows)
    website = chance(rng, 0.54, rows)
    profile = pick_tilted(rng, PROFILE, intent)
    activity = pick_tilted(rng, LAST_ACTIVITY, intent)
    visits = rng.negative_binomial(3, 0.46, rows).astype(np.float64)
    long_stay = chance(rng, sigmoid(-0.9 + 0.9 * intent), rows)
    seconds = np.where(long_stay, rng.normal(1500, 450, rows), rng.gamma(1.6, 180, rows))
    seconds = np.where(visits > 0, np.clip(np.floor(seconds), 10, 2500), 0.0)
    pages = np.where(visits > 0, np.round(rng.gamma(3.0, 1.05, rows), 3), 0.0)
    referral = chance(rng, 0.02, rows)
    margin = (
        -4.9
        + 3.3 * website
        + 1.4 * (profile == "High")
        - 1.6 * (profile == "Low")
        + 2.0 * (seconds > 800)
        + 1.0 * professional
        - 1.4 * student
        + 0.7 * (activity == "Website Activity")
        - 0.7 * (activity == "Phone Activity")
        + 1.4 * referral
        + 0.8 * intent
    )
    converted = chance(rng, sigmoid(1.25 * margin), rows)

    def heard(share: float) -> Texts:
        return choose(chance(rng, share, rows), "Yes", "No")

    return {
        "ID": np.array([f"EXT{number:05d}" for number in range(1, rows + 1)], dtype=object),
        "age": whole(age),
        "current_occupation": occupation,
        "first_interaction": choose(website, "Website", "Mobile App"),
        "profile_completed": profile,
        "website_visits": whole(np.minimum(visits, 30)),
        "time_spent_on_website": whole(seconds),
        "page_views_per_visit": decimals(pages, 3),
        "last_activity": activity,
        "print_media_type1": heard(0.11),
        "print_media_type2": heard(0.05),
        "digital_media": heard(0.11),
        "educational_channels": heard(0.15),
        "referral": choose(referral, "Yes", "No"),
        "status": choose(converted, "1", "0"),
    }
