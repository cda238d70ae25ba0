"""What a run leaves behind: configuration, checkpoint, measurements and weights, without pickles."""
