"""What people read of a training run: the model card, the data report and the plots."""
