"""An existing model as a package: its features found in a spec, calibrated, profiled, described."""
