"""HOW FAST: requests, tokens, money and slots, taken together and in order just before a call is sent."""
