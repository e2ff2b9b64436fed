"""Tests of ``living_review.dedupe``, a module each."""
