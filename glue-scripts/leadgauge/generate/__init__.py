"""Generated leads for the four specs: invented, seeded, with the quirks of real files. See docs/generated-data.md."""

from leadgauge.generate.table import FORMS, Form, generate_table, write_table

__all__ = ["FORMS", "Form", "generate_table", "write_table"]
