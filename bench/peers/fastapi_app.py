"""FastAPI around the pipeline; run by ``uvicorn fastapi_app:app`` with ``PIPELINE_FOLDER`` set."""

import os
from typing import Any

import pipeline
from fastapi import FastAPI

app = FastAPI()
model = pipeline.load(os.environ["PIPELINE_FOLDER"])


@app.post("/score")
async def score(lead: dict[str, Any]) -> dict[str, float]:
    """Answers the probability of one lead."""
    return {"probability": pipeline.probability(model, lead)}
