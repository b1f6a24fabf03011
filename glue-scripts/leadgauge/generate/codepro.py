"""Leads in the form of codepro: raw (44 columns and an unnamed row number) or mapped (13 columns).

Both forms are written from the same draws: a city is drawn within its tier, an insignificant level beside a significant
one, and clicks one by one, so that the mapped form is known without mapping anything. Rates are invented.
"""

import numpy as np
import numpy.typing as npt

from leadgauge.generate.draw import Marks, Numbers, Texts, chance, choose, pick, sigmoid

TIER = {"1": 51.0, "2": 18.0, "3": 31.0}
CITIES = {
    "1": ("bengaluru", "chennai", "hyderabad", "kolkata", "mumbai", "ncr", "pune"),
    "2": ("ahmedabad", "bhopal", "indore", "jaipur", "kochi", "lucknow", "nagpur", "patna", "surat"),
    "3": (
        "bhubaneswar",
        "dehradun",
        "guwahati",
        "mysore",
        "ranchi",
        "varanasi",
        "alwar",
        "murbad",
        "ongole",
        "",
    ),
}
OTHERS = "others"
# Level: (weight, its part in the margin). Levels that are not listed here are written as `others` in the mapped form.
PLATFORM = {
    "Level0": (35, 0.3), "Level3": (17, 0.0), "Level7": (15, 0.8), "Level1": (10, -2.2), "Level2": (6, -0.8),
    "Level8": (4, 0.1), OTHERS: (13, -0.7),
}  # fmt: skip
MEDIUM = {
    "Level0": (23, 0.3), "Level2": (12, 0.2), "Level6": (10, 0.0), "Level3": (8, -0.3), "Level4": (8, 0.4),
    "Level9": (7, 0.5), "Level5": (5, -2.5), "Level11": (4, 0.8), "Level8": (3, 0.7), "Level20": (2, 0.9),
    "Level13": (2, -0.4), "Level30": (2, -0.4), "Level33": (1, -0.3), "Level16": (1, -0.3), "Level10": (1, -2.0),
    "Level15": (1, -2.0), "Level26": (1, -0.2), "Level43": (1, 1.6), OTHERS: (9, -0.8),
}  # fmt: skip
SOURCE = {
    "Level2": (34, 0.4), "Level0": (24, 0.3), "Level7": (8, -0.1), "Level4": (8, -2.4), "Level6": (7, -0.7),
    "Level16": (4, -0.2), "Level5": (2, 0.0), "Level14": (2, 0.8), OTHERS: (11, 0.0),
}  # fmt: skip
INSIGNIFICANT_FROM = 50
"""Levels of this number and above are significant in none of the three columns."""
INTERACTIONS = {
    "assistance_interaction": (
        "call_us_button_clicked", "chat_clicked", "companies", "homepage_upgrad_support_number_clicked",
        "live_chat_button_clicked", "request_callback_on_instant_customer_support_cta_clicked",
        "tab_career_assistance", "tab_student_support", "whatsapp_chat_click",
    ),
    "career_interaction": (
        "1_on_1_industry_mentorship", "career_assistance", "career_coach", "career_impact", "careers",
        "hiring_partners", "industry_projects_case_studies", "placement_support",
        "placement_support_banner_tab_clicked", "programme_faculty", "tab_job_opportunities",
    ),
    "payment_interaction": (
        "emi_partner_click", "emi_plans_clicked", "fee_component_click", "payment_amount_toggle_mover",
    ),
    "social_interaction": ("shorts_entry_click", "social_referral_click"),
    "syllabus_interaction": (
        "download_button_clicked", "download_syllabus", "program_structure", "programme_curriculum",
        "specialisation_tab_clicked", "specializations", "specilization_click", "syllabus", "syllabus_expand",
        "syllabus_submodule_expand", "view_programs_page",
    ),
}  # fmt: skip
FIRST_DAY = np.datetime64("2025-01-06T00:00:00")
DAYS = 182
IDLE_HOURS = (13, 17)
"""From and to (UTC): leads that come over lunch convert less."""


def generate(rng: np.random.Generator, rows: int) -> tuple[dict[str, Texts], dict[str, Texts]]:
    """The raw form with the label, and the mapped form; columns of text, `rows` leads long, oldest first."""
    moments = _moments(rng, rows)
    created = np.char.replace(np.datetime_as_string(moments, unit="s"), "T", " ").astype(object)
    tier = pick(rng, TIER, rows)
    city = np.empty(rows, dtype=object)
    for name, cities in CITIES.items():
        within = tier == name
        city[within] = pick(rng, dict.fromkeys(cities, 1.0), int(within.sum()))
    raw: dict[str, Texts] = {"": _row_numbers(rows), "created_date": created, "city_mapped": city}
    mapped: dict[str, Texts] = {"created_date": created, "city_tier": choose(tier != "", tier + ".0", "")}

    margin = -0.9 + 0.25 * (tier == "1") - 0.25 * (tier == "3")
    hour = (moments - moments.astype("datetime64[D]")).astype("timedelta64[h]").astype(np.int64)
    margin -= 0.6 * ((hour >= IDLE_HOURS[0]) & (hour < IDLE_HOURS[1]))
    for column, levels in (
        ("first_platform_c", PLATFORM),
        ("first_utm_medium_c", MEDIUM),
        ("first_utm_source_c", SOURCE),
    ):
        drawn = pick(rng, {level: weight for level, (weight, _) in levels.items()}, rows)
        margin += np.array([levels[level][1] for level in drawn])
        mapped[column] = drawn
        raw[column] = choose(drawn == OTHERS, _insignificant(rng, rows), drawn)

    courses = np.minimum(rng.geometric(0.62, rows), 40).astype(np.float64)
    courses = np.where(chance(rng, 0.004, rows), 0.0, courses)
    referred = chance(rng, 0.03, rows)
    margin += 1.5 * (courses != 1) + 3.0 * referred
    raw["total_leads_droppped"] = choose(courses == 0, "", _counts(courses))
    raw["referred_lead"] = choose(referred, "1.0", choose(chance(rng, 0.004, rows), "", "0.0"))
    mapped["total_leads_droppped"] = _counts(courses)
    mapped["referred_lead"] = choose(referred, "1.0", "0.0")

    label = choose(chance(rng, sigmoid(1.2 * margin), rows), "1", "0")
    mapped["app_complete_flag"] = label
    clicks = _clicks(rng, rows)
    for group, columns in INTERACTIONS.items():
        mapped[group] = _counts(np.sum([clicks[column] for column in columns], axis=0))
    for column in sorted(clicks):
        raw[column] = choose(clicks[column] > 0, _counts(clicks[column]), "")
    raw["app_complete_flag"] = label
    return raw, mapped


def _moments(rng: np.random.Generator, rows: int) -> npt.NDArray[np.datetime64]:
    return FIRST_DAY + np.sort(rng.integers(0, DAYS * 86_400, rows)).astype("timedelta64[s]")


def _row_numbers(rows: int) -> Texts:
    return np.arange(rows).astype(str).astype(object)


def _insignificant(rng: np.random.Generator, rows: int) -> Texts:
    """A level of the long tail, or none at all."""
    levels = np.array([f"Level{number}" for number in range(INSIGNIFICANT_FROM, INSIGNIFICANT_FROM + 60)])
    drawn = levels.astype(object)[rng.integers(0, len(levels), rows)]
    return choose(chance(rng, 0.02, rows), "", drawn)


def _clicks(rng: np.random.Generator, rows: int) -> dict[str, Numbers]:
    """Clicks a column. One lead in 300 clicks anything; what it clicks, it may click very often."""
    active: Marks = chance(rng, 1 / 300, rows)
    return {
        column: np.where(
            active & chance(rng, 0.12, rows), np.floor(1 + rng.pareto(0.8, rows)).clip(1, 1200), 0.0
        )
        for columns in INTERACTIONS.values()
        for column in columns
    }


def _counts(numbers: Numbers) -> Texts:
    """As the source writes counts: 1.0, 12.0."""
    return np.array([f"{number:.1f}" for number in numbers], dtype=object)
