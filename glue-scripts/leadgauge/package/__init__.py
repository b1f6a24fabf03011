"""The model package: export of fitted estimators, calibration, contributions, profile, golden rows, files."""
