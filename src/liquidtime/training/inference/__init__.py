"""A trained run at work: on arrays, on new files, and sample by sample."""
