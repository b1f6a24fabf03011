"""Leadgauge's Python side: reading leads by a feature spec, training, and writing model packages."""
