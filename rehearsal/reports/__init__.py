"""Writes what a run found for people and programs."""
