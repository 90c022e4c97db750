"""The parts of scripts/uuid_effect: what is asked, what is measured, and the table."""
