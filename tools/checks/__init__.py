"""What `tools/check.py` checks, one module a subject."""
