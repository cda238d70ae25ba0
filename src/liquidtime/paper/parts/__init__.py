"""What the items are made of: their computations, and judgements that several of them share."""
