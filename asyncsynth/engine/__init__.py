"""HOW IT IS MADE: samples in, calls out, and every sample to its end."""
