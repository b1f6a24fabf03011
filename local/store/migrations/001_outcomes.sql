-- What became of leads: of each lead and model, the outcome that occurred last.
CREATE TABLE outcomes (
  model VARCHAR(64) NOT NULL,
  lead_id VARCHAR(1024) NOT NULL,
  outcome VARCHAR(1024) NOT NULL,
  occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
  value DOUBLE PRECISION,
  received_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (model, lead_id)
);
