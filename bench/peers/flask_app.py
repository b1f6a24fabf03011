"""Flask around the pipeline; run by ``gunicorn flask_app:app`` with ``PIPELINE_FOLDER`` set."""

import os

import pipeline
from flask import Flask, request

app = Flask(__name__)
model = pipeline.load(os.environ["PIPELINE_FOLDER"])


@app.post("/score")
def score() -> dict[str, float]:
    """Answers the probability of one lead."""
    return {"probability": pipeline.probability(model, request.get_json())}
