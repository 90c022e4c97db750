"""`concurrency = "auto"`: finds how many calls an endpoint can use."""
