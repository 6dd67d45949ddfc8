"""Backups as files: found on a host, copied, read through, and held against what they promise. None is run here."""
