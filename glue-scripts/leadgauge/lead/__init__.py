"""Leads: raw cells to typed values, and labels."""

from leadgauge.lead.bind import HeaderError
from leadgauge.lead.parse import LeadRejection, ParsedLeads, parse_lead_records, parse_leads
from leadgauge.lead.target import LabelError, read_target

__all__ = [
    "HeaderError",
    "LabelError",
    "LeadRejection",
    "ParsedLeads",
    "parse_lead_records",
    "parse_leads",
    "read_target",
]
