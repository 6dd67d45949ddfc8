"""Tests of the drills' parts."""
